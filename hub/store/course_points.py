"""Points of every learner at every lab of a course, kept in memory and brought up to date from what was added.

Attempts, gradings, marks and notes about late work are only ever added to, so the rows that came since the last look
tell which learners to read again.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, case, cast, func, select
from sqlalchemy.orm import Session

from hub.store import models
from hub.store.database import Database
from hub.store.late_work import late_in_course
from hub.store.marking_models import FlagRuling, LateWork
from hub.store.ruling_lookup import newest_rulings, valid_ruling

Attempt, Grading, Mark, Verdict = models.Attempt, models.Grading, models.Mark, models.Verdict
ADDED = (Attempt, Grading, Mark, LateWork, FlagRuling)
"""Tables whose new rows change points."""
OVERLAP = 1000
"""Numbers below the newest that are looked at again: on PostgreSQL a row may appear after one with a higher number."""
FEW = 300
"""Up to so many learners are read again by name; for more it is quicker to read the whole course."""
MOST_COURSES = 16


@dataclass(frozen=True, slots=True)
class LabPoints:
    """What one learner's newest checked attempt at one lab earned.

    `to_mark` tasks wait for a person. `waits` means that a newer attempt is not checked yet; `receipt` is the
    attempt's whose points these are, or the newest one's if none is checked yet.
    """

    receipt: str
    score: float | None
    most: float
    to_mark: int = 0
    waits: bool = False
    late_days: int = 0
    points_off: float = 0.0
    """Points that lateness took; `score` is without them."""
    flags: int = 0
    """Tasks with flags that no trainer has decided about."""
    first_at: datetime | None = None
    """When the first attempt arrived."""

    @property
    def state(self) -> str:
        """One of waiting, to-be-marked, passed, marked."""
        if self.score is None:
            return "waiting"
        if self.to_mark:
            return "to-be-marked"
        return "passed" if self.most and self.score >= self.most else "marked"


@dataclass
class _Known:
    """What is kept of one course; `version` grows with each change."""

    points: dict[str, dict[str, LabPoints]] = field(default_factory=dict)
    seen: list[set[int]] = field(default_factory=list)
    version: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class CoursePoints:
    """Points by learner and lab. Example: `CoursePoints(database).points("everyone-2026a")["amina.k"]`"""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._courses: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def points(self, course: str, *, fresh: bool = False) -> tuple[dict[str, dict[str, LabPoints]], int]:
        """Return the points, not to be changed, and their version; with `fresh` all are read from the database."""
        with self._lock:
            known = self._courses.setdefault(course, _Known())
            self._courses.move_to_end(course)
            while len(self._courses) > MOST_COURSES:
                self._courses.popitem(last=False)
        with known.lock, self._database.read() as session:
            self._bring_up_to_date(session, course, known, fresh=fresh)
            return known.points, known.version

    def _bring_up_to_date(self, session: Session, course: str, known: _Known, *, fresh: bool) -> None:
        """Read what is new. The numbers are read first: what comes in between is read twice, and none is missed."""
        seen = [_newest_numbers(session, table) for table in ADDED]
        learners = (
            None if fresh or _is_older(known.seen, seen) else _changed(session, course, known.seen, seen)
        )
        if learners is None or len(learners) > FEW:
            known.points, known.version = read_points(session, course), known.version + 1
        elif learners:
            found = read_points(session, course, learners=learners)
            known.points = {**known.points, **{name: found.get(name, {}) for name in learners}}
            known.version += 1
        known.seen = seen


def _newest_numbers(session: Session, table: Any) -> set[int]:
    newest = select(func.coalesce(func.max(table.id), 0) - OVERLAP).scalar_subquery()
    return set(session.scalars(select(table.id).where(table.id > newest)))


def _is_older(known: list[set[int]], now: list[set[int]]) -> bool:
    """Return whether nothing is known yet, or less than is there: the window moved too far, or rows are gone."""
    if not known:
        return True
    return any(
        max(before, default=0) > max(after, default=0)
        or (min(after, default=0) > max(before, default=0) + 1 and min(after, default=0) > 1)
        for before, after in zip(known, now, strict=True)
    )


def _changed(session: Session, course: str, known: list[set[int]], now: list[set[int]]) -> set[str]:
    found: set[str] = set()
    for table, before, after in zip(ADDED, known, now, strict=True):
        if new := after - before:
            found |= _learners_of(session, course, table, new)
    return found


def _learners_of(session: Session, course: str, table: Any, numbers: Collection[int]) -> set[str]:
    query = select(Attempt.learner).distinct().where(Attempt.course == course, table.id.in_(numbers))
    if table is not Attempt:
        query = query.join(table, table.attempt == Attempt.id)
    return set(session.scalars(query))


@dataclass(frozen=True)
class WorkFilter:
    """Attempts of a course; of one lab, or of some learners, if they are named."""

    course: str
    lab: str = ""
    learners: Collection[str] | None = None

    def applied(self, query: Any) -> Any:
        """Return a query over attempts narrowed to these. Every subquery needs it, or the whole course is read."""
        query = query.where(Attempt.course == self.course)
        query = query.where(Attempt.lab == self.lab) if self.lab else query
        return query if self.learners is None else query.where(Attempt.learner.in_(self.learners))


def _last(only: WorkFilter, *, graded: bool) -> Any:
    """Number of every learner's newest attempt at every lab; of the checked ones if `graded`."""
    query = select(
        Attempt.lab,
        Attempt.learner,
        func.max(Attempt.number).label("number"),
        func.min(Attempt.received_at).label("first_at"),
    )
    if graded:
        query = query.join(Grading, Grading.attempt == Attempt.id)
    return only.applied(query).group_by(Attempt.lab, Attempt.learner).subquery()


def _is_last(last: Any) -> Any:
    return and_(Attempt.lab == last.c.lab, Attempt.learner == last.c.learner, Attempt.number == last.c.number)


def read_points(
    session: Session, course: str, lab: str = "", *, learners: Collection[str] | None = None
) -> dict[str, dict[str, LabPoints]]:
    """Return points by learner and lab from the database: of one lab, or of some learners, if they are named."""
    only = WorkFilter(course, lab, learners)
    found: dict[str, dict[str, LabPoints]] = defaultdict(dict)
    newest = {
        (slug, name): (receipt, first) for slug, name, receipt, first in session.execute(_handed_in(only))
    }
    late, flags = late_in_course(session, course, lab), _open_flags(session, only)
    for attempt, slug, name, receipt, earned, most, to_mark in session.execute(_sums(only)):
        last, first = newest.get((slug, name), (receipt, None))
        note, points = late.get(attempt), float(earned or 0)
        off = min(note.points_off, points) if note else 0.0
        days = note.days if note else 0
        worth = float(most or 0)
        found[name][slug] = LabPoints(
            receipt, points - off, worth, int(to_mark or 0), last != receipt, days, off, flags[attempt], first
        )
    for (slug, name), (receipt, first) in newest.items():
        found[name].setdefault(slug, LabPoints(receipt, None, 0.0, waits=True, first_at=first))
    return found


def _open_flags(session: Session, only: WorkFilter) -> Counter[int]:
    """Count the tasks of each attempt with flags that no trainer has decided about."""
    work = _checked(only)
    query = (
        select(work.c.attempt, Verdict.grade_id, Verdict.flags)
        .select_from(work)
        .join(Verdict, Verdict.grading == work.c.grading)
        .where(cast(Verdict.flags, String) != "[]")
    )
    rows = [row for row in session.execute(query) if row.flags]
    rulings = newest_rulings(session, {row.attempt for row in rows})
    return Counter(
        row.attempt for row in rows if valid_ruling(rulings, row.attempt, row.grade_id, row.flags) is None
    )


def _handed_in(only: WorkFilter) -> Any:
    last = _last(only, graded=False)
    query = select(Attempt.lab, Attempt.learner, Attempt.receipt, last.c.first_at)
    return only.applied(query.join(last, _is_last(last)))


def checked_work(course: str, lab: str = "", learners: Collection[str] | None = None) -> Any:
    """Subquery of every learner's newest checked attempt at every lab, with its newest grading.

    Of one lab, or of some learners, if they are named.
    """
    return _checked(WorkFilter(course, lab, learners))


def _checked(only: WorkFilter) -> Any:
    last = _last(only, graded=True)
    runs = select(Grading.attempt, func.max(Grading.run).label("run")).join(
        Attempt, Attempt.id == Grading.attempt
    )
    newest_run = only.applied(runs).group_by(Grading.attempt).subquery()
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
    )
    return only.applied(query).subquery()


def newest_marks(course: str, lab: str = "") -> Any:
    """Subquery of the newest mark of each task of each attempt in a course, or at one lab."""
    return _marks(WorkFilter(course, lab))


def _marks(only: WorkFilter) -> Any:
    query = select(Mark.attempt, Mark.grade_id, func.max(Mark.id).label("id"))
    query = only.applied(query.join(Attempt, Attempt.id == Mark.attempt))
    return query.group_by(Mark.attempt, Mark.grade_id).subquery()


def _sums(only: WorkFilter) -> Any:
    """Points of every learner's newest checked attempt at every lab, a person's marks over the engine's."""
    work, given = _checked(only), _marks(only)
    unchecked = and_(Verdict.outcome == "could-not-check", Mark.score.is_(None))
    waits = and_(Verdict.outcome != "could-not-check", Verdict.score.is_(None), Mark.score.is_(None))
    return (
        select(
            work.c.attempt,
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
        .group_by(work.c.attempt, work.c.lab, work.c.learner, work.c.receipt)
    )
