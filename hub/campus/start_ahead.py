"""While a learner reads the list of labs, their server starts, or their browser signs in at one that runs."""

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
SIGN_IN_AGAIN_SECONDS = 600
MOST_REMEMBERED = 5_000


class AheadStarts:
    """Starts servers ahead for people at their home page; never more than once in two minutes for one person."""

    def __init__(
        self, settings: Settings, start: Callable[[str, str], None], count: Callable[[], int]
    ) -> None:
        self._settings, self._start, self._count = settings, start, count
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._signed_in: OrderedDict[str, float] = OrderedDict()
        self._known = (0.0, 0)
        self._lock = threading.Lock()

    def wanted(self, name: str, now: float) -> bool:
        """Return whether the server of `name` is to be started now, and remember that it was asked for."""
        settings = self._settings
        if not settings.start.home_page or settings.evaluate:
            return False
        return self._first(self._asked, name, now, AGAIN_SECONDS)

    def sign_in_wanted(self, session: str, now: float) -> bool:
        """Return whether the browser of `session` is to sign in at its server now, and remember that it was told to.

        A server that stopped in between has forgotten it; then the click signs in, as it always did.
        """
        return self._first(self._signed_in, session, now, SIGN_IN_AGAIN_SECONDS)

    def _first(self, asked: OrderedDict[str, float], key: str, now: float, seconds: float) -> bool:
        with self._lock:
            if now - asked.get(key, -seconds) < seconds:
                return False
            asked[key] = now
            asked.move_to_end(key)
            while len(asked) > MOST_REMEMBERED:
                asked.popitem(last=False)
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
