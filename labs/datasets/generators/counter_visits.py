"""counter-visits: visits to a tax counter, short or long, for a first look at learning from examples."""

import numpy as np
import pandas as pd

from labs.datasets.generators import random_draws

# Log-odds, chosen by trial so that the declared band holds: see labs/datasets/effect_bands.py.
BASE = -4.4
PER_BOX = 0.80
PER_PAPER = 0.16


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` visits with what the visitor brought and whether the visit was `long` (over twenty minutes)."""
    table = pd.DataFrame({"visited_on": random_draws.draw_days(rng, "2025-02-03", "2025-03-28", rows)})
    table["hour"] = rng.integers(8, 17, rows)
    table["papers"] = rng.integers(0, 10, rows)
    table["empty_boxes"] = rng.integers(0, 10, rows)
    table["long"] = random_draws.draw_yes(rng, long_chance(table))
    table.insert(0, "visit_id", [f"V25-{n:04d}" for n in range(1, rows + 1)])
    return table


def long_chance(table: pd.DataFrame) -> np.ndarray:
    """Return the chance that each visit is long, from what can be seen when the visitor comes in."""
    return random_draws.logistic_chance(
        (BASE + PER_BOX * table["empty_boxes"] + PER_PAPER * table["papers"]).to_numpy(float)
    )
