"""Drift of each group of a slice: do the cases of one district look like those of this district in the training data?

A change in one group is invisible in the total if the group is small, or if another group changes the other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labs.prototype_kit.application import model_drift
from labs.prototype_kit.application.data_contract import Contract, feature_cells, feature_names
from labs.prototype_kit.application.slice_figures import LONGEST_VALUE, MOST_GROUPS

LEAST_ROWS = 200
"""Rows of the training data that a group needs, so that its shares describe the group and no single person."""
LEAST_CASES = 50
"""Latest cases that a group needs to be named at all; how many there are is not shown."""
SHOWN_FEATURES = 3

References = dict[str, dict[str, dict[str, Any]]]
"""By slice and group: the rows of the training data, and the distribution of each feature."""


@dataclass(frozen=True)
class GroupDrift:
    """One group of a slice, compared with the same group of the training data."""

    value: str
    features: tuple[tuple[str, float], ...]
    """The features that differ most, with their stability index; none if there is nothing to compare with."""
    level: str
    """`alarm`, `watch`, `new` if the training data has too few rows of the group, or empty."""


def group_of(value: object) -> str:
    """Return the group that a value of a slice belongs to; empty if none was given."""
    return str(value or "").strip()[:LONGEST_VALUE]


def slice_references(
    slices: Mapping[str, Iterable[Any]], features: Mapping[str, tuple[str, Sequence[Any]]]
) -> References:
    """Return the distribution of each feature (kind, cells) in each group that is large enough."""
    made: References = {}
    for name, values in slices.items():
        places = _places(map(group_of, values))
        large = sorted(places.items(), key=lambda each: -len(each[1]))[:MOST_GROUPS]
        made[name] = {
            value: {
                "rows": len(rows),
                "features": {
                    feature: model_drift.reference_for(kind, [cells[n] for n in rows])
                    for feature, (kind, cells) in features.items()
                    if feature != name
                },
            }
            for value, rows in large
            if len(rows) >= LEAST_ROWS
        }
    return made


def drift_by_slice(
    references: References, contract: Contract, inputs: Sequence[Mapping[str, Any]]
) -> dict[str, list[GroupDrift]]:
    """Compare the latest cases' inputs with the training data, group by group, the largest change first."""
    names = feature_names(contract)
    cells = [feature_cells(contract, contract.checked(entered)[0]) for entered in inputs]
    large = {
        name: {
            value: rows
            for value, rows in _places(group_of(entered.get(name)) for entered in inputs).items()
            if len(rows) >= LEAST_CASES
        }
        for name in references
    }
    # So many comparisons are made at once: each has to leave what chance gives the largest of them.
    tests = sum(map(len, large.values())) * len(names)
    found = {}
    for name, groups in large.items():
        compared = [
            _compared(value, references[name].get(value), names, [cells[n] for n in rows], tests)
            for value, rows in groups.items()
        ]
        if compared:
            found[name] = sorted(compared, key=_strength)
    return found


def drifted_groups(found: Mapping[str, list[GroupDrift]]) -> list[str]:
    """Return the groups that differ from their training data, as `feature (slice: group)`."""
    return [
        f"{each.features[0][0]} ({name}: {each.value})"
        for name, groups in found.items()
        for each in groups
        if each.level == "alarm"
    ]


def _places(groups: Iterable[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for n, value in enumerate(groups):
        if value:
            places.setdefault(value, []).append(n)
    return places


def _compared(
    value: str, reference: dict[str, Any] | None, names: list[str], rows: list[list[Any]], tests: int
) -> GroupDrift:
    if reference is None:
        return GroupDrift(value, (), "new")
    indexes, levels = {}, set()
    for n, feature in enumerate(names):
        if before := reference["features"].get(feature):
            indexes[feature] = model_drift.stability_index(before, [row[n] for row in rows])
            chance = model_drift.chance_level(len(before["shares"]), reference["rows"], len(rows), tests)
            levels.add(model_drift.level_of(indexes[feature], chance))
    strongest = sorted(indexes.items(), key=lambda each: -each[1])[:SHOWN_FEATURES]
    level = next((each for each in ("alarm", "watch") if each in levels), "")
    return GroupDrift(value, tuple(strongest), level)


def _strength(each: GroupDrift) -> tuple[int, float]:
    order = ("alarm", "watch", "new", "").index(each.level)
    return order, -(each.features[0][1] if each.features else 0.0)
