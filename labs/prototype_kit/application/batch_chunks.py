"""The rows of a batch as they are kept: a chunk of answered rows in columns, and each case made of it when asked for.

A case that nobody opens costs no row of its own. One that a person decides has a row without its content, which is
read from the chunk when the case is opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Encoded = tuple[str | None, str, str, str]
"""A case as it is written: input as JSON (None once it was deleted), decision as JSON, label, why a person decides."""
encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class KeptChunk:
    """Answered rows in columns, as text that the store writes without reading it."""

    count: int
    inputs: str
    """JSON: the cells of each column that was counted or seen by the model."""
    answers: str
    """JSON: label, confidence, why a person decides, reasons, bounds and unknown columns of each row."""
    counts: str
    """JSON: how many rows each value of a slice has, and how many of them a person decides."""
    handed_on: list[tuple[int, str, str]]
    """Place, label and why of the rows that a person decides."""


def kept_chunk(
    inputs: dict[str, list[str]], made: Any, names: list[str], slices: dict[str, dict[str, tuple[int, int]]]
) -> KeptChunk:
    """Return the chunk of decided columns; `names` are the model's weight names."""
    reasons = list(map(tuple, made.reasons))
    kinds = {each: n for n, each in enumerate(set(reasons))}
    answers = {
        "labels": _packed(made.labels),
        "confidences": made.confidences,
        "persons": _packed(made.persons),
        "kinds": [[[names[abs(n) - 1], 1 if n > 0 else -1] for n in each] for each in kinds],
        "reasons": [kinds[each] for each in reasons],
        "bounds": made.bounds,
        "unknown": made.unknown,
    }
    packed = {name: _packed(cells) for name, cells in inputs.items()}
    handed_on = [(n, made.labels[n], person) for n, person in enumerate(made.persons) if person]
    return KeptChunk(len(made.labels), encode(packed), encode(answers), encode(slices), handed_on)


def _packed(cells: Sequence[str]) -> str | list[str]:
    """Return the cells as one text, which JSON writes five times as fast as a list; a list if a cell has several lines."""
    text = "\n".join(cells)
    return text if text.count("\n") == len(cells) - 1 else list(cells)


def _unpacked(cells: str | list[str]) -> list[str]:
    return cells.split("\n") if isinstance(cells, str) else cells


class OpenedChunk:
    """A kept chunk whose columns were read again."""

    def __init__(self, inputs: str | None, answers: str) -> None:
        packed = None if inputs is None else json.loads(inputs)
        self.inputs = None if packed is None else {name: _unpacked(cells) for name, cells in packed.items()}
        self.answers: dict[str, Any] = json.loads(answers)
        self.labels = _unpacked(self.answers["labels"])
        self.persons = _unpacked(self.answers["persons"])

    def input(self, place: int) -> dict[str, str]:
        """Return what was entered in one row; nothing if it was deleted."""
        return {name: cells[place] for name, cells in (self.inputs or {}).items()}

    def decision(self, place: int) -> dict[str, Any]:
        """Return one row's decision, as the store keeps those of single cases."""
        found = self.answers
        low, high = found["bounds"][place] if found["bounds"] else (None, None)
        return {
            "label": self.labels[place],
            "confidence": found["confidences"][place],
            "person": self.persons[place],
            "reasons": found["kinds"][found["reasons"][place]],
            "low": low,
            "high": high,
            "unknown": found["unknown"].get(str(place), []),
        }

    def encoded(self, place: int) -> Encoded:
        """Return one row as the store writes a case."""
        decision = self.decision(place)
        entered = None if self.inputs is None else encode(self.input(place))
        return entered, encode(decision), decision["label"], decision["person"]
