"""letters-private: letters with made-up names, phones and identity numbers, and the position of each."""

import datetime
import json
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from labs.datasets.generators import (
    district_places,
    filed_letters,
    letter_writers,
    one_letter,
    personal_marks,
    random_draws,
    spelling_slips,
)
from labs.datasets.generators.personal_marks import ID, NAME, PHONE, mark_piece

# Sixteen digits as on a card, but with a year of birth that has not come yet: no such number can exist.
BORN = (2041, 2089)
WRITTEN = datetime.date(2025, 12, 19)


def draw_identity(random: Random, scanned: bool) -> str:
    """An impossible identity number as people write one: in groups, in one run, with dots, or misread."""
    parts = [
        random.choice("1112223"),
        str(random.randint(*BORN)),
        random.choice("78"),
        f"{random.randint(0, 9_999_999):07d}",
        str(random.randint(0, 2)),
        f"{random.randint(0, 99):02d}",
    ]
    written = random.choices([" ", "", "-", ".", "\n"], [0.55, 0.3, 0.08, 0.05, 0.02])[0].join(parts)
    if scanned or random.random() < 0.06:
        written = misread_digits(random, written)
    return mark_piece(ID, written)


def misread_digits(random: Random, written: str) -> str:
    """Read some 0 as O and some 1 as l, at least one of them if the text has any."""
    places_at = [at for at, sign in enumerate(written) if sign in "01"]
    signs = list(written)
    for at in random.sample(places_at, k=min(len(places_at), random.randint(1, 3))):
        signs[at] = {"0": "O", "1": "l"}[signs[at]]
    return "".join(signs)


def draw_phone(random: Random) -> str:
    """Draw a phone number with the prefix 0700, which means "made up" in all our data."""
    a, b = random.randint(0, 999), random.randint(0, 999)
    return mark_piece(
        PHONE, random.choice([f"0700 {a:03d} {b:03d}", f"0700{a:03d}{b:03d}", f"+250 700 {a:03d} {b:03d}"])
    )


class PrivateWriter(one_letter.Writer):
    """A writer who also has an identity number, a phone, and people to name."""

    scanned = False

    def drawn(self, language: str, words: dict[str, Any]) -> dict[str, Callable[[], object]]:
        """As for any letter, and the personal ones."""
        random = self.random
        return super().drawn(language, words) | {
            "id": lambda: draw_identity(random, self.scanned),
            "phone": lambda: draw_phone(random),
            "family": lambda: mark_piece(NAME, one_letter.draw_family(random)),
            "man": lambda: mark_piece(NAME, one_letter.draw_family(random, female=False)),
            "fullname": lambda: one_letter.draw_person(random, random.random() < 0.5, "").name,
            "manname": lambda: one_letter.draw_person(random, random.random() < 0.0, "").name,
        }


def personal_sentences(writer: one_letter.Writer, tongue: one_letter.Tongue) -> list[str]:
    """Sentences that give somebody away."""
    random = writer.random
    chosen = ["private.id"] * random.choice([0, 1, 1, 1, 2])
    chosen += ["private.phone"] * random.choice([0, 1, 1])
    chosen += ["private.name"] * random.choice([0, 1, 1, 2])
    random.shuffle(chosen)
    return [writer.sentence(tongue.next(), section) for section in chosen]


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` letters of citizens; `marked` lists what is personal as [begin, end, kind], in JSON."""
    random = random_draws.plain_random(rng)
    where = district_places.draw_places(rng, rows)
    table = pd.concat([letter_writers.draw_writers(rng, rows), where], axis=1)
    of_citizens = {
        name: share for name, share in filed_letters.CATEGORIES.items() if name in one_letter.CITIZEN
    }
    table["category"] = random_draws.draw_shares(rng, of_citizens, rows)
    scanned = random_draws.draw_yes(rng, np.full(rows, 0.1))
    homes = zip(table["district"], table["age_band"], strict=True)
    people_in_order = zip(table["lang"], table["category"], table["sex"], homes, strict=True)
    written = [
        draw_letter(random, *row, scan=bool(scan)) for row, scan in zip(people_in_order, scanned, strict=True)
    ]
    table["text"] = [text for text, _ in written]
    table["marked"] = [json.dumps(spans, separators=(",", ":")) for _, spans in written]
    table.insert(0, "letter_id", [f"P25-{n:05d}" for n in range(1, rows + 1)])
    return table


class ScannedWriter(PrivateWriter):
    """A writer whose letter came through a scanner."""

    scanned = True


def draw_letter(
    random: Random, lang: str, category: str, sex: str, home: tuple[str, str], *, scan: bool
) -> tuple[str, list[personal_marks.Span]]:
    """One letter and the places of its personal pieces; `home` is the writer's district and age band."""
    who = one_letter.draw_person(random, sex == "female", *home)
    writer = ScannedWriter if scan else PrivateWriter
    clarity = one_letter.Clarity()
    text = one_letter.compose_letter(
        random, lang, category, who, day=WRITTEN, clarity=clarity, extra=personal_sentences, kind=writer
    )
    return personal_marks.strip_marks(spelling_slips.roughen_text(random, text, scan))
