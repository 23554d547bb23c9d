"""weekly-desk: the population stability index of each week's scores, and when it raises an alarm."""

import numpy as np
import pandas as pd

from labs.datasets.generators.weekly_desk import DRIFT, FIRST, SILENT_DRIFT

REFERENCE_WEEKS, BINS, ALARM = 26, 10, 0.25


def stability_index(reference: np.ndarray, new: np.ndarray, bins: int = BINS) -> float:
    """Population stability index between two samples of scores, over the reference's own deciles."""
    edges = np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1])
    expected = np.bincount(np.searchsorted(edges, reference), minlength=bins) / len(reference)
    actual = np.bincount(np.searchsorted(edges, new), minlength=bins) / len(new)
    expected, actual = expected.clip(1e-3), actual.clip(1e-3)
    return float(((actual - expected) * np.log(actual / expected)).sum())


def by_week(cases: pd.DataFrame) -> pd.Series:
    """The index of each week against the first half year."""
    first = cases["week_of"] < FIRST + pd.Timedelta(weeks=REFERENCE_WEEKS)
    reference = cases.loc[first, "score"].to_numpy()
    return cases.groupby("week_of")["score"].apply(
        lambda scores: stability_index(reference, scores.to_numpy())
    )


def measure(_learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the lab: weeks until the alarm, false alarms a year, and the change that the index misses."""
    weekly = by_week(hidden)
    quiet = weekly[weekly.index < DRIFT]
    after = weekly[weekly.index >= DRIFT]
    raised = after[after >= ALARM]
    until = (raised.index[0] - DRIFT).days / 7 + 1 if len(raised) else 99.0
    before_silent, silent = after[after.index < SILENT_DRIFT], after[after.index >= SILENT_DRIFT]
    return {
        "weeks to the alarm": float(until),
        "false alarms a year": float((quiet >= ALARM).sum() / (len(quiet) / 52)),
        "index moved by the silent change": float(abs(silent.median() - before_silent.median())),
    }
