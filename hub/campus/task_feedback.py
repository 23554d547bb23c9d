"""Feedback of an attempt, task by task: the learner's own answer, the verdict, and what to try next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.campus.answer_cells import CellText, lab_task, own_answer
from hub.store import Store
from hub.store.graded_results import Result
from hub.store.table_models import Attempt, Verdict

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
            answer=own_answer(files, attempt.lab, each.grade_id, lab_task(texts, language, each.grade_id)),
            hints=hints_for(texts, each, language) if result.shown_outcome(each) == "not-yet" else [],
        )
        for each in result.verdicts
    ]


def hints_for(texts: Mapping[str, Any], verdict: Verdict, language: str) -> list[str]:
    """Return the lab's first two hints for the misconception that a verdict's message names."""
    key = misconception_in(texts, verdict)
    hints = lab_task(texts, language, verdict.grade_id).get("hints", {})
    rungs = hints.get(key, {}) if isinstance(hints, dict) else {}
    return [str(rungs[rung]) for rung in HINTS if isinstance(rungs, dict) and rungs.get(rung)]


def misconception_in(texts: Mapping[str, Any], verdict: Verdict) -> str:
    """Return the key of the sentence that a message holds, in whatever language it was given; empty for none."""
    languages = texts.get("languages", {})
    codes = list(languages) if isinstance(languages, dict) else []
    for code in codes:
        says = lab_task(texts, code, verdict.grade_id).get("says", {})
        for key, sentence in says.items() if isinstance(says, dict) else ():
            longest = max(BLANK.split(str(sentence)), key=len).strip()
            if len(longest) >= LEAST_LETTERS and longest in verdict.message:
                return str(key)
    return ""
