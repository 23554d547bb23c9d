"""Feedback of an attempt, task by task: the learner's own answer, the verdict, and what to try next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.campus import notebooks
from hub.campus.marking_desk import CellText, cell_text
from hub.campus.problems import Problem
from hub.store import Store
from hub.store.models import Attempt, Verdict
from hub.store.results import Result

LONGEST_SHOWN = 20_000
HINTS = ("nudge", "aimed")
"""Rungs of a hint that feedback repeats; the last one would give the answer away."""
LEAST_LETTERS = 12
"""How long a piece of a sentence must be to tell which misconception a message is about."""
BLANK = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class TaskFeedback:
    """One task of a result, with what its learner answered and could try."""

    verdict: Verdict
    answer: CellText
    hints: list[str]


def task_feedback(store: Store, attempt: Attempt, result: Result, language: str) -> list[TaskFeedback]:
    """Return the tasks of a result in their order; files that cannot be read show no answers."""
    texts = store.courses.lab_texts(attempt.course, attempt.lab, result.grading.lab_version)
    try:
        files = store.attempts.files(attempt)
    except (OSError, ValueError):
        files = {}
    return [
        TaskFeedback(
            verdict=each,
            answer=own_answer(files, attempt.lab, each.grade_id, _task(texts, language, each.grade_id)),
            hints=hints_for(texts, each, language) if result.shown_outcome(each) == "not-yet" else [],
        )
        for each in result.verdicts
    ]


def own_answer(files: Mapping[str, bytes], lab: str, grade_id: str, task: Mapping[str, Any]) -> CellText:
    """Return what a learner answered to a task: choices and numbers as sentences, else the cells above its check."""
    chosen = "\n".join(_chosen(files, grade_id, task))
    if chosen:
        return CellText(chosen[:LONGEST_SHOWN])
    own = cell_text(dict(files), lab, grade_id)
    found = _cells_above(files, lab, grade_id)
    answer = own if found is None else found
    return CellText(answer.text[:LONGEST_SHOWN], answer.is_code)


def _chosen(files: Mapping[str, bytes], grade_id: str, task: Mapping[str, Any]) -> Iterator[str]:
    content = files.get(notebooks.ANSWERS, b"")
    if not content or len(content) > notebooks.MOST_ANSWERS:
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
    names = notebooks.main_names(files, lab)
    for name in names:
        before = notebooks.task_prefix(name, names)
        try:
            cells = notebooks.read(files[name], name)["cells"]
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


def _task(texts: Mapping[str, Any], language: str, grade_id: str) -> Mapping[str, Any]:
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


def hints_for(texts: Mapping[str, Any], verdict: Verdict, language: str) -> list[str]:
    """Return the lab's first two hints for the misconception that a verdict's message names."""
    key = misconception_in(texts, verdict)
    hints = _task(texts, language, verdict.grade_id).get("hints", {})
    rungs = hints.get(key, {}) if isinstance(hints, dict) else {}
    return [str(rungs[rung]) for rung in HINTS if isinstance(rungs, dict) and rungs.get(rung)]


def misconception_in(texts: Mapping[str, Any], verdict: Verdict) -> str:
    """Return the key of the sentence that a message holds, in whatever language it was given; empty for none."""
    languages = texts.get("languages", {})
    codes = list(languages) if isinstance(languages, dict) else []
    for code in codes:
        says = _task(texts, code, verdict.grade_id).get("says", {})
        for key, sentence in says.items() if isinstance(says, dict) else ():
            longest = max(BLANK.split(str(sentence)), key=len).strip()
            if len(longest) >= LEAST_LETTERS and longest in verdict.message:
                return str(key)
    return ""
