"""Words of a letter that agree with its writer: with the sex, and with the age."""

from typing import Any

STAGES = {"under 25": "young", "25-34": "young", "35-49": "grown", "50-64": "old", "65 and over": "old"}
YEARS = {
    "under 25": (18, 24),
    "25-34": (25, 34),
    "35-49": (35, 49),
    "50-64": (50, 64),
    "65 and over": (65, 88),
}
FEWER_CHILDREN = {"young": 4, "grown": 2, "old": 1}
"""By how much a number of children from two to nine is divided above two."""


def words_for(words: dict[str, Any], female: bool, band: str) -> dict[str, str]:
    """Return the slots that agree with the writer, in a language."""
    of_sex = words["she" if female else "he"]
    of_stage = words[STAGES[band]]
    agreed = {name: text.format(**of_sex) for name, text in of_stage.items() if isinstance(text, str)}
    return {**of_sex, **agreed}


def paper_needs(words: dict[str, Any], band: str) -> list[str]:
    """Return what somebody of this age may need a paper for."""
    needed: list[str] = words[STAGES[band]]["need"]
    return needed


def writer_age(drawn: int, band: str) -> int:
    """Return an age within the band for a number drawn from 19 to 84."""
    low, high = YEARS[band]
    return low + (drawn - 19) * (high - low) // 65


def children_count(drawn: int, band: str) -> int:
    """Return a number of children for a number drawn from 2 to 9: young people have fewer."""
    return 2 + (drawn - 2) // FEWER_CHILDREN[STAGES[band]]
