"""From an attempt in the store to work for an engine, and from its result to what the store keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from graders.agent.feedback_page import render_feedback
from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.work_codec import message_to
from graders.contract.work_contract import (
    ANSWERS,
    LARGEST_ANSWERS,
    EngineError,
    Flag,
    Graded,
    Limits,
    Outcome,
    TaskResult,
    Work,
)
from graders.engine import notebook_reading
from hub.store import GradedRecord, GradingJob
from hub.store.verdict_messages import TEXTS, task_sentences, task_titles
from labs.kit import lab_notebooks

MOST_MESSAGE = 4000
GIVEN_UP = "could-not-be-graded"
"""The flag on work that an engine never came to an end with."""


class LabError(EngineError):
    """The lab itself cannot be graded, for any learner. It is graded when a corrected version is released."""


class Part(NamedTuple):
    """One notebook of an attempt: the name of its file, the work that it is, and whether it was handed in."""

    file: str
    work: Work
    is_there: bool = True


USUAL = Limits()


def work_of(job: GradingJob, limits: Limits = USUAL) -> Work:
    """Return the engine's view of an attempt: what learners of the lab have, and what this one handed in.

    Of a lab with several notebooks, `source` is all of them joined into one; `parts_of` has each by itself.

    Raises:
        LabError: the lab itself lacks its notebook, or it cannot be read.
    """
    names = lab_notebooks.main_names(job.source, job.lab)
    if not names:
        raise LabError(f"{job.lab} version {job.lab_version} has no notebook for the grader")
    try:
        source = lab_notebooks.joined_source(job.source, job.lab)
        graded_cells(source)
    except (notebook_reading.NotANotebookError, ValueError, LookupError, TypeError) as error:
        raise LabError(f"the source notebook of {job.lab} cannot be read: {error}") from error
    answers = job.submitted.get(ANSWERS)
    own, given = _own(job, names), _given(job, names)
    return Work(
        course=job.course,
        lab=job.lab,
        learner=job.learner,
        source=source,
        notebook=job.submitted.get(names[0], b""),
        answers=answers if answers is not None and len(answers) <= LARGEST_ANSWERS else None,
        # The lab's files lie over the learner's. What only the grader has (a judge, its labels) is in neither.
        files={**own, **given},
        limits=limits,
        own=frozenset(own) - frozenset(given),
    )


def parts_of(job: GradingJob, whole: Work) -> list[Part]:
    """Return each graded notebook of an attempt as separate work; `whole` is what `work_of` made of the attempt."""
    names = lab_notebooks.main_names(job.source, job.lab)
    if len(names) == 1:
        return [Part(names[0], whole, names[0] in job.submitted)]
    return [Part(name, _part(job, whole, name, names), name in job.submitted) for name in names]


def _part(job: GradingJob, whole: Work, name: str, names: Collection[str]) -> Work:
    notebook = job.submitted.get(name, b"")
    # The learner's other notebooks are there if this one names them: %run problem1.ipynb.
    beside = {
        other: job.submitted[other]
        for other in names
        if other != name and other in job.submitted and other.encode() in notebook
    }
    return replace(
        whole,
        source=job.source[name],
        notebook=notebook,
        files={**whole.files, **beside},
        own=whole.own | frozenset(beside),
    )


def _own(job: GradingJob, names: Collection[str]) -> dict[str, bytes]:
    """Return the files that the learner handed in next to the graded notebooks."""
    return {name: data for name, data in job.submitted.items() if name not in names and name != ANSWERS}


def _given(job: GradingJob, names: Collection[str]) -> dict[str, bytes]:
    """Return the files that came with the lab, helper notebooks among them."""
    return {name: data for name, data in job.source.items() if name in job.released and name not in names}


def grade_parts(parts: Sequence[Part], grade: Callable[[Work], Graded]) -> Graded:
    """Grade each notebook of an attempt; return the one result of all.

    A notebook that cannot be graded costs the others nothing: its tasks say why, and name it.
    """
    results = {part.file: refused_result(part) or _explained(part, grade(part.work)) for part in parts}
    if len(results) == 1:
        return next(iter(results.values()))
    read = {file: one for file, one in results.items() if one.problem is None}
    problems = [_naming(file, one.problem) for file, one in results.items() if one.problem is not None]
    shown = {file: _shown(one) for file, one in read.items()}
    return Graded(
        tasks=tuple(task for file, one in results.items() for task in _named_apart(file, one)),
        notebook=json.dumps(lab_notebooks.joined_notebook(shown)).encode(),
        engine=next(iter((read or results).values())).engine,
        cpu_seconds=sum(one.cpu_seconds for one in results.values()),
        wall_seconds=sum(one.wall_seconds for one in results.values()),
        problem=None if read else message_facts.joined_messages(problems),
    )


def _named_apart(file: str, graded: Graded) -> Iterator[TaskResult]:
    for one in graded.tasks:
        message = one.message if graded.problem is None else _naming(file, graded.problem)
        yield replace(one, grade_id=lab_notebooks.task_name(file, one.grade_id), message=message)


def _naming(file: str, problem: Message) -> Message:
    return problem if problem.facts.get("file") == file else message_facts.in_file(file, problem)


def _shown(graded: Graded) -> dict[str, Any]:
    try:
        return notebook_reading.read_notebook(graded.notebook)
    except notebook_reading.NotANotebookError:
        return {"cells": []}


def refused_result(part: Part) -> Graded | None:
    """Return the result for a notebook that is not sent to the engine, missing or far too large, else None."""
    if not part.is_there:
        return _without_marks(part, message_facts.notebook_missing(part.file))
    if len(part.work.notebook) > notebook_reading.LARGEST:
        return _without_marks(part, message_facts.too_large(notebook_reading.LARGEST))
    return None


def _without_marks(part: Part, problem: Message) -> Graded:
    tasks = (
        TaskResult(name, Outcome.NOT_ATTEMPTED, 0.0, most, problem)
        for name, most in graded_cells(part.work.source)
    )
    return Graded(tuple(tasks), b"", "agent", problem=problem)


def _explained(part: Part, graded: Graded) -> Graded:
    """Return the result, or the sentence that says why nothing was earned: the notebook is in another language.

    Metadata may be wrong: Python that earns marks is Python, whatever kernel its notebook names.
    """
    if graded.problem is not None or unchecked_tasks(graded) or any(one.score for one in graded.tasks):
        return graded
    try:
        kernel, language = lab_notebooks.language_of(
            notebook_reading.read_notebook(part.work.notebook)["metadata"]
        )
    except notebook_reading.NotANotebookError:
        return graded
    if language == "python":
        return graded
    return _without_marks(part, message_facts.other_language(part.file, language, kernel))


def given_up(work: Work) -> Graded:
    """Return the result for what no engine came to an end with: our fault, costs no marks, and its trainer is told."""
    tasks = (
        TaskResult(name, Outcome.COULD_NOT_CHECK, None, most, flags=(Flag(GIVEN_UP),))
        for name, most in graded_cells(work.source)
    )
    notebook = work.notebook if len(work.notebook) <= notebook_reading.LARGEST else b""
    return Graded(tuple(tasks), notebook, "agent", problem=Message("gave-up"))


def control_work() -> Work:
    """Return the work for a notebook of ours that every engine in order can grade."""
    about = {
        "nbgrader": {"grade": True, "locked": True, "grade_id": "control", "points": 1, "schema_version": 3}
    }
    cell: dict[str, Any] = {"cell_type": "code", "source": "assert 1 + 1 == 2", "metadata": about, "outputs": [],
            "execution_count": None}  # fmt: skip
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}).encode()
    return Work("", "control", "", notebook, notebook)


@lru_cache(maxsize=32)
def graded_cells(source: bytes) -> tuple[tuple[str, float], ...]:
    """Return the graded cells of a grader's notebook, each with its points. Raises NotANotebookError."""
    cells = notebook_reading.read_notebook(source)["cells"]
    return tuple(
        (str(notebook_reading.nbgrader_metadata(cell)["grade_id"]), notebook_reading.cell_points(cell))
        for cell in cells
        if notebook_reading.is_marked(cell)
    )


def record_of(job: GradingJob, work: Work, graded: Graded) -> GradedRecord:
    """Return what the store keeps: verdicts, the graded notebook, and the page that the learner will see."""
    graded = replace(
        graded, tasks=tuple(_once(graded.tasks)), problem=graded.problem and graded.problem.cleaned(_plain)
    )
    return GradedRecord(
        tasks=[_task(one) for one in graded.tasks],
        notebook=graded.notebook,
        feedback_html=render_feedback(
            graded,
            work.source,
            job.language,
            task_titles(job.source.get(TEXTS), job.language),
            job.handed_out.get(f"{job.lab}.ipynb", b""),
            says=task_sentences(job.source.get(TEXTS), job.language),
        ),
        engine=graded.engine,
        cpu_seconds=graded.cpu_seconds,
        wall_seconds=graded.wall_seconds,
        problem=None if graded.problem is None else _plain(str(graded.problem)),
        said=message_to(graded.problem),
    )


def _once(tasks: tuple[TaskResult, ...]) -> list[TaskResult]:
    """Return each task once: a second verdict for the same task would keep the first from being recorded."""
    return list(
        {
            one.grade_id: replace(one, message=one.message and one.message.cleaned(_plain))
            for one in reversed(tasks)
        }.values()
    )[::-1]


def _task(one: TaskResult) -> dict[str, Any]:
    """Return a verdict as the store keeps it: its message as data, and in English as older versions read it."""
    return {
        "grade_id": one.grade_id,
        "outcome": one.outcome.value,
        "score": one.score,
        "max_score": one.max_score,
        "message": "" if one.message is None else _plain(str(one.message)),
        "said": message_to(one.message),
        "flags": [_flag(flag) for flag in one.flags],
    }


def _flag(flag: Flag) -> dict[str, Any]:
    """Return a flag as plain JSON that any database and any page can hold."""
    return {
        name: _plain(value) if isinstance(value, str) else value for name, value in flag.as_data().items()
    }


def _plain(text: str) -> str:
    """Return a text as any database and any page can hold it: no NUL, no half characters, not without end."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:MOST_MESSAGE]


def unchecked_tasks(graded: Graded) -> list[str]:
    """Return the tasks that could not be checked, through our fault."""
    return [one.grade_id for one in graded.tasks if one.outcome is Outcome.COULD_NOT_CHECK]
