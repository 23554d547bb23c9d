"""Points of every learner at every lab of a course, read from the kept points; a course's stay in memory.

`points_upkeep` keeps them in the transactions that change them. A change has a higher version than those before it, so
the rows that came since the last look are read and no others.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.counted_points import LabPoints, count_points
from hub.store.database_connections import Database
from hub.store.points_models import KeptPoints, PointsChange, PointsVersion
from hub.store.points_upkeep import in_parts, settle_all

MOST_COURSES = 16
"""Courses whose points are in memory: 5 to 10 MB each. Another one is read in a tenth of a second."""
MOST_LABS = 64
"""Labs whose points are in memory for their trainers' tables: 0.7 MB for one of 2,000 learners."""
ROW = (
    *(KeptPoints.receipt, KeptPoints.score, KeptPoints.most, KeptPoints.to_mark, KeptPoints.waits),
    *(KeptPoints.late_days, KeptPoints.points_off, KeptPoints.flags),
)
"""The columns of `LabPoints` that are kept in memory, in their order."""


@dataclass
class _Known:
    """Points in memory of one course, as of a version."""

    points: dict[str, dict[str, LabPoints]] = field(default_factory=dict)
    version: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class _KnownLab:
    """Points in memory at one lab, as of a version of its course's points."""

    points: dict[str, LabPoints] = field(default_factory=dict)
    version: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class LabCounts:
    """Counts at one lab over the learners of a course with open accounts."""

    handed_in: int
    to_mark: int
    flags: int


class CoursePoints:
    """Points by learner and lab. Example: `CoursePoints(database).points("everyone-2026a")["amina.k"]`"""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._courses: OrderedDict[str, _Known] = OrderedDict()
        self._labs: OrderedDict[tuple[str, str], _KnownLab] = OrderedDict()
        self._lock = threading.Lock()

    def points(
        self, course: str, *, fresh: bool = False
    ) -> tuple[Mapping[str, Mapping[str, LabPoints]], int]:
        """Return the points, not to be changed, and their version; with `fresh` all are counted again."""
        if fresh:
            with self._database.read() as session:
                return count_points(session, course), _version(session, course)[0]
        with self._lock:
            known = self._courses.setdefault(course, _Known())
            self._courses.move_to_end(course)
            while len(self._courses) > MOST_COURSES:
                self._courses.popitem(last=False)
        self.settle()
        with known.lock, self._database.read() as session:
            _bring_up_to_date(session, course, known)
            return known.points, known.version

    def version(self, course: str) -> int:
        """Return a number that grows with each change of a course's points."""
        self.settle()
        with self._database.read() as session:
            return _version(session, course)[0]

    def of_lab(self, course: str, lab: str) -> Mapping[str, LabPoints]:
        """Return the points at one lab by learner, not to be changed, and each one's newest attempt."""
        with self._lock:
            known = self._labs.setdefault((course, lab), _KnownLab())
            self._labs.move_to_end((course, lab))
            while len(self._labs) > MOST_LABS:
                self._labs.popitem(last=False)
        self.settle()
        with known.lock, self._database.read() as session:
            version, removed = _version(session, course)
            if version != known.version:
                only_changed = removed <= known.version <= version
                query = select(KeptPoints.learner, *ROW, null(), KeptPoints.newest)
                query = query.where(KeptPoints.course == course, KeptPoints.lab == lab)
                if only_changed:
                    query = query.where(KeptPoints.changed > known.version)
                found = {name: LabPoints(*values) for name, *values in session.execute(query)}
                known.points = {**known.points, **found} if only_changed else found
                known.version = version
            return known.points

    def counts(self, course: str) -> dict[str, LabCounts]:
        """Return counts by lab, over the learners of a course with open accounts."""
        kept = KeptPoints
        sums = select(kept.lab, func.count(), func.sum(kept.to_mark), func.sum(kept.flags))
        sums = sums.where(kept.course == course).group_by(kept.lab)
        # Those who left are few. Asking for each row whether its learner is here takes six times as long.
        left = select(kept.learner).where(kept.course == course).except_(_open_learners(course))
        self.settle()
        with self._database.read() as session:
            found = {lab: Counter(_named(counts)) for lab, *counts in session.execute(sums)}
            for part in in_parts(sorted(session.scalars(left))):
                for lab, *counts in session.execute(sums.where(kept.learner.in_(part))):
                    found[lab].subtract(_named(counts))
        return {lab: LabCounts(**counts) for lab, counts in found.items() if counts["handed_in"]}

    def labs_to_mark(self, course: str) -> set[str]:
        """Return the labs of a course in which answers wait for a person."""
        query = select(KeptPoints.lab).where(KeptPoints.course == course, KeptPoints.to_mark > 0)
        self.settle()
        with self._database.read() as session:
            return set(session.scalars(query.distinct()))

    def flagged_learners(self, course: str) -> set[str]:
        """Return the learners of a course with flags that no trainer has decided about."""
        query = select(KeptPoints.learner).where(KeptPoints.course == course, KeptPoints.flags > 0)
        self.settle()
        with self._database.read() as session:
            return set(session.scalars(query.distinct()))

    def settle(self) -> None:
        """Count what changed past the store, if anything did."""
        with self._database.read() as session:
            waits = session.scalar(select(PointsChange.id).limit(1))
        if waits is not None:
            settle_all(self._database)


def _named(counts: Sequence[int]) -> dict[str, int]:
    return dict(zip(("handed_in", "to_mark", "flags"), map(int, counts), strict=True))


def _open_learners(course: str) -> Any:
    person, member = table_models.Person, table_models.CourseMember
    query = select(member.username).join(person, person.username == member.username)
    return query.where(member.course == course, member.role == "learner", person.disabled_at.is_(None))


def _version(session: Session, course: str) -> tuple[int, int]:
    """Return the version of a course's points, and the one in which rows were last removed."""
    row = session.get(PointsVersion, course)
    return (row.version, row.removed) if row else (0, 0)


def _bring_up_to_date(session: Session, course: str, known: _Known) -> None:
    version, removed = _version(session, course)
    if version == known.version:
        return
    # A lower version is that of a restored database.
    whole = known.version < removed or version < known.version
    points = {} if whole else dict(known.points)
    query = select(KeptPoints.learner, KeptPoints.lab, *ROW).where(KeptPoints.course == course)
    if not whole and known.version:
        query = query.where(KeptPoints.changed > known.version)
    found: dict[str, dict[str, LabPoints]] = {}
    for name, lab, *values in session.execute(query):
        if name not in found:
            found[name] = dict(points.get(name, {}))
        found[name][lab] = LabPoints(*values)
    known.points, known.version = {**points, **found}, version
