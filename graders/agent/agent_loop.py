"""The agent's loop: what is handed in and not yet graded is asked of the store, again and again (law 4)."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from graders.agent import grading_jobs
from graders.agent.agent_sentences import _
from graders.agent.engine_client import NotStartedError, PipedEngine
from graders.agent.engine_launchers import Start
from graders.contract.work_contract import EngineError, Graded, Limits, Outcome, Work
from hub.store import GradedRecord, GradingJob
from hub.verb_errors import IsomoError

log = logging.getLogger("agent")
Away = (SQLAlchemyError, OSError, IsomoError)
"""What a desk raises while its store cannot be reached."""
POLL = 0.15
"""Seconds between two looks into the store while nothing waits."""
LEASE = 30.0
"""Seconds for which an attempt is held; held on while it is graded, free again soon after its agent was killed."""
RENEW = 8.0
REST = 5.0
"""Seconds between two tries to start an engine that does not start."""
PATIENCE = 120.0
"""Seconds for which a result is kept while the database is away."""
WORST_DELAY = 1800.0
TRIES = 3
"""Tries of a whole attempt before the tasks that could not be checked are recorded as that."""
MOST_TRIES = 4
"""Tries of an attempt whose engine ends before the result is recorded: the first next to others, the rest alone."""
APART = 2
"""An attempt that so many agents were lost with is graded alone."""
MOST_LOST = 24
"""With the next one it is not tried any more: it may be what ends them. Many, for a machine may be ill for a while."""


@dataclass(frozen=True)
class Wanted:
    """Attempts to grade: all, or those of one lab or one learner."""

    lab: str = ""
    learner: str = ""


class Desk(Protocol):
    """Source of work and target of results: the store itself, or the campus of another machine.

    Each call may raise SQLAlchemyError, OSError or IsomoError while it is away.
    """

    def is_waiting(self, *, lab: str = "", learner: str = "") -> bool:
        """Return whether an attempt waits that nobody holds."""

    def claim(
        self, worker: str, lease_seconds: float, *, lab: str = "", learner: str = "", attempt: int = 0
    ) -> GradingJob | None:
        """Take one for a while."""

    def renew(self, worker: str, attempts: Collection[int], lease_seconds: float) -> None:
        """Hold these for longer."""

    def record(self, job: GradingJob, graded: GradedRecord) -> bool:
        """Keep a result, once."""

    def release(self, job: GradingJob) -> None:
        """Give one back, untried."""

    def postpone(self, job: GradingJob, seconds: float, reason: str, *, tried: bool = False) -> None:
        """Give one back that could not be checked; `tried` if an engine was there to do it."""


def retry_delay(failures: int) -> float:
    """Return seconds until an attempt is tried again that failed so often already."""
    return float(min(WORST_DELAY, 2.0 * 4 ** min(failures, 8)))


class Agent:
    """Claims, feeds the engine, records. Several may run at once, here and elsewhere."""

    def __init__(
        self,
        desk: Desk,
        start: Start,
        name: str,
        workers: int,
        wanted: Wanted | None = None,
        *,
        limits: Limits = grading_jobs.USUAL,
    ) -> None:
        self._desk = desk
        self._limits = limits
        self._name = name
        self._wanted = wanted or Wanted()
        self._engine = PipedEngine(start, workers)
        # What ran when the engine ended runs apart: if it is this work that ends it, the others are not to suffer.
        self._apart = PipedEngine(start, 1, "apart")
        self._waiting_apart = 0
        self._rest_until = 0.0
        self._alone = threading.Lock()
        self._slots = threading.BoundedSemaphore(workers + 1)
        self._pool = ThreadPoolExecutor(workers + 1, thread_name_prefix="grading")
        self._held: dict[int, GradingJob] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Grade until told to stop, or until `until` says so while nothing waits."""
        with self.serving():
            while not self._stopping.is_set():
                if not self._slots.acquire(timeout=POLL):
                    continue
                job = None if self._stopping.is_set() else self._next()
                if job is not None:
                    self._pool.submit(self._one, job)
                    continue
                self._slots.release()
                if until():
                    break
                self._stopping.wait(POLL)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Hold what is being graded while this block runs; afterwards everything is ended."""
        renewing = threading.Thread(target=self._renew, daemon=True)
        renewing.start()
        try:
            yield
        finally:
            self.stop()
            self._pool.shutdown(wait=True)
            self._engine.close()
            self._apart.close()

    def take(self, attempt: int) -> None:
        """Grade one attempt, if it still waits and nobody holds it. For callers that know which one."""
        job = self._next(attempt)
        if job is not None:
            self._slots.acquire()
            self._one(job)

    @property
    def is_busy(self) -> bool:
        """Return whether something is being graded."""
        with self._lock:
            return bool(self._held)

    def rest(self) -> None:
        """Let go of the engine and its memory; the next work starts another."""
        self._engine.close()
        self._apart.close()

    def stop(self) -> None:
        """Take no more work. What runs is given back by its lease if it does not end in time."""
        self._stopping.set()

    def hurry(self) -> None:
        """Stop now, also what runs; it is graded at the next start."""
        self.stop()
        self.rest()

    def _next(self, attempt: int = 0) -> GradingJob | None:
        """The next attempt, if there is one and an engine to grade it; never raises for a store that is away."""
        if time.monotonic() < self._rest_until:
            return None
        try:
            lab, learner = self._wanted.lab, self._wanted.learner
            if not attempt and not self._desk.is_waiting(lab=lab, learner=learner):
                return None
            job = self._desk.claim(self._name, LEASE, lab=lab, learner=learner, attempt=attempt)
        except Away as error:
            log.warning("store-away reason=%r", str(error)[:300])
            self._stopping.wait(1)
            return None
        if job is not None:
            with self._lock:
                self._held[job.attempt_id] = job
        return job

    def _renew(self) -> None:
        while not self._stopping.wait(RENEW):
            with self._lock:
                held = list(self._held)
            if held:
                try:
                    self._desk.renew(self._name, held, LEASE)
                except Away as error:
                    log.warning("lease-not-renewed reason=%r", str(error)[:300])

    def _one(self, job: GradingJob) -> None:
        try:
            self._try(job)
        except NotStartedError as error:
            self._rest_until = time.monotonic() + REST
            self._put_off(job, REST, str(error))
        except grading_jobs.LabError as error:
            self._put_off(job, retry_delay(job.failures), str(error))
        except Away as error:
            self._put_off(job, REST, str(error))
        except Exception as error:
            log.exception("fault receipt=%s", job.receipt)
            self._put_off(job, retry_delay(job.failures), str(error) or type(error).__name__)
        finally:
            with self._lock:
                self._held.pop(job.attempt_id, None)
            self._slots.release()

    def _try(self, job: GradingJob) -> None:
        """Grade and record one attempt. Raises NotStartedError, LabError or Away if nothing is its own fault."""
        began = time.monotonic()
        work = grading_jobs.work_of(job, self._limits)
        if job.lost >= MOST_LOST:
            self._give_up(job, work, "its graders were lost")
            return
        try:
            graded = grading_jobs.grade_parts(
                grading_jobs.parts_of(job, work), lambda part: self._grade(job, part)
            )
            missed = grading_jobs.unchecked_tasks(graded)
            if missed and job.tries + 1 < TRIES:
                raise EngineError(
                    _("Some tasks could not be checked: {tasks}.").format(tasks=", ".join(missed))
                )
            record = grading_jobs.record_of(job, work, graded)
        except (NotStartedError, *Away):
            raise
        except Exception as error:
            if not isinstance(error, EngineError):
                log.exception("fault receipt=%s", job.receipt)
            self._failed(job, work, str(error) or type(error).__name__)
            return
        new = self._patiently(lambda: self._desk.record(job, record))
        log.info(
            "graded receipt=%s run=%s new=%s seconds=%.2f cpu=%.2f", job.receipt, job.run, new,
            time.monotonic() - began, graded.cpu_seconds,
        )  # fmt: skip

    def _grade(self, job: GradingJob, work: Work) -> Graded:
        if self._stopping.is_set():
            raise EngineError("stopping")
        if not job.tries and job.lost < APART:
            return self._engine.grade(work)
        return self._grade_apart(work)

    def _grade_apart(self, work: Work) -> Graded:
        with self._lock:
            self._waiting_apart += 1
        with self._alone:
            try:
                return self._apart.grade(work)
            finally:
                with self._lock:
                    self._waiting_apart -= 1
                    is_last = not self._waiting_apart
                if is_last:
                    self._apart.close()

    def _failed(self, job: GradingJob, work: Work, reason: str) -> None:
        """Try it once more later, or say that it cannot be graded: but only of work, not of an ill engine."""
        if job.tries + 1 < MOST_TRIES or self._stopping.is_set():
            self._put_off(job, retry_delay(job.tries), reason, tried=True)
            return
        if not self._is_engine_well():
            self._put_off(job, retry_delay(job.failures), reason)
            return
        self._give_up(job, work, reason)

    def _give_up(self, job: GradingJob, work: Work, reason: str) -> None:
        log.warning(
            "given-up receipt=%s tries=%s lost=%s reason=%r",
            job.receipt,
            job.tries + 1,
            job.lost,
            reason[:300],
        )
        record = grading_jobs.record_of(job, work, grading_jobs.given_up(work))
        self._patiently(lambda: self._desk.record(job, record))

    def _is_engine_well(self) -> bool:
        """Return whether an engine grades our own notebook; if not, the submission is not at fault."""
        try:
            control = self._grade_apart(grading_jobs.control_work())
        except EngineError:
            return False
        return all(one.outcome is Outcome.PASSED for one in control.tasks)

    def _put_off(self, job: GradingJob, seconds: float, reason: str, *, tried: bool = False) -> None:
        if self._stopping.is_set():
            log.info("given-back receipt=%s", job.receipt)
            self._quietly(lambda: self._desk.release(job))
            return
        log.warning(
            "could-not-check receipt=%s failures=%s reason=%r", job.receipt, job.failures + 1, reason[:300]
        )
        self._quietly(lambda: self._desk.postpone(job, seconds, reason[:300], tried=tried))

    def _quietly(self, write: Callable[[], None]) -> None:
        """Record a failure if the store answers; if not, the lease ends by itself."""
        try:
            write()
        except Away as error:
            log.warning("store-away reason=%r", str(error)[:300])

    def _patiently(self, write: Callable[[], bool]) -> bool:
        """Keep a result while the database is away for a moment; recording twice is recording once."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return write()
            except Away as error:
                if time.monotonic() > end or self._stopping.is_set():
                    raise
                log.warning("store-away reason=%r", str(error)[:300])
                self._stopping.wait(1)
