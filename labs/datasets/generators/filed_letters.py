"""letters: what people and offices write, filed by kind of document."""

import numpy as np
import pandas as pd

from labs.datasets.generators import (
    district_places,
    letter_writers,
    personal_marks,
    random_draws,
    spelling_slips,
)
from labs.datasets.generators.one_letter import NEIGHBOURS, Clarity, compose_letter, draw_person

CATEGORIES = {
    "application": 0.28,
    "complaint": 0.22,
    "information": 0.15,
    "appeal": 0.09,
    "land-transfer": 0.09,
    "building-permit": 0.06,
    "judgment": 0.04,
    "invoice": 0.03,
    "memo": 0.025,
    "tender": 0.015,
}
MISFILED = 0.06


def generate(rng: np.random.Generator, rows: int, clarity: Clarity | None = None) -> pd.DataFrame:
    """`rows` letters with the category they were filed under and the one they belong to."""
    where = district_places.draw_places(rng, rows)
    table = pd.DataFrame({"received_on": random_draws.draw_days(rng, "2025-01-06", "2025-12-19", rows)})
    table["channel"] = letter_writers.draw_channels(rng, where["urban_rural"])
    table = pd.concat([table, letter_writers.draw_writers(rng, rows), where], axis=1)
    table["true_category"] = random_draws.draw_shares(rng, CATEGORIES, rows)
    table["category"] = misfiled_categories(rng, table["true_category"].to_numpy())
    table["text"] = letter_texts(rng, table, clarity or Clarity())
    table.insert(0, "letter_id", [f"L25-{n:05d}" for n in range(1, rows + 1)])
    return table


def misfiled_categories(rng: np.random.Generator, true: np.ndarray) -> np.ndarray:
    """The categories as somebody filed them: six in a hundred went into a neighbouring tray."""
    filed = true.copy()
    wrong = random_draws.draw_yes(rng, np.full(len(true), MISFILED), by=true)
    filed[wrong] = [rng.choice(np.array(NEIGHBOURS[category], dtype=object)) for category in true[wrong]]
    return filed


def letter_texts(rng: np.random.Generator, table: pd.DataFrame, clarity: Clarity) -> list[str]:
    """One letter per row."""
    random = random_draws.plain_random(rng)
    scanned = random_draws.draw_yes(rng, np.where(table["channel"].isin(["office", "outreach"]), 0.3, 0.02))
    written = []
    columns = zip(
        table["lang"], table["true_category"], table["sex"], table["district"], table["age_band"],
        table["received_on"], scanned,
        strict=True,
    )  # fmt: skip
    for lang, category, sex, district, band, day, scan in columns:
        who = draw_person(random, sex == "female", district, band)
        text = compose_letter(random, lang, category, who, day=day.date(), clarity=clarity)
        written.append(personal_marks.strip_marks(spelling_slips.roughen_text(random, text, scan))[0])
    return written
