"""The devices on which a learner has a lab open. The learner's own server keeps them, in memory."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HERE_SECONDS = 150.0
"""How long a device counts as open after its last request: a page that somebody works on asks every two minutes."""
MOST_DEVICES = 50
NAME = re.compile(r"[a-z0-9]{1,40}")


@dataclass
class Device:
    """One browser's last request, by a clock that only goes forward, and its last save, in seconds since 1970."""

    seen: float | None = None
    saved_at: float | None = None


class OpenDevices:
    """Where each lab is open, and which device saved last. A restart forgets it; the next requests tell it again."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._labs: dict[str, dict[str, Device]] = {}

    def sign(self, lab: str, name: str, saved_at: float | None = None) -> dict[str, Any]:
        """Note a request of a device, and when it saved if it did; return what there is to tell it of others.

        Returns:
            Nothing if no other device has the lab open or saved in it. Else `open`, whether one has it open now, and
            `saved_here` and `saved_there`, when this one and the others saved last, where that is known.
        """
        if not NAME.fullmatch(name):
            return {}
        devices = self._labs.setdefault(lab, {})
        own = devices.pop(name, Device())
        own.seen = self._now()
        own.saved_at = saved_at or own.saved_at
        # At the end: those that were silent longest come first, and go first.
        devices[name] = own
        while len(devices) > MOST_DEVICES:
            del devices[next(iter(devices))]
        others = [device for other, device in devices.items() if other != name]
        is_open = any(device.seen is not None and own.seen - device.seen <= HERE_SECONDS for device in others)
        there = max((device.saved_at for device in others if device.saved_at), default=None)
        if not is_open and there is None:
            return {}
        times = {"saved_here": own.saved_at, "saved_there": there}
        return {"open": is_open, **{key: at for key, at in times.items() if at}}

    def leave(self, lab: str, name: str) -> None:
        """Note that a device closed a lab. What it saved stays known: others may show something older."""
        if device := self._labs.get(lab, {}).get(name):
            device.seen = None
