"""What is written down only once in a while, so that nobody fills the audit log."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict


class Seldom:
    """Says whether something of an address is to be written down: once in a while, whatever it sends."""

    def __init__(self, seconds: float = 600.0, most: int = 100) -> None:
        self._seconds, self._most = seconds, most
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def is_due(self, address: str) -> bool:
        """Return whether `address` was not written down for a while, and count it as written down."""
        now = time.monotonic()
        with self._lock:
            while self._seen and now - next(iter(self._seen.values())) > self._seconds:
                self._seen.popitem(last=False)
            # So many addresses at once are one that pretends: what is new waits until the earlier ones are over.
            if address in self._seen or len(self._seen) >= self._most:
                return False
            self._seen[address] = now
            return True
