"""Reports to the campus during a class: which task was checked and which hint was taken, never an answer.

They go from a thread of their own. What cannot be sent waits in memory, the oldest is dropped first, and nothing of it
is kept on the disk: a report may cost the learner neither a wait nor their work.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from labs.kit import hand_in
from labs.kit.home_files import Home
from labs.kit.live_choice import is_reported, keep_choice
from labs.kit.task_attempts import Attempt

MOST_WAITING = 50
AGAIN_SECONDS = 30.0
NOT_YET = "not-yet"


def report_check(home: Home, course: str, lab: str, made: Attempt) -> None:
    """Report how a check went. What it misses is named by the lab's own key; of a pass, nothing more is said."""
    missed = made.key if made.outcome == NOT_YET else ""
    _report(home, course, lab, {"kind": "check", "task": made.task, "outcome": made.outcome, "key": missed})


def report_hint(home: Home, course: str, lab: str, task: str, rung: int) -> None:
    """Report that a hint was taken."""
    _report(home, course, lab, {"kind": "hint", "task": task, "rung": rung})


def _report(home: Home, course: str, lab: str, event: dict[str, Any]) -> None:
    if not course or not event["task"] or not is_reported(home):
        return
    REPORTER.add(home, course, lab, event)


class Reporter:
    """Sends events one lab at a time, from one thread that begins with the first of them."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Home, str, str, dict[str, Any], float]] = deque(maxlen=MOST_WAITING)
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, home: Home, course: str, lab: str, event: dict[str, Any]) -> None:
        """Have an event sent soon. Never raises, never waits."""
        self._waiting.append((home, course, lab, event, time.monotonic()))
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, daemon=True, name="live-reports")
            self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while self._wake.wait():
            self._wake.clear()
            while self._waiting and not self.send():
                time.sleep(AGAIN_SECONDS)

    def send(self) -> bool:
        """Send what waits of the lab of the oldest event; return False if the campus does not answer."""
        campus: Any = hand_in.connect_campus()
        if campus is None:
            self._waiting.clear()
            return True
        home, course, lab = self._waiting[0][:3]
        mine = [each for each in list(self._waiting) if each[1:3] == (course, lab)]
        now = time.monotonic()
        events = [{**event, "ago": round(now - at, 1)} for *_place, event, at in mine]
        try:
            answer = campus.report_live(course, lab, events)
        except Exception as error:
            if getattr(error, "retry", False):
                return False
        else:
            keep_choice(home, reported=answer.get("reported") is not False)
        # Refused ones go as well: they would be refused again.
        sent = {id(each) for each in mine}
        for each in list(self._waiting):
            if id(each) in sent:
                self._waiting.remove(each)
        return True


REPORTER = Reporter()
