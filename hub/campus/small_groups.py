"""Groups of people of which counts may be shown: none is small, and no sum of some less a sum of others is small."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Members = frozenset[str]
Roads = dict[int, dict[int, float]]
"""From each group to those it shares people with, and how many; groups of the other kind have negative numbers."""


@dataclass(frozen=True)
class Group:
    """A group of which counts may be shown. `titles` are the groups that were joined, one for a group as it is."""

    titles: tuple[str, ...]
    members: Members

    @property
    def is_joined(self) -> bool:
        """Return whether it is several groups in one."""
        return len(self.titles) > 1


def shown_groups(groups: Mapping[str, Members], least: int, others: Iterable[Members] = ()) -> list[Group]:
    """Return `groups` with the small ones joined, so that each has at least `least` people.

    A small group on its own could be counted as the total less all others, so it is joined with the next smallest.
    The same holds against `others`, groups of the same people by something else that are shown on the same page: no
    sum of groups less a sum of groups of the other kind may count 1 to `least` - 1 people. An empty list means that
    nothing can be shown by group.
    """
    found = [Group((title,), members) for title, members in groups.items() if members]
    others = [*others]
    if others:
        others.append(frozenset().union(*groups.values()) - frozenset().union(*others))
    while True:
        found.sort(key=lambda group: (len(group.members), group.titles))
        if found and len(found[0].members) < least:
            pair = (0, 1) if len(found) > 1 else None
            if pair is None:
                return []
        else:
            pair = _leaking_pair([group.members for group in found], others, least)
        if pair is None:
            return sorted(found, key=lambda group: (group.is_joined, group.titles))
        second, first = (found.pop(number) for number in sorted(pair, reverse=True))
        found.append(Group(tuple(sorted((*first.titles, *second.titles))), first.members | second.members))


def _leaking_pair(groups: Sequence[Members], others: Sequence[Members], least: int) -> tuple[int, int] | None:
    """Return two of `groups` to join because of a difference that is small; None if every difference is large."""
    shared = {
        (row, column): len(members & other)
        for row, members in enumerate(groups)
        for column, other in enumerate(others)
        if members & other
    }
    roads: Roads = {}
    for (row, column), people in shared.items():
        roads.setdefault(row, {})[~column] = people
        roads.setdefault(~column, {})[row] = math.inf
    for (row, column), people in shared.items():
        taken = _small_difference(roads, row, ~column, least) if people < least else set()
        # Joined with a group that has people of `column` and is not in the difference, the difference is gone. There
        # is none if `column` itself is small, which no joining helps.
        for other in sorted(roads[~column]) if taken else ():
            if other not in taken:
                return row, other
    return None


def _small_difference(roads: Roads, row: int, column: int, least: int) -> set[int]:
    """Return groups that hold some whole groups of the other kind and fewer than `least` people more; else none.

    Group `row` is among them, and `column` is none of the whole groups that they hold. This is a smallest cut: a
    group leads to each group of the other kind with the people whom the two share, and each of those leads back
    without bound, as it is whole only with all its groups.
    """
    moved: dict[tuple[int, int], float] = defaultdict(float)
    flow = 0.0
    while flow < least:
        came_from = _ways(roads, moved, row, column)
        if column not in came_from:
            return {node for node in came_from if node >= 0}
        steps = []
        node = column
        while node != row:
            steps.append((came_from[node], node))
            node = came_from[node]
        width = min(roads[one][two] - moved[one, two] for one, two in steps)
        flow += width
        for one, two in steps:
            moved[one, two] += width
            moved[two, one] -= width
    return set()


def _ways(roads: Roads, moved: Mapping[tuple[int, int], float], start: int, goal: int) -> dict[int, int]:
    """Return nodes that can be reached from `start`, all if not `goal`, each with the node before it."""
    came_from, waiting = {start: start}, deque([start])
    while waiting and goal not in came_from:
        node = waiting.popleft()
        for there, width in roads[node].items():
            if there not in came_from and width > moved.get((node, there), 0.0):
                came_from[there] = node
                waiting.append(there)
    return came_from
