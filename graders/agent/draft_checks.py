"""The loop that checks drafts of labs, next to the one that grades, in a separate engine: no learner waits for it."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

from graders.agent import draft_work
from graders.agent.agent_loop import Away
from graders.agent.engine_client import PipedEngine
from graders.agent.engine_launchers import Start
from graders.contract.work_contract import EngineError, Limits
from hub.store.lab_drafts import DraftJob, DraftResult

log = logging.getLogger("drafts")
POLL = 0.5
"""Seconds between two looks for a draft that waits."""
AWAY_WAIT = 5.0
"""Seconds to wait while the store, or the campus of another machine, does not answer."""
LEASE = 900.0
"""Seconds for which a draft is held: three runs of an engine, each within its limits, take less."""
IDLE = 60.0
"""Seconds after which an engine that checks nothing is ended, for its memory."""


class Drafts(Protocol):
    """Part of the store that a check needs: on this machine, or over the campus API."""

    def claim(self, worker: str, seconds: float) -> DraftJob | None:
        """Return the draft that waits longest for its check, held for `seconds`; None if none waits."""

    def record(self, job: DraftJob, result: DraftResult) -> bool:
        """Keep the outcome of a check; False if the draft was changed or removed meanwhile."""

    def give_back(self, job: DraftJob) -> None:
        """Let a draft wait again whose check could not be made."""


class DraftChecks:
    """Claims a draft, has it checked in the sandbox, records the outcome; one after the other."""

    def __init__(self, drafts: Drafts, start: Start, name: str, limits: Limits) -> None:
        self._drafts = drafts
        self._engine = PipedEngine(start, 1, "drafts")
        self._name = name
        self._limits = limits
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drafts", daemon=True)

    def start(self) -> None:
        """Begin to check what waits."""
        self._thread.start()

    def stop(self) -> None:
        """End now; a draft that was being checked waits again once its lease has ended."""
        self._stopping.set()
        self._engine.close()

    def check_next(self) -> bool:
        """Check the draft that waits longest; False if none waits."""
        job = self._drafts.claim(self._name, LEASE)
        if job is None:
            return False
        began = time.monotonic()
        try:
            result = self._checked(job)
        except (EngineError, *Away) as error:
            log.warning("draft-not-checked course=%s lab=%s reason=%r", job.course, job.lab, str(error)[:300])
            self._drafts.give_back(job)
            return True
        new = self._drafts.record(job, result)
        log.info(
            "draft-checked course=%s lab=%s findings=%s new=%s seconds=%.1f", job.course, job.lab,
            len(result.findings), new, time.monotonic() - began,
        )  # fmt: skip
        return True

    def _checked(self, job: DraftJob) -> DraftResult:
        """Check a draft in the sandbox; what it builds is graded, solved and blank. Raises EngineError."""
        asked = draft_work.check_work(job.course, job.lab, job.files, self._limits)
        report = draft_work.read_report(self._engine.grade(asked))
        if report.findings:
            return DraftResult(report.findings, report.figures, report.kept)
        graded = [
            self._engine.grade(
                draft_work.graded_work(job.course, job.lab, report, is_solved=is_solved, limits=self._limits)
            )
            for is_solved in (True, False)
        ]
        findings = draft_work.run_findings(*graded)
        return DraftResult(findings, report.figures, report.kept, {} if findings else report.built)

    def _run(self) -> None:
        idle_since = time.monotonic()
        while not self._stopping.is_set():
            try:
                if self.check_next():
                    idle_since = time.monotonic()
                    continue
            except Away as error:
                log.warning("store-away reason=%r", str(error)[:300])
                self._stopping.wait(AWAY_WAIT)
            if time.monotonic() - idle_since > IDLE:
                self._engine.close()
                idle_since = time.monotonic()
            self._stopping.wait(POLL)
