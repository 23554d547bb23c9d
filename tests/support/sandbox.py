"""Small notebooks for the engine's tests."""

from __future__ import annotations

import json
from typing import Any

from graders.engine.api import Graded, Limits, Work
from graders.engine.fork import ForkEngine


def cell(source: str, grade_id: str | None = None, **meta: Any) -> dict[str, Any]:
    """A code cell, with nbgrader's metadata where it has a name."""
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
    """A solution cell."""
    return cell(source, name, solution=True)


def test(name: str, source: str, points: float = 1) -> dict[str, Any]:  # noqa: PT028 - no test itself
    """A test cell."""
    return cell(source, name, grade=True, locked=True, points=points)


test.__test__ = False  # type: ignore[attr-defined]


def book(*cells: dict[str, Any]) -> bytes:
    """A notebook of these cells."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


def grade(engine: ForkEngine, *cells: dict[str, Any], source: bytes | None = None, **limits: Any) -> Graded:
    """Grade a notebook whose locked cells are also the teacher's."""
    mine = book(*cells)
    return engine.grade(Work("course", "lab", "amina.k", source or mine, mine, limits=Limits(**limits)))


def shown(graded: Graded) -> list[list[dict[str, Any]]]:
    """Each code cell's outputs."""
    return [one["outputs"] for one in json.loads(graded.notebook)["cells"]]


def scores(graded: Graded) -> dict[str, float | None]:
    """Each task's score."""
    return {one.grade_id: one.score for one in graded.tasks}
