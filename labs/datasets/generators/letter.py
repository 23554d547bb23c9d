"""One letter: who writes about what, sentence by sentence, in one language or in two at once.

Names stand between marks (see marks.py) until the letter is finished.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from labs.datasets.generators import frames
from labs.datasets.generators.marks import NAME, mark

CITIZEN = ("application", "complaint", "appeal", "land-transfer", "building-permit", "information")
OFFICIAL = ("judgment", "tender", "invoice", "memo")
# Whose situations are told in whose letters: an appeal, too, begins with having waited in vain.
NEIGHBOURS = {
    "application": ("information", "complaint", "building-permit", "appeal"),
    "complaint": ("appeal", "application", "information", "land-transfer"),
    "appeal": ("complaint", "application", "land-transfer", "building-permit"),
    "land-transfer": ("building-permit", "application", "appeal", "complaint"),
    "building-permit": ("land-transfer", "application", "information", "complaint"),
    "information": ("application", "building-permit", "complaint", "land-transfer"),
    "judgment": ("memo", "tender", "invoice"),
    "tender": ("invoice", "memo", "judgment"),
    "invoice": ("tender", "memo", "judgment"),
    "memo": ("tender", "invoice", "judgment"),
}


@dataclass(frozen=True)
class Clarity:
    """How plainly letters say what they are: chances of an own situation and of an own request."""

    situation: float = 0.65
    request: float = 0.79
    of_offices: float = 0.16

    def of(self, category: str) -> tuple[float, float]:
        """Both chances for a category: what offices write is plainer by `of_offices`."""
        more = self.of_offices if category in OFFICIAL else 0.0
        return min(self.situation + more, 1.0), min(self.request + more, 1.0)


@dataclass(frozen=True)
class Person:
    """Somebody who writes: an invented name, a place."""

    first: str
    family: str
    female: bool
    district: str
    sector: str

    @property
    def name(self) -> str:
        """Both names, as one signs."""
        return mark(NAME, f"{self.first} {self.family}")

    @property
    def in_register_order(self) -> str:
        """Both names as registers write them: family name first, in capitals."""
        return mark(NAME, f"{self.family.upper()} {self.first}")


def sector(random: Random) -> str:
    """An invented name of a sector."""
    words = frames.words()
    return str(random.choice(words["sector_head"]) + random.choice(words["sector_tail"]))


def family(random: Random) -> str:
    """An invented family name."""
    words = frames.words()
    return str(random.choice(words["name_head"]) + random.choice(words["name_tail"]))


def person(random: Random, female: bool, district: str) -> Person:
    """An invented person."""
    first = random.choice(frames.words()["first_female" if female else "first_male"])
    return Person(first, family(random), female, district, sector(random))


class Writer:
    """Fills slots for one letter: its person, topic and reference stay the same from sentence to sentence."""

    def __init__(self, random: Random, who: Person, topic: str, *, year: int, official: bool) -> None:
        self.random, self.who, self.topic, self.year = random, who, topic, year
        self.official = official
        self.reference = f"{random.choice('ABCD')}{year % 100}-{random.randint(100, 99999):05d}"
        self.parcel = f"{random.randint(1, 5)}/{random.randint(1, 12):02d}/{random.randint(100, 9999)}"
        self.other = random.choice([True, False]), family(random)

    def about(self, language: str) -> frames.Topic:
        """The letter's topic, in a language."""
        known = frames.load(language)
        return (known.supplies if self.official else known.topics)[self.topic]

    def sentence(self, language: str, section: str) -> str:
        """One sentence of a section."""
        fitting = frames.load(language).fitting(section, self.about(language))
        frame = fitting[int(self.random.random() * len(fitting))]
        return tidy(frames.draw(frame.parts, self.random, lambda slot: self.fill(language, slot)), language)

    def fill(self, language: str, slot: str) -> str:
        """What stands in a slot."""
        forms = self.about(language).forms
        if slot in forms:
            return forms[slot]
        words = frames.load(language).words
        fixed = self.fixed(words)
        return fixed[slot] if slot in fixed else str(self.drawn(language, words)[slot]())

    def fixed(self, words: dict[str, list[str]]) -> dict[str, str]:
        """Slots whose filling stays the same through the letter."""
        return {
            "me": self.who.name,
            "district": self.who.district,
            "sector": self.who.sector,
            "officer": f"{words['mister'][self.other[0]]} {mark(NAME, self.other[1])}",
            "ref": self.reference,
            "parcel": self.parcel,
            "e": "e" if self.who.female else "",
        }

    def drawn(self, language: str, words: dict[str, Any]) -> dict[str, Callable[[], object]]:
        """Slots whose filling is drawn anew each time."""
        random = self.random
        return {
            "n": lambda: random.randint(2, 9),
            "age": lambda: random.randint(19, 84),
            "year": lambda: self.year - random.randint(0, 12),
            "month": lambda: random.choice(words["months"]),
            "date": lambda: date(random, language, words["months"]),
            "need": lambda: random.choice(words["need"]),
            "office": lambda: random.choice(words["office"]),
            "aubureau": lambda: random.choice(words["office"]),
            "amount": lambda: words["francs"].format(amount(random, language)),
        }


def date(random: Random, language: str, months: list[str]) -> str:
    """A day and a month as the language writes them, not always the same way."""
    day, month = random.randint(1, 28), random.choice(months)
    if language == "fr" and day == 1:
        return f"1er {month}"
    return f"{month} {day}" if language == "en" and random.random() < 0.3 else f"{day} {month}"


def amount(random: Random, language: str) -> str:
    """A sum of money in digits."""
    value = random.choice([500, 1000, 5000, 25000, 100000]) * random.randint(1, 19)
    mark = random.choice({"en": [",", ""], "fr": [" ", "."], "rw": [".", ""]}[language])
    return f"{value:,}".replace(",", mark)


def tidy(text: str, language: str) -> str:
    """A sentence with its spaces, elisions and first letter put right."""
    text = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip()
    if language == "fr":
        text = re.sub(r"\b([dD])e (?=avril|août|octobre|élever)", r"\1'", text)
    if language == "rw":
        text = re.sub(r"(?<=\w)' (?=\w)", "'", text)
        text = re.sub(r"\b(y|w|cy|by|z|rw|bw|n)a (?=[aeiou])", r"\1'", text)
    return text[:1].upper() + text[1:]


class Tongue:
    """The language of each next sentence: always the same, or two in turn without a rule."""

    def __init__(self, random: Random, language: str) -> None:
        self.random = random
        self.choices = [language] if language != "mixed" else ["rw", random.choice(["en", "fr"])]

    def next(self) -> str:
        """The language of the next sentence."""
        return self.choices[int(self.random.random() * len(self.choices))]


Extra = Callable[[Writer, Tongue], list[str]]


def nothing(_writer: Writer, _tongue: Tongue) -> list[str]:
    """No further sentences."""
    return []


def compose(
    random: Random,
    language: str,
    category: str,
    who: Person,
    *,
    year: int,
    clarity: Clarity,
    extra: Extra = nothing,
    kind: type[Writer] = Writer,
) -> str:
    """A whole letter of a category; `language` may be mixed."""
    official = category in OFFICIAL
    topics = frames.load("en").supplies if official else frames.load("en").topics
    writer = kind(random, who, random.choice(list(topics)), year=year, official=official)
    group = "official" if official else "citizen"
    tongue = Tongue(random, language)

    def say(section: str) -> str:
        return writer.sentence(tongue.next(), section)

    body = [say(f"{group}.opening")] if random.random() < 0.9 else []
    told = [say(f"{told_of(random, category, clarity)}.situation") for _ in range(random.choice([1, 1, 2]))]
    if not official:
        told += [say("citizen.background") for _ in range(random.choice([0, 1, 1, 2]))]
    told += [say(f"{group}.aside") for _ in range(random.choice([0, 0, 1, 2]))]
    random.shuffle(told)
    told += extra(writer, tongue)
    asked = [say(f"{category}.request" if random.random() < clarity.of(category)[1] else f"{group}.vague")]
    if random.random() < 0.35:
        asked.append(say(f"{group}.vague"))
    body += told + asked if random.random() < 0.85 else asked + told
    return laid_out(random, say(f"{group}.greeting"), body, say(f"{group}.closing"), who)


def told_of(random: Random, category: str, clarity: Clarity) -> str:
    """Which category's situation is told: mostly the letter's own, else a neighbour's."""
    return category if random.random() < clarity.of(category)[0] else random.choice(NEIGHBOURS[category])


def laid_out(random: Random, greeting: str, body: list[str], closing: str, who: Person) -> str:
    """The sentences as a page: some letters greet, some have paragraphs, some are signed."""
    gap = random.choice([" ", " ", "\n"])
    lines = [greeting] if random.random() < 0.8 else []
    lines.append(gap.join(body))
    if random.random() < 0.75:
        lines.append(closing)
    if random.random() < 0.7:
        lines.append(who.name if random.random() < 0.8 else who.in_register_order)
    return "\n".join(lines)
