"""What decides the marks, on mails that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: the eight signs, and false.
"""

from labs.kit.checking import judge, not_attempted, not_yet, order_verdict, passed
from shared import (
    LONGEST,
    ORDER,
    SIGNS,
    WRONG_STEPS,
    filter_of,
    filter_verdict,
    filtered,
    lens_verdict,
    letter_verdict,
    steps_key,
)


@judge("t2")
def mail_is_found(answers, _):
    if answers.which is None and answers.how is None:
        return not_attempted()
    key = lens_verdict(answers.which, answers.how)
    return passed() if key == "passed" else not_yet(key)


@judge("t3")
def steps_in_order(answers, _):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS, steps_key)


@judge("t4")
def filter_is_good(answers, hidden):
    if not answers.signs:
        return not_attempted()
    made = filter_of(answers.signs, answers.least)
    if made is None:
        return not_yet("incomplete")
    facts = filtered(*made, {sign: getattr(hidden, sign) for sign in SIGNS}, hidden.false)
    key = filter_verdict(*made, facts)
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@judge("b")
def letter_gives_orders(answers, _):
    if not isinstance(answers.rest, str) or not answers.rest.strip():
        return not_attempted()
    key = letter_verdict(answers.rest[:LONGEST])
    return passed() if key == "passed" else not_yet(key)
