"""Measures of a model on cases that it has not seen, as plain numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MAIN = {"yes-no": "cost_per_100", "choice": "accuracy", "number": "mean_error"}
"""The one measure that decides, by kind."""
HIGHER_IS_BETTER = {"accuracy": True, "cost_per_100": False, "mean_error": False}
LEAST_IN_SLICE = 20
Z = 1.96


def yes_no_measures(
    truth: np.ndarray, chance: np.ndarray, bar: float, missed: float, false: float
) -> dict[str, float]:
    """Return the measures of yes-or-no decisions at a bar; `missed` and `false` are the costs of the two mistakes."""
    flagged = chance >= bar
    hit, lost = int((flagged & truth).sum()), int((~flagged & truth).sum())
    alarm = int((flagged & ~truth).sum())
    return {
        "cost_per_100": 100 * (missed * lost + false * alarm) / len(truth),
        "caught": _share(hit, hit + lost),
        "right_when_flagged": _share(hit, hit + alarm),
        "flagged": float(flagged.mean()),
        "ranking": ranking_quality(truth, chance),
        "brier": float(((chance - truth) ** 2).mean()),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def ranking_quality(truth: np.ndarray, chance: np.ndarray) -> float:
    """Return how often a true case is ranked above a false one (the area under the ROC curve)."""
    from scipy.stats import rankdata

    yes, no = int(truth.sum()), int((~truth).sum())
    if not yes or not no:
        return 0.5
    return float((rankdata(chance)[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


def choice_measures(truth: np.ndarray, chances: np.ndarray, classes: list[str]) -> dict[str, float]:
    """Return the measures of a choice among several."""
    said = np.asarray(classes, object)[chances.argmax(axis=1)]
    each = [
        2 * ((said == c) & (truth == c)).sum() / max(1, (said == c).sum() + (truth == c).sum())
        for c in classes
    ]
    return {"accuracy": float((said == truth).mean()), "mean_f1": float(np.mean(each))}


def number_measures(truth: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Return the measures of foretold numbers."""
    off = np.abs(truth - values)
    return {
        "mean_error": float(off.mean()),
        "middle_error": float(np.median(off)),
        "relative_error": float(off.sum() / max(1e-9, np.abs(truth).sum())),
    }


def best_bar(truth: np.ndarray, chance: np.ndarray, missed: float, false: float) -> float:
    """Return the bar at which mistakes cost least on these cases; the middle of equally good ones."""
    bars, costs = cost_curve(truth, chance, missed, false)
    best = np.flatnonzero(np.isclose(costs, costs.min()))
    return float(bars[best[len(best) // 2]])


def cost_curve(
    truth: np.ndarray, chance: np.ndarray, missed: float, false: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return bars and the cost per 100 cases at each."""
    bars = np.unique(
        np.concatenate([np.linspace(0.005, 0.995, 199), np.quantile(chance, np.linspace(0, 1, 101))])
    )
    order = np.argsort(chance)
    ranked, hits = chance[order], np.concatenate([[0], np.cumsum(truth[order])])
    below = np.searchsorted(ranked, bars, side="left")
    lost = hits[below]
    alarms = (len(truth) - below) - (hits[-1] - lost)
    return bars, 100 * (missed * lost + false * alarms) / len(truth)


def abstain_band(chance: np.ndarray, bar: float, most: float) -> tuple[float, float]:
    """Return the chances around the bar that are sent to a person: the closest `most` of all cases."""
    if most <= 0:
        return 2.0, -1.0
    far = np.abs(_logit(chance) - _logit(bar))
    reach = float(np.quantile(far, most))
    middle = float(_logit(bar))
    return 1 / (1 + math.exp(reach - middle)), 1 / (1 + math.exp(-reach - middle))


def _logit(chance: Any) -> Any:
    kept = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))


def answer_bar(right: np.ndarray, sure: np.ndarray, wanted: float, most: float) -> float:
    """Return the confidence from which a choice is answered: `wanted` accuracy, at most `most` of cases to a person."""
    limit = float(np.quantile(sure, most)) if most > 0 else 0.0
    for bar in np.unique(np.quantile(sure, np.linspace(0, most, 41))):
        answered = sure >= bar
        if answered.any() and right[answered].mean() >= wanted:
            return float(bar)
    return limit


def calibration_groups(truth: np.ndarray, chance: np.ndarray, bins: int = 10) -> list[dict[str, float]]:
    """Return what was said and what happened, in groups of equal size."""
    order = np.array_split(np.argsort(chance, kind="stable"), bins)
    return [
        {"said": float(chance[part].mean()), "happened": float(truth[part].mean()), "cases": len(part)}
        for part in order
        if len(part)
    ]


def calibration_error(table: list[dict[str, float]]) -> float:
    """Return the mean distance between what was said and what happened."""
    total = sum(row["cases"] for row in table)
    return sum(abs(row["said"] - row["happened"]) * row["cases"] for row in table) / max(1, total)


def share_interval(hits: int, cases: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's)."""
    if not cases:
        return 0.0, 1.0
    share, weight = hits / cases, 1 + Z * Z / cases
    middle = (share + Z * Z / (2 * cases)) / weight
    half = Z * math.sqrt(share * (1 - share) / cases + Z * Z / (4 * cases * cases)) / weight
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a mean."""
    half = Z * float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.inf
    return float(values.mean()) - half, float(values.mean()) + half


def slice_rows(kind: str, group: np.ndarray, good: np.ndarray, counted: np.ndarray) -> list[dict[str, Any]]:
    """Return one row for each value of a slice with its interval, and whether it is served worse than all.

    Args:
        kind: "number" if `good` is an error in the target's unit, else `good` is whether the answer was right.
        group: the slice's value of each case.
        good: per case, right or wrong, or the error.
        counted: which cases count (for yes-no, the true ones: are they caught?).
    """
    overall = float(good[counted].mean()) if counted.any() else 0.0
    rows: list[dict[str, Any]] = []
    for value in sorted({str(each) for each in group}):
        here = counted & (group.astype(str) == value)
        cases = int(here.sum())
        if not cases:
            continue
        low, high = (
            mean_interval(good[here]) if kind == "number" else share_interval(int(good[here].sum()), cases)
        )
        slack = 1e-9 * max(1.0, abs(overall))  # Sums of fractions are not exact: 1 is not below 1.
        worse = low > overall + slack if kind == "number" else high < overall - slack
        rows.append(
            {
                "value": value or "(empty)",
                "cases": cases,
                "measure": float(good[here].mean()),
                "low": low,
                "high": high,
                "few": cases < LEAST_IN_SLICE,
                "worse": bool(worse and cases >= LEAST_IN_SLICE),
            }
        )
    return rows
