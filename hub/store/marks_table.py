"""Every learner's points at every lab of a course, and the sign-off that makes them final."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.content_files import Blobs
from hub.store.counted_points import LabPoints
from hub.store.course_points import CoursePoints, LabCounts
from hub.store.course_store import Courses, Lab
from hub.store.database_connections import Database


class MarkedLearner(NamedTuple):
    """A learner in a table of marks."""

    username: str
    display_name: str
    institution: str | None


@dataclass(frozen=True)
class MarksRow:
    """One learner's line: points by lab, and classes."""

    learner: MarkedLearner
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
    version: int = 0
    """Tables with the same version and learners have the same points."""

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
class TableFigures:
    """What is reckoned from a whole table: its digest, what waits in it, and what changed since a sign-off."""

    digest: str
    waiting: int
    """Answers that wait for a person, and work that is not checked."""
    changed: list[ChangedPoints]


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
        self._points = CoursePoints(database)
        self._figures: dict[str, tuple[object, TableFigures]] = {}

    def learners(self, course: str) -> list[MarkedLearner]:
        """Return everybody who learns in a course and whose account is open, by user name."""
        with self._database.read() as session:
            return _learners(session, course)

    def learner_count(self, course: str) -> int:
        """Return how many learn in a course, with open accounts."""
        person, member = table_models.Person, table_models.CourseMember
        query = select(func.count()).select_from(member).join(person, person.username == member.username)
        query = query.where(member.course == course, member.role == "learner", person.disabled_at.is_(None))
        with self._database.read() as session:
            return session.scalar(query) or 0

    def table(self, course: str, *, fresh: bool = False) -> MarksTable:
        """Return every learner's points at every released lab; with `fresh` nothing is taken from memory."""
        labs = self._courses.labs(course)
        points, version = self._points.points(course, fresh=fresh)
        with self._database.read() as session:
            classes = _classes(session, course)
            learners = _learners(session, course)
        worked = {lab for each in points.values() for lab in each}
        labs = [lab for lab in labs if lab.withdrawn_at is None or lab.lab in worked]
        rows = [
            MarksRow(each, tuple(classes.get(each.username, ())), points.get(each.username, {}))
            for each in learners
        ]
        return MarksTable(labs, rows, {lab.lab: _worth(lab, rows) for lab in labs}, version)

    def figures(self, course: str, table: MarksTable, signed: Signoff | None) -> TableFigures:
        """Return what is reckoned from a table; kept until its points, its learners or the sign-off change."""
        names = hash(tuple(row.learner.username for row in table.rows))
        key = (table.version, names, signed.signed_at if signed else None)
        known = self._figures.get(course)
        if known is None or known[0] != key:
            waiting = sum(each.to_mark + each.waits for row in table.rows for each in row.points.values())
            changed = changed_since(signed, table) if signed else []
            known = key, TableFigures(table_digest(table), waiting, changed)
            self._figures[course] = known
        return known[1]

    def lab_points(self, course: str, lab: str) -> Mapping[str, LabPoints]:
        """Return the points at one lab by learner, not to be changed; whoever handed nothing in is left out."""
        return self._points.of_lab(course, lab)

    def counts(self, course: str) -> dict[str, LabCounts]:
        """Return counts by lab, over the learners of a course with open accounts."""
        return self._points.counts(course)

    def handed_in(self, course: str) -> Counter[str]:
        """Return how many learners of a course, with open accounts, handed in at least once, by lab."""
        return Counter({lab: each.handed_in for lab, each in self.counts(course).items()})

    def labs_to_mark(self, course: str) -> set[str]:
        """Return the labs of a course in which answers wait for a person."""
        return self._points.labs_to_mark(course)

    def flagged_learners(self, course: str) -> set[str]:
        """Return the learners of a course with flags that no trainer has decided about."""
        return self._points.flagged_learners(course)

    def version(self, course: str) -> int:
        """Return a number that grows with each change of a course's points."""
        return self._points.version(course)

    def sign_off(self, course: str, who: str) -> Signoff:
        """Call the marks of a course final as they are now."""
        kept = _snapshot(self.table(course, fresh=True))
        blob = self._blobs.put(json.dumps(kept, sort_keys=True).encode())
        row = table_models.MarksSignoff(course=course, table=blob, signed_by=who, signed_at=datetime.now(UTC))
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
    signoff = table_models.MarksSignoff
    query = select(signoff).where(signoff.course == course, signoff.withdrawn_at.is_(None))
    return query.order_by(signoff.id.desc()).limit(1)


def _worth(lab: Lab, rows: list[MarksRow]) -> float:
    """What a lab is worth: as its author says, else as the newest results say."""
    return lab.points or max((row.points[lab.lab].most for row in rows if lab.lab in row.points), default=0.0)


def _learners(session: Session, course: str) -> list[MarkedLearner]:
    """Return everybody who learns in a course and whose account is open."""
    person, member = table_models.Person, table_models.CourseMember
    query = (
        select(person.username, person.display_name, person.institution)
        .join(member, member.username == person.username)
        .where(member.course == course, member.role == "learner", person.disabled_at.is_(None))
        .order_by(person.username)
    )
    return [MarkedLearner(*row) for row in session.execute(query)]


def _classes(session: Session, course: str) -> dict[str, list[str]]:
    group, member = table_models.ClassGroup, table_models.ClassMember
    query = select(member.username, group.title).join(group, group.id == member.class_id)
    found: dict[str, list[str]] = defaultdict(list)
    for name, title in session.execute(query.where(group.course == course).order_by(group.title)):
        found[name].append(title)
    return found
