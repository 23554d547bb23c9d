"""The people who have a lab open at this moment, kept in memory: it is back within two minutes of a restart."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

HERE_SECONDS = 300.0
"""How long somebody counts as present after the last sign of their lab."""
WATCHED_SECONDS = 60.0
SOON, LATER = 60, 120
"""Seconds until a desk asks again: while a trainer watches the class, and otherwise."""
MOST_EVENTS = 60
"""Checks and hints of one learner in a minute that are kept; a person makes far fewer."""
MOST_REMEMBERED = 20_000


@dataclass(frozen=True)
class Sign:
    """The newest sign of a learner in a course."""

    lab: str
    at: float


class LivePresence:
    """Signs of learners, and a number for each course that grows when something changes."""

    def __init__(self) -> None:
        self._signs: dict[tuple[str, str], Sign] = {}
        self._changes: Counter[str] = Counter()
        self._watched: dict[str, float] = {}
        self._minute: tuple[int, Counter[str]] = (0, Counter())
        self._lock = threading.Lock()

    def note(self, course: str, lab: str, learner: str, *, changed: bool, now: float | None = None) -> None:
        """Note that a learner has a lab open; `changed` if there is more to show than before."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            before = self._signs.get((course, learner))
            self._signs[course, learner] = Sign(lab, moment)
            if len(self._signs) > MOST_REMEMBERED:
                self._signs = {
                    key: sign for key, sign in self._signs.items() if moment - sign.at < HERE_SECONDS
                }
            if changed or before is None or before.lab != lab or moment - before.at > HERE_SECONDS:
                self._changes[course] += 1

    def forget(self, learner: str) -> None:
        """Forget the signs of a learner who does not want them shown."""
        with self._lock:
            for key in [key for key in self._signs if key[1] == learner]:
                del self._signs[key]
                self._changes[key[0]] += 1

    def present(self, course: str, learners: set[str], now: float | None = None) -> dict[str, str]:
        """Return the lab of each of these learners who is there."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            return {
                name: sign.lab
                for name in learners
                if (sign := self._signs.get((course, name))) and moment - sign.at <= HERE_SECONDS
            }

    def changes(self, course: str) -> int:
        """Return the number of changes in a course, and note that somebody watches it."""
        with self._lock:
            self._watched[course] = time.monotonic()
            return self._changes[course]

    def next_seconds(self, course: str) -> int:
        """Return in how many seconds a desk of this course is to ask again."""
        with self._lock:
            watched = time.monotonic() - self._watched.get(course, -WATCHED_SECONDS) < WATCHED_SECONDS
        return SOON if watched else LATER

    def allowance(self, learner: str, wanted: int) -> int:
        """Return how many of `wanted` events of a learner may be kept in this minute."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            if self._minute[0] != minute:
                self._minute = (minute, Counter())
            counted = self._minute[1]
            granted = max(0, min(wanted, MOST_EVENTS - counted[learner]))
            counted[learner] += granted
        return granted
