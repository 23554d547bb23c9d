"""Facts about a submitted notebook, found by reading it, never by running it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from hub.campus.problem_codes import Problem
from hub.shared_names import ANSWERS, LARGEST_ANSWERS


def read_notebook(content: bytes, name: str) -> dict[str, Any]:
    """The notebook as plain data. Raises Problem if it is none of nbformat 4."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Problem("not-a-notebook", {"file": name}) from error
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or found.get("nbformat") != 4:
        raise Problem("not-a-notebook", {"file": name})
    if not all(isinstance(cell, dict) for cell in cells):
        raise Problem("not-a-notebook", {"file": name})
    return found


def main_names(files: Mapping[str, bytes], lab: str) -> list[str]:
    """Return the names of the notebooks that learners of a lab hand in: those with graded cells.

    In a lab without graded cells it is the notebook named like the lab, else the first. The graders know the same
    rule (`labs.kit.lab_notebooks`); a test compares both.
    """
    there = sorted(name for name in files if is_notebook(name))
    graded = [name for name in there if _earns_points(files[name])]
    named = f"{lab}.ipynb"
    return graded or ([named] if named in there else there[:1])


def task_prefix(name: str, names: Collection[str]) -> str:
    """Return what the tasks of one of a lab's notebooks begin with: nothing if it is the only one."""
    return f"{name.removesuffix('.ipynb')}/" if len(names) > 1 else ""


def is_notebook(name: str) -> bool:
    """Return whether a file is a notebook at the top of its lab's folder."""
    return name.endswith(".ipynb") and "/" not in name


def _earns_points(content: bytes) -> bool:
    try:
        cells = read_notebook(content, "")["cells"]
    except Problem:
        return False
    return any(about.get("grade") or about.get("task") for about in map(_facts, cells))


def _facts(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = cell.get("metadata")
    about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return about if isinstance(about, dict) else {}


NOT_PYTHON = {"ir": "r", "irkernel": "r", "r": "r"}
NOT_PYTHON_BEGIN = (
    *("julia", "bash", "javascript", "deno", "octave", "sas", "stata", "scala", "ruby", "xcpp", "java"),
)


def language_of(notebook: dict[str, Any]) -> tuple[str, str]:
    """Return the kernel and the language that a notebook names; "python" for a kernel of somebody's own.

    The graders know the same rule (`labs.kit.lab_notebooks`); a test compares both.
    """
    metadata = notebook.get("metadata")
    tables = (
        [metadata.get(name) for name in ("kernelspec", "language_info")] if isinstance(metadata, dict) else []
    )
    spec, info = [each if isinstance(each, dict) else {} for each in [*tables, None, None][:2]]
    kernel = str(spec.get("name") or spec.get("display_name") or "")
    said = str(spec.get("language") or info.get("name") or "").lower()
    if said in ("", "ipython"):
        known = next((name for name in NOT_PYTHON_BEGIN if kernel.lower().startswith(name)), "python")
        return kernel, NOT_PYTHON.get(kernel.lower(), known)
    return kernel, "python" if said.startswith("python") else said


def graded_cells(notebook: dict[str, Any]) -> list[str]:
    """Names of the cells that earn points or hold answers, in order, repeated where they are."""
    names = []
    for cell in notebook["cells"]:
        about = _facts(cell)
        if about.get("grade") or about.get("solution") or about.get("task"):
            names.append(str(about.get("grade_id")))
    return names


def answer_warnings(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """The same for `answers.json`, which holds what sliders and choices were set to."""
    content = files.get(ANSWERS)
    if content is None or (len(content) <= LARGEST_ANSWERS and _is_object(content)):
        return []
    return [{"code": "unreadable-answers", "cells": ANSWERS}]


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False


def work_warnings(files: Mapping[str, bytes], released: Mapping[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Return what a trainer and the learner should know of handed-in `files`; `released` are the lab's notebooks.

    Raises Problem if none of these was handed in, or none can be read.
    """
    there = [name for name in released if name in files]
    if not there:
        raise Problem("no-notebook", {"file": ", ".join(released)})
    submitted = {name: found for name in there if (found := _readable(files[name], name)) is not None}
    if not submitted:
        raise Problem("not-a-notebook", {"file": ", ".join(there)})
    lists: dict[str, list[str]] = {
        "missing-notebooks": [name for name in released if name not in files],
        "unreadable-notebooks": [name for name in there if name not in submitted],
        "other-language": [
            text for name, found in submitted.items() if (text := _other_language(name, found))
        ],
        "missing-graded-cells": [],
        "duplicated-graded-cells": [],
    }
    for name, found in submitted.items():
        before = task_prefix(name, released)
        missing, doubled = _compared(found, released[name])
        lists["missing-graded-cells"] += [before + cell for cell in missing]
        lists["duplicated-graded-cells"] += [before + cell for cell in doubled]
    made = [{"code": code, "cells": ", ".join(cells)} for code, cells in lists.items() if cells]
    return made + answer_warnings(files)


def _readable(content: bytes, name: str) -> dict[str, Any] | None:
    try:
        return read_notebook(content, name)
    except Problem:
        return None


def _other_language(name: str, notebook: dict[str, Any]) -> str:
    """Return `file: language` for a notebook that is not in Python, else an empty text."""
    _kernel, language = language_of(notebook)
    return "" if language == "python" else f"{name}: {language.capitalize()}"


def _compared(submitted: dict[str, Any], released: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the graded cells that are gone, and those that are there twice."""
    wanted, found = set(graded_cells(released)), Counter(graded_cells(submitted))
    return sorted(wanted - set(found)), sorted(name for name, times in found.items() if times > 1)
