"""People who write: their language, sex and age, and the way by which it reaches the office."""

import numpy as np
import pandas as pd

from labs.datasets.generators import random_draws

LANGUAGES = {"rw": 0.60, "en": 0.25, "fr": 0.08, "mixed": 0.07}
CHANNELS = {
    "rural": {"agent": 0.75, "self": 0.06, "office": 0.10, "outreach": 0.05, "phone": 0.04},
    "urban": {"agent": 0.35, "self": 0.36, "office": 0.18, "outreach": 0.02, "phone": 0.09},
}
AGES = {"under 25": 0.16, "25-34": 0.29, "35-49": 0.30, "50-64": 0.16, "65 and over": 0.09}


def draw_channels(rng: np.random.Generator, urban_rural: pd.Series) -> np.ndarray:
    """Draw the channel of each case: agents carry three in four rural cases and a third of the urban ones."""
    answer = np.empty(len(urban_rural), dtype=object)
    for place, weights in CHANNELS.items():
        here = (urban_rural == place).to_numpy()
        answer[here] = random_draws.draw_shares(rng, weights, int(here.sum()))
    return answer


def draw_writers(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Draw language, sex and age band of the people who write."""
    return pd.DataFrame(
        {
            "lang": random_draws.draw_shares(rng, LANGUAGES, rows),
            "sex": random_draws.draw_shares(rng, {"female": 0.52, "male": 0.48}, rows),
            "age_band": random_draws.draw_shares(rng, AGES, rows),
        }
    )
