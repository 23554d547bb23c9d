"""What the checks and the judge have in common."""

from labs.kit.checking import whole_number

VISITS = {
    "A": (2, 1, "short"),
    "B": (5, 2, "short"),
    "C": (1, 5, "short"),
    "D": (4, 7, "long"),
    "E": (7, 8, "long"),
    "F": (3, 3, "long"),
}
"""Six visits by letter: papers, empty boxes, how long it was. F was long because of a phone call."""
ORDER = ["far", "near", "vote", "say"]
WRONG_STEPS = {"ask": "asks-for-the-answer", "rule": "writes-a-rule"}
QUESTIONS = {"hour": 17, "papers": 9, "empty_boxes": 9}
"""What the tree may ask for, with the largest number it can meet."""
ENOUGH, WIDE = 0.75, 0.70
"""The share that a tree has to be right for: the aim, and the judge's, whose visits are never quite the same."""


def neighbours(papers, boxes):
    """The letters of the known visits, the nearest first; of two equally near the one that comes first."""
    return sorted(
        VISITS, key=lambda one: ((VISITS[one][0] - papers) ** 2 + (VISITS[one][1] - boxes) ** 2, one)
    )


def votes(letters):
    """What most of these visits were."""
    many = [VISITS[one][2] for one in letters].count("long")
    return "long" if 2 * many > len(letters) else "short"


def place_of(papers, boxes):
    """The place on the picture as two whole numbers, None if it is none."""
    place = whole_number(papers, 0, 9), whole_number(boxes, 0, 9)
    return None if None in place else place


def place_verdict(place):
    """The key for a place in task b, with facts."""
    order = neighbours(*place)
    if VISITS[order[0]][2] == "short":
        return "nearest-says-short", {"nearest": order[0]}
    if votes(order[:3]) == "long":
        return "both-say-long", {}
    return "passed", {}


def tree_of(question, limit):
    """(question, limit) of a tree, None if it is none."""
    found = whole_number(limit, 0, 17)
    good = isinstance(question, str) and question in QUESTIONS and found is not None
    return (question, found) if good else None


def tree_verdict(question, limit, values, was_long, enough=ENOUGH):
    """The key for a tree on visits with these `values` of its question, with facts."""
    called = [value >= limit for value in values]
    right = sum(one == bool(real) for one, real in zip(called, was_long))
    facts = {"right": right, "visits": len(called), "right_share": right / len(called)}
    facts["called_share"] = sum(called) / len(called)
    if facts["right_share"] >= enough:
        return "passed", facts
    if question != "empty_boxes":
        return "question-says-little", facts
    return ("limit-too-low" if 2 * sum(called) > len(called) else "limit-too-high"), facts
