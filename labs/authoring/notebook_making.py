"""Makes notebooks of a lab's cells: the learner's in each language, and the grader's."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from typing import Any

from labs.authoring.finding_report import Report
from labs.authoring.judged_tests import hidden_test
from labs.authoring.lab_sentences import Translate, lab_translator, translate_markdown
from labs.authoring.lab_source import Cell
from labs.authoring.lab_spec import Lab, Task
from labs.kit.own_words import EMPTY_CELL

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}


def learner_notebook(lab: Lab, language: str, version: str, translate: Translate) -> bytes:
    """Return the notebook that learners get: no solution, no hidden test, no output."""
    return _written(lab, [_released(lab, cell, translate) for cell in lab.cells], language, version)


def grader_notebook(lab: Lab, version: str, report: Report) -> bytes:
    """Return the notebook that the grader has: solutions and hidden tests, in English."""
    return _written(lab, [_source(lab, cell, report) for cell in lab.cells], "en", version)


def solved_notebook(lab: Lab) -> bytes:
    """Return a learner's notebook with the author's solutions filled in, as somebody would hand it in."""
    cells = []
    for cell in lab.cells:
        made = _released(lab, cell, lab_translator(lab, "en"))
        if cell.is_answer:
            made["source"] = cell.solved()
        elif cell.is_manual:
            made["source"] = "An answer in the learner's own words."
        cells.append(made)
    return _written(lab, cells, "en", "")


def _written(lab: Lab, cells: list[dict[str, Any]], language: str, version: str) -> bytes:
    metadata = {**METADATA, "isomo": {"lab": lab.slug, "language": language, "version": version}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    if importlib.util.find_spec("nbformat") is None:  # The grader's image has none; the engine reads JSON.
        return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    import nbformat

    made = nbformat.from_dict(notebook)
    nbformat.validate(made)
    return (nbformat.writes(made) + "\n").encode()


def text_of(cell: Cell, translate: Translate) -> str:
    """Return a text cell's words in a language."""
    return EMPTY_CELL if cell.is_manual else translate_markdown(cell.source, translate)


def _released(lab: Lab, cell: Cell, translate: Translate) -> dict[str, Any]:
    if cell.markdown:
        made = _cell(cell, text_of(cell, translate))
    else:
        made = _cell(cell, cell.blank() if cell.is_answer else cell.source)
    nbgrader = _nbgrader(lab, cell)
    if nbgrader:
        nbgrader["checksum"] = cell_checksum(made["source"], made["cell_type"], nbgrader)
        made["metadata"]["nbgrader"] = nbgrader
        made["metadata"]["deletable"] = False
        if nbgrader["locked"] or cell.is_manual:  # Its words come from the box above it.
            made["metadata"]["editable"] = False
    return made


def _source(lab: Lab, cell: Cell, report: Report) -> dict[str, Any]:
    released = _released(lab, cell, lab_translator(lab, "en"))
    made = _cell(cell, released["source"])
    if cell.is_answer:
        made["source"] = _with_solution(cell)
    elif cell.is_manual and cell.task:
        made["source"] = lab.tasks[cell.task].rubric
    elif _is_judged(lab, cell) and cell.task:
        hidden = hidden_test(lab, cell, lab.tasks[cell.task], report)
        made["source"] = f"{cell.source}\n{hidden}"
    nbgrader = released["metadata"].get("nbgrader")
    if nbgrader:
        # The released cell's checksum: graders tell by it that a learner left the cell as it was.
        made["metadata"]["nbgrader"] = dict(nbgrader)
    return made


def _with_solution(cell: Cell) -> str:
    """Return the solved cell, with nbgrader's own marks around what learners have to write."""
    lines: list[str] = []
    wanted = False
    for line in cell.source.splitlines():
        side = line.rpartition("# ")[2]
        if side == "blank":
            continue
        if (side == "solution") != wanted:
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}### {'BEGIN' if side == 'solution' else 'END'} SOLUTION")
            wanted = side == "solution"
        lines.append(line.rpartition("# ")[0].rstrip() if side == "solution" else line)
    if wanted:
        lines.append("### END SOLUTION")
    return "\n".join(lines)


def _cell(cell: Cell, source: str) -> dict[str, Any]:
    # Cells that learners add have no such mark: by it the kit tells theirs from ours.
    ours = {"isomo": {"cell": cell.id}}
    made: dict[str, Any] = {"id": cell.id, "cell_type": "markdown", "metadata": ours, "source": source}
    if not cell.markdown:
        made |= {"cell_type": "code", "execution_count": None, "outputs": []}
    return made


def _nbgrader(lab: Lab, cell: Cell) -> dict[str, Any]:
    """Return the cell's nbgrader metadata (schema 3), empty for cells that learners may play with."""
    task: Task | None = lab.tasks.get(cell.task or "")
    if cell.is_manual and task:
        marks = {"grade": True, "solution": True, "locked": False, "points": task.points, "grade_id": task.id}
    elif _is_judged(lab, cell) and task:
        marks = {"grade": True, "solution": False, "locked": True, "points": task.points, "grade_id": task.id}
    elif cell.is_answer:
        marks = {"grade": False, "solution": True, "locked": False, "grade_id": f"{cell.task}-answer"}
    elif cell.meta.get("locked") or (cell.is_check and task and task.is_manual):
        marks = {"grade": False, "solution": False, "locked": True, "grade_id": cell.id}
    else:
        return {}
    return {"schema_version": 3, "task": False, **marks}


def _is_judged(lab: Lab, cell: Cell) -> bool:
    """Return whether a judge gives points for this cell."""
    task = lab.tasks.get(cell.task or "")
    return bool(cell.is_check and task and task.points and not task.is_manual)


def cell_checksum(source: str, kind: str, meta: dict[str, Any]) -> str:
    """Return nbgrader's own checksum of a cell (`nbgrader.utils.compute_checksum`)."""
    locked = False if meta["solution"] else True if meta["grade"] else bool(meta["locked"])
    parts = [source, kind, str(meta["grade"]), str(meta["solution"]), str(locked), str(meta["grade_id"])]
    if meta["grade"]:
        parts.append(str(float(meta["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
