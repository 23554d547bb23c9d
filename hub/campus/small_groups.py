"""Groups of people of which counts may be shown: none is small, and none is small as the difference of two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Members = frozenset[str]


@dataclass(frozen=True)
class Group:
    """A group of which counts may be shown. `titles` are the groups that were joined, one for a group as it is."""

    titles: tuple[str, ...]
    members: Members

    @property
    def is_joined(self) -> bool:
        """Return whether it stands for several groups."""
        return len(self.titles) > 1


def shown_groups(groups: Mapping[str, Members], least: int, others: Iterable[Members] = ()) -> list[Group]:
    """Return `groups` with the small ones joined, so that each has at least `least` people.

    A small group that stood alone could be counted as the total less all others, so it is joined with the next
    smallest. The same holds against `others`, groups shown on the same page: if one lies within the other and the
    rest is small, the group is joined too. An empty list means that nothing can be shown by group.
    """
    found = [Group((title,), members) for title, members in groups.items() if members]
    others = list(others)
    while True:
        found.sort(key=lambda group: (len(group.members), group.titles))
        bad = next((group for group in found if _is_small(group.members, least, others)), None)
        if bad is None:
            return sorted(found, key=lambda group: (group.is_joined, group.titles))
        found.remove(bad)
        if not found:
            return []
        first = found.pop(0)
        found.append(Group(tuple(sorted((*bad.titles, *first.titles))), bad.members | first.members))


def _is_small(members: Members, least: int, others: list[Members]) -> bool:
    """Return whether a group, or its difference from one around it or inside it, has 1 to `least` - 1 people."""
    if len(members) < least:
        return True
    return any(
        0 < len(larger - smaller) < least
        for other in others
        for larger, smaller in ((members, other), (other, members))
        if smaller <= larger
    )
