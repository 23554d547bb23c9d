"""Late work: by how many days an attempt is late, the points that it costs, and how a trainer takes that back."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.course_store import Lab
from hub.store.database_connections import Database
from hub.store.lab_schedules import Schedules
from hub.store.marking_models import LateWork

DAY = timedelta(days=1)
BY_ITSELF = "schedule"
"""Who notes late work that no person decided about."""


@dataclass(frozen=True)
class Lateness:
    """By how much work is late: begun days after `due_at`, and the points that they cost."""

    due_at: datetime
    days: int
    points_off: float


def work_lateness(lab: Lab, received_at: datetime) -> Lateness | None:
    """Return by how much work at a lab is late, with the lab's times for its learner; None if it is in time."""
    end = lab.in_time_until
    if end is None or received_at < end or lab.closes_at is None:
        return None
    days = max(1, math.ceil((received_at - lab.closes_at) / DAY))
    return Lateness(lab.closes_at, days, lab.points_per_day * days if lab.late_policy == "points" else 0.0)


class LateAttempts:
    """Reads and corrects what is noted about late work."""

    def __init__(self, database: Database, schedules: Schedules) -> None:
        self._database = database
        self._schedules = schedules

    def late(self, attempts: Collection[int]) -> dict[int, LateWork]:
        """Return the newest note about each attempt that was late."""
        with self._database.read() as session:
            return newest_late(session, attempts)

    def forgive(self, attempt: int, who: str) -> bool:
        """Count an attempt as in time after all; False if it does already."""
        with self._database.write() as session:
            session.get_one(table_models.Attempt, attempt, with_for_update=True)
            known = newest_late(session, [attempt]).get(attempt)
            if known is None or not known.days:
                return False
            session.add(_forgiven(known, who))
            return True

    def labs(self, learners: Collection[str]) -> list[tuple[str, str]]:
        """Return the courses and labs in which some learners handed in late."""
        attempt = table_models.Attempt
        query = select(attempt.course, attempt.lab).where(attempt.learner.in_(learners))
        query = query.where(attempt.id.in_(select(LateWork.attempt))).distinct()
        with self._database.read() as session:
            return [
                (course, lab) for course, lab in session.execute(query.order_by(attempt.course, attempt.lab))
            ]

    def recount(self, lab: Lab, learners: Collection[str] | None = None) -> list[int]:
        """Count late work again after times changed, for `learners` or for all; return the changed attempts.

        Only in the learners' favour: what was taken when the work arrived is never raised afterwards.
        """
        attempt = table_models.Attempt
        query = select(attempt).where(attempt.id.in_(select(LateWork.attempt)))
        query = query.where(attempt.course == lab.course, attempt.lab == lab.lab)
        if learners is not None:
            query = query.where(attempt.learner.in_(learners))
        with self._database.read() as session:
            late = list(session.scalars(query))
        own = {
            name: self._schedules.own_labs(lab.course, name, [lab])[0]
            for name in {each.learner for each in late}
        }
        changed = []
        with self._database.write() as session:
            known = newest_late(session, [each.id for each in late])
            for each in late:
                row = better_note(
                    known[each.id], _now_late(known[each.id], own[each.learner], each.received_at)
                )
                if row is not None:
                    session.add(row)
                    changed.append(each.id)
        return changed


def _now_late(known: LateWork, lab: Lab, received_at: datetime) -> Lateness | None:
    """Return by how much taken work is late with the present times.

    A lab that refuses late work by now has no points a day any more; that gives no points back by itself, so
    each day costs what it cost before.
    """
    now = work_lateness(lab, received_at)
    if now is None or lab.late_policy != "refused" or not known.days:
        return now
    return replace(now, points_off=known.points_off * min(1.0, now.days / known.days))


def better_note(known: LateWork, now: Lateness | None) -> LateWork | None:
    """Return the note that is to replace a known one, if the present times are better for the learner."""
    if now is None:
        return _forgiven(known, BY_ITSELF) if known.days else None
    is_worse = now.days > known.days or now.points_off > known.points_off
    if is_worse or (now.days, now.points_off) == (known.days, known.points_off):
        return None
    return late_row(known.attempt, now, BY_ITSELF)


def late_row(attempt: int, late: Lateness, who: str, now: datetime | None = None) -> LateWork:
    """Return a new note about late work."""
    return LateWork(
        attempt=attempt,
        due_at=late.due_at,
        days=late.days,
        points_off=late.points_off,
        given_by=who,
        given_at=now or datetime.now(UTC),
    )


def _forgiven(known: LateWork, who: str) -> LateWork:
    return late_row(known.attempt, Lateness(known.due_at, 0, 0.0), who)


def newest_late(session: Session, attempts: Any) -> dict[int, LateWork]:
    """Return the newest note about each attempt that was late; `attempts` are ids, or a query for ids."""
    query = select(LateWork).where(LateWork.attempt.in_(attempts)).order_by(LateWork.id)
    return {each.attempt: each for each in session.scalars(query)}


def late_in_course(session: Session, course: str, lab: str = "") -> dict[int, LateWork]:
    """Return the newest note about each late attempt of a course, or of one lab."""
    attempt = table_models.Attempt
    last: Any = select(func.max(LateWork.id)).join(attempt, attempt.id == LateWork.attempt)
    last = last.where(attempt.course == course)
    last = last.where(attempt.lab == lab) if lab else last
    query = select(LateWork).where(LateWork.id.in_(last.group_by(LateWork.attempt)))
    return {each.attempt: each for each in session.scalars(query)}
