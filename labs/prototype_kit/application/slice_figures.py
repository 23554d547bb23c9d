"""A month by slice, such as district, language, sex: whom the model hands on more often, and where people overturn it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.data_contract import Contract

LEAST = 5
"""The smallest group that is shown; smaller ones are joined."""
MOST_GROUPS = 30
LONGEST_VALUE = 60


@dataclass(frozen=True)
class SliceLine:
    """One group of a slice."""

    values: tuple[str, ...]
    """Its value; several for small groups that were joined."""
    cases: int
    to_person: int
    reviewed: int
    overturned: int

    @property
    def handed_on(self) -> float:
        """Return the share that was handed to a person."""
        return self.to_person / self.cases

    @property
    def overturned_share(self) -> float | None:
        """Return the share of reviewed cases that a person decided otherwise; None if too few were reviewed."""
        return self.overturned / self.reviewed if self.reviewed >= LEAST else None

    def __add__(self, other: SliceLine) -> SliceLine:
        return SliceLine(
            self.values + other.values,
            self.cases + other.cases,
            self.to_person + other.to_person,
            self.reviewed + other.reviewed,
            self.overturned + other.overturned,
        )


def month_by_slice(store: CaseStore, contract: Contract, month: str) -> dict[str, list[SliceLine]]:
    """Return the month's groups of each slice, those of fewer than five joined; a slice of one group is left out."""
    names = [column.name for column in contract.slices]
    found: dict[str, dict[str, list[int]]] = {name: {} for name in names}
    for counts in store.chunk_counts(month):
        for name, values in json.loads(counts).items():
            for value, (cases, to_person) in values.items():
                _count(found.get(name), value, (cases, to_person, 0, 0))
    for case in store.cases_outside_chunks(month):
        _count_case(found, case["input"], (1, int(case["person"] != ""), 0, 0))
    for case in store.reviews_of(month):
        _count_case(found, case["input"], (0, 0, 1, int(case["overturned"])))
    tables = {name: shown_lines(values) for name, values in found.items()}
    return {name: lines for name, lines in tables.items() if len(lines) > 1}


def _count_case(
    found: Mapping[str, dict[str, list[int]]], text: str, counts: tuple[int, int, int, int]
) -> None:
    entered = json.loads(text or "{}")
    for name, values in found.items():
        _count(values, str(entered.get(name) or ""), counts)


def _count(values: dict[str, list[int]] | None, value: str, counts: Iterable[int]) -> None:
    if values is not None:
        held = values.setdefault(value.strip()[:LONGEST_VALUE], [0, 0, 0, 0])
        held[:] = [a + b for a, b in zip(held, counts, strict=True)]


def shown_lines(values: Mapping[str, Iterable[int]]) -> list[SliceLine]:
    """Return the groups, the largest first; small ones are joined, so that none can be told from the total."""
    lines = sorted(
        (SliceLine((value,), *counts) for value, counts in values.items()), key=lambda each: -each.cases
    )
    # A decision of this month on a case of an earlier one can leave a group without cases.
    lines = [line for line in lines if line.cases]
    small = [line for n, line in enumerate(lines) if line.cases < LEAST or n >= MOST_GROUPS]
    shown = lines[: len(lines) - len(small)]
    if small:
        joined = small[0]
        for line in small[1:]:
            joined += line
        # One that is too small even so could be told as the total less all others.
        while joined.cases < LEAST and shown:
            joined += shown.pop()
        if joined.cases >= LEAST:
            shown.append(joined)
    return shown
