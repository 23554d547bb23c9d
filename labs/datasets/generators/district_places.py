"""Provinces and districts. The names are real; no figure here says anything about the real places."""

import numpy as np
import pandas as pd

from labs.datasets.generators import random_draws

DISTRICTS = {
    "City of Kigali": ["Gasabo", "Kicukiro", "Nyarugenge"],
    "Northern": ["Burera", "Gakenke", "Gicumbi", "Musanze", "Rulindo"],
    "Southern": [
        "Gisagara", "Huye", "Kamonyi", "Muhanga", "Nyamagabe", "Nyanza", "Nyaruguru", "Ruhango",
    ],
    "Eastern": ["Bugesera", "Gatsibo", "Kayonza", "Kirehe", "Ngoma", "Nyagatare", "Rwamagana"],
    "Western": ["Karongi", "Ngororero", "Nyabihu", "Nyamasheke", "Rubavu", "Rusizi", "Rutsiro"],
}  # fmt: skip
PROVINCE_OF = {district: province for province, districts in DISTRICTS.items() for district in districts}
SECOND_TOWNS = ["Huye", "Muhanga", "Musanze", "Rubavu", "Rusizi", "Nyagatare", "Rwamagana"]


def urban_chance(district: str) -> float:
    """Return the chance that a case of a district is urban: an assumption of ours."""
    if PROVINCE_OF[district] == "City of Kigali":
        return 0.85
    return 0.35 if district in SECOND_TOWNS else 0.1


def draw_places(rng: np.random.Generator, rows: int, capital: float = 1.0) -> pd.DataFrame:
    """Province, district and urban_rural for each row; `capital` multiplies the capital's share."""
    weights = {d: (2.2 * capital if p == "City of Kigali" else 1.0) for d, p in PROVINCE_OF.items()}
    district = random_draws.draw_shares(rng, weights, rows)
    chance = np.array([urban_chance(d) for d in district])
    urban = random_draws.draw_yes(rng, chance, by=district)
    return pd.DataFrame(
        {
            "province": [PROVINCE_OF[d] for d in district],
            "district": district,
            "urban_rural": np.where(urban, "urban", "rural"),
        }
    )
