"""Large answers as they were sent last: they are sent again if nothing in them has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST_KEPT = 8
"""Answers in memory. The marks of a course of two thousand at thirteen labs have 4 MB."""


class KeptAnswers:
    """The newest answer about each thing, and the state from which it was made."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[object, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, about: Hashable, state: object, make: Callable[[], bytes]) -> bytes:
        """Return the answer about something, made again unless its `state` equals that of the last one.

        Example: `answers.get(course, (version, names), lambda: to_json(marks))`
        """
        with self._lock:
            kept = self._kept.get(about)
        if kept is None or kept[0] != state:
            kept = state, make()
            with self._lock:
                self._kept[about] = kept
                self._kept.move_to_end(about)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return kept[1]
