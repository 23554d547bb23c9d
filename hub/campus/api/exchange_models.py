"""Answers of the exchange, as the description of the API has them; a newer campus may add fields."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class OwnCourse(_Open):
    """A part in a course."""

    course: str
    title: str
    role: str


class MeModel(_Open):
    """The caller, and the courses they have a part in."""

    name: str
    display_name: str
    language: str
    roles: list[str]
    courses: list[OwnCourse]


class AttemptLine(_Open):
    """Something that was handed in, and how far it is."""

    receipt: str
    learner: str
    lab: str
    number: int
    sha256: str = Field(description="Hash of what was handed in.")
    received_at: str
    state: str
    feedback: str | None


class TaskVerdict(_Open):
    """The result of one task; flags are for trainers."""

    grade_id: str
    outcome: str
    score: float | None
    max_score: float
    message: str


class AttemptModel(AttemptLine):
    """An attempt with its result, if the caller may see it."""

    verdicts: list[TaskVerdict] | None = None
    score: float | None = None
    max_score: float | None = None
    late_days: int | None = None
    points_off: float | None = None
    problem: str | None = None


class LabBefore(_Open):
    """A lab that another one builds on."""

    lab: str
    title: str


class LabLine(_Open):
    """A lab of a course, with the caller's own attempts; those of the library have the state `draft`.

    `number` is its place in the path, 0 for none; `track` is everyone, technical, capstone or empty.
    """

    lab: str
    title: str
    minutes: int
    number: int
    track: str
    builds_on: list[LabBefore]
    state: str
    version: str
    bundle: str | None
    opens_at: str | None
    closes_at: str | None
    late: bool
    takes_until: str | None
    attempts: list[AttemptLine]
    score: float | None
    max_score: float | None
    feedback: bool


class ReceiptModel(_Open):
    """A signed receipt; `key` names the public key that it is checked with.

    `jws` is the receipt as a JSON Web Signature; receipts of earlier versions have `signature` instead.
    """

    receipt: str
    learner: str
    course: str
    lab: str
    attempt: int
    sha256: str
    received_at: str
    key: str
    jws: str | None = None
    signature: str | None = None


class HandedIn(ReceiptModel):
    """A receipt, and what the learner should know about the work."""

    warnings: list[str]


class PersonName(_Open):
    """A learner of a course."""

    name: str
    display_name: str


class RecordModel(_Open):
    """A course with each learner's newest graded attempt; `cursor` asks for what changes later."""

    course: str
    title: str
    cursor: str
    learners: list[PersonName]
    labs: list[dict[str, Any]]
    submissions: list[dict[str, Any]]


class PaceModel(_Open):
    """Progress of grading, in attempts; gradings a second, and seconds left at that rate."""

    total: int
    graded: int
    failed: int
    could_not_check: int
    rate: float | None
    seconds_left: float | None
