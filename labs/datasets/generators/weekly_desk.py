"""weekly-desk: two years of a model at work, week by week; something changes in one June."""

import numpy as np
import pandas as pd

from labs.datasets.generators import random_draws

FIRST, DRIFT, SILENT_DRIFT = (
    pd.Timestamp("2024-01-01"),
    pd.Timestamp("2025-06-02"),
    pd.Timestamp("2025-10-06"),
)
PER_WEEK, FULL_AFTER = 150, 4


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` cases, the same number each week: what the model said, and whether the case truly was urgent."""
    week = np.arange(rows) // PER_WEEK
    starts = FIRST + pd.to_timedelta(7 * week, unit="D")
    since = (starts - DRIFT).days.to_numpy() / 7 + 1
    drifted, silent = (since / FULL_AFTER).clip(0, 1), np.asarray(starts >= SILENT_DRIFT)
    contacts = np.minimum(rng.poisson(0.8 + 1.1 * drifted), 6)
    words = np.round(np.exp(rng.normal(4.6 + 0.3 * drifted, 0.4, rows))).astype(int)
    ticked = random_draws.draw_yes(rng, 0.15 + 0.12 * drifted, by=week.astype(object))
    noise = rng.normal(0, 0.45, rows)
    score = random_draws.logistic_chance(
        -3.6 + 2.1 * ticked + 0.35 * contacts + 0.004 * (words - 100) + noise
    )
    # After June the same signs mean less; from October, they mean something else while looking the same.
    truth = np.where(silent, 0.35, 1.0 - 0.25 * drifted) * score + np.where(silent, 0.06, 0.0)
    return pd.DataFrame(
        {
            "week_of": starts,
            "prior_contacts": contacts,
            "words_n": words,
            "circumstance_ticked": ticked,
            "score": score.round(4),
            "urgent": random_draws.draw_yes(rng, truth, by=week.astype(object)),
        }
    )
