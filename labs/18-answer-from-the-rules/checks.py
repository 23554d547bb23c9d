"""What a learner may run: what a search finds by language and by limit, the office's assistant, and instant checks."""

from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, order_verdict, passed, unanswered, view
from shared import (
    GOOD_LINES,
    LIMIT,
    LONGEST,
    SETTINGS,
    WRONG_LINES,
    Search,
    assistant_verdict,
    limit_key,
    lines_key,
    outcomes,
    question_verdict,
    settings_key,
)

# What the cells show.


def search(rules, questions, words):
    """For each question the rules, the nearest first, and the nearness of the first."""
    table = words.fit_transform(rules["text"])
    near = (words.transform(questions["text"]) @ table.T).toarray()
    order = (-near).argsort(axis=1, kind="stable")[:, :3]
    return rules["rule"].to_numpy()[order], near.max(axis=1)


def by_words(rules, questions):
    """The plainest search: whole words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return search(rules, questions, TfidfVectorizer())


def by_language(rules, questions):
    """How often the right rule is found, for questions that have one."""
    found, _ = by_words(rules, questions)
    rows = []
    for lang in ("all", "en", "fr", "rw", "mixed"):
        ours = (questions["rule"] != "").to_numpy()
        if lang != "all":
            ours = ours & (questions["lang"] == lang).to_numpy()
        truth = questions["rule"].to_numpy()[ours]
        first = (found[ours, 0] == truth).mean()
        three = (found[ours] == truth[:, None]).any(axis=1).mean()
        rows.append([lab.say(lang), int(ours.sum()), lab.share(first), lab.share(three)])
    return plots.table([lab.say(key) for key in ("lang", "questions", "first", "three")], rows)


def by_limit(rules, questions):
    """What six limits do."""
    found, scores = by_words(rules, questions)
    rows = []
    for limit in (0.0, 0.2, 0.3, 0.4, 0.5, 0.7):
        n = outcomes(found[:, 0], scores, questions["rule"].tolist(), limit)
        rows.append(
            [f"{limit:.1f}", *(lab.share(n[f"{key}_share"]) for key in ("right", "wrong", "refused"))]
        )
    return plots.table([lab.say(key) for key in ("limit", "right", "wrong", "refused")], rows)


# Task t3: four lines.


@check("t3")
def lines_search(answers):
    return order_verdict(answers.lines, GOOD_LINES, WRONG_LINES, lines_key)


# Task t4: the learner's own search.


@lru_cache(maxsize=1)
def rules():
    """The rules."""
    return lab.load("service-rules")


@lru_cache(maxsize=1)
def trial():
    """The questions on which the check counts."""
    return lab.load("rule-questions").fillna({"rule": ""}).iloc[200:]


@check("t4")
def search_is_good(answers):
    from sklearn.base import clone

    words, limit = answers.words, number(answers.limit)
    if unanswered(words) and unanswered(answers.limit):
        return not_attempted()
    if words is None or words is ... or isinstance(words, type) or not hasattr(words, "fit_transform"):
        return not_yet("no-vectorizer")
    wrong = settings_key(words)
    if wrong:
        return not_yet(wrong, given=str(getattr(words, SETTINGS[wrong]))[:40])
    try:
        found, scores = search(rules(), trial(), clone(words))
    except Exception as error:
        return not_yet("it-stops", why=f"{type(error).__name__}: {error}"[:200])
    if limit_key(limit):
        return not_yet(limit_key(limit), limit=limit)
    facts = outcomes(found[:, 0], scores, trial()["rule"].tolist(), limit)
    key = assistant_verdict(facts)
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


# Task b: the office's assistant.


@lru_cache(maxsize=1)
def office():
    """The office's assistant."""
    return Search(rules()["text"].tolist())


@check("b")
def wrong_with_a_source(answers):
    if not isinstance(answers.question, str) or not answers.question.strip():
        return not_attempted()
    key, facts = question_verdict(answers.question[:LONGEST], office())
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@view("b")
def found_now(answers):
    text = answers.question[:LONGEST] if isinstance(answers.question, str) else ""
    if not text.strip():
        return plots.text(lab.say("ask_first"))
    near = office().near(text)
    rows = [[rules()["text"].iloc[place], f"{score:.2f}"] for score, place in near]
    table = plots.table([lab.say("nearest"), lab.say("nearness")], rows)
    return table, plots.text(lab.say("says_found" if near[0][0] >= LIMIT else "says_none"))
