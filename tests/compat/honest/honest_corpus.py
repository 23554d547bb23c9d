"""Reads the honest submissions and makes notebooks of them: the teacher's, and the learner's."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.hostile_notebooks import cells_of
from graders.engine.judged_cell import HIDDEN
from tests.support import small_notebooks

FOLDER = Path(__file__).parent
SOLUTION = "def f(x):\n    return x + 1"
TEST = "assert f(1) == 2"
POINTS = 2.0
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
KEYS = {"answer", "solution", "test", "given", "before", "after", "files", "earns", "notebook"}

Part = tuple[str, list[str], str]
"""A cell of a percent text: whose it is, its name and points, its source."""


@dataclass(frozen=True)
class Honest:
    """One honest submission. `earns` is what stock nbgrader gives for each task."""

    name: str
    subject: str
    source: bytes
    notebook: bytes
    earns: dict[str, float]
    files: dict[str, bytes] = field(default_factory=dict)


def submissions(names: list[str] | None = None) -> list[Honest]:
    """Return all honest submissions, or those whose name begins with one of `names`."""
    found = [one for path in sorted(FOLDER.glob("*.toml")) for one in _subject(path)]
    return [one for one in found if not names or one.name.startswith(tuple(names))]


def put_back(one: Honest) -> bytes:
    """Return the learner's notebook with the teacher's own tests, hidden ones included."""
    book = json.loads(one.notebook)
    tests = {_grade_id(cell): cell for cell in json.loads(one.source)["cells"]}
    book["cells"] = [tests[_grade_id(cell)] if _is_test(cell) else cell for cell in book["cells"]]
    return json.dumps(book).encode()


def _grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _is_test(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def _subject(path: Path) -> Iterator[Honest]:
    for name, known in tomllib.loads(path.read_text("utf-8")).items():
        unknown = known.keys() - KEYS
        if unknown:
            raise ValueError(f"{path.name}: {name} has unknown keys: {', '.join(sorted(unknown))}")
        yield _submission(f"{path.stem}-{name}", path.stem, known)


def _submission(name: str, subject: str, known: dict[str, Any]) -> Honest:
    parts = cells_of(known["notebook"]) if "notebook" in known else list(_small(known))
    points = {words[0]: float(words[1]) for kind, words, _ in parts if kind == "test"}
    return Honest(
        name,
        subject,
        _book(part for part in parts if part[0] in ("given", "solution", "test")),
        _book((*part[:2], HIDDEN.sub("", part[2])) for part in parts if part[0] != "solution"),
        {**points, **{task: float(mark) for task, mark in known.get("earns", {}).items()}},
        {file: text.encode() for file, text in known.get("files", {}).items()},
    )


def _small(known: dict[str, Any]) -> Iterator[Part]:
    """Yield the cells of a submission with one task."""
    if "given" in known:
        yield "given", ["given"], known["given"]
    if "before" in known:
        yield "cell", [], known["before"]
    yield "solution", ["answer"], known.get("solution", SOLUTION)
    yield "answer", ["answer"], known["answer"]
    if "after" in known:
        yield "cell", [], known["after"]
    yield "test", ["test", str(POINTS)], known.get("test", TEST)


def _book(parts: Any) -> bytes:
    cells = [_cell(kind, words, text.strip("\n")) for kind, words, text in parts]
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": KERNEL}, "cells": cells}
    return json.dumps(book).encode()


def _cell(kind: str, words: list[str], text: str) -> dict[str, Any]:
    if kind == "cell":
        return small_notebooks.cell(text)
    if kind == "solution":
        return small_notebooks.cell(f"### BEGIN SOLUTION\n{text}\n### END SOLUTION", words[0], solution=True)
    if kind == "answer":
        return small_notebooks.cell(text, words[0], solution=True)
    if kind == "given":
        return small_notebooks.cell(text, words[0], locked=True)
    return small_notebooks.cell(text, words[0], grade=True, locked=True, points=float(words[1]))
