"""Appeals: a learner asks a trainer to look at one task of a returned result again, and gets an answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.marking_models import Appeal

KEPT, CHANGED = "kept", "changed"


@dataclass(frozen=True)
class OpenAppeal:
    """An appeal that waits for its answer."""

    appeal: Appeal
    attempt: table_models.Attempt
    learner: table_models.Person


def appeal_deadline(returned_at: datetime, days: int) -> datetime:
    """Return until when a result that was returned may be appealed."""
    return returned_at + timedelta(days=days)


class Appeals:
    """Asks and answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, attempt: int, grade_id: str, reason: str) -> Appeal | None:
        """Keep an appeal; None if one about this task of this attempt waits already."""
        with self._database.write() as session:
            # Two clicks at once become one appeal.
            session.get_one(table_models.Attempt, attempt, with_for_update=True)
            waiting = select(Appeal.id).filter_by(attempt=attempt, grade_id=grade_id, decision=None)
            if session.scalar(waiting.limit(1)) is not None:
                return None
            row = Appeal(attempt=attempt, grade_id=grade_id, reason=reason, asked_at=datetime.now(UTC))
            session.add(row)
            return row

    def answer(self, number: int, decision: str, answer: str, who: str) -> bool:
        """Keep the answer to an appeal, once; False if it was answered already."""
        with self._database.write() as session:
            row = session.get(Appeal, number, with_for_update=True)
            if row is None or row.decision is not None:
                return False
            row.decision, row.answer = decision, answer
            row.answered_by, row.answered_at = who, datetime.now(UTC)
            return True

    def get(self, number: int) -> Appeal | None:
        """Return an appeal by its number."""
        with self._database.read() as session:
            return session.get(Appeal, number)

    def about(self, attempts: Collection[int]) -> dict[int, list[Appeal]]:
        """Return the appeals about each attempt, the oldest first."""
        query = select(Appeal).where(Appeal.attempt.in_(attempts)).order_by(Appeal.id)
        found: dict[int, list[Appeal]] = {}
        with self._database.read() as session:
            for each in session.scalars(query):
                found.setdefault(each.attempt, []).append(each)
        return found

    def waiting(self, course: str) -> list[OpenAppeal]:
        """Return the appeals of a course that wait, the oldest first."""
        query = (
            select(Appeal, table_models.Attempt, table_models.Person)
            .join(table_models.Attempt, table_models.Attempt.id == Appeal.attempt)
            .join(table_models.Person, table_models.Person.username == table_models.Attempt.learner)
            .where(table_models.Attempt.course == course, Appeal.decision.is_(None))
            .order_by(Appeal.id)
        )
        with self._database.read() as session:
            return [OpenAppeal(*row) for row in session.execute(query)]

    def counts(self, course: str) -> dict[str | None, int]:
        """Return how many appeals of a course there are by decision; None counts those that wait."""
        query = (
            select(Appeal.decision, func.count())
            .join(table_models.Attempt, table_models.Attempt.id == Appeal.attempt)
            .where(table_models.Attempt.course == course)
            .group_by(Appeal.decision)
        )
        with self._database.read() as session:
            return {decision: count for decision, count in session.execute(query)}  # noqa: C416 - rows are no pairs
