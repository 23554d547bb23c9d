"""A learner's server starts while its owner reads the list of labs: it is there when a lab is opened."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

import httpx

from hub.isomo_settings import Settings
from hub.machine_memory import room_ahead

SHARE = 0.5
"""Share of the machine that servers may fill which nobody asked for; the rest is for those who do."""
AGAIN_SECONDS = 120
MOST_REMEMBERED = 5_000


class AheadStarts:
    """Starts servers ahead for people at their home page; never more than once in two minutes for one person."""

    def __init__(
        self, settings: Settings, start: Callable[[str, str], None], count: Callable[[], int]
    ) -> None:
        self._settings, self._start, self._count = settings, start, count
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._known = (0.0, 0)
        self._lock = threading.Lock()

    def wanted(self, name: str, now: float) -> bool:
        """Return whether the server of `name` is to be started now, and remember that it was asked for."""
        settings = self._settings
        if not settings.start.home_page or settings.evaluate:
            return False
        with self._lock:
            if now - self._asked.get(name, -AGAIN_SECONDS) < AGAIN_SECONDS:
                return False
            self._asked[name] = now
            self._asked.move_to_end(name)
            while len(self._asked) > MOST_REMEMBERED:
                self._asked.popitem(last=False)
        return True

    def start(self, name: str, token: str) -> None:
        """Start the server of `name` with their own `token`, if there is room. Never raises."""
        try:
            if room_ahead(self._settings, self._running(), share=SHARE) > 0:
                self._start(name, token)
        except (httpx.HTTPError, LookupError, ValueError, TypeError):
            return  # The server starts when a lab is opened, as it always did.

    def _running(self) -> int:
        with self._lock:
            known, count = self._known
        if time.monotonic() - known > AGAIN_SECONDS / 4:
            count = self._count()
            with self._lock:
                self._known = (time.monotonic(), count)
        return count
