"""From a model's numbers to a decision: what, how sure, why, and whether a person must decide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from labs.prototype_kit.application.column_checks import CheckedColumns, table_of_columns
from labs.prototype_kit.application.data_contract import Contract

REASONS = 3
LEAST_SHARE = 0.02
"""A reason that moves the score by less than this share of all movements is not worth naming."""


@dataclass(frozen=True)
class Decision:
    """One answer. `person` names why a person must decide; it is empty if none must."""

    label: str
    confidence: float
    person: str = ""
    reasons: list[tuple[str, int]] = field(default_factory=list)
    """Names of what weighed most, and whether it spoke for the decision (1) or against it (-1)."""
    low: float | None = None
    high: float | None = None
    unknown: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the decision as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True)
class DecidedColumns:
    """Answers to many rows, one list for each part; a reason is its weight's number, from 1 on, with its sign."""

    labels: list[str]
    confidences: list[float]
    persons: list[str]
    reasons: list[list[int]]
    bounds: list[tuple[float, float]] = field(default_factory=list)
    """Low and high of each number; empty for other decisions."""
    unknown: dict[int, list[str]] = field(default_factory=dict)

    def decision(self, n: int, names: Sequence[str]) -> Decision:
        """Return the answer to row `n`; `names` are the model's weight names."""
        low, high = self.bounds[n] if self.bounds else (None, None)
        reasons = [(names[abs(each) - 1], 1 if each > 0 else -1) for each in self.reasons[n]]
        person, unknown = self.persons[n], self.unknown.get(n, [])
        return Decision(self.labels[n], self.confidences[n], person, reasons, low, high, unknown)


def decide(
    model: Any, facts: dict[str, Any], contract: Contract, rows: Sequence[dict[str, Any]]
) -> list[Decision]:
    """Return one decision for each checked row."""
    values = {column.name: [row.get(column.name) for row in rows] for column in contract.features}
    unknown = {n: names for n, row in enumerate(rows) if (names := contract.unknown(row))}
    checked = CheckedColumns(values, list(range(len(rows))), {}, unknown)
    made = decide_columns(model, facts, contract, checked)
    return [made.decision(n, facts["weight_names"]) for n in range(len(rows))]


def decide_columns(
    model: Any, facts: dict[str, Any], contract: Contract, checked: CheckedColumns
) -> DecidedColumns:
    """Return the decisions on all rows that fit, in their order."""
    if not checked.good:
        return DecidedColumns([], [], [], [])
    table = table_of_columns(contract, checked.values, len(checked.good))
    # The features are computed once, for the score and for its reasons.
    prepared = model[:-1].transform(table)
    maker = {"yes-no": _yes_no, "choice": _choice, "number": _number}[facts["kind"]]
    made = maker(model[-1], facts, prepared)
    for n in checked.unknown:
        made.persons[n] = made.persons[n] or "unknown"
    made.unknown.update(checked.unknown)
    return made


def _yes_no(last: Any, facts: dict[str, Any], prepared: Any) -> DecidedColumns:
    chance = last.predict_proba(prepared)[:, list(last.classes_).index("yes")]
    yes = chance >= facts["bar"]
    low, high = facts["band"]
    unsure = (low <= chance) & (chance <= high)
    return DecidedColumns(
        ["yes" if each else "no" for each in yes.tolist()],
        [round(each, 4) for each in np.where(yes, chance, 1 - chance).tolist()],
        ["unsure" if each else "" for each in unsure.tolist()],
        _reasons(last, facts, prepared, np.zeros(len(chance), int), np.where(yes, 1, -1)),
    )


def _choice(last: Any, facts: dict[str, Any], prepared: Any) -> DecidedColumns:
    chances = last.predict_proba(prepared)
    best = chances.argmax(axis=1)
    binary = len(last.classes_) == 2
    signs = np.where(best == 0, -1, 1) if binary else np.ones(len(best), int)
    sure = chances[np.arange(len(best)), best]
    names = [str(each) for each in last.classes_]
    return DecidedColumns(
        [names[n] for n in best.tolist()],
        [round(each, 4) for each in sure.tolist()],
        ["unsure" if each else "" for each in (sure < facts["bar"]).tolist()],
        _reasons(last, facts, prepared, np.zeros(len(best), int) if binary else best, signs),
    )


def _number(last: Any, facts: dict[str, Any], prepared: Any) -> DecidedColumns:
    values = np.asarray(last.predict(prepared), float).ravel().tolist()
    lowest, highest, half = facts["lowest"], facts["highest"], facts["half_width"]
    return DecidedColumns(
        [f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}" for value in values],
        [facts["coverage"]] * len(values),
        ["" if math.isfinite(value) and lowest <= value <= highest else "out-of-range" for value in values],
        _reasons(last, facts, prepared, np.zeros(len(values), int), np.ones(len(values), int)),
        [(round(value - half, 3), round(value + half, 3)) for value in values],
    )


def _reasons(
    last: Any, facts: Mapping[str, Any], prepared: Any, which: np.ndarray, signs: np.ndarray
) -> list[list[int]]:
    """Return what weighed most in each row; nothing for models that are not a weighted sum."""
    weights = getattr(last, "coef_", None)
    if weights is None or not facts["weight_names"]:
        return [[] for _ in which]
    weights = np.atleast_2d(weights)
    count, width = prepared.shape
    if hasattr(prepared, "tocsr"):
        sparse = prepared.tocsr()
        rows = np.repeat(np.arange(count), np.diff(sparse.indptr))
        at, cells = sparse.indices, sparse.data
    else:
        rows, at = np.repeat(np.arange(count), width), np.tile(np.arange(width), count)
        cells = np.asarray(prepared).ravel()
    moved = cells * weights[which[rows], at] * signs[rows]
    return _largest(rows, at, moved, count)


def _largest(rows: np.ndarray, at: np.ndarray, moved: np.ndarray, count: int) -> list[list[int]]:
    """Return the largest movements of each row; `rows` is ascending."""
    size = np.abs(moved)
    total = np.bincount(rows, size, count)
    worth = (size > 0) & (size >= LEAST_SHARE * total[rows])
    rows, at, moved, size = rows[worth], at[worth], moved[worth], size[worth]
    order = np.lexsort((-size, rows))
    firsts = np.searchsorted(rows, np.arange(count))
    rank = np.arange(len(rows)) - firsts[rows]
    kept = order[rank < REASONS]
    found: list[list[int]] = [[] for _ in range(count)]
    named = np.where(moved[kept] > 0, at[kept] + 1, -(at[kept] + 1))
    for row, each in zip(rows[kept].tolist(), named.tolist(), strict=True):
        found[row].append(each)
    return found
