"""weekly-counts: how many requests come in each week, in twelve districts, over six years."""

import numpy as np
import pandas as pd

SERIES = {
    "Gasabo": 420.0,
    "Huye": 150.0,
    "Gicumbi": 130.0,
    "Bugesera": 160.0,
    "Karongi": 120.0,
    "Kicukiro": 360.0,
    "Muhanga": 140.0,
    "Musanze": 180.0,
    "Nyagatare": 190.0,
    "Ngoma": 110.0,
    "Rubavu": 170.0,
    "Rusizi": 145.0,
}
FIRST, POLICY_WEEK = pd.Timestamp("2020-01-06"), pd.Timestamp("2024-09-02")
# Weeks of the year with closed days, and by how much they lower the count. A made-up calendar.
HOLIDAYS = {1: 0.55, 15: 0.75, 27: 0.7, 31: 0.9, 52: 0.5}


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` weeks in all; weeks of the policy change carry `policy_week`, hidden from learners."""
    weeks = rows // len(SERIES)
    starts = FIRST + pd.to_timedelta(7 * np.arange(weeks), unit="D")
    tables = [one_place(rng, name, level, starts) for name, level in SERIES.items()]
    return pd.concat(tables, ignore_index=True)


def one_place(rng: np.random.Generator, name: str, level: float, starts: pd.DatetimeIndex) -> pd.DataFrame:
    """The weeks of one place: a year's rhythm, holidays, a slow walk, and a jump when a rule changes."""
    week = starts.isocalendar().week.to_numpy(int)
    year_rhythm = 0.13 * np.sin(2 * np.pi * (week - 8) / 52) + 0.07 * np.sin(4 * np.pi * week / 52)
    walk = np.zeros(len(starts))
    steps = rng.normal(0, 0.08, len(starts))
    for at in range(1, len(starts)):
        walk[at] = 0.55 * walk[at - 1] + steps[at]
    closed = np.array([HOLIDAYS.get(int(n), 1.0) for n in week])
    trend = 0.02 * np.arange(len(starts)) / 52
    since = (starts - POLICY_WEEK).days.to_numpy() / 7
    jump = np.where(since >= 0, 0.35 * np.exp(-since.clip(0) / 9), 0.0)
    mean = level * closed * np.exp(year_rhythm + walk + trend + jump)
    return pd.DataFrame(
        {
            "week_of": starts,
            "district": name,
            "requests": rng.poisson(mean),
            "holiday": closed < 1,
            "policy_week": starts == POLICY_WEEK,
        }
    )
