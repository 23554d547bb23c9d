"""From an attempt in the store to work for an engine, and from its result to what the store keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from graders.agent.feedback import page
from graders.engine import messages, notebooks
from graders.engine.api import ANSWERS, EngineError, Flag, Graded, Outcome, TaskResult, Work
from hub.store import GradedRecord, GradingJob
from hub.store.verdicts import TEXTS, task_titles

MOST_ANSWERS = 256 * 1024
MOST_FILES = 32 << 20
MOST_MESSAGE = 4000
GIVEN_UP = "could-not-be-graded"
"""The flag on work that an engine never came to an end with."""


class LabError(EngineError):
    """The lab itself cannot be graded, whoever hands it in. It is graded when a corrected version is released."""


def work_of(job: GradingJob) -> Work:
    """The engine's view of an attempt: what learners of the lab have, and what this one handed in.

    Raises:
        LabError: the lab itself lacks its notebook, or it cannot be read.
    """
    main = f"{job.lab}.ipynb"
    if main not in job.source:
        raise LabError(f"{job.lab} version {job.lab_version} has no notebook for the grader")
    try:
        graded_cells(job.source[main])
    except notebooks.NotANotebookError as error:
        raise LabError(f"the source notebook of {job.lab} cannot be read: {error}") from error
    answers = job.submitted.get(ANSWERS)
    return Work(
        course=job.course,
        lab=job.lab,
        learner=job.learner,
        source=job.source[main],
        notebook=job.submitted.get(main, b""),
        answers=answers if answers is not None and len(answers) <= MOST_ANSWERS else None,
        files=files_of(job),
        own=frozenset(_own(job)) - frozenset(_given(job)),
    )


def files_of(job: GradingJob) -> dict[str, bytes]:
    """Files beside the notebook: the learner's own, and over them those that the lab released.

    A file of the grader that learners do not have (a judge, its labels) is not among them, whatever its name.
    """
    return {**_own(job), **_given(job)}


def _own(job: GradingJob) -> dict[str, bytes]:
    own = {
        name: data for name, data in job.submitted.items() if not name.endswith(".ipynb") and name != ANSWERS
    }
    return own if sum(map(len, own.values())) <= MOST_FILES else {}


def _given(job: GradingJob) -> dict[str, bytes]:
    return {
        name: data
        for name, data in job.source.items()
        if name in job.released and not name.endswith(".ipynb")
    }


def refused(work: Work) -> Graded | None:
    """The result for what is too large even to be sent to the engine, else None."""
    if len(work.notebook) <= notebooks.LARGEST:
        return None
    problem = messages.too_large(notebooks.LARGEST)
    tasks = (
        TaskResult(name, Outcome.NOT_ATTEMPTED, 0.0, most, problem)
        for name, most in graded_cells(work.source)
    )
    return Graded(tuple(tasks), b"", "agent", problem=problem)


def given_up(work: Work) -> Graded:
    """The result for what no engine came to an end with: our fault, costs no marks, and its trainer is told."""
    tasks = (
        TaskResult(name, Outcome.COULD_NOT_CHECK, None, most, flags=(Flag(GIVEN_UP),))
        for name, most in graded_cells(work.source)
    )
    notebook = work.notebook if len(work.notebook) <= notebooks.LARGEST else b""
    return Graded(tuple(tasks), notebook, "agent", problem=messages.gave_up())


def control() -> Work:
    """A notebook of our own that every engine in order can grade."""
    about = {
        "nbgrader": {"grade": True, "locked": True, "grade_id": "control", "points": 1, "schema_version": 3}
    }
    cell: dict[str, Any] = {"cell_type": "code", "source": "assert 1 + 1 == 2", "metadata": about, "outputs": [],
            "execution_count": None}  # fmt: skip
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}).encode()
    return Work("", "control", "", notebook, notebook)


@lru_cache(maxsize=32)
def graded_cells(source: bytes) -> tuple[tuple[str, float], ...]:
    """The graded cells of a grader's notebook, each with its points. Raises NotANotebookError."""
    cells = notebooks.read(source)["cells"]
    return tuple(
        (str(notebooks.meta(cell)["grade_id"]), notebooks.points(cell))
        for cell in cells
        if notebooks.is_marked(cell)
    )


def record_of(job: GradingJob, work: Work, graded: Graded) -> GradedRecord:
    """What the store keeps: verdicts, the graded notebook, and the page that the learner will see."""
    graded = replace(
        graded, tasks=tuple(_once(graded.tasks)), problem=graded.problem and _plain(graded.problem)
    )
    return GradedRecord(
        tasks=[_task(one) for one in graded.tasks],
        notebook=graded.notebook,
        feedback_html=page(
            graded,
            work.source,
            job.language,
            task_titles(job.source.get(TEXTS), job.language),
            job.handed_out.get(f"{job.lab}.ipynb", b""),
        ),
        engine=graded.engine,
        cpu_seconds=graded.cpu_seconds,
        wall_seconds=graded.wall_seconds,
        problem=graded.problem,
    )


def _once(tasks: tuple[TaskResult, ...]) -> list[TaskResult]:
    """Each task once: a second verdict for the same task would keep the first from being recorded."""
    return list(
        {one.grade_id: replace(one, message=_plain(one.message)) for one in reversed(tasks)}.values()
    )[::-1]


def _task(one: TaskResult) -> dict[str, Any]:
    return {**asdict(one), "outcome": one.outcome.value, "flags": [_flag(flag) for flag in one.flags]}


def _flag(flag: Flag) -> dict[str, Any]:
    """A flag as plain JSON that any database and any page can hold."""
    return {
        name: _plain(value) if isinstance(value, str) else value for name, value in flag.as_data().items()
    }


def _plain(text: str) -> str:
    """Text that any database and any page can hold: no NUL, no half characters, not without end."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:MOST_MESSAGE]


def unchecked(graded: Graded) -> list[str]:
    """Tasks that could not be checked, through our fault."""
    return [one.grade_id for one in graded.tasks if one.outcome is Outcome.COULD_NOT_CHECK]
