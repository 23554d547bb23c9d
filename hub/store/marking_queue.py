"""Answers that wait for a person: by task of a course, and one after the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from hub.store import table_models
from hub.store.counted_points import checked_work, newest_marks
from hub.store.database_connections import Database

Attempt, Mark, Verdict = table_models.Attempt, table_models.Mark, table_models.Verdict
MOST_COMMENTS = 9


@dataclass(frozen=True)
class WaitingTask:
    """How many answers to one task wait."""

    lab: str
    grade_id: str
    count: int


class MarkingQueue:
    """Which answers a trainer reads next."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tasks(self, course: str, labs: Collection[str] | None = None) -> list[WaitingTask]:
        """Return the tasks of a course in which answers wait; with `labs` only those labs are read."""
        found = []
        for lab in ("",) if labs is None else sorted(labs):
            work = checked_work(course, lab)
            query = _waiting(work, course, lab, select(work.c.lab, Verdict.grade_id, func.count()))
            query = query.group_by(work.c.lab, Verdict.grade_id).order_by(work.c.lab, Verdict.grade_id)
            with self._database.read() as session:
                found += [WaitingTask(*row) for row in session.execute(query)]
        return found

    def answers(self, course: str, lab: str, grade_id: str) -> list[str]:
        """Return the receipts of the attempts whose answer to a task waits, the oldest first."""
        work = checked_work(course, lab)
        query = _waiting(work, course, lab, select(work.c.receipt)).where(Verdict.grade_id == grade_id)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(work.c.attempt)))

    def comments(self, course: str, lab: str, grade_id: str) -> list[str]:
        """Return what trainers wrote to answers of a task, the commonest first."""
        query = (
            select(Mark.comment)
            .join(Attempt, Attempt.id == Mark.attempt)
            .where(Attempt.course == course, Attempt.lab == lab)
            .where(Mark.grade_id == grade_id, Mark.comment != "")
            .group_by(Mark.comment)
            .order_by(func.count(Mark.attempt.distinct()).desc(), func.max(Mark.id).desc())
            .limit(MOST_COMMENTS)
        )
        with self._database.read() as session:
            return list(session.scalars(query))


def _waiting(work: Any, course: str, lab: str, chosen: Any) -> Any:
    given = newest_marks(course, lab)
    return (
        chosen.select_from(work)
        .join(Verdict, Verdict.grading == work.c.grading)
        .outerjoin(given, and_(given.c.attempt == work.c.attempt, given.c.grade_id == Verdict.grade_id))
        .outerjoin(Mark, Mark.id == given.c.id)
        .where(Verdict.outcome != "could-not-check", Verdict.score.is_(None), Mark.score.is_(None))
    )
