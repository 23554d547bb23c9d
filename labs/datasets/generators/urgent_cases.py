"""urgent-cases: requests of which one in twenty is urgent, for placing a threshold."""

import numpy as np
import pandas as pd

from labs.datasets.generators import district_places, letter_writers, random_draws

CIRCUMSTANCES = {
    "none noted": 0.835,
    "eviction date": 0.045,
    "illness": 0.045,
    "violence": 0.03,
    "no shelter": 0.045,
}
SERVICES = {
    "certificate": 0.36,
    "land": 0.25,
    "judgment": 0.14,
    "social support": 0.15,
    "health insurance": 0.10,
}

# Log-odds, chosen by trial so that the declared band holds: see labs/datasets/effect_bands.py.
BASE = -3.6
BY_CIRCUMSTANCE = {
    "none noted": 0.0,
    "eviction date": 2.3,
    "illness": 2.35,
    "violence": 2.4,
    "no shelter": 2.15,
}
BY_SERVICE = {
    "certificate": -0.9,
    "land": 0.0,
    "judgment": 0.0,
    "social support": 0.3,
    "health insurance": 0.15,
}
PER_CONTACT = 0.18
PER_DAY = 0.02


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` service requests with `urgent` as a caseworker decided it after reading."""
    where = district_places.draw_places(rng, rows)
    table = pd.DataFrame({"received_on": random_draws.draw_days(rng, "2025-01-06", "2025-12-19", rows)})
    table["channel"] = letter_writers.draw_channels(rng, where["urban_rural"])
    table = pd.concat([table, letter_writers.draw_writers(rng, rows), where], axis=1)
    table["service"] = random_draws.draw_shares(rng, SERVICES, rows)
    table["circumstance"] = random_draws.draw_shares(rng, CIRCUMSTANCES, rows)
    table["prior_contacts"] = np.minimum(rng.poisson(0.9, rows), 3)
    table["days_waiting"] = rng.integers(0, 22, rows)
    table["attachments_n"] = np.minimum(rng.poisson(1.4, rows), 6)
    table["urgent"] = random_draws.draw_yes(rng, urgent_chance(table), by=table["circumstance"].to_numpy())
    table.insert(0, "case_id", [f"C25-{n:05d}" for n in range(1, rows + 1)])
    return table


def urgent_chance(table: pd.DataFrame) -> np.ndarray:
    """Return the chance that each case is urgent, from what an officer could see on the day it came in."""
    odds = (
        BASE
        + table["circumstance"].map(BY_CIRCUMSTANCE)
        + table["service"].map(BY_SERVICE)
        + PER_CONTACT * (table["prior_contacts"] - 0.9)
        + PER_DAY * (table["days_waiting"] - 10.5)
    )
    return random_draws.logistic_chance(odds.to_numpy(float))
