"""From a model's numbers to a decision: what, how sure, why, and whether a person must decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from labs.prototype_kit.application.data_contract import Contract, feature_cells

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


def table_of(contract: Contract, rows: Sequence[dict[str, Any]]) -> np.ndarray:
    """Return checked rows as the array that the model takes."""
    table = np.empty((len(rows), len(feature_cells(contract, {}))), dtype=object)
    for n, row in enumerate(rows):
        table[n] = feature_cells(contract, row)
    return table


def decide(
    model: Any, facts: dict[str, Any], contract: Contract, rows: Sequence[dict[str, Any]]
) -> list[Decision]:
    """Return one decision for each checked row."""
    if not rows:
        return []
    table = table_of(contract, rows)
    # The features are computed once, for the score and for its reasons.
    prepared = model[:-1].transform(table)
    maker = {"yes-no": _yes_no, "choice": _choice, "number": _number}[facts["kind"]]
    made = maker(model[-1], facts, prepared)
    unknown = [contract.unknown(row) for row in rows]
    return [_with_unknown(each, names) for each, names in zip(made, unknown, strict=True)]


def _with_unknown(decision: Decision, names: list[str]) -> Decision:
    if not names:
        return decision
    return Decision(**{**decision.__dict__, "unknown": names, "person": decision.person or "unknown"})


def _yes_no(last: Any, facts: dict[str, Any], prepared: Any) -> list[Decision]:
    chance = last.predict_proba(prepared)[:, list(last.classes_).index("yes")]
    signs = np.where(chance >= facts["bar"], 1, -1)
    why = _reasons(last, facts, prepared, np.zeros(len(chance), int), signs)
    low, high = facts["band"]
    return [
        Decision(
            "yes" if sign > 0 else "no",
            round(float(each if sign > 0 else 1 - each), 4),
            "unsure" if low <= each <= high else "",
            reasons,
        )
        for each, sign, reasons in zip(chance, signs, why, strict=True)
    ]


def _choice(last: Any, facts: dict[str, Any], prepared: Any) -> list[Decision]:
    chances = last.predict_proba(prepared)
    best = chances.argmax(axis=1)
    binary = len(last.classes_) == 2
    signs = np.where(best == 0, -1, 1) if binary else np.ones(len(best), int)
    why = _reasons(last, facts, prepared, np.zeros(len(best), int) if binary else best, signs)
    return [
        Decision(
            str(last.classes_[n]), round(float(row[n]), 4), "unsure" if row[n] < facts["bar"] else "", reasons
        )
        for row, n, reasons in zip(chances, best, why, strict=True)
    ]


def _number(last: Any, facts: dict[str, Any], prepared: Any) -> list[Decision]:
    values = np.asarray(last.predict(prepared), float).ravel()
    why = _reasons(last, facts, prepared, np.zeros(len(values), int), np.ones(len(values), int))
    return [
        Decision(
            f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}",
            facts["coverage"],
            "" if math.isfinite(value) and facts["lowest"] <= value <= facts["highest"] else "out-of-range",
            reasons,
            round(value - facts["half_width"], 3),
            round(value + facts["half_width"], 3),
        )
        for value, reasons in zip(values, why, strict=True)
    ]


def _reasons(
    last: Any, facts: dict[str, Any], prepared: Any, which: np.ndarray, signs: np.ndarray
) -> list[list[tuple[str, int]]]:
    """Return what weighed most in each row; nothing for models that are not a weighted sum."""
    weights = getattr(last, "coef_", None)
    names = facts["weight_names"]
    if weights is None or not names:
        return [[] for _ in which]
    weights = np.atleast_2d(weights)
    sparse = prepared.tocsr() if hasattr(prepared, "tocsr") else None
    found = []
    for n, (row, sign) in enumerate(zip(which, signs, strict=True)):
        if sparse is not None:
            at = sparse.indices[sparse.indptr[n] : sparse.indptr[n + 1]]
            moved = sparse.data[sparse.indptr[n] : sparse.indptr[n + 1]] * weights[row][at] * sign
        else:
            at = np.arange(prepared.shape[1])
            moved = prepared[n] * weights[row] * sign
        found.append(_top(moved, at, names))
    return found


def _top(moved: np.ndarray, at: np.ndarray, names: list[str]) -> list[tuple[str, int]]:
    total = float(np.abs(moved).sum())
    if not total:
        return []
    order = np.argsort(-np.abs(moved))[:REASONS]
    return [(names[at[n]], 1 if moved[n] > 0 else -1) for n in order if abs(moved[n]) >= LEAST_SHARE * total]
