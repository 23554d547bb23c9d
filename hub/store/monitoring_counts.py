"""Figures of the whole installation for monitoring: a constant number of short queries, no names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from hub.store import table_models
from hub.store.database_connections import Database


@dataclass(frozen=True)
class Figures:
    """Counts and durations for the metrics page; times are in seconds."""

    people: int
    sessions: int
    attempts: int
    waiting: int
    being_graded: int
    oldest_wait: float
    gradings: int
    gradings_with_problem: int
    grading_cpu: float
    grading_wall: float
    could_not_check: int
    jobs: dict[str, int]


OVERLAP = 1000
_KEPT: WeakKeyDictionary[Database, tuple[int, tuple[float, ...]]] = WeakKeyDictionary()


def read_figures(database: Database) -> Figures:
    """Return the figures of this moment."""
    now = datetime.now(UTC)
    request, lease = table_models.GradingRequest, table_models.Lease
    with database.read() as session:

        def count(table: Any, *where: Any) -> int:
            return int(session.scalar(select(func.count()).select_from(table).where(*where)) or 0)

        oldest = session.scalar(select(func.min(request.asked_at)).where(request.done.is_(False)))
        total = _grading_totals(session, database)
        return Figures(
            people=count(table_models.Person, table_models.Person.disabled_at.is_(None)),
            sessions=count(table_models.WebSession, table_models.WebSession.expires_at > now),
            attempts=count(table_models.Attempt),
            waiting=count(request, request.done.is_(False)),
            being_graded=count(lease, lease.until > now, lease.worker != ""),
            oldest_wait=(now - oldest).total_seconds() if oldest else 0.0,
            gradings=int(total[0]),
            gradings_with_problem=int(total[1]),
            grading_cpu=float(total[2]),
            grading_wall=float(total[3]),
            could_not_check=count(table_models.Verdict, table_models.UNCHECKED),
            jobs=_jobs(session) if not database.is_sqlite else {},
        )


def _grading_totals(session: Any, database: Database) -> tuple[float, ...]:
    """Return gradings, those with a problem, their processor time and their time.

    Gradings are only ever added: sums up to a number are kept, and what came since is added each time. The newest
    are read again: on PostgreSQL a row may appear after one with a higher number.
    """
    grading = table_models.Grading
    sums = select(
        func.count(),
        func.count(grading.problem),
        func.coalesce(func.sum(grading.cpu_seconds), 0),
        func.coalesce(func.sum(grading.wall_seconds), 0),
    ).select_from(grading)
    newest = int(session.scalar(select(func.max(grading.id))) or 0)
    until, kept = _KEPT.get(database, (0, (0.0, 0.0, 0.0, 0.0)))
    if newest < until:
        until, kept = 0, (0.0, 0.0, 0.0, 0.0)
    settled = max(until, newest - OVERLAP)
    if settled > until:
        more = session.execute(sums.where(grading.id > until, grading.id <= settled)).one()
        kept = tuple(float(one) + float(other) for one, other in zip(kept, more, strict=True))
        _KEPT[database] = settled, kept
    rest = session.execute(sums.where(grading.id > settled)).one()
    return tuple(float(one) + float(other) for one, other in zip(kept, rest, strict=True))


def _jobs(session: Any) -> dict[str, int]:
    """Return the task queue's jobs by state; nothing if there is no queue, or it may not be read."""
    query = text("SELECT status::text, count(*) FROM procrastinate.procrastinate_jobs GROUP BY status")
    try:
        return {str(state): int(number) for state, number in session.execute(query)}
    except DBAPIError:  # A read has no transaction there, so what follows is not refused.
        return {}
