"""Figures of many people, kept for a minute: counting a country again for each reader costs half a second of a core."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

KEPT_SECONDS = 60.0
MANY = 500
"""From so many people on figures are kept. Those of fewer cost little and are counted for each reader."""
MOST_KEPT = 200

Figures = TypeVar("Figures")


class RecentFigures:
    """Figures by what they are about. Two who ask for the same at once count it twice, which is not wrong."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, about: Hashable, count: Callable[[], Figures], people: Callable[[Figures], int]) -> Figures:
        """Return the figures about something: kept ones, or as `count` finds them; `people` says of how many."""
        now = self._clock()
        with self._lock:
            since, kept = self._kept.get(about, (0.0, None))
        if kept is not None and now - since < KEPT_SECONDS:
            return cast(Figures, kept)
        found = count()
        with self._lock:
            self._kept.pop(about, None)
            if people(found) >= MANY:
                self._kept[about] = now, found
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Forget all that is kept, so that the next reader's figures are counted again."""
        with self._lock:
            self._kept.clear()
