"""letters-private: what rules find of identity numbers and names."""

import json
import re

import pandas as pd

DIGIT = "[0-9OolI]"
IDENTITY = re.compile(rf"(?<!\w){DIGIT}(?:[ .\-\n]?{DIGIT}){{15}}(?!\w)")
RUN_OF_DIGITS = re.compile(r"\d{16}")
PERSON = r"[A-ZÀ-Ý][\wÀ-ÿ]+"
NAMES = [
    re.compile(rf"(?:Mr|Ms|M\.|Mme|Bwana|Madamu) ({PERSON})"),
    re.compile(rf"(?:My name is|I,|Je m'appelle|Nitwa|Jyewe,|Moi,) ({PERSON} {PERSON})"),
    re.compile(rf"\n({PERSON} {PERSON})$"),
    re.compile(rf"(?:It is|C'est|Ni|Ask|ask|Demandez à|Mubaze) ({PERSON})"),
    re.compile(rf"(?:widow of|house of|House of|veuve de|Umupfakazi wa) ({PERSON})"),
    re.compile(rf"(?:Between|Entre|Njye na|With) ({PERSON})"),
    re.compile(rf", ({PERSON} {PERSON}),"),
]


def found_places(text: str, patterns: list[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Return begin and end of every match of the patterns, or of its first group if it has one."""
    return [hit.span(hit.lastindex or 0) for pattern in patterns for hit in pattern.finditer(text)]


def kind_recall(letters: pd.DataFrame, kind: str, patterns: list[re.Pattern[str]]) -> float:
    """The share of marked pieces of a kind that some match covers wholly."""
    covered = total = 0
    for text, marked in zip(letters["text"], letters["marked"], strict=True):
        hits = found_places(text, patterns)
        for begin, end, of in json.loads(marked):
            if of == kind:
                total += 1
                covered += any(a <= begin and end <= b for a, b in hits)
    return covered / max(total, 1)


def measure(_learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the lab: a first rule, a good rule, and what rules do for names."""
    return {
        "IDs by a run of digits": kind_recall(hidden, "id", [RUN_OF_DIGITS]),
        "IDs by a careful rule": kind_recall(hidden, "id", [IDENTITY]),
        "names by rules": kind_recall(hidden, "name", NAMES),
    }
