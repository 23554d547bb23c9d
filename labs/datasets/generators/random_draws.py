"""Drawing at random with little noise, so that declared effects hold at every seed."""

from random import Random
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def draw_shares(rng: np.random.Generator, weights: dict[str, float], rows: int) -> NDArray[np.object_]:
    """`rows` names in random order, each as often as its weight says, to within one."""
    names = np.array(list(weights), dtype=object)
    edges = np.cumsum(np.fromiter(weights.values(), float))
    points = (np.arange(rows) + rng.random()) / rows
    picked = names[np.searchsorted(edges / edges[-1], points).clip(max=len(names) - 1)]
    return rng.permutation(picked)


def draw_yes(
    rng: np.random.Generator, chance: NDArray[np.floating[Any]], by: NDArray[np.object_] | None = None
) -> NDArray[np.bool_]:
    """A yes or no per row, yes with its `chance`; how many yeses there are (in each `by`) is nearly fixed.

    Systematic sampling: rows are put in order, and every time the running total of chances passes a whole
    number, that row is a yes. Each row keeps its own chance; only the noise of the total is taken out.
    """
    order = np.lexsort(
        (rng.random(len(chance)), chance, np.zeros(len(chance)) if by is None else value_codes(by))
    )
    passed = np.floor(np.cumsum(chance[order]) + rng.random())
    answer = np.zeros(len(chance), bool)
    answer[order] = np.diff(passed, prepend=0) > 0
    return answer


def value_codes(values: NDArray[np.object_]) -> NDArray[np.int64]:
    """A number per distinct value, the same for equal values."""
    return np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)


def draw_normal(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    """`rows` values of a normal distribution, its quantiles evenly taken, in random order."""
    points = (np.arange(rows) + rng.random()) / rows
    inverse = NormalDist().inv_cdf
    return rng.permutation(np.array([inverse(min(max(point, 1e-9), 1 - 1e-9)) for point in points]))


def draw_names(rng: np.random.Generator, names: list[str], rows: int) -> NDArray[np.object_]:
    """`rows` names drawn evenly."""
    return np.array(names, dtype=object)[rng.integers(0, len(names), rows)]


def draw_days(rng: np.random.Generator, first: str, last: str, rows: int) -> pd.Series:
    """`rows` working days between two dates, in order of time."""
    open_days = pd.bdate_range(first, last)
    return pd.Series(open_days[np.sort(rng.integers(0, len(open_days), rows))])


def logistic_chance(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance that belongs to a log-odds value."""
    return 1 / (1 + np.exp(-value))


def plain_random(rng: np.random.Generator) -> Random:
    """Python's own random generator, seeded from numpy's: faster for one word at a time."""
    return Random(int(rng.integers(2**62)))  # noqa: S311 - made-up letters, not keys
