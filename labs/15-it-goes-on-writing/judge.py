"""What decides the marks, with a model of 500 letters that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: text, and numbers (the identity numbers in it, as digits).
"""

from labs.kit.checking import judge, not_attempted, not_yet, order_verdict, passed
from shared import (
    ENOUGH_JUDGED,
    HIDE,
    LONGEST,
    ORDER,
    WRONG_STEPS,
    Writer,
    given_away,
    measured,
    sliders_of,
    start_verdict,
    text_verdict,
)


@judge("t2")
def what_a_bar_is(answers, _):
    if answers.why is None:
        return not_attempted()
    keys = {"often": "passed", "true": "it-knows-truth", "meant": "it-reads-minds"}
    key = keys.get(answers.why, "incomplete") if isinstance(answers.why, str) else "incomplete"
    return passed() if key == "passed" else not_yet(key)


@judge("t3")
def steps_in_order(answers, _):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS)


@judge("t4")
def writes_new_sentences(answers, hidden):
    if answers.memory is None and answers.heat is None:
        return not_attempted()
    sliders = sliders_of(answers.memory, answers.heat)
    if sliders is None:
        return not_yet("incomplete")
    writer = Writer(hidden.text)
    shares = measured(writer, *sliders, writer.runs(3), writer.runs(8))
    key = text_verdict(shares)
    return passed(**shares) if key == "passed" else not_yet(key, **shares)


@judge("b")
def number_is_given_away(answers, hidden):
    start = answers.start
    if not isinstance(start, str) or not start.strip():
        return not_attempted()
    sliders = sliders_of(answers.memory, answers.heat)
    if sliders is None:
        return not_yet("incomplete")
    numbers = set(" ".join(hidden.numbers).split())
    writer = Writer(hidden.text)
    found, _texts = given_away(writer, start[:LONGEST], *sliders, numbers)
    key, facts = start_verdict(start[:LONGEST], found, writer, numbers, ENOUGH_JUDGED)
    if key != "passed":
        return not_yet(key, **facts)
    after, _texts = given_away(
        Writer([HIDE.sub("▮", text) for text in hidden.text]), start[:LONGEST], *sliders, numbers
    )
    return passed(found=found, after=after)
