"""Interface of every grading engine: one piece of work in, one graded result out.

The agent, the command line and nbgrader's own converter all call an engine through this module, so that the
stock engine and the fork server can stand in for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from graders.contract.message_facts import Message
from graders.contract.work_files import Content

ANSWERS = "answers.json"
"""Name of the file next to the notebook that holds the answers a learner gave with controls."""
LARGEST_ANSWERS = 256 * 1024
"""Bytes of that file at most; a larger one is not read."""


class Outcome(StrEnum):
    """Outcome of one task. `could-not-check` is our fault, costs no marks, and is retried."""

    PASSED = "passed"
    NOT_YET = "not-yet"
    NOT_ATTEMPTED = "not-attempted"
    COULD_NOT_CHECK = "could-not-check"


@dataclass(frozen=True)
class Limits:
    """Limits of one submission. Times in seconds, sizes in bytes."""

    wall: float = 60.0
    cpu: float = 60.0
    task_wall: float = 30.0
    memory: int = 1 << 30
    processes: int = 64
    open_files: int = 256
    file_size: int = 64 << 20
    output: int = 1 << 20


@dataclass(frozen=True)
class Work:
    """One submission to grade.

    `source` is the grader's notebook (hidden tests included) and `notebook` what the learner handed in, both
    as nbformat 4 JSON; `answers` is the untrusted `answers.json` next to it; `files` are the other files next
    to the notebook, by relative path, and `own` those of them that the learner brought instead of the lab.
    """

    course: str
    lab: str
    learner: str
    source: bytes
    notebook: bytes
    answers: bytes | None = None
    files: Mapping[str, Content] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Flag:
    """One piece of evidence that a mark may not have been earned.

    `key` names the kind (see `graders.engine.flag_evidence`); `what` is what a line did, `cell` its code cell,
    counted from 1, and `line` the line in it, 0 if it is not known; `code` is that line. `without` is what the test
    earns when the line may not do so, None if that cannot be told.
    """

    key: str
    what: str = ""
    cell: int = 0
    line: int = 0
    code: str = ""
    without: float | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the flag as plain JSON, without what is empty."""
        return {
            name: value for name, value in vars(self).items() if value not in ("", 0, None) or name == "key"
        } | ({"without": self.without} if self.without is not None else {})

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | str) -> Flag:
        """Read the JSON form; text alone is a kind, as older results have it."""
        if isinstance(data, str):
            return cls(data)
        without = data.get("without")
        return cls(
            str(data.get("key", "")), str(data.get("what", "")), int(data.get("cell", 0)), int(data.get("line", 0)),
            str(data.get("code", "")), None if without is None else float(without),
        )  # fmt: skip


@dataclass(frozen=True)
class TaskResult:
    """Result of one graded cell. `score` is None if a person has to mark it.

    `message` is what its learner reads, None if there is nothing to say; `flags` are the
    evidence that a trainer should look at.
    """

    grade_id: str
    outcome: Outcome
    score: float | None
    max_score: float
    message: Message | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True)
class Graded:
    """The result for one submission: a verdict per graded cell and the notebook with its outputs.

    `problem` is a message for learner and trainer if the submission as a whole could not be read or run.
    """

    tasks: tuple[TaskResult, ...]
    notebook: bytes
    engine: str
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    problem: Message | None = None


class Engine(Protocol):
    """Interface of a grading engine: one submission at a time. Only our own faults raise."""

    name: str

    def grade(self, work: Work) -> Graded:
        """Run `work` and return its results.

        Args:
            work: one submission, with limits in seconds and bytes.

        Returns:
            One result per graded cell of the grader's notebook, and the graded notebook.

        Raises:
            EngineError: nothing could be said about this submission, and it should be tried again.
        """
        ...


class EngineError(Exception):
    """Fault of ours: the engine could not run. The submission stays ungraded and is retried."""
