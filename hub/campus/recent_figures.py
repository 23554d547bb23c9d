"""Figures of many people, kept for some minutes: counting a country again costs half a second of a core."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

KEPT_SECONDS = 60.0
STALE_SECONDS = 600.0
"""Until then a reader gets the figures of before, and newer ones are counted meanwhile for the next look."""
MANY = 500
"""From so many people on figures are kept. Those of fewer cost little and are counted for each reader."""
MOST_KEPT = 200

Figures = TypeVar("Figures")


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


class RecentFigures:
    """Figures by what they are about. Two who ask first and at once count the same twice, which is not wrong."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        meanwhile: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self._clock, self._meanwhile = clock, meanwhile
        self._kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
        self._counting: set[Hashable] = set()
        self._times_forgotten = 0
        self._lock = threading.Lock()

    def get(self, about: Hashable, count: Callable[[], Figures], people: Callable[[Figures], int]) -> Figures:
        """Return the figures about something: kept ones, or as `count` finds them; `people` says of how many."""
        now = self._clock()
        with self._lock:
            since, kept = self._kept.get(about, (0.0, None))
            is_stale = kept is not None and now - since >= KEPT_SECONDS
            starts = is_stale and now - since < STALE_SECONDS and about not in self._counting
            if starts:
                self._counting.add(about)
        if starts:
            self._meanwhile(lambda: self._count_again(about, count, people))
        if kept is not None and now - since < STALE_SECONDS:
            return cast(Figures, kept)
        return self._count(about, count, people)

    def _count_again(
        self, about: Hashable, count: Callable[[], Figures], people: Callable[[Figures], int]
    ) -> None:
        try:
            self._count(about, count, people)
        finally:
            with self._lock:
                self._counting.discard(about)

    def _count(
        self, about: Hashable, count: Callable[[], Figures], people: Callable[[Figures], int]
    ) -> Figures:
        began, forgotten = self._clock(), self._times_forgotten
        found = count()
        with self._lock:
            # What somebody wanted forgotten meanwhile may be in these.
            if forgotten == self._times_forgotten:
                self._kept.pop(about, None)
                if people(found) >= MANY:
                    self._kept[about] = began, found
                    while len(self._kept) > MOST_KEPT:
                        self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Forget all that is kept, so that the next reader's figures are counted again."""
        with self._lock:
            self._kept.clear()
            self._times_forgotten += 1
