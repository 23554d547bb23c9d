"""Work and results as JSON: one form for the pipe between agent and engine."""

from __future__ import annotations

import base64
from typing import Any

from graders.contract.message_facts import Message
from graders.contract.work_contract import Flag, Graded, Limits, Outcome, TaskResult, Work
from graders.contract.work_files import Content


def work_from(line: dict[str, Any]) -> Work:
    """Rebuild a piece of work from its JSON form.

    Raises:
        ValueError, KeyError, TypeError: it has another shape.
    """
    answers = line.get("answers")
    return Work(
        course=line["course"],
        lab=line["lab"],
        learner=line["learner"],
        source=base64.b64decode(line["source"]),
        notebook=base64.b64decode(line["notebook"]),
        answers=None if answers is None else base64.b64decode(answers),
        files={name: base64.b64decode(data) for name, data in (line.get("files") or {}).items()},
        limits=Limits(**(line.get("limits") or {})),
        own=frozenset(line.get("own") or ()),
    )


def work_to(work: Work, number: int | str | None = None) -> dict[str, Any]:
    """Return the JSON form of a piece of work, for the other side of the pipe."""

    def text(data: Content) -> str:
        return base64.b64encode(data).decode()

    return {
        "id": number, "course": work.course, "lab": work.lab, "learner": work.learner,
        "source": text(work.source), "notebook": text(work.notebook),
        "answers": None if work.answers is None else text(work.answers),
        "files": {name: text(data) for name, data in work.files.items()},
        "own": sorted(work.own),
        "limits": vars(work.limits),
    }  # fmt: skip


def graded_to(graded: Graded) -> dict[str, Any]:
    """Return `graded` as JSON, its notebook in base64."""
    return {
        "tasks": [
            {"grade_id": one.grade_id, "outcome": one.outcome.value, "score": one.score, "max_score": one.max_score,
             "message": message_to(one.message), "flags": [flag.as_data() for flag in one.flags]}
            for one in graded.tasks
        ],
        "notebook": base64.b64encode(graded.notebook).decode(),
        "engine": graded.engine,
        "cpu_seconds": graded.cpu_seconds,
        "wall_seconds": graded.wall_seconds,
        "problem": message_to(graded.problem),
    }  # fmt: skip


def graded_from(said: dict[str, Any]) -> Graded:
    """Rebuild a result from its JSON form.

    Raises:
        KeyError, TypeError, ValueError: it has another shape.
    """
    tasks = tuple(
        TaskResult(
            grade_id=str(one["grade_id"]),
            outcome=Outcome(one["outcome"]),
            score=None if one["score"] is None else float(one["score"]),
            max_score=float(one["max_score"]),
            message=message_from(one["message"]),
            flags=tuple(map(Flag.from_data, one["flags"])),
        )
        for one in said["tasks"]
    )
    return Graded(
        tasks=tasks,
        notebook=base64.b64decode(said["notebook"]),
        engine=str(said["engine"]),
        cpu_seconds=float(said["cpu_seconds"]),
        wall_seconds=float(said["wall_seconds"]),
        problem=message_from(said["problem"]),
    )


def message_to(message: Message | None) -> dict[str, Any] | None:
    """Return a message as JSON."""
    return None if message is None else message.as_data()


def message_from(said: Any) -> Message | None:
    """Rebuild a message from its JSON form; an engine of an earlier release sends a sentence, empty for none.

    Raises:
        ValueError: it has another shape.
    """
    return Message.from_data(said) if said else None
