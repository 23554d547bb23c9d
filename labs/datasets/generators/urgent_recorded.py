"""urgent-recorded: urgency as it was written down at intake, and as a second reading found it."""

import numpy as np
import pandas as pd

from labs.datasets.generators import district_places, letter_writers, random_draws
from labs.datasets.generators.urgent_cases import SERVICES

CIRCUMSTANCES = ["eviction date", "illness", "no shelter", "violence"]
HAS_CIRCUMSTANCE = 0.125
# Of cases with a circumstance, how many have it ticked at intake: the gap that the lab is about.
TICKED = {"rural": 0.635, "urban": 0.88}
# Of urgent cases, how many intake marked urgent.
MARKED = {"rural": 0.62, "urban": 0.9}
URGENT_IF, URGENT_IF_NOT = 0.36, 0.0055


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` requests; `recorded_urgent` is what intake wrote, `urgent` what a second reading found."""
    where = district_places.draw_places(rng, rows)
    table = pd.DataFrame({"received_on": random_draws.draw_days(rng, "2025-01-06", "2025-12-19", rows)})
    table["channel"] = letter_writers.draw_channels(rng, where["urban_rural"])
    table = pd.concat([table, letter_writers.draw_writers(rng, rows), where], axis=1)
    table["service"] = random_draws.draw_shares(rng, SERVICES, rows)
    place = table["urban_rural"].to_numpy()
    has = random_draws.draw_yes(rng, np.full(rows, HAS_CIRCUMSTANCE), by=place)
    urgent = random_draws.draw_yes(rng, np.where(has, URGENT_IF, URGENT_IF_NOT), by=group_names(place, has))
    ticked = has & random_draws.draw_yes(
        rng, table["urban_rural"].map(TICKED).to_numpy(float), by=group_names(place, has, urgent)
    )
    table["circumstance"] = np.where(ticked, random_draws.draw_names(rng, CIRCUMSTANCES, rows), "none noted")
    returns = np.where(has & ~ticked, 1.6, np.where(has, 1.0, 0.7))
    table["prior_contacts"] = np.minimum(rng.poisson(returns), 5)
    table["days_waiting"] = rng.integers(0, 22, rows)
    marked = random_draws.draw_yes(
        rng, table["urban_rural"].map(MARKED).to_numpy(float), by=group_names(place, urgent, ticked)
    )
    table["recorded_urgent"] = urgent & marked
    table["urgent"] = urgent
    table.insert(0, "case_id", [f"U25-{n:05d}" for n in range(1, rows + 1)])
    return table


def group_names(*columns: np.ndarray) -> np.ndarray:
    """One name per row for the combination of these columns."""
    names = columns[0].astype(str)
    for column in columns[1:]:
        names = np.char.add(names, column.astype(str))
    return np.asarray(names, dtype=object)
