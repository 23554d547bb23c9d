"""Progress and rate of grading, asked of the store once a second for any number of people who watch."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from hub.store import Progress, Store

FRESH = 0.9
"""Seconds that an answer is shared."""
WINDOW = 20.0
"""Seconds over which the rate is taken."""
LONGEST_SILENCE = 60.0
"""Seconds after which what was seen of a lab is forgotten."""


@dataclass(frozen=True)
class Pace:
    """Progress of grading, gradings a second, and the seconds left at that rate; None if nobody knows."""

    progress: Progress
    rate: float = 0.0
    seconds_left: int | None = None

    def said(self) -> dict[str, Any]:
        """As the API tells it."""
        return {**asdict(self.progress), "rate": self.rate, "seconds_left": self.seconds_left}


class Live:
    """Shares answers between watchers of the same lab."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[tuple[str, str], deque[tuple[float, Progress]]] = {}
        self._lock = threading.Lock()

    def progress(self, course: str, lab: str) -> Progress:
        """Return how far the grading of a lab is, or was less than a second ago."""
        return self.pace(course, lab).progress

    def pace(self, course: str, lab: str, *, of_now: bool = False) -> Pace:
        """Return progress and how fast it goes while somebody watches; with `of_now`, of this very moment."""
        with self._lock:
            seen = self._seen.get((course, lab))
            if seen and not of_now and time.monotonic() - seen[-1][0] <= FRESH:
                return _pace(seen)
        progress = self._store.progress(
            course, lab
        )  # Not under the lock, for which watchers of other labs would wait.
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            seen = self._seen.setdefault((course, lab), deque())
            seen.append((now, progress))
            while seen[-1][0] - seen[0][0] > WINDOW:
                seen.popleft()
            return _pace(seen)

    def _forget(self, now: float) -> None:
        self._seen = {key: seen for key, seen in self._seen.items() if now - seen[-1][0] <= LONGEST_SILENCE}


def _pace(seen: deque[tuple[float, Progress]]) -> Pace:
    (began, first), (moment, last) = seen[0], seen[-1]
    rate = (last.graded - first.graded) / (moment - began) if moment > began else 0.0
    if rate <= 0 or last.graded >= last.total:
        return Pace(last)
    return Pace(last, round(rate, 1), round((last.total - last.graded) / rate))
