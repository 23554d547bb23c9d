"""Labs that begin with cells of their teacher's, and where these ran."""

from __future__ import annotations

import json
from typing import Any

from graders.contract.work_contract import Graded, Work
from graders.engine.fork_engine import ForkEngine
from tests.support.small_notebooks import answer, book, cell, grade, scores, shown, test

BORN = "import os, time\nborn = time.monotonic_ns()"
"""Tells when it ran, and so whether it ran again."""


def given(source: str) -> dict[str, Any]:
    return cell(source, "beginning", locked=True)


def birthplaces(engine: ForkEngine, *first: str, count: int = 3, **limits: Any) -> list[str]:
    """Return where the first cells of so many submissions ran, in words: equal for those that share them."""
    cells = [*map(given, first), answer("a", "print(born)"), test("t", "assert born")]
    found = []
    for _ in range(count):
        graded = grade(engine, *cells, **limits)
        assert scores(graded) == {"t": 1}, shown(graded)
        found.append(shown(graded)[len(first)][0]["text"].strip())
    return found


def work(*cells: dict[str, Any], files: dict[str, bytes], own: tuple[str, ...] = ()) -> Work:
    return Work("c", "lab", "amina.k", book(*cells), book(*cells), files=files, own=frozenset(own))


def born(engine: ForkEngine, one: Work, count: int = 3) -> list[str]:
    graded = [engine.grade(one) for _ in range(count)]
    assert [scores(each) for each in graded] == [{"t": 1}] * count, list(map(shown, graded))
    return [shown(each)[1][0]["text"].strip() for each in graded]


def printed(graded: Graded, grade_id: str) -> str:
    cells = json.loads(graded.notebook)["cells"]
    found = next(one for one in cells if one["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)
    return str(found["outputs"][0]["text"]).strip()
