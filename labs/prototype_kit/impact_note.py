"""The algorithmic impact note, `impact.toml`: what only people can answer. A required answer that is missing stops sharing.

The questions follow lab 6: should this be automated at all, who is touched, who can say no. The risk tier decides how
many of them are required and who signs.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError, bench_sentence

FILE = "impact.toml"
LEAST_LETTERS = 15
TIERS = {
    "low": N_("low: it sorts or foretells, and nobody's case is decided differently"),
    "limited": N_("limited: it changes who is served first, and a person decides each case"),
    "high": N_("high: it bears on a right, a benefit, a duty or a penalty of a person"),
}
SIGNED_BY = {
    "low": N_("the head of the office that uses it"),
    "limited": N_("the head of the office that uses it, after the data protection officer has read the note"),
    "high": N_(
        "the head of the institution, after the data protection officer and a lawyer have read the note"
    ),
}


@dataclass(frozen=True)
class Question:
    """One plain question."""

    key: str
    text: str
    tiers: tuple[str, ...] = ("low", "limited", "high")
    """Risk tiers in which an answer is required."""


QUESTIONS = (
    Question("problem", N_("What goes wrong today without it, and how do you know?")),
    Question("people", N_("Whose cases does it touch, and do they know?")),
    Question("not_for", N_("What must it never be used for?")),
    Question(
        "mistake", N_("What happens to a person when it is wrong, in each of the two ways of being wrong?")
    ),
    Question("without", N_("How is the work done on a day when it is switched off?")),
    Question(
        "served_worse",
        N_("Which groups are served worse (see report.html), and what do you do about it?"),
        ("limited", "high"),
    ),
    Question(
        "contest",
        N_("How does a person contest a decision, and who answers within how many days?"),
        ("limited", "high"),
    ),
    Question(
        "data_basis", N_("Which law or agreement allows this data to be used for this?"), ("limited", "high")
    ),
    Question("retention", N_("When is the data deleted, and who checks it?"), ("limited", "high")),
    Question("alternatives", N_("Which simpler way was tried, and why is it not enough?"), ("high",)),
    Question("lawyer", N_("What did the lawyer and the data protection officer say?"), ("high",)),
)


def write_impact(folder: Path) -> Path:
    """Write `impact.toml` with the questions that it lacks; answers that are there stay."""
    path = folder / FILE
    given = read_impact(folder) if path.exists() else {}
    lines = [
        "# " + bench_sentence(N_("Risk tier: low, limited or high.")),
        *(f"#   {bench_sentence(text)}" for text in TIERS.values()),
    ]
    lines.append(f"tier = {json.dumps(str(given.get('tier', '')), ensure_ascii=False)}")
    for question in QUESTIONS:
        marks = ", ".join(question.tiers)
        lines += ["", f"# {bench_sentence(question.text)} ({marks})"]
        lines.append(f"{question.key} = {json.dumps(str(given.get(question.key, '')), ensure_ascii=False)}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def read_impact(folder: Path) -> dict[str, Any]:
    """Return the answers. Raises PrototypeError if the file cannot be read."""
    try:
        return tomllib.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise PrototypeError(
            N_("{path} cannot be read: {reason}. Correct it, then try again."), path=FILE, reason=error
        ) from None


def missing_answers(folder: Path) -> list[str]:
    """Return the questions whose answer is required and missing, as sentences to translate."""
    given = read_impact(folder)
    tier = given.get("tier", "")
    if tier not in TIERS:
        return [N_("Which risk tier is it: low, limited or high?")]
    return [
        question.text
        for question in QUESTIONS
        if tier in question.tiers and len(str(given.get(question.key, "")).strip()) < LEAST_LETTERS
    ]
