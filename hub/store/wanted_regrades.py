"""Regrades that a trainer wants on a page: a grading agent makes the proposal when it has nothing else to do."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Select, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.grading_queue import GradedRecord, GradingJob, Gradings
from hub.store.regrade_store import Regrades


class WantedRegrades:
    """Which proposals are to be made."""

    def __init__(self, database: Database, regrades: Regrades) -> None:
        self._database = database
        self._regrades = regrades

    def want(self, course: str, lab: str, who: str) -> table_models.Regrade:
        """Ask for the proposal for the released version of a lab; twice is as good as once."""
        begun = self._regrades.begin(course, lab, who)
        with self._database.write() as session:
            row = session.get_one(table_models.Regrade, begun.id)
            row.wanted_at = row.wanted_at or datetime.now(UTC)
            return row

    def finish(self, number: int) -> None:
        """Note that a proposal holds all that it can hold."""
        with self._database.write() as session:
            session.get_one(table_models.Regrade, number).wanted_at = None

    def wanted(self) -> list[table_models.Regrade]:
        """Return the proposals for released versions that are to be made, the oldest wish first."""
        query = _of_released().where(table_models.Regrade.wanted_at.is_not(None))
        with self._database.read() as session:
            return list(session.scalars(query.order_by(table_models.Regrade.wanted_at)))

    def proposal(self, course: str, lab: str) -> table_models.Regrade | None:
        """Return the newest proposal for the released version of a lab that is not applied; None if there is none."""
        table = table_models.Regrade
        query = _of_released().where(table.course == course, table.lab == lab)
        with self._database.read() as session:
            return session.scalar(query.order_by(table.id.desc()).limit(1))

    def applied(self, course: str, lab: str) -> list[table_models.Regrade]:
        """Return the regrades of a lab that were applied, the newest first."""
        return [each for each in self._regrades.all(lab) if each.course == course]

    def left(self, regrade: table_models.Regrade) -> int:
        """Return how many attempts a proposal still lacks."""
        return self._regrades.due(regrade)


def _of_released() -> Select[table_models.Regrade]:
    """Return a query for the proposals for released versions that are not applied."""
    table, release = table_models.Regrade, table_models.Release
    return (
        select(table)
        .join(release, (release.course == table.course) & (release.lab == table.lab))
        .where(table.lab_version == release.version, table.applied_at.is_(None))
    )


class ProposalDesk:
    """The queue as an agent sees it: attempts that wait first, then what a wanted proposal still lacks.

    One process serves it, so what is held and how often it was tried is kept in memory.
    """

    def __init__(self, gradings: Gradings, regrades: Regrades, wanted: WantedRegrades) -> None:
        self._gradings, self._regrades, self._wanted = gradings, regrades, wanted
        self._lock = threading.Lock()
        self._current: tuple[table_models.Regrade, Iterator[GradingJob]] | None = None
        self._held: dict[tuple[int, int], table_models.Regrade] = {}
        self._again: list[tuple[table_models.Regrade, GradingJob]] = []

    def is_waiting(self, *, lab: str = "", learner: str = "") -> bool:
        """Return whether there is anything to grade."""
        if self._gradings.is_waiting(lab=lab, learner=learner):
            return True
        return not lab and not learner and (self._is_busy() or bool(self._wanted.wanted()))

    def _is_busy(self) -> bool:
        with self._lock:
            return bool(self._again)

    def claim(
        self, worker: str, lease_seconds: float, *, lab: str = "", learner: str = "", attempt: int = 0
    ) -> GradingJob | None:
        """Take an attempt that waits, else one of a proposal."""
        job = self._gradings.claim(worker, lease_seconds, lab=lab, learner=learner, attempt=attempt)
        if job is not None or lab or learner or attempt:
            return job
        with self._lock:
            return self._next_of_proposal()

    def _next_of_proposal(self) -> GradingJob | None:
        if self._again:
            regrade, again = self._again.pop(0)
            self._held[again.attempt_id, again.run] = regrade
            return again
        while True:
            if self._current is None:
                busy = {each.id for each in self._held.values()}
                wanted = next((each for each in self._wanted.wanted() if each.id not in busy), None)
                if wanted is None:
                    return None
                self._current = wanted, iter(self._regrades.jobs(wanted))
            regrade, jobs = self._current
            try:
                job = next(jobs, None)
            except Exception:
                # A store that is away ends the iterator, and an ended one would pass for a finished proposal.
                self._current = regrade, iter(self._regrades.jobs(regrade))
                raise
            if job is not None and (job.attempt_id, job.run) in self._held:
                continue
            if job is not None:
                self._held[job.attempt_id, job.run] = regrade
                return job
            self._current = None
            if regrade.id not in {each.id for each in self._held.values()}:
                self._wanted.finish(regrade.id)

    def renew(self, worker: str, attempts: Collection[int], lease_seconds: float) -> None:
        """Hold attempts for longer; those of proposals have no lease."""
        self._gradings.renew(worker, attempts, lease_seconds)

    def record(self, job: GradingJob, graded: GradedRecord) -> bool:
        """Keep a result, or what an attempt would earn with a proposal."""
        regrade = self._held_by(job)
        if regrade is None:
            return self._gradings.record(job, graded)
        self._regrades.propose(regrade, job, graded)
        self._let_go(job, regrade)
        return True

    def _held_by(self, job: GradingJob) -> table_models.Regrade | None:
        with self._lock:
            return self._held.get((job.attempt_id, job.run))

    def _let_go(self, job: GradingJob, regrade: table_models.Regrade) -> None:
        """Forget an attempt of a proposal; with the last one the proposal is finished."""
        with self._lock:
            self._held.pop((job.attempt_id, job.run), None)
            is_last = self._current is None and regrade.id not in {each.id for each in self._held.values()}
            is_last = is_last and regrade.id not in {each.id for each, _job in self._again}
        if is_last:
            self._wanted.finish(regrade.id)

    def release(self, job: GradingJob) -> None:
        """Give an attempt back, untried."""
        regrade = self._held_by(job)
        if regrade is None:
            self._gradings.release(job)
            return
        with self._lock:
            self._held.pop((job.attempt_id, job.run), None)
            self._again.append((regrade, job))

    def postpone(self, job: GradingJob, seconds: float, reason: str, *, tried: bool = False) -> None:
        """Give an attempt back that could not be checked; an attempt of a proposal comes again after the others."""
        regrade = self._held_by(job)
        if regrade is None:
            self._gradings.postpone(job, seconds, reason, tried=tried)
            return
        with self._lock:
            self._held.pop((job.attempt_id, job.run), None)
            again = replace(job, tries=job.tries + tried, failures=job.failures + 1)
            if again.failures < MOST_FAILURES:
                self._again.append((regrade, again))
                return
        self._let_go(job, regrade)


MOST_FAILURES = 12
"""After so many failures an attempt keeps the result that it has."""
