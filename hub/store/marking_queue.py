"""Answers that wait for a person: by task of a course, and one after the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.points_models import KeptPoints

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
            query = _waiting(course, lab, select(KeptPoints.lab, Verdict.grade_id, func.count()))
            query = query.group_by(KeptPoints.lab, Verdict.grade_id).order_by(
                KeptPoints.lab, Verdict.grade_id
            )
            with self._database.read() as session:
                found += [WaitingTask(*row) for row in session.execute(query)]
        return found

    def answers(self, course: str, lab: str, grade_id: str) -> list[str]:
        """Return the receipts of the attempts whose answer to a task waits, the oldest first."""
        query = _waiting(course, lab, select(KeptPoints.receipt)).where(Verdict.grade_id == grade_id)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(KeptPoints.attempt)))

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


def _waiting(course: str, lab: str, chosen: Any) -> Any:
    # Kept points name the few attempts with a task that waits: only their verdicts and marks are read.
    work = KeptPoints
    newest_score = (
        select(Mark.score)
        .where(Mark.attempt == work.attempt, Mark.grade_id == Verdict.grade_id)
        .order_by(Mark.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = chosen.select_from(work).join(Verdict, Verdict.grading == work.grading)
    query = query.where(work.course == course, work.to_mark > 0)
    query = query.where(Verdict.outcome != "could-not-check", Verdict.score.is_(None), newest_score.is_(None))
    return query.where(work.lab == lab) if lab else query
