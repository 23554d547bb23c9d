"""Drift of a later period from the one that the model learned from: the population stability index (PSI)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Any

WATCH, ALARM = 0.1, 0.25
"""The usual marks of the PSI: below 0.1 no change, above 0.25 a large one."""
LEAST_CASES = 200
"""With fewer cases, chance alone moves the PSI."""
BINS = 10
FLOOR = 1e-4


def reference_for(kind: str, cells: Sequence[Any]) -> dict[str, Any]:
    """Return the distribution of one feature as plain numbers: shares of bins or of categories."""
    if kind == "category":
        return {"kind": kind, "shares": shares_of(cells)}
    numbers = sorted(_numbers(kind, cells))
    if not numbers:
        return {"kind": kind, "edges": [], "shares": {}}
    edges = sorted({numbers[len(numbers) * n // BINS] for n in range(1, BINS)})
    found = {"kind": kind, "edges": edges}
    return found | {"shares": shares_of(_bin(found, each) for each in cells)}


def shares_of(values: Iterable[Any]) -> dict[str, float]:
    """Return the share of each value."""
    counts = Counter(str(value) for value in values)
    total = sum(counts.values())
    return {name: count / total for name, count in counts.most_common(100)}


def stability_index(reference: dict[str, Any], cells: Sequence[Any]) -> float:
    """Return the PSI of `cells` against the reference; 0 is no difference."""
    now = shares_of(cells if reference["kind"] == "category" else (_bin(reference, each) for each in cells))
    before = reference["shares"]
    total = 0.0
    for name in {*now, *before}:
        was, is_now = max(before.get(name, 0.0), FLOOR), max(now.get(name, 0.0), FLOOR)
        total += (is_now - was) * math.log(is_now / was)
    return total


def _numbers(kind: str, cells: Iterable[Any]) -> list[float]:
    numbers = [_number(kind, cell) for cell in cells]
    return [number for number in numbers if not math.isnan(number)]


def _number(kind: str, cell: Any) -> float:
    return float(len(cell)) if kind == "text" else float(cell)


def _bin(reference: dict[str, Any], cell: Any) -> str:
    number = _number(reference["kind"], cell)
    return "empty" if math.isnan(number) else str(bisect_right(reference["edges"], number))


def level_of(index: float, chance: float) -> str:
    """Return `alarm`, `watch` or an empty string for a PSI, if it is above what chance explains."""
    if index > max(ALARM, chance):
        return "alarm"
    return "watch" if index > max(WATCH, chance) else ""


def chance_level(bins: int, before: int, now: int, tests: int = 1) -> float:
    """Return the PSI that chance alone reaches in one of twenty periods of this size, in any of so many tests."""
    freedom = max(1, bins - 1)
    normal = NormalDist().inv_cdf(1 - 0.05 / max(1, tests))
    # Under no change, PSI · n is about chi-squared; Wilson and Hilferty's approximation of its 95 % point.
    point = freedom * (1 - 2 / (9 * freedom) + normal * math.sqrt(2 / (9 * freedom))) ** 3
    return point * (1 / max(1, before) + 1 / max(1, now))
