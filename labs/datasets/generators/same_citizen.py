"""same-citizen: payments to people who may be in the list more than once, under changed names and numbers."""

from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pandas as pd

from labs.datasets.generators import (
    district_places,
    letters_private,
    one_letter,
    personal_marks,
    random_draws,
    sentence_frames,
    spelling_slips,
)

RECORDS_PER_PERSON = [1, 1, 1, 2, 2, 3]
TWINS, NAMESAKES = 0.02, 0.04


@dataclass(frozen=True)
class Record:
    """A person as one payment names them."""

    given: str
    second: str
    family: str
    born: str
    district: str
    phone: str
    identity: str


def invent_person(random: Random) -> Record:
    """An invented person."""
    first = sentence_frames.slot_words()["first_female" if random.random() < 0.5 else "first_male"]
    born = f"{random.randint(1945, 2004)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    return Record(
        random.choice(first),
        random.choice(first) if random.random() < 0.4 else "",
        one_letter.draw_family(random),
        born,
        random.choice(list(district_places.PROVINCE_OF)),
        f"0700{random.randint(0, 999999):06d}",
        identity_number(random),
    )


def identity_number(random: Random) -> str:
    """An impossible identity number in one run of digits."""
    written = letters_private.draw_identity(random, scanned=False)
    return "".join(
        c for c in personal_marks.strip_marks(written)[0].replace("O", "0").replace("l", "1") if c.isdigit()
    )


def invent_people(random: Random, count: int) -> list[Record]:
    """Invented people, among them twins and namesakes."""
    found: list[Record] = []
    while len(found) < count:
        found.append(invent_person(random))
        if random.random() < TWINS:
            twin = invent_person(random)
            found.append(
                replace(found[-1], given=twin.given, second="", phone=twin.phone, identity=twin.identity)
            )
        elif random.random() < NAMESAKES:
            other = invent_person(random)
            found.append(replace(other, given=found[-1].given, second="", family=found[-1].family))
    return found[:count]


def written_again(random: Random, one: Record) -> Record:
    """The same person as another clerk wrote them down, perhaps with a new card or phone."""
    changed = one
    if random.random() < 0.30:
        changed = replace(changed, identity=identity_number(random))
    if random.random() < 0.25:
        changed = replace(changed, phone=f"0700{random.randint(0, 999999):06d}")
    if random.random() < 0.25:
        changed = replace(changed, given=changed.family, family=changed.given)
    if random.random() < 0.3:
        changed = replace(changed, second="")
    if random.random() < 0.35:
        changed = replace(changed, family=spelling_slips.spelling_slip(random, changed.family))
    if random.random() < 0.15:
        year, month, day = changed.born.split("-")
        changed = replace(changed, born=f"{year}-{day if int(day) <= 12 else month}-{month}")
    if random.random() < 0.08:
        changed = replace(changed, born="")
    return changed


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` payments; `person` says who truly is who."""
    random = random_draws.plain_random(rng)
    written: list[tuple[int, Record]] = []
    for who, one in enumerate(invent_people(random, rows)):
        written.append((who, one))
        written += [(who, written_again(random, one)) for _ in range(random.choice(RECORDS_PER_PERSON) - 1)]
        if len(written) >= rows:
            break
    written = written[:rows]
    random.shuffle(written)
    table = pd.DataFrame([vars(record) for _, record in written])
    table["person"] = [who for who, _ in written]
    table["paid_on"] = random_draws.draw_days(rng, "2025-01-06", "2025-12-19", rows)
    table["amount_rwf"] = rng.choice([10000, 15000, 20000, 25000], rows)
    table.insert(0, "payment_id", [f"B25-{n:05d}" for n in range(1, rows + 1)])
    return table
