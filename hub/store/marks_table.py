"""Every learner's points at every lab of a course, and the sign-off that makes them final."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from hub.store import models
from hub.store.blobs import Blobs
from hub.store.courses import Courses, Lab
from hub.store.database import Database

Attempt, Grading, Mark, Verdict = models.Attempt, models.Grading, models.Mark, models.Verdict


@dataclass(frozen=True)
class LabPoints:
    """What one learner's newest checked attempt at one lab earned.

    `to_mark` tasks wait for a person. `waits` means that a newer attempt is not checked yet; `receipt` is the
    attempt's whose points these are, or the newest one's where none is checked.
    """

    receipt: str
    score: float | None
    most: float
    to_mark: int = 0
    waits: bool = False

    @property
    def state(self) -> str:
        """One of waiting, to-be-marked, passed, marked."""
        if self.score is None:
            return "waiting"
        if self.to_mark:
            return "to-be-marked"
        return "passed" if self.most and self.score >= self.most else "marked"


@dataclass(frozen=True)
class MarksRow:
    """One learner's line: points by lab, and classes."""

    learner: models.Person
    classes: tuple[str, ...]
    points: Mapping[str, LabPoints]

    @property
    def total(self) -> float:
        """Points of all labs together."""
        return sum(each.score or 0.0 for each in self.points.values())


@dataclass(frozen=True)
class MarksTable:
    """The labs of a course in their order, and a line for each learner."""

    labs: list[Lab]
    rows: list[MarksRow]
    most: Mapping[str, float]
    """What each lab is worth."""

    @property
    def classes(self) -> list[str]:
        """Classes that have a learner here."""
        return sorted({name for row in self.rows for name in row.classes})


@dataclass(frozen=True)
class Signoff:
    """That a person called the marks of a course final; `table` holds the points of that moment."""

    signed_by: str
    signed_at: datetime
    table: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class ChangedPoints:
    """Points that are not what was signed off; None where there were, or are, none."""

    learner: str
    lab: str
    before: float | None
    now: float | None


class Marks:
    """Reads the marks of a whole course in a constant number of queries."""

    def __init__(self, database: Database, blobs: Blobs, courses: Courses) -> None:
        self._database = database
        self._blobs = blobs
        self._courses = courses

    def table(self, course: str) -> MarksTable:
        """Return every learner's points at every released lab."""
        labs = self._courses.labs(course)
        with self._database.read() as session:
            points = _points(session, course)
            classes = _classes(session, course)
        rows = [
            MarksRow(each, tuple(classes.get(each.username, ())), points.get(each.username, {}))
            for each in self._courses.learners(course)
        ]
        return MarksTable(labs, rows, {lab.lab: _worth(lab, rows) for lab in labs})

    def lab_points(self, course: str, lab: str) -> dict[str, LabPoints]:
        """Return the points at one lab by learner; whoever handed nothing in is left out."""
        with self._database.read() as session:
            return {name: labs[lab] for name, labs in _points(session, course, lab).items()}

    def sign_off(self, course: str, who: str) -> Signoff:
        """Call the marks of a course final as they are now."""
        kept = _snapshot(self.table(course))
        blob = self._blobs.put(json.dumps(kept, sort_keys=True).encode())
        row = models.MarksSignoff(course=course, table=blob, signed_by=who, signed_at=datetime.now(UTC))
        with self._database.write() as session:
            session.add(row)
        return Signoff(row.signed_by, row.signed_at, kept)

    def withdraw(self, course: str, who: str) -> bool:
        """Call the marks of a course not final any more; False if they were not."""
        with self._database.write() as session:
            row = session.scalar(_newest_signoff(course))
            if row is None:
                return False
            row.withdrawn_by, row.withdrawn_at = who, datetime.now(UTC)
            return True

    def signoff(self, course: str) -> Signoff | None:
        """Return the sign-off that counts; None if the marks are not final."""
        with self._database.read() as session:
            row = session.scalar(_newest_signoff(course))
        return Signoff(row.signed_by, row.signed_at, json.loads(self._blobs.get(row.table))) if row else None


def changed_since(signed: Signoff, table: MarksTable) -> list[ChangedPoints]:
    """Return the points that differ from those that were signed off, by learner and lab."""
    now = _snapshot(table)
    pairs = {(name, lab) for side in (signed.table, now) for name, labs in side.items() for lab in labs}
    found = [
        ChangedPoints(name, lab, signed.table.get(name, {}).get(lab), now.get(name, {}).get(lab))
        for name, lab in sorted(pairs)
    ]
    return [each for each in found if each.before != each.now]


def table_digest(table: MarksTable) -> str:
    """Return the sha-256 of the points of a table: two pages that show the same have the same."""
    return hashlib.sha256(json.dumps(_snapshot(table), sort_keys=True).encode()).hexdigest()


def _snapshot(table: MarksTable) -> dict[str, dict[str, float]]:
    return {
        row.learner.username: {lab: each.score for lab, each in row.points.items() if each.score is not None}
        for row in table.rows
    }


def _newest_signoff(course: str) -> Any:
    signoff = models.MarksSignoff
    query = select(signoff).where(signoff.course == course, signoff.withdrawn_at.is_(None))
    return query.order_by(signoff.id.desc()).limit(1)


def _worth(lab: Lab, rows: list[MarksRow]) -> float:
    """What a lab is worth: as its author says, else as the newest results say."""
    return lab.points or max((row.points[lab.lab].most for row in rows if lab.lab in row.points), default=0.0)


def _classes(session: Session, course: str) -> dict[str, list[str]]:
    group, member = models.ClassGroup, models.ClassMember
    query = select(member.username, group.title).join(group, group.id == member.class_id)
    found: dict[str, list[str]] = defaultdict(list)
    for name, title in session.execute(query.where(group.course == course).order_by(group.title)):
        found[name].append(title)
    return found


def _last(course: str, *, graded: bool) -> Any:
    """Number of every learner's newest attempt at every lab; of the checked ones if `graded`."""
    query = select(Attempt.lab, Attempt.learner, func.max(Attempt.number).label("number"))
    if graded:
        query = query.join(Grading, Grading.attempt == Attempt.id)
    return query.where(Attempt.course == course).group_by(Attempt.lab, Attempt.learner).subquery()


def _is_last(last: Any) -> Any:
    return and_(Attempt.lab == last.c.lab, Attempt.learner == last.c.learner, Attempt.number == last.c.number)


def _points(session: Session, course: str, lab: str = "") -> dict[str, dict[str, LabPoints]]:
    found: dict[str, dict[str, LabPoints]] = defaultdict(dict)
    newest = {(slug, name): receipt for slug, name, receipt in session.execute(_handed_in(course, lab))}
    for slug, name, receipt, score, most, to_mark in session.execute(_sums(course, lab)):
        waits = newest[slug, name] != receipt
        found[name][slug] = LabPoints(receipt, float(score or 0), float(most or 0), int(to_mark or 0), waits)
    for (slug, name), receipt in newest.items():
        found[name].setdefault(slug, LabPoints(receipt, None, 0.0, waits=True))
    return found


def _handed_in(course: str, lab: str) -> Any:
    last = _last(course, graded=False)
    query = select(Attempt.lab, Attempt.learner, Attempt.receipt).join(last, _is_last(last))
    query = query.where(Attempt.course == course)
    return query.where(Attempt.lab == lab) if lab else query


def checked_work(course: str, lab: str = "") -> Any:
    """Subquery of every learner's newest checked attempt at every lab, or at one, with its newest grading."""
    last = _last(course, graded=True)
    newest_run = (
        select(Grading.attempt, func.max(Grading.run).label("run"))
        .join(Attempt, Attempt.id == Grading.attempt)
        .where(Attempt.course == course)
        .group_by(Grading.attempt)
        .subquery()
    )
    query = (
        select(
            Attempt.id.label("attempt"),
            Attempt.lab,
            Attempt.learner,
            Attempt.receipt,
            Grading.id.label("grading"),
        )
        .join(last, _is_last(last))
        .join(newest_run, newest_run.c.attempt == Attempt.id)
        .join(Grading, and_(Grading.attempt == Attempt.id, Grading.run == newest_run.c.run))
        .where(Attempt.course == course)
    )
    return (query.where(Attempt.lab == lab) if lab else query).subquery()


def newest_marks(course: str) -> Any:
    """Subquery of the newest mark of each task of each attempt in a course."""
    return (
        select(Mark.attempt, Mark.grade_id, func.max(Mark.id).label("id"))
        .join(Attempt, Attempt.id == Mark.attempt)
        .where(Attempt.course == course)
        .group_by(Mark.attempt, Mark.grade_id)
        .subquery()
    )


def _sums(course: str, lab: str = "") -> Any:
    """Points of every learner's newest checked attempt at every lab, a person's marks over the engine's."""
    work, given = checked_work(course, lab), newest_marks(course)
    unchecked = and_(Verdict.outcome == "could-not-check", Mark.score.is_(None))
    waits = and_(Verdict.outcome != "could-not-check", Verdict.score.is_(None), Mark.score.is_(None))
    return (
        select(
            work.c.lab,
            work.c.learner,
            work.c.receipt,
            func.sum(func.coalesce(Mark.score, Verdict.score, 0.0)),
            # What could not be checked costs no marks: it counts on neither side until it can be.
            func.sum(case((unchecked, 0.0), else_=Verdict.max_score)),
            func.sum(case((waits, 1), else_=0)),
        )
        .select_from(work)
        .outerjoin(Verdict, Verdict.grading == work.c.grading)
        .outerjoin(given, and_(given.c.attempt == work.c.attempt, given.c.grade_id == Verdict.grade_id))
        .outerjoin(Mark, Mark.id == given.c.id)
        .group_by(work.c.lab, work.c.learner, work.c.receipt)
    )
