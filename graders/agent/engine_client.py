"""An engine at the other end of a pipe, as an `Engine`: many pieces of work at once, each answered or given back."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Any

from graders.agent.agent_sentences import _
from graders.agent.engine_launchers import EnginePipes, Start
from graders.contract.work_codec import graded_from, work_to
from graders.contract.work_contract import EngineError, Graded, Work

log = logging.getLogger("agent")
GRACE = 60.0
"""Seconds beyond a submission's own limit after which the engine itself must be stuck."""
RUNS = 4
"""A submission may run twice (once guarded), each with as much time again if the machine is crowded."""
START_SECONDS = 240.0


class NotStartedError(EngineError):
    """There is no engine at all: nothing is said about the work that was to go to it."""


class PipedEngine:
    """Starts an engine when there is work for it, and again whenever it has ended. Safe to use from several threads."""

    name = "piped"

    def __init__(self, start: Start, workers: int, name: str = "main") -> None:
        self._start = start
        self._name = name
        self._workers = workers
        self._lock = threading.Lock()
        self._run: _Run | None = None

    def ready(self) -> None:
        """Have an engine that answers.

        Raises:
            NotStartedError: it does not start, or this machine does not allow its sandbox.
        """
        self._ready_run()

    def grade(self, work: Work) -> Graded:
        """Grade one submission.

        Raises:
            NotStartedError: there is no engine.
            EngineError: the engine ended, was stuck, or says that the fault is ours.
        """
        run = self._ready_run()
        answer = run.ask(work)
        try:
            return answer.result(RUNS * work.limits.wall + GRACE)
        except Late as error:
            run.end()
            raise EngineError(_("The grading engine did not answer in time and was started anew.")) from error

    def _ready_run(self) -> _Run:
        try:
            run = self._running()
            run.wait_until_ready()
        except EngineError as error:
            raise NotStartedError(str(error)) from error
        return run

    def _running(self) -> _Run:
        with self._lock:
            if self._run is None or self._run.over:
                self._run = None  # What fails to start must not be taken for running.
                self._run = _Run(self._start(self._workers, self._name))
            return self._run

    def close(self) -> None:
        """End the engine; a later `grade` starts another."""
        with self._lock:
            if self._run is not None:
                self._run.end()
                self._run = None


class _Run:
    """One life of an engine."""

    def __init__(self, line: EnginePipes) -> None:
        self._line = line
        self._sending = threading.Lock()
        self._lock = threading.Lock()
        self._pending: dict[int, Future[Graded]] = {}
        self._next = 0
        self._ready: Future[None] = Future()
        self._closing = threading.Lock()
        self._closed = False
        self.over = False
        threading.Thread(target=self._listen, daemon=True, name="engine").start()

    def wait_until_ready(self) -> None:
        try:
            self._ready.result(START_SECONDS)
        except Late as error:
            self.end()
            raise EngineError(_("The grading engine did not start in time.")) from error

    def ask(self, work: Work) -> Future[Graded]:
        answer: Future[Graded] = Future()
        with self._lock:
            if self.over:
                raise EngineError(_("The grading engine ended in the middle of this work."))
            self._next += 1
            number = self._next
            self._pending[number] = answer
        try:
            line = json.dumps(work_to(work, number)).encode() + b"\n"
            with self._sending:
                self._line.send(line)
        except (OSError, ValueError):
            self.end()
        return answer

    def _listen(self) -> None:
        try:
            for line in self._line.lines():
                self._take(json.loads(line))
        except Exception as error:
            # A line that is no answer, or a broken pipe: either way this engine is of no more use.
            log.warning("engine-line reason=%r", error)
        self.end()

    def _take(self, said: dict[str, Any]) -> None:
        if said.get("ready"):
            log.info("engine-ready engine=%s", said.get("engine"))
            self._ready.set_result(None)
        elif "refused" in said:
            self._ready.set_exception(EngineError(str(said["refused"])))
        else:
            with self._lock:
                answer = self._pending.pop(said["id"], None)
            if answer is not None:
                _settle(answer, said)

    def end(self) -> None:
        """Stop it, and give back whatever it had not answered."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            with self._lock:
                self.over = True
                left, self._pending = list(self._pending.values()), {}
            words = self._line.close()
        if words:
            log.warning("engine-ended words=%r", words[-800:])
        if not self._ready.done():
            reason = words.splitlines()[-1][:300] if words else _("it said nothing")
            self._ready.set_exception(
                EngineError(_("The grading engine did not start: {reason}").format(reason=reason))
            )
        for answer in left:
            answer.set_exception(EngineError(_("The grading engine ended in the middle of this work.")))


def _settle(answer: Future[Graded], said: dict[str, Any]) -> None:
    try:
        if "graded" not in said:
            raise EngineError(str(said.get("error")))
        answer.set_result(graded_from(said["graded"]))
    except EngineError as error:
        answer.set_exception(error)
    except (KeyError, TypeError, ValueError) as error:
        answer.set_exception(EngineError(f"{type(error).__name__}: {error}"))
