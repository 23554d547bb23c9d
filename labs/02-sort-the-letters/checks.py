"""What a learner may run: models, tables and live views of the lab, and instant checks on the learner's own data."""

import re
from functools import lru_cache

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, passed, view
from labs.kit.show import Shown, panel
from shared import LEAST_KNOWN

KNOWN = 3000
KINDS = ("bayes", "logistic")
TOKEN = re.compile(r"(?u)\b\w\w+\b")
"""What the models take for a word: scikit-learn's own rule for TfidfVectorizer."""
CAPACITY = 500
LONGEST = 4000
CHOICES = {
    "worst": ("appeal", "invoice", "question", "same"),
    "because": ("lost", "often", "statistics"),
    "answers": ("model", "nobody", "head"),
}
# The letters that task b begins with, one for each language.
APPEALS = (
    "Dear Mayor, in May you refused my request for a pension. The decision came after many days. "
    "I ask you to reconsider this decision.",
    "Monsieur, le comité a refusé mon dossier. Cette décision ne tient pas compte de mes preuves. "
    "J'ai écrit dans le délai. Je vous prie de reconsidérer ma demande.",
)


@lru_cache(maxsize=1)
def letters():
    """The learner's own letters, so that no cell has to have been run before."""
    return lab.load("letters")


def new_model(kind):
    """A model that has not learnt yet: word counts, weighted, then one of two ways of learning."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    learner = MultinomialNB() if kind == "bayes" else LogisticRegression(max_iter=300, C=3)
    return make_pipeline(TfidfVectorizer(), learner)


@lru_cache(maxsize=12)
def learnt(kind, size):
    """A model that learnt from the first `size` letters."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # Several threads on so small a task only wait for each other.
        some = letters().iloc[:size]
        return new_model(kind).fit(some["text"], some["category"])


def learn(kind, known):
    """The same, from letters in the order of the file."""
    return learnt(kind, len(known))


def tray(name):
    """A tray in the learner's language."""
    return lab.say(name.replace("-", "_"))


def read(some):
    """Three letters in the learner's language, with their tray."""
    language = lab.lesson.language
    mine = some[some["lang"] == language].reset_index(drop=True)
    shown = Shown("", "")
    for place in (0, 4, 7):
        row = mine.iloc[place]
        shown = (
            shown
            + plots.text(lab.say("filed", tray=tray(row["category"])))
            + plots.marked(row["text"].strip(), [])
        )
    return shown


def score(model, some):
    """How often the model is right on some letters, as a sentence."""
    guess = model.predict(some["text"])
    right = int((guess == some["category"]).sum())
    return plots.text(lab.say("score", right=right, files=len(some), share=right / len(some)))


def trays(model, some):
    """For each tray: the letters that belong there, those that arrived, and where most others went."""
    guess = model.predict(some["text"])
    rows = []
    for name, n in some["category"].value_counts().items():
        here = (some["category"] == name).to_numpy()
        went = dict(zip(*np.unique(guess[here], return_counts=True), strict=True))
        found = int(went.pop(name, 0))
        astray = sorted(went.items(), key=lambda pair: -pair[1])[:2]
        where = ", ".join(f"{tray(other)} {count}" for other, count in astray)
        rows.append([tray(name), n, found, f"{100 * found / n:.0f}", where])
    return plots.table([lab.say(k) for k in ("tray", "belong", "arrived", "in_100", "others")], rows)


def quality(kind, size):
    """How good a setting is on the learner's new letters."""
    from sklearn.metrics import f1_score

    some = letters().iloc[KNOWN:]
    guess = learnt(kind, size).predict(some["text"])
    return {
        "kind": kind,
        "size": size,
        "right_share": float((guess == some["category"]).mean()),
        "average": round(float(f1_score(some["category"], guess, average="macro", zero_division=0)), 2),
    }


def measure(kind, size):
    """What a setting of task t4 reaches, as a table."""
    size = number(size)
    if kind not in KINDS or size is None or not 20 <= size <= KNOWN or size != int(size):
        return plots.text(lab.say("write_first"))
    n = quality(kind, int(size))
    rows = [
        [lab.say("right"), lab.share(n["right_share"]), lab.share(0.68)],
        [lab.say("average"), f"{n['average']:.2f}", "0.60"],
    ]
    return plots.table([lab.say("setting", kind=kind, size=int(size)), "", lab.say("aim")], rows)


def words_of(text):
    """A letter's words in small letters, as the task counts them."""
    return re.findall(r"[^\W_]+", text.lower()) if isinstance(text, str) else []


def changed_words(old, new):
    """How many words have to be replaced, added or taken out to make `new` of `old` (Levenshtein's distance)."""
    row = list(range(len(new) + 1))
    for i, word in enumerate(old, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(new, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def sorted_by_model(text):
    """Trays with their chance, the surest first, and each known word's push towards the first against the second."""
    model = learnt("logistic", KNOWN)
    vector = model[0].transform([text])
    chances = model[1].predict_proba(vector)[0]
    order = np.argsort(-chances)
    pushes = model[1].coef_[order[0]] - model[1].coef_[order[1]]
    names = model[0].get_feature_names_out()
    found = {names[n]: float(value * pushes[n]) for n, value in zip(vector.indices, vector.data, strict=True)}
    return [(str(model[1].classes_[n]), float(chances[n])) for n in order], found


def seen(text):
    """A letter as the model sees it: its tray, the letter with the strongest words marked, and the same as a table."""
    if not TOKEN.findall(text):
        return (plots.text(lab.say("write_letter")),)
    chances, pushes = sorted_by_model(text)
    (first, sure), (second, less) = chances[:2]
    sentence = lab.say("goes_to", tray=tray(first), sure_share=sure, second=tray(second), second_share=less)
    if not pushes:
        return panel("note", [lab.say("no_word")]), plots.text(sentence)
    strongest = sorted(pushes, key=lambda word: -abs(pushes[word]))[:8]
    pieces = [
        (match.start(), match.end(), tray(first if pushes[match[0].lower()] > 0 else second))
        for match in TOKEN.finditer(text)
        if match[0].lower() in strongest
    ]
    rows = [
        [word, f"{pushes[word]:+.2f}", lab.say("towards", tray=tray(first if pushes[word] > 0 else second))]
        for word in strongest
    ]
    head = [lab.say("word"), lab.say("weight"), lab.say("pushes")]
    return (
        panel("note", [sentence]),
        plots.marked(text, pieces),
        plots.table(head, rows),
        plots.text(lab.say("key")),
    )


@view("w")
def own_letter_now(answers):
    return seen(str(answers.letter or "")[:LONGEST])


@check("w")
def order_does_not_count(answers):
    text = answers.letter if isinstance(answers.letter, str) else ""
    if not words_of(text) and answers.order is None:
        return not_attempted()
    known = len(sorted_by_model(text[:LONGEST])[1]) if text else 0
    if len(set(words_of(text))) < 8 or known < LEAST_KNOWN:
        return not_yet("too-short", n=known)
    if answers.order not in ("same", "other", "unsure"):
        return not_yet("incomplete")
    if answers.order == "other":
        return not_yet("order-counts")
    if answers.order == "unsure":
        return not_yet("reads-like-us")
    (first, _), *_ = sorted_by_model(text[:LONGEST])[0]
    return passed(tray=tray(first))


# What each line of task t3 needs and makes. The judge has the same table.
LINES = {
    "split": ("letters", "known"),
    "fit": ("known", "model"),
    "fit-all": ("letters", "model"),
    "guess": ("model", "guess"),
    "guess-known": ("model", "guess"),
    "share": ("guess", "share"),
    "share-known": ("guess", "share"),
}


@check("t3")
def lines_make_a_fair_test(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = {"letters"}
    for one in chosen:
        needs, makes = LINES[one]
        if needs not in made or (one != "split" and one != "fit-all" and "known" not in made):
            return not_yet("order-matters", name=needs if needs not in made else "known")
        made.add(makes)
    if not chosen[-1].startswith("share"):
        return not_yet("no-share")
    if "fit-all" in chosen:
        return not_yet("learnt-the-exam")
    if ("guess-known" in chosen) != ("share-known" in chosen):
        return not_yet("mixed-piles")
    if "guess-known" in chosen:
        return not_yet("tested-on-what-it-learnt")
    return passed(share=quality("logistic", KNOWN)["right_share"])


@check("t4")
def setting_reaches_both_aims(answers):
    if answers.kind in (None, ...) and answers.size in (None, ...):
        return not_attempted()
    size = number(answers.size)
    if answers.kind not in KINDS:
        return not_yet("not-a-kind", given=str(answers.kind)[:40])
    if size is None or size != int(size) or size < 20:
        return not_yet("not-a-size", given=str(answers.size)[:40])
    if size > KNOWN:
        return not_yet("learnt-the-exam", size=int(size))
    n = quality(answers.kind, int(size))
    if n["right_share"] >= 0.68 and n["average"] >= 0.60:
        return passed(**n)
    return not_yet("rare-trays-empty" if answers.kind == "bayes" else "too-few-letters", **n)


@lru_cache(maxsize=1)
def sureness():
    """For the new letters: how sure the model is, and whether it is right."""
    some = letters().iloc[KNOWN:]
    model = learnt("logistic", KNOWN)
    chances = model.predict_proba(some["text"])
    right = model[1].classes_[chances.argmax(axis=1)] == some["category"].to_numpy()
    return chances.max(axis=1), right


def at_bar(bar):
    """Of 1,000 letters: those the model sorts alone, wrong ones among them, and those that a person reads."""
    sure, right = sureness()
    alone = sure >= bar / 100
    wrong = int((alone & ~right).sum() * 1000 / len(sure))
    by_model = int(alone.sum() * 1000 / len(sure))
    return {
        "bar": int(bar),
        "alone": by_model,
        "wrong": wrong,
        "wrong_share": wrong / max(1, by_model),
        "read": 1000 - by_model,
    }


@view("j")
def bar_now(answers):
    n = at_bar(number(answers.bar) or 0)
    points = [at_bar(bar) for bar in range(0, 100, 5)]
    with plots.figure(lab.say("curve_title"), lab.say("curve_alt", **n)) as figure:
        axes = figure.axes[0]
        at = [point["bar"] for point in points]
        axes.plot(at, [point["read"] for point in points], color=plots.CALM, linestyle="--")
        axes.plot(at, [point["wrong"] for point in points], color=plots.WARN)
        axes.axvline(n["bar"], color=plots.INK, linewidth=1, linestyle=":")
        axes.annotate(lab.say("read"), (50, 480), color=plots.CALM, ha="right", va="bottom")
        axes.annotate(lab.say("wrong"), (3, 300), color=plots.WARN, va="bottom")
        axes.set_xlabel(lab.say("bar"))
        axes.set_ylabel(lab.say("of_1000"))
        axes.set_ylim(0, 1000)
    room = lab.say("enough") if n["read"] <= CAPACITY else lab.say("not_enough", n=n["read"] - CAPACITY)
    rows = [
        [lab.say("alone"), n["alone"]],
        [lab.say("wrong"), f"{n['wrong']} ({lab.share(n['wrong_share'])})"],
        [lab.say("read"), f"{n['read']} ({room})"],
    ]
    return plots.table([lab.say("of_1000"), ""], rows), figure


@check("j")
def decision_holds_together(answers):
    given = {name: getattr(answers, name) for name in CHOICES}
    if not any(given.values()):
        return not_attempted()
    bar = number(answers.bar)
    if not all(given[name] in CHOICES[name] for name in CHOICES) or bar is None or not 0 <= bar <= 95:
        return not_yet("incomplete")
    n = at_bar(bar)
    wrong = [
        (given["worst"] == "same", "all-mistakes-equal"),
        (given["worst"] in ("invoice", "question"), "office-first"),
        (given["because"] != "lost", "counts-not-harm"),
        (given["answers"] != "head", "nobody-answers"),
        (n["wrong_share"] > 0.20, "says-harm-sorts-alone"),
        (n["read"] > CAPACITY, "more-than-staff-can-read"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


def nearest(text):
    """How many words of the nearest of our letters were changed."""
    return min(changed_words(words_of(old), words_of(text)[:200]) for old in APPEALS)


@view("b")
def rerouted_now(answers):
    text = str(answers.letter or "")[:LONGEST]
    return (*seen(text), plots.text(lab.say("changed", n=nearest(text), most=3)))


@check("b")
def letter_is_rerouted(answers):
    text = answers.letter if isinstance(answers.letter, str) else ""
    if not words_of(text):
        return not_attempted()
    n = nearest(text)
    if n == 0:
        return not_attempted()
    if n > 3:
        return not_yet("too-many-changes", n=n)
    by_tray = dict(sorted_by_model(text[:LONGEST])[0])
    appeal = by_tray.pop("appeal")
    other = max(by_tray, key=by_tray.get)
    facts = {"n": n, "tray": tray(other), "other_share": by_tray[other], "appeal_share": appeal}
    # A clear lead, because the judge's model has learnt from other letters.
    return passed(**facts) if by_tray[other] - appeal > 0.15 else not_yet("still-an-appeal", **facts)
