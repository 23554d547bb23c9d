"""What decides the marks: the shape of a list as the learner's own checks noted it. The list itself stays at home."""

from labs.kit.checking import judge, not_attempted, not_yet, order_verdict, passed
from shared import ORDER, WRONG_STEPS, group_verdict, picked_verdict, shape_verdict


@judge("own")
def list_is_there(answers, _):
    key, facts = shape_verdict(answers.shape)
    if key is None:
        return not_attempted()
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@judge("pick")
def columns_are_picked(answers, _):
    key, facts = picked_verdict(answers.picked)
    if key is None:
        return not_attempted()
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@judge("t3")
def steps_in_order(answers, _):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS)


@judge("b")
def group_is_served_worst(answers, _):
    key, facts = group_verdict(answers.group)
    if key is None:
        return not_attempted()
    return passed(**facts) if key == "passed" else not_yet(key, **facts)
