"""Answers in handed-in files: the text of a cell, choices by their words, and the cells above a check."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.campus import submitted_notebook
from hub.campus.problem_codes import Problem
from hub.shared_names import ANSWERS, LARGEST_ANSWERS

LONGEST_SHOWN = 20_000


@dataclass(frozen=True)
class CellText:
    """The content of one cell of a notebook."""

    text: str = ""
    is_code: bool = False


def cell_text(files: dict[str, bytes], lab: str, grade_id: str) -> CellText:
    """Return the text of the cell that graders call `grade_id`; empty if no notebook that can be read has it."""
    names = submitted_notebook.main_names(files, lab)
    for name in names:
        before = submitted_notebook.task_prefix(name, names)
        if not grade_id.startswith(before):
            continue
        try:
            cells = submitted_notebook.read_notebook(files[name], name)["cells"]
        except Problem:
            continue
        for cell in cells:
            about = cell.get("metadata", {}).get("nbgrader", {})
            if isinstance(about, dict) and before + str(about.get("grade_id")) == grade_id:
                source = cell.get("source", "")
                text = "".join(source) if isinstance(source, list) else str(source)
                return CellText(text, cell.get("cell_type") == "code")
    return CellText()


def own_answer(files: Mapping[str, bytes], lab: str, grade_id: str, task: Mapping[str, Any]) -> CellText:
    """Return what a learner answered to a task: choices and numbers as sentences, else the cells above its check."""
    chosen = "\n".join(_chosen(files, grade_id, task))
    if chosen:
        return CellText(chosen[:LONGEST_SHOWN])
    own = cell_text(dict(files), lab, grade_id)
    found = _cells_above(files, lab, grade_id)
    answer = found if found is not None and found.text.strip() else own
    return CellText(answer.text[:LONGEST_SHOWN], answer.is_code)


def _chosen(files: Mapping[str, bytes], grade_id: str, task: Mapping[str, Any]) -> Iterator[str]:
    content = files.get(ANSWERS, b"")
    if not content or len(content) > LARGEST_ANSWERS:
        return
    try:
        given = json.loads(content)["answers"][grade_id]
    except (ValueError, RecursionError, LookupError, TypeError):
        return
    if not isinstance(given, dict):
        return
    parts = {str(part.get("name")): part for part in task.get("parts", []) if isinstance(part, dict)}
    for name, value in given.items():
        part = parts.get(str(name), {})
        said = _in_words(value, part)
        if said:
            yield f"{part['ask']} {said}" if part.get("ask") else said


def _in_words(value: Any, part: Mapping[str, Any]) -> str:
    """Return a chosen option by its text, several one after the other, and anything else as it was given."""
    names = {
        str(option.get("id")): str(option.get("text") or option.get("id"))
        for option in part.get("options", [])
        if isinstance(option, dict)
    }
    if isinstance(value, list):
        return "; ".join(names.get(str(each), str(each)) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    return "" if value is None else names.get(str(value), str(value))


def _cells_above(files: Mapping[str, bytes], lab: str, grade_id: str) -> CellText | None:
    """Return the answer cells between a check and the check before it; None if the graded cell is the answer."""
    names = submitted_notebook.main_names(files, lab)
    for name in names:
        before = submitted_notebook.task_prefix(name, names)
        try:
            cells = submitted_notebook.read_notebook(files[name], name)["cells"]
        except Problem:
            continue
        found: list[str] = []
        for cell in cells:
            about = (
                cell.get("metadata", {}).get("nbgrader", {}) if isinstance(cell.get("metadata"), dict) else {}
            )
            if not isinstance(about, dict):
                continue
            if about.get("grade"):
                if before + str(about.get("grade_id")) == grade_id:
                    return None if about.get("solution") else CellText("\n\n".join(found), is_code=True)
                found = []
            elif about.get("solution"):
                source = cell.get("source", "")
                found.append("".join(source) if isinstance(source, list) else str(source))
    return None


def lab_task(texts: Mapping[str, Any], language: str, grade_id: str) -> Mapping[str, Any]:
    """Return what a lab says about a task in a language, else in English; empty for a lab that says nothing."""
    languages = texts.get("languages", {})
    for code in (language, "en"):
        try:
            task = languages[code]["tasks"][grade_id]
        except (LookupError, TypeError):
            continue
        if isinstance(task, dict):
            return task
    return {}
