"""Second marks: another trainer marks a sample of a task without seeing the first marks, and agreement is measured."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.marking_models import SecondMark
from hub.store.marking_queue import WaitingTask
from hub.store.points_models import KeptPoints

SHARE, LEAST = 0.2, 10
"""Share of the marked answers that belong to the sample, and how many at least."""


@dataclass(frozen=True)
class MarkedTwice:
    """An answer of the sample: who marked it first, with how many points, and the second mark if there is one."""

    receipt: str
    attempt: int
    first: float
    first_by: str
    second: float | None = None
    second_by: str = ""


@dataclass(frozen=True)
class Agreement:
    """How well two markers agree over the answers that both marked."""

    pairs: int
    same: float
    """Share of answers with the same points, from 0 to 1."""
    kappa: float | None
    """Cohen's kappa, unweighted, over points; None if it is not defined: no pairs, or everybody has the same points."""


def marker_agreement(pairs: Sequence[tuple[float, float]]) -> Agreement:
    """Return how well two markers agree.

    Cohen's kappa (1960) is the agreement beyond chance: (same - chance) / (1 - chance).
    """
    if not pairs:
        return Agreement(0, 0.0, None)
    count = len(pairs)
    same = sum(first == second for first, second in pairs) / count
    ours, theirs = (Counter(side) for side in zip(*pairs, strict=True))
    chance = sum(ours[points] * theirs[points] for points in ours) / count**2
    return Agreement(count, same, None if chance == 1 else (same - chance) / (1 - chance))


def sample_receipts(receipts: Sequence[str]) -> list[str]:
    """Return the sample of some answers: the same whenever it is asked for, and in no order that learners know."""
    size = max(LEAST, round(SHARE * len(receipts)))
    return sorted(receipts, key=lambda receipt: hashlib.sha256(receipt.encode()).digest())[:size]


class SecondMarks:
    """Reads the sample of a task, and keeps second marks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: dict[str, tuple[int, list[WaitingTask]]] = {}

    def sample(self, course: str, lab: str, grade_id: str) -> list[MarkedTwice]:
        """Return the answers of a task's sample: a share of those that a person marked, and all marked twice."""
        newest, mark, verdict = _newest_marks(course, lab, grade_id), table_models.Mark, table_models.Verdict
        query = (
            select(newest.c.receipt, newest.c.attempt, mark.score, mark.given_by)
            .select_from(newest)
            .join(mark, mark.id == newest.c.id)
            # A newer version of the lab may lack a task that was marked.
            .join(verdict, and_(verdict.grading == newest.c.grading, verdict.grade_id == grade_id))
            .where(mark.score.is_not(None))
        )
        with self._database.read() as session:
            first = {row.receipt: MarkedTwice(*row) for row in session.execute(query)}
            second = _newest(session, [each.attempt for each in first.values()], grade_id)
        wanted = sample_receipts(list(first))
        wanted += [name for name in first if first[name].attempt in second and name not in wanted]
        return [_with_second(first[name], second.get(first[name].attempt)) for name in wanted]

    def tasks(self, course: str, version: int | None = None) -> list[WaitingTask]:
        """Return the tasks of a course in which persons gave points, with how many answers they marked.

        Kept until `version`, that of the course's points, grows: every mark ever given is read. Without it nothing is
        taken from memory.
        """
        if version is None:
            return self._read_tasks(course)
        known = self._tasks.get(course)
        if known is None or known[0] != version:
            known = self._tasks[course] = version, self._read_tasks(course)
        return known[1]

    def _read_tasks(self, course: str) -> list[WaitingTask]:
        newest, mark, verdict = _newest_marks(course), table_models.Mark, table_models.Verdict
        query = (
            select(newest.c.lab, newest.c.grade_id, func.count())
            .select_from(newest)
            .join(mark, mark.id == newest.c.id)
            .join(verdict, and_(verdict.grading == newest.c.grading, verdict.grade_id == newest.c.grade_id))
            .where(mark.score.is_not(None))
            .group_by(newest.c.lab, newest.c.grade_id)
            .order_by(newest.c.lab, newest.c.grade_id)
        )
        with self._database.read() as session:
            return [WaitingTask(*row) for row in session.execute(query)]

    def give(self, attempt: int, grade_id: str, score: float, who: str) -> None:
        """Keep a second mark."""
        row = SecondMark(
            attempt=attempt, grade_id=grade_id, score=score, given_by=who, given_at=datetime.now(UTC)
        )
        with self._database.write() as session:
            session.add(row)


def _newest_marks(course: str, lab: str = "", grade_id: str = "") -> Any:
    """Subquery of the newest mark of each task of each learner's checked work, of one task if it is named.

    Kept points name the checked work. They come first: read from the marks, SQLite looks through a course's points for
    each mark, and from attempts and gradings, PostgreSQL reads its subqueries again for each learner.
    """
    work, mark = KeptPoints, table_models.Mark
    columns = (work.lab, work.receipt, work.attempt, work.grading, mark.grade_id)
    query = select(*columns, func.max(mark.id).label("id")).select_from(work)
    query = query.join(mark, mark.attempt == work.attempt).where(work.course == course)
    if grade_id:
        query = query.where(work.lab == lab, mark.grade_id == grade_id)
    return query.group_by(*columns).subquery()


def _newest(session: Session, attempts: Sequence[int], grade_id: str) -> dict[int, SecondMark]:
    query = select(SecondMark).where(SecondMark.attempt.in_(attempts), SecondMark.grade_id == grade_id)
    return {each.attempt: each for each in session.scalars(query.order_by(SecondMark.id))}


def _with_second(first: MarkedTwice, second: SecondMark | None) -> MarkedTwice:
    if second is None or second.given_by == first.first_by:
        return first
    return MarkedTwice(
        first.receipt, first.attempt, first.first, first.first_by, second.score, second.given_by
    )
