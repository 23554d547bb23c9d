"""Small notebooks for the engine's tests."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from graders.contract.work_contract import Graded, Limits, Work
from graders.engine.fork_engine import ForkEngine


def cell(source: str, grade_id: str | None = None, **meta: Any) -> dict[str, Any]:
    """Return a code cell, with nbgrader's metadata where it has a name."""
    made: dict[str, Any] = {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    if grade_id:
        defaults = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        made["metadata"]["nbgrader"] = {**defaults, "grade_id": grade_id, **meta}
    return made


def answer(name: str, source: str) -> dict[str, Any]:
    """Return a solution cell."""
    return cell(source, name, solution=True)


def test(name: str, source: str, points: float = 1) -> dict[str, Any]:  # noqa: PT028 - no test itself
    """Return a test cell."""
    return cell(source, name, grade=True, locked=True, points=points)


test.__test__ = False  # type: ignore[attr-defined]


def book(*cells: dict[str, Any]) -> bytes:
    """Return a notebook of these cells."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


def grade(engine: ForkEngine, *cells: dict[str, Any], source: bytes | None = None, **limits: Any) -> Graded:
    """Grade a notebook whose cells are also the teacher's, but for those without a name, which a learner added."""
    theirs = source or book(*(one for one in cells if "nbgrader" in one["metadata"]))
    return engine.grade(Work("course", "lab", "amina.k", theirs, book(*cells), limits=Limits(**limits)))


class FromBeginning(ForkEngine):
    """Puts a given cell before every notebook and has it run once for all: children are forked from where it ended."""

    def grade(self, work: Work) -> Graded:
        """As the engine's; the cell is taken out of the result again."""
        graded = super().grade(replace(work, source=_begun(work.source), notebook=_begun(work.notebook)))
        if graded.problem:
            return graded
        notebook = json.loads(graded.notebook)
        del notebook["cells"][0]
        for one in [
            *notebook["cells"],
            *(shown for left in notebook["cells"] for shown in left.get("outputs", [])),
        ]:
            if one.get("execution_count"):
                one["execution_count"] -= 1
        return replace(graded, notebook=json.dumps(notebook).encode())


def _begun(notebook: bytes) -> bytes:
    try:
        found = json.loads(notebook)
        return json.dumps(
            {**found, "cells": [cell("import math", "beginning", locked=True), *found["cells"]]}
        ).encode()
    except (ValueError, TypeError, KeyError):
        return notebook


def shown(graded: Graded) -> list[list[dict[str, Any]]]:
    """Return each code cell's outputs."""
    return [one["outputs"] for one in json.loads(graded.notebook)["cells"]]


def scores(graded: Graded) -> dict[str, float | None]:
    """Return each task's score."""
    return {one.grade_id: one.score for one in graded.tasks}
