"""From an attempt in the store to work for an engine, and from its result to what the store keeps."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from graders.agent.feedback import page
from graders.engine import messages, notebooks
from graders.engine.api import EngineError, Graded, Outcome, TaskResult, Work
from hub.store import GradedRecord, GradingJob

ANSWERS = "answers.json"
MOST_ANSWERS = 256 * 1024
MOST_FILES = 32 << 20
MOST_MESSAGE = 4000


def work_of(job: GradingJob) -> Work:
    """The engine's view of an attempt: what learners of the lab have, and what this one handed in.

    Raises:
        EngineError: the lab itself lacks its notebook.
    """
    main = f"{job.lab}.ipynb"
    if main not in job.source:
        raise EngineError(f"{job.lab} version {job.lab_version} has no notebook for the grader")
    answers = job.submitted.get(ANSWERS)
    return Work(
        course=job.course,
        lab=job.lab,
        learner=job.learner,
        source=job.source[main],
        notebook=job.submitted.get(main, b""),
        answers=answers if answers is not None and len(answers) <= MOST_ANSWERS else None,
        files=files_of(job),
    )


def files_of(job: GradingJob) -> dict[str, bytes]:
    """Files beside the notebook: the learner's own, and over them those that the lab released.

    A file of the grader that learners do not have (a judge, its labels) is not among them, whatever its name.
    """
    own = {
        name: data for name, data in job.submitted.items() if not name.endswith(".ipynb") and name != ANSWERS
    }
    given = {
        name: data
        for name, data in job.source.items()
        if name in job.released and not name.endswith(".ipynb")
    }
    if sum(map(len, own.values())) > MOST_FILES:
        own = {}
    return {**own, **given}


def refused(work: Work) -> Graded | None:
    """The result for what is too large even to be sent to the engine, else None."""
    if len(work.notebook) <= notebooks.LARGEST:
        return None
    problem = messages.too_large(notebooks.LARGEST)
    try:
        cells = notebooks.read(work.source)["cells"]
    except notebooks.NotANotebookError as error:
        raise EngineError(f"the source notebook of {work.lab} cannot be read: {error}") from error
    tasks = tuple(
        TaskResult(
            str(notebooks.meta(cell)["grade_id"]), Outcome.NOT_ATTEMPTED, 0.0, notebooks.points(cell), problem
        )
        for cell in cells
        if notebooks.is_grade(cell)
    )
    return Graded(tasks, b"", "agent", problem=problem)


def record_of(job: GradingJob, work: Work, graded: Graded) -> GradedRecord:
    """What the store keeps: verdicts, the graded notebook, and the page that the learner will see."""
    graded = replace(
        graded, tasks=tuple(_once(graded.tasks)), problem=graded.problem and _plain(graded.problem)
    )
    return GradedRecord(
        tasks=[_task(one) for one in graded.tasks],
        notebook=graded.notebook,
        feedback_html=page(graded, work.source, job.language),
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
    return {**asdict(one), "outcome": one.outcome.value, "flags": [_plain(flag) for flag in one.flags]}


def _plain(text: str) -> str:
    """Text that any database and any page can hold: no NUL, no half characters, not without end."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:MOST_MESSAGE]


def unchecked(graded: Graded) -> list[str]:
    """Tasks that could not be checked, through our fault."""
    return [one.grade_id for one in graded.tasks if one.outcome is Outcome.COULD_NOT_CHECK]
