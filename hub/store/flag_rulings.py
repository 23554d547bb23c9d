"""Decisions of trainers about flags: cleared or upheld, with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, cast, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.marking_models import FlagRuling
from hub.store.marking_queue import WaitingTask
from hub.store.points_models import kept_work
from hub.store.points_upkeep import FEW
from hub.store.ruling_lookup import flags_digest, newest_rulings, valid_ruling

CLEARED, UPHELD = "cleared", "upheld"


@dataclass(frozen=True)
class FlaggedTask:
    """A task of a learner's newest checked attempt that has flags, and the decision about them."""

    attempt: int
    receipt: str
    lab: str
    grade_id: str
    flags: list[Any]
    ruling: FlagRuling | None


class FlagRulings:
    """Reads flags and keeps decisions about them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def flagged(
        self, course: str, lab: str = "", learners: Collection[str] | None = None
    ) -> list[FlaggedTask]:
        """Return the tasks with flags of a course, or of one lab or some learners, the oldest attempt first."""
        if learners is not None and len(learners) > FEW:
            learners = None  # One statement takes only so many names.
        work, verdict = kept_work(course, lab, learners), table_models.Verdict
        query = (
            select(work.c.attempt, work.c.receipt, work.c.lab, verdict.grade_id, verdict.flags)
            .select_from(work)
            .join(verdict, verdict.grading == work.c.grading)
            .where(cast(verdict.flags, String) != "[]")
            .order_by(work.c.attempt, verdict.position)
        )
        with self._database.read() as session:
            rows = [row for row in session.execute(query) if row.flags]
            rulings = newest_rulings(session, {row.attempt for row in rows})
        return [
            FlaggedTask(
                row.attempt,
                row.receipt,
                row.lab,
                row.grade_id,
                row.flags,
                valid_ruling(rulings, row.attempt, row.grade_id, row.flags),
            )
            for row in rows
        ]

    def tasks(self, course: str, learners: Collection[str] | None = None) -> list[WaitingTask]:
        """Return the tasks of a course with flags that nobody has decided about; with `learners` only of those."""
        flagged = self.flagged(course, learners=learners)
        open_ones = Counter((each.lab, each.grade_id) for each in flagged if not each.ruling)
        return [WaitingTask(lab, task, count) for (lab, task), count in sorted(open_ones.items())]

    def rule(self, attempt: int, verdict: table_models.Verdict, ruling: str, reason: str, who: str) -> None:
        """Keep a decision about the flags of a task."""
        row = FlagRuling(
            attempt=attempt,
            grade_id=verdict.grade_id,
            flags_sha256=flags_digest(verdict.flags),
            ruling=ruling,
            reason=reason,
            given_by=who,
            given_at=datetime.now(UTC),
        )
        with self._database.write() as session:
            session.add(row)

    def about(self, results: Collection[Any]) -> dict[tuple[int, str], FlagRuling]:
        """Return the decisions about the flags in some results, by attempt and task."""
        with self._database.read() as session:
            rulings = newest_rulings(session, {each.grading.attempt for each in results})
        found = {
            (result.grading.attempt, each.grade_id): valid_ruling(
                rulings, result.grading.attempt, each.grade_id, each.flags
            )
            for result in results
            for each in result.verdicts
            if each.flags
        }
        return {key: ruling for key, ruling in found.items() if ruling}
