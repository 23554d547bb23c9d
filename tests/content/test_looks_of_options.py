"""A question is not answered by the look of its options: their place and length tell no more than chance."""

from __future__ import annotations

from collections.abc import Iterator

from labs.authoring import mutants
from labs.authoring.spec import folders, load
from tests.content.test_lab_numbers import NUMBERED_BY_HAND

MARGIN = 0.10


def questions() -> Iterator[tuple[list[str], list[int], str]]:
    """Single choices of the labs written for the numbered path: ids, lengths of the options, the right id."""
    for folder in (one for one in folders() if one.name[:2] not in NUMBERED_BY_HAND):
        lab, best = load(folder), mutants.best(mutants.read(folder))
        for task in lab.tasks.values():
            for part in task.parts:
                if part.type != "one" or task.kind == "predict":  # A wrong prediction costs nothing.
                    continue
                said = {option["id"]: option.get("says") for option in part.options}
                right = best.get(task.id, {}).get(part.name) or next(o for o in said if said[o] == "passed")
                yield list(said), [len(option["text"]) for option in part.options], right


def test_always_the_first_the_last_the_longest_or_the_shortest_is_no_better_than_chance() -> None:
    found = list(questions())
    chance = sum(1 / len(ids) for ids, _, _ in found) / len(found)
    hits = dict.fromkeys(("first", "last", "longest", "shortest"), 0)
    for ids, lengths, right in found:
        hits["first"] += ids[0] == right
        hits["last"] += ids[-1] == right
        hits["longest"] += lengths[ids.index(right)] == max(lengths)
        hits["shortest"] += lengths[ids.index(right)] == min(lengths)
    shares = {name: n / len(found) for name, n in hits.items()}
    assert len(found) > 30
    assert {name: share for name, share in shares.items() if abs(share - chance) > MARGIN} == {}


def test_a_right_option_is_never_much_longer_than_the_wrong_ones() -> None:
    odd = [
        (right, lengths)
        for ids, lengths, right in questions()
        if lengths[ids.index(right)] > 1.35 * (sum(lengths) - lengths[ids.index(right)]) / (len(lengths) - 1)
    ]
    assert odd == []
