"""service-requests: a year of requests as a register holds them, with the faults that registers have."""

from functools import cache
from random import Random

import numpy as np
import pandas as pd

from labs.datasets.generators import district_places, letter_writers, random_draws, sentence_frames
from labs.datasets.generators.urgent_recorded import group_names

# What people come for depends on how they come; all together about 35 in 100 are about land.
CATEGORIES = (
    "land",
    "judgment disputed",
    "judgment not carried out",
    "expropriation",
    "other property",
    "other",
)
BY_CHANNEL = {
    "agent": (0.39, 0.13, 0.11, 0.13, 0.09, 0.15),
    "self": (0.16, 0.22, 0.33, 0.06, 0.07, 0.16),
    "office": (0.34, 0.20, 0.14, 0.08, 0.08, 0.16),
    "outreach": (0.42, 0.08, 0.06, 0.28, 0.08, 0.08),
    "phone": (0.20, 0.14, 0.20, 0.06, 0.06, 0.34),
}
UNITS = {
    "land": "Land desk",
    "judgment disputed": "Legal desk",
    "judgment not carried out": "Bailiff liaison",
    "expropriation": "Land desk",
    "other property": "Legal desk",
    "other": "Front desk",
}
SERVICE_CODES = dict(zip(CATEGORIES, ("LND", "JUD", "JUE", "EXP", "PRP", "GEN"), strict=True))
# Outreach teams went to seven districts; from a few others hardly anybody writes.
VISITED = ("Burera", "Gisagara", "Kirehe", "Ngororero", "Nyamasheke", "Nyaruguru", "Rutsiro")
SILENT = ("Gakenke", "Gatsibo", "Nyabihu", "Nyamagabe")
SUBJECTS = {
    "land": ["Boundary with a neighbour", "Title not issued", "Share of an inheritance", "Plot sold twice"],
    "judgment disputed": ["Not content with a judgment", "Request for review", "Evidence not heard"],
    "judgment not carried out": ["Judgment not executed", "Debt still unpaid", "House not given back"],
    "expropriation": ["Compensation not paid", "Value too low", "Not on the list"],
    "other property": ["Cattle", "Goods not returned", "Rent"],
    "other": ["Certificate", "Question", "Thanks", "Pension", "School place"],
}
CLOSURES = {
    "resolved": 0.55,
    "forwarded": 0.2,
    "no answer from the person": 0.15,
    "withdrawn": 0.04,
    "duplicate": 0.06,
}
SECTORS = 4
TWICE, WRONG_DISTRICT, BACKDATED, UNKNOWN_AGE = 0.02, 0.03, 0.015, 0.08


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` requests, some of them there twice; `true_district` is where the person lives."""
    twice = round(rows * TWICE)
    table = sound_requests(rng, rows - twice)
    again = table.sample(twice, random_state=int(rng.integers(2**31))).copy()
    again["received_on"] += pd.to_timedelta(rng.integers(1, 20, twice), unit="D")
    again["channel"] = random_draws.draw_names(rng, ["agent", "office", "self"], twice)
    table = pd.concat([table, again]).sort_values("received_on", kind="stable").reset_index(drop=True)
    table.insert(0, "case_id", [f"S25-{n:05d}" for n in range(1, rows + 1)])
    return spoiled_register(rng, table)


def sound_requests(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Requests as they would stand in a register without faults."""
    table = who_and_where(rng, rows)
    table["category"] = draw_categories(rng, table["channel"].to_numpy())
    table["service_code"] = (
        table["category"].map(SERVICE_CODES) + "-" + rng.integers(1, 4, rows).astype(str).astype(object)
    )
    table["subject"] = [
        SUBJECTS[c][int(n * len(SUBJECTS[c]))]
        for c, n in zip(table["category"], rng.random(rows), strict=True)
    ]
    table["attachments_n"] = np.minimum(rng.poisson(1.3, rows), 7)
    table["fee_rwf"] = rng.choice([0, 0, 0, 500, 1500, 3000], rows)
    table["prior_contacts"] = np.minimum(rng.poisson(0.8, rows), 6)
    table["vulnerability_flag"] = random_draws.draw_yes(
        rng, np.where(table["age_band"] == "65 and over", 0.3, 0.07)
    )
    urgent = random_draws.draw_yes(rng, np.where(table["vulnerability_flag"], 0.14, 0.04))
    table["urgency"] = np.where(urgent, "urgent", "normal")
    table["assigned_unit"] = table["category"].map(UNITS)
    return draw_handling(rng, table)


def who_and_where(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Draw the person, the place, the channel and the day of each request."""
    weights = {d: district_weight(d) for d in district_places.PROVINCE_OF}
    district = random_draws.draw_shares(rng, weights, rows)
    urban = random_draws.draw_yes(
        rng, np.array([district_places.urban_chance(d) for d in district]), by=district
    )
    table = pd.DataFrame({"received_on": random_draws.draw_days(rng, "2025-01-06", "2025-12-19", rows)})
    table["district"], table["true_district"] = district, district
    table["province"] = [district_places.PROVINCE_OF[d] for d in district]
    table["urban_rural"] = np.where(urban, "urban", "rural")
    table["channel"] = letter_writers.draw_channels(rng, table["urban_rural"])
    table.loc[table["channel"] == "outreach", "channel"] = "agent"
    visited = random_draws.draw_yes(rng, np.where(np.isin(district, VISITED), 0.45, 0.0), by=district)
    table.loc[visited, "channel"] = "outreach"
    table["sector"] = [
        district_sectors(d)[n] for d, n in zip(district, rng.choice(range(SECTORS), rows), strict=True)
    ]
    return pd.concat([table, letter_writers.draw_writers(rng, rows)], axis=1)


@cache
def district_sectors(district: str) -> list[str]:
    """The invented sectors of a district, the same in every edition."""
    random = Random(district)  # noqa: S311 - made-up names, not keys
    words = sentence_frames.slot_words()
    tails = random.sample(words["sector_tail"], SECTORS)
    return [random.choice(words["sector_head"]) + tail for tail in tails]


def district_weight(district: str) -> float:
    """Return the share of requests that come from a district; 1 is an ordinary one."""
    if district_places.PROVINCE_OF[district] == "City of Kigali":
        return 3.0
    return 1.6 if district in VISITED else 0.15 if district in SILENT else 1.0


def draw_categories(rng: np.random.Generator, channel: np.ndarray) -> np.ndarray:
    """Draw the category of each request, given its channel."""
    answer = np.empty(len(channel), dtype=object)
    for name, weights in BY_CHANNEL.items():
        here = channel == name
        answer[here] = random_draws.draw_shares(
            rng, dict(zip(CATEGORIES, weights, strict=True)), int(here.sum())
        )
    return answer


def draw_handling(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Draw the dates on which the office acted, and the outcome of each request."""
    rows = len(table)
    first = np.ceil(rng.gamma(1.2, 3.0, rows)).astype(int)
    closed = first + np.ceil(rng.lognormal(2.4, 0.8, rows)).astype(int)
    table["first_action_on"] = table["received_on"] + pd.to_timedelta(first, unit="D")
    table["closed_on"] = table["received_on"] + pd.to_timedelta(closed, unit="D")
    table["closure_reason"] = random_draws.draw_shares(rng, CLOSURES, rows)
    still_open = table["closed_on"] > pd.Timestamp("2025-12-31")
    table.loc[still_open, ["closed_on", "closure_reason"]] = [pd.NaT, None]
    table["reopened"] = random_draws.draw_yes(rng, np.full(rows, 0.05)) & ~still_open.to_numpy()
    table["appealed"] = random_draws.draw_yes(rng, np.full(rows, 0.03)) & ~still_open.to_numpy()
    return table


def spoiled_register(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """The register's own faults: wrong districts, closures before arrival, ages nobody asked for."""
    rows = len(table)
    wrong = random_draws.draw_yes(rng, np.full(rows, WRONG_DISTRICT))
    table.loc[wrong, "district"] = random_draws.draw_names(
        rng, list(district_places.PROVINCE_OF), int(wrong.sum())
    )
    table["province"] = table["district"].map(district_places.PROVINCE_OF)
    back = random_draws.draw_yes(rng, np.full(rows, BACKDATED)) & table["closed_on"].notna().to_numpy()
    table.loc[back, "closed_on"] = table.loc[back, "received_on"] - pd.Timedelta(days=3)
    by_phone = np.where(table["channel"] == "phone", 0.5, UNKNOWN_AGE)
    table.loc[
        random_draws.draw_yes(rng, by_phone, by=group_names(table["channel"].to_numpy())), "age_band"
    ] = None
    return table
