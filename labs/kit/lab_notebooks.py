"""The notebooks of a lab: which of its files they are, and several of them joined into one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
SUFFIX = ".ipynb"


def main_names(files: Mapping[str, bytes], lab: str) -> list[str]:
    """Return the names of the notebooks that learners of a lab hand in.

    These are the notebooks at the top of the lab's folder that have graded cells. In a lab without graded cells it
    is the notebook named like the lab, else the first one. A notebook that is not among them is a helper.
    """
    there = sorted(name for name in files if name.endswith(SUFFIX) and "/" not in name)
    graded = [name for name in there if has_graded_cells(files[name])]
    named = f"{lab}{SUFFIX}"
    return graded or ([named] if named in there else there[:1])


@lru_cache(maxsize=64)
def has_graded_cells(content: bytes) -> bool:
    """Return whether a notebook has a cell that earns points; false for what cannot be read."""
    try:
        cells = json.loads(content)["cells"]
        return any(about.get("grade") or about.get("task") for about in map(cell_facts, cells))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return False


def cell_facts(cell: Json) -> Json:
    """Return a cell's nbgrader metadata, empty if it has none."""
    found = cell["metadata"].get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    return found if isinstance(found, dict) else {}


def task_name(file: str, grade_id: str) -> str:
    """Return the name of a task in a lab of several notebooks: `problem1/sum` of `problem1.ipynb`."""
    return f"{file.removesuffix(SUFFIX)}/{grade_id}"


def joined_notebook(notebooks: Mapping[str, Json]) -> Json:
    """Return one notebook with the cells of several, each under its file's name; their tasks keep apart."""
    cells: list[Json] = []
    for file, notebook in notebooks.items():
        title = f"# {file.removesuffix(SUFFIX)}"
        cells.append({"cell_type": "markdown", "metadata": {}, "source": title})
        cells += [_named_apart(file, cell) for cell in notebook["cells"]]
    metadata: Json = next((notebook.get("metadata", {}) for notebook in notebooks.values()), {})
    # Format 4.4 is the newest in which cells need no ids: those of two notebooks may be equal.
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": cells}


def _named_apart(file: str, cell: Json) -> Json:
    made = {key: value for key, value in cell.items() if key != "id"}
    about = cell_facts(cell)
    if about.get("grade_id"):
        # The checksum is one of the old name as well.
        kept = {key: value for key, value in about.items() if key != "checksum"}
        own = {**kept, "grade_id": task_name(file, str(about["grade_id"]))}
        made["metadata"] = {**cell["metadata"], "nbgrader": own}
    return made


def joined_source(files: Mapping[str, bytes], lab: str) -> bytes:
    """Return the grader's notebook of a lab, several joined into one; empty if the lab has none.

    Raises:
        ValueError, LookupError, TypeError: a notebook cannot be read.
    """
    names = main_names(files, lab)
    if len(names) < 2:
        return files[names[0]] if names else b""
    return json.dumps(joined_notebook({name: json.loads(files[name]) for name in names})).encode()


def language_of(metadata: Json) -> tuple[str, str]:
    """Return the kernel and the programming language that a notebook's metadata name.

    The language is "python" if the metadata say so, or if they name no language and no kernel known to be of
    another one: a kernel of somebody's own (`.venv`, `conda-env-ai`) is a Python one. Lower case.
    """
    spec, info = (_table(metadata.get(name)) for name in ("kernelspec", "language_info"))
    kernel = str(spec.get("name") or spec.get("display_name") or "")
    said = str(spec.get("language") or info.get("name") or "").lower()
    if said in ("", "ipython"):
        return kernel, _language_by_kernel(kernel.lower())
    return kernel, "python" if said.startswith("python") else said


def _table(found: Any) -> Json:
    return found if isinstance(found, dict) else {}


def _language_by_kernel(kernel: str) -> str:
    if kernel in ("ir", "irkernel", "r"):
        return "r"
    others = (
        "julia",
        "bash",
        "javascript",
        "deno",
        "octave",
        "sas",
        "stata",
        "scala",
        "ruby",
        "xcpp",
        "java",
    )
    return next((name for name in others if kernel.startswith(name)), "python")
