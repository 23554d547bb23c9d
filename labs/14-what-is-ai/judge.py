"""What decides the marks, on visits that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: hour, papers, empty_boxes, long.
"""

from labs.kit.checking import judge, not_attempted, not_yet, order_verdict, passed
from shared import ORDER, WIDE, WRONG_STEPS, place_of, place_verdict, tree_of, tree_verdict


@judge("t3")
def steps_in_order(answers, _):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS)


@judge("b")
def neighbour_misleads(answers, _):
    if answers.papers is None and answers.boxes is None:
        return not_attempted()
    place = place_of(answers.papers, answers.boxes)
    if place is None:
        return not_yet("incomplete")
    key, facts = place_verdict(place)
    return passed() if key == "passed" else not_yet(key, **facts)


@judge("t4")
def tree_is_right(answers, hidden):
    if answers.question is None and answers.limit is None:
        return not_attempted()
    tree = tree_of(answers.question, answers.limit)
    if tree is None:
        return not_yet("incomplete")
    key, facts = tree_verdict(*tree, getattr(hidden, tree[0]), hidden.long, WIDE)
    return passed(**facts) if key == "passed" else not_yet(key, **facts)
