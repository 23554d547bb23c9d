"""Points of learners at labs, counted from attempts, gradings, marks and notes about late work.

What is counted here is kept by `points_upkeep`; a sign-off alone counts a whole course again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, and_, case, cast, func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.marking_models import LateWork
from hub.store.ruling_lookup import newest_rulings, valid_ruling

Attempt, Grading, Mark, Verdict = (
    table_models.Attempt,
    table_models.Grading,
    table_models.Mark,
    table_models.Verdict,
)


class LabPoints(NamedTuple):
    """Points that one learner's newest checked attempt at one lab earned.

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
    newest: int = 0
    """Number of the newest attempt, checked or not."""
    attempt: int | None = None
    grading: int | None = None
    """Numbers of the newest checked attempt and of its newest grading."""

    @property
    def state(self) -> str:
        """One of waiting, to-be-marked, passed, marked."""
        if self.score is None:
            return "waiting"
        if self.to_mark:
            return "to-be-marked"
        return "passed" if self.most and self.score >= self.most else "marked"


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


def count_points(
    session: Session, course: str, lab: str = "", *, learners: Collection[str] | None = None
) -> dict[str, dict[str, LabPoints]]:
    """Return points by learner and lab from the database: of one lab, or of some learners, if they are named."""
    only = WorkFilter(course, lab, learners)
    found: dict[str, dict[str, LabPoints]] = defaultdict(dict)
    newest = {
        (slug, name): (number, receipt, first)
        for slug, name, number, receipt, first in session.execute(_handed_in(only))
    }
    late, flags = _late(session, only), _open_flags(session, only)
    for attempt, grading, slug, name, receipt, earned, most, to_mark in session.execute(_sums(only)):
        number, last, first = newest[slug, name]
        note, points = late.get(attempt), float(earned or 0)
        off = min(note.points_off, points) if note else 0.0
        days = note.days if note else 0
        worth = float(most or 0)
        found[name][slug] = LabPoints(
            receipt,
            points - off,
            worth,
            to_mark=int(to_mark or 0),
            waits=last != receipt,
            late_days=days,
            points_off=off,
            flags=flags[attempt],
            first_at=first,
            newest=number,
            attempt=attempt,
            grading=grading,
        )
    for (slug, name), (number, receipt, first) in newest.items():
        waiting = LabPoints(receipt, None, 0.0, waits=True, first_at=first, newest=number)
        found[name].setdefault(slug, waiting)
    return found


def _late(session: Session, only: WorkFilter) -> dict[int, LateWork]:
    """Return the newest note about each late attempt."""
    last: Any = select(func.max(LateWork.id)).join(Attempt, Attempt.id == LateWork.attempt)
    query = select(LateWork).where(LateWork.id.in_(only.applied(last).group_by(LateWork.attempt)))
    return {each.attempt: each for each in session.scalars(query)}


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
    query = select(Attempt.lab, Attempt.learner, Attempt.id, Attempt.receipt, last.c.first_at)
    return only.applied(query.join(last, _is_last(last)))


def _checked(only: WorkFilter) -> Any:
    """Subquery of every learner's newest checked attempt at every lab, with its newest grading."""
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
            *(work.c.attempt, work.c.grading, work.c.lab, work.c.learner, work.c.receipt),
            func.sum(func.coalesce(Mark.score, Verdict.score, 0.0)),
            # What could not be checked costs no marks: it counts on neither side until it can be.
            func.sum(case((unchecked, 0.0), else_=Verdict.max_score)),
            func.sum(case((waits, 1), else_=0)),
        )
        .select_from(work)
        .outerjoin(Verdict, Verdict.grading == work.c.grading)
        .outerjoin(given, and_(given.c.attempt == work.c.attempt, given.c.grade_id == Verdict.grade_id))
        .outerjoin(Mark, Mark.id == given.c.id)
        .group_by(work.c.attempt, work.c.grading, work.c.lab, work.c.learner, work.c.receipt)
    )
