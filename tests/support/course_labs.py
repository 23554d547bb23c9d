"""Labs as a trainer makes them with nbgrader: notebooks of any name, several of them, helpers, data."""

from __future__ import annotations

import json
from typing import Any

from tests.support.pretended_campus import API, zipped
from tests.support.small_stores import COURSE

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
EDITORS: dict[str, dict[str, Any]] = {
    "colab": {
        "accelerator": "GPU",
        "colab": {"name": "ps1.ipynb", "provenance": [], "gpuType": "T4"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    },
    "vs-code": {
        "orig_nbformat": 4,
        "kernelspec": {"name": "python3", "display_name": ".venv (3.12.3)", "language": "python"},
        "vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b"}},
    },
    "deepnote": {
        "deepnote": {},
        "deepnote_notebook_id": "0c8f1d2e",
        "deepnote_execution_queue": [],
        "kernelspec": None,
    },
    "kaggle": {
        "kaggle": {"accelerator": "none", "dataSources": [], "isInternetEnabled": True},
        "kernelspec": PYTHON["kernelspec"],
    },
}
"""Metadata of a notebook, by the program that saved it."""


def saved_with(editor: str, notebook: bytes) -> bytes:
    """Return a notebook as one of `EDITORS` leaves it: metadata of its own, also in cells, and outputs on text."""
    found = json.loads(notebook)
    found["metadata"] = EDITORS[editor]
    for one in found["cells"]:
        one["metadata"] |= {"id": "a1", "cell_id": "00000-b", "deepnote_cell_type": "code", "vscode": {}}
        if one["cell_type"] == "markdown":
            one["outputs"] = []
    return json.dumps(found).encode()


def task_cells(
    name: str, solution: str, test: str, points: int = 2, grade_id: str = "task"
) -> list[dict[str, Any]]:
    """Return a cell to fill in and the cell that tests it."""
    common = {"schema_version": 3, "task": False}
    about = {"grade": False, "solution": True, "locked": False, "grade_id": f"{grade_id}-answer", **common}
    tests = {
        "grade": True,
        "solution": False,
        "locked": True,
        "grade_id": grade_id,
        "points": points,
        **common,
    }
    return [plain_cell(f"# {name}"), plain_cell(solution, about), plain_cell(test, tests)]


def plain_cell(source: str, about: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a code cell, with nbgrader's metadata if there are any."""
    metadata = {"nbgrader": about} if about else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def as_notebook(cells: list[dict[str, Any]], metadata: dict[str, Any] | None = None) -> bytes:
    """Return a notebook of these cells."""
    made = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": PYTHON if metadata is None else metadata,
        "cells": cells,
    }
    return json.dumps(made).encode()


def problem(name: str, answer: str = "# YOUR CODE HERE", metadata: dict[str, Any] | None = None) -> bytes:
    """Return a notebook with one task of two points: set `name` to 1. Every problem's task has the same grade id."""
    return as_notebook(task_cells(name, answer, f"assert {name} == 1"), metadata)


def lab_zip(release: dict[str, bytes], source: dict[str, bytes] | None = None) -> bytes:
    """Return what `nbgrader release_assignment` sends."""
    sides = {"release": release, "source": release if source is None else source}
    return zipped({f"{side}/{name}": data for side, files in sides.items() for name, data in files.items()})


def release_url(address: str) -> str:
    """Return where the lab is released whose name is `address` in an address."""
    return f"{API}/courses/{COURSE}/labs/{address}/release"
