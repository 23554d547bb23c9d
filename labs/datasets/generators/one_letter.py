"""One letter: who writes about what, sentence by sentence, in one language or in two at once.

Names stand between marks (see personal_marks.py) until the letter is finished.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from labs.datasets.generators import money_sums, sentence_frames, writer_words
from labs.datasets.generators.personal_marks import NAME, mark_piece

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
    """Chances that a letter has a situation and a request that only its category has: the higher, the plainer."""

    situation: float = 0.65
    request: float = 0.79
    of_offices: float = 0.16

    def of(self, category: str) -> tuple[float, float]:
        """Both chances for a category: what offices write is plainer by `of_offices`."""
        more = self.of_offices if category in OFFICIAL else 0.0
        return min(self.situation + more, 1.0), min(self.request + more, 1.0)


@dataclass(frozen=True)
class Person:
    """Somebody who writes: an invented name, a place, an age band as in registers."""

    first: str
    family: str
    female: bool
    district: str
    sector: str
    band: str = "35-49"

    @property
    def name(self) -> str:
        """Both names, as one signs."""
        return mark_piece(NAME, f"{self.first} {self.family}")

    @property
    def in_register_order(self) -> str:
        """Both names as registers write them: family name first, in capitals."""
        return mark_piece(NAME, f"{self.family.upper()} {self.first}")


def draw_sector(random: Random) -> str:
    """An invented name of a sector."""
    words = sentence_frames.slot_words()
    return str(random.choice(words["sector_head"]) + random.choice(words["sector_tail"]))


def draw_family(random: Random, female: bool | None = None) -> str:
    """An invented family name; names that only women or only men have go to them, if the sex is known."""
    words = sentence_frames.slot_words()
    head, tail = random.choice(words["name_head"]), random.choice(words["name_tail"])
    if female is not None:
        of_others = tuple(words["prefixes_of_men" if female else "prefixes_of_women"])
        head = words["other_head"][head] if (head + tail).startswith(of_others) else head
    return str(head + tail)


def draw_person(random: Random, female: bool, district: str, band: str = "35-49") -> Person:
    """An invented person."""
    first = random.choice(sentence_frames.slot_words()["first_female" if female else "first_male"])
    return Person(first, draw_family(random, female), female, district, draw_sector(random), band)


def draw_stranger(random: Random) -> tuple[bool, str]:
    """Somebody whom a letter names with a title: whether a woman, and an invented family name."""
    female = random.choice([True, False])
    return female, draw_family(random, female)


class Writer:
    """Fills slots for one letter: its person, topic and reference stay the same from sentence to sentence."""

    def __init__(
        self, random: Random, who: Person, topic: str, *, day: datetime.date, official: bool
    ) -> None:
        self.random, self.who, self.topic, self.day = random, who, topic, day
        self.official = official
        self.reference = f"{random.choice('ABCD')}{day.year % 100}-{random.randint(100, 99999):05d}"
        self.parcel = f"{random.randint(1, 5)}/{random.randint(1, 12):02d}/{random.randint(100, 9999)}"
        self.officer = draw_stranger(random)
        self.seller = draw_stranger(Random(self.reference))  # noqa: S311 - a name for a made-up letter
        self.kept: dict[str, int] = {}

    def about(self, language: str) -> sentence_frames.Topic:
        """The letter's topic, in a language."""
        known = sentence_frames.load_frames(language)
        return (known.supplies if self.official else known.topics)[self.topic]

    def sentence(self, language: str, section: str) -> str:
        """One sentence of a section."""
        fitting = sentence_frames.load_frames(language).fitting(section, self.about(language))
        frame = fitting[int(self.random.random() * len(fitting))]
        return tidy_sentence(
            sentence_frames.draw_way(frame.parts, self.random, lambda slot: self.fill(language, slot)),
            language,
        )

    def fill(self, language: str, slot: str) -> str:
        """Return the words for a slot."""
        forms = self.about(language).forms
        if slot in forms:
            return forms[slot]
        words = sentence_frames.load_frames(language).words
        fixed = self.fixed(words)
        return fixed[slot] if slot in fixed else str(self.drawn(language, words)[slot]())

    def fixed(self, words: dict[str, list[str]]) -> dict[str, str]:
        """Slots whose filling stays the same through the letter."""
        return {
            "me": self.who.name,
            "district": self.who.district,
            "sector": self.who.sector,
            "officer": titled_name(words, self.officer),
            "seller": titled_name(words, self.seller),
            "ref": self.reference,
            "parcel": self.parcel,
            "e": "e" if self.who.female else "",
            **writer_words.words_for(words, self.who.female, self.who.band),
        }

    def drawn(self, language: str, words: dict[str, Any]) -> dict[str, Callable[[], object]]:
        """Slots whose filling is drawn each time; each kind takes the same draws, whatever it says."""
        random, band, year = self.random, self.who.band, self.day.year
        return {
            "n": lambda: random.randint(2, 9),
            "children": lambda: writer_words.children_count(random.randint(2, 9), band),
            "walk": lambda: 1 + random.randint(2, 9) // 3,
            "term": lambda: 15 if random.randint(2, 9) % 2 else 30,
            "age": lambda: writer_words.writer_age(random.randint(19, 84), band),
            "year": lambda: year - random.randint(0, 12),
            "thisyear": lambda: year + random.randint(0, 12) // 13,
            "budgetyear": lambda: year + random.randint(0, 12) // 9,
            "month": lambda: random.choice(words["months"]),
            "recent": lambda: words["months"][self.away(-random.choice(range(12))).month - 1],
            "date": lambda: self.date(language, words["months"], lambda away: -away),
            "by": lambda: self.date(language, words["months"], lambda away: 3 + away // 5),
            "lately": lambda: self.date(language, words["months"], lambda away: -1 - away // 31),
            "today": lambda: self.date(
                language, words["months"], lambda away: self.keep("today", -(away // 84))
            ),
            "need": lambda: random.choice(writer_words.paper_needs(words, band)),
            "office": lambda: random.choice(words["office"]),
            "aubureau": lambda: random.choice(words["office"]),
            **{slot: self.francs(language, words["francs"], slot) for slot in money_sums.SUMS},
        }

    def francs(self, language: str, pattern: str, slot: str) -> Callable[[], object]:
        """A sum with its unit, drawn when it is asked for."""
        return lambda: pattern.format(self.sum(language, slot))

    def date(self, language: str, months: list[str], distance: Callable[[int], int]) -> str:
        """A date: its distance in days from the letter's own, for a number drawn from 1 to 336."""
        drawn = self.random.randint(1, 28) + 28 * self.random.choice(range(12))
        return written_date(self.random, language, months, self.away(distance(drawn)))

    def away(self, days: int) -> datetime.date:
        """The day that is so many days after the letter's own, or before it."""
        return self.day + datetime.timedelta(days)

    def sum(self, language: str, slot: str) -> str:
        """A sum of money in digits; a fee, a debt or a total is the same throughout the letter."""
        drawn = money_sums.draw_sum(self.random, slot)
        same = slot in money_sums.SAME_THROUGHOUT
        return money_sums.written_sum(self.random, language, self.keep(slot, drawn) if same else drawn)

    def keep(self, slot: str, drawn: int) -> int:
        """Return the value that this slot had first in the letter."""
        return self.kept.setdefault(slot, drawn)


def titled_name(words: dict[str, Any], whom: tuple[bool, str]) -> str:
    """Somebody's title and name."""
    female, name = whom
    return f"{words['mister'][female]} {mark_piece(NAME, name)}"


def written_date(random: Random, language: str, months: list[str], when: datetime.date) -> str:
    """A day and a month as the language writes them, not always the same way."""
    day, month = when.day, months[when.month - 1]
    if language == "fr" and day == 1:
        return f"1er {month}"
    return f"{month} {day}" if language == "en" and random.random() < 0.3 else f"{day} {month}"


def tidy_sentence(text: str, language: str) -> str:
    """A sentence with its spaces, elisions and first letter put right."""
    text = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip()
    text = re.sub(r",(?=[.?])", "", text)  # A choice that said nothing came after the comma.
    if language == "fr":
        text = re.sub(r"\b([dD])e (?=avril|août|octobre|élever)", r"\1'", text)
        text = re.sub(r"\b([qQ])ue (?=(?:on|ils?|elles?|une?|en)\b)", r"\1u'", text)
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


def no_sentences(_writer: Writer, _tongue: Tongue) -> list[str]:
    """No further sentences."""
    return []


def compose_letter(
    random: Random,
    language: str,
    category: str,
    who: Person,
    *,
    day: datetime.date,
    clarity: Clarity,
    extra: Extra = no_sentences,
    kind: type[Writer] = Writer,
) -> str:
    """A whole letter of a category; `language` may be mixed."""
    official = category in OFFICIAL
    topics = (
        sentence_frames.load_frames("en").supplies if official else sentence_frames.load_frames("en").topics
    )
    writer = kind(random, who, random.choice(list(topics)), day=day, official=official)
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
