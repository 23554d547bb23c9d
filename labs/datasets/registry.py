"""List of the datasets: facts and texts of each in `cards/NAME.toml`, its generator named here."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labs.datasets.generators import (
    counter_visits,
    desk_mails,
    district_population,
    filed_letters,
    letters_private,
    processing_times,
    same_citizen,
    service_requests,
    service_rules,
    urgent_cases,
    urgent_recorded,
    weekly_counts,
    weekly_desk,
)

CARDS = Path(__file__).parent / "cards"
TYPES = ("text", "whole", "number", "yes-no", "date")
LICENCE = "CC0-1.0"

Generate = Callable[[np.random.Generator, int], pd.DataFrame]
GENERATORS: dict[str, Generate] = {
    "counter-visits": counter_visits.generate,
    "desk-mails": desk_mails.generate,
    "letters": filed_letters.generate,
    "letters-private": letters_private.generate,
    "population-by-district": district_population.generate,
    "processing-times": processing_times.generate,
    "rule-questions": service_rules.rule_questions,
    "same-citizen": same_citizen.generate,
    "service-rules": service_rules.rule_paragraphs,
    "service-requests": service_requests.generate,
    "urgent-cases": urgent_cases.generate,
    "urgent-recorded": urgent_recorded.generate,
    "weekly-counts": weekly_counts.generate,
    "weekly-desk": weekly_desk.generate,
}


@dataclass(frozen=True)
class Column:
    """A column: its type, what it means in each language, and whether only the grader has it."""

    name: str
    type: str
    meaning: dict[str, str]
    hidden: bool = False


@dataclass(frozen=True)
class Dataset:
    """A dataset: how to make it, how much of it, and what its card says."""

    name: str
    generate: Generate
    rows: dict[str, int]
    columns: tuple[Column, ...]
    facts: dict[str, Any]

    def visible(self) -> list[str]:
        """The columns that learners have."""
        return [column.name for column in self.columns if not column.hidden]


def columns_of(facts: dict[str, Any], common: dict[str, Any]) -> tuple[Column, ...]:
    """The columns that a card declares, in its own words or else in those of `cards/common.toml`."""
    own, hidden = facts.get("column", {}), set(facts.get("hidden", []))
    found = []
    for name in facts["columns"]:
        words = own.get(name) or common[name]
        meaning = {language: words[language] for language in ("en", "fr")}
        found.append(Column(name, words["type"], meaning, name in hidden))
    return tuple(found)


def datasets() -> dict[str, Dataset]:
    """Every dataset by name."""
    common = tomllib.loads((CARDS / "common.toml").read_text(encoding="utf-8"))
    found = {}
    for name, generate in GENERATORS.items():
        facts = tomllib.loads((CARDS / f"{name}.toml").read_text(encoding="utf-8"))
        columns = columns_of(facts, common["column"])
        found[name] = Dataset(name, generate, facts["rows"], columns, facts | common["text"])
    return found
