"""What decides the marks, on questions that no learner ever has. Never leaves the grader.

`hidden` has columns question and rule of equal length, and paragraph, the texts of the rules.
"""

from labs.kit.checking import draw, judge, not_attempted, not_yet, number, order_verdict, passed, unanswered
from shared import (
    GOOD_LINES,
    LONGEST,
    SETTINGS,
    WRONG_LINES,
    Search,
    assistant_verdict,
    limit_key,
    lines_key,
    outcomes,
    question_verdict,
)


@judge("t3")
def lines_search(answers, _):
    return order_verdict(answers.lines, GOOD_LINES, WRONG_LINES, lines_key)


@draw("t4")
def fresh_questions(hidden, rng):
    rows = rng.sample(range(len(hidden.question)), 500)
    return {"question": [hidden.question[row] for row in rows]}, [hidden.rule[row] for row in rows]


@judge("t4")
def search_is_good(answers, _):
    if unanswered(answers.words) and unanswered(answers.limit):
        return not_attempted()
    limit = number(answers.limit)
    if answers.problem:
        return not_yet("it-stops", why=answers.problem)
    found = answers.probed
    if not isinstance(found, dict):
        return not_yet("no-vectorizer")
    if found.get("key") in SETTINGS:
        return not_yet(found["key"], given=str(found.get("given"))[:40])
    if limit_key(limit):
        return not_yet(limit_key(limit), limit=limit)
    best, scores = found.get("best"), found.get("score")
    good = (
        isinstance(best, list) and isinstance(scores, list) and len(best) == len(scores) == len(answers.kept)
    )
    if not good or not all(number(one) is not None and one > -0.001 for one in scores):
        return not_yet("no-vectorizer")
    facts = outcomes(best, scores, answers.kept, limit)
    key = assistant_verdict(facts)
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@judge("b")
def wrong_with_a_source(answers, hidden):
    if not isinstance(answers.question, str) or not answers.question.strip():
        return not_attempted()
    key, facts = question_verdict(answers.question[:LONGEST], Search(hidden.paragraph))
    return passed(**facts) if key == "passed" else not_yet(key, **facts)
