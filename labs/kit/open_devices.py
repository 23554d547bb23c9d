"""The devices on which a learner has a lab open. The learner's own server keeps them, in memory."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HERE_SECONDS = 45.0
"""Seconds that a device counts as open after its last request: a page that somebody looks at asks every 20."""
MOST_DEVICES = 50
NAME = re.compile(r"[a-z0-9]{1,40}")


@dataclass
class Device:
    """One browser that asked. `came` and `seen` are times of a clock that only goes forward."""

    came: float
    """Since when it asks without a silence of more than `HERE_SECONDS`."""
    seen: float
    is_closed: bool = False
    saved_at: float | None = None
    """When it saved last, in seconds since 1970."""


class OpenDevices:
    """Devices on which each lab is open, and the one that saved last; a restart forgets both.

    After a restart the next requests of the devices tell it again.

    A device is told of another one only if that one asked after this one came. A browser that was killed asks no
    more, so a learner who goes on at the next computer is not told that the lab is open elsewhere.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._labs: dict[str, dict[str, Device]] = {}

    def sign(self, lab: str, name: str) -> None:
        """Note that a device has a lab open. A name that no desk gives a device is not noted."""
        if not NAME.fullmatch(name):
            return
        now, devices = self._now(), self._labs.setdefault(lab, {})
        own = devices.pop(name, None) or Device(came=now, seen=now)
        if now - own.seen > HERE_SECONDS:
            own.came = now
        own.seen, own.is_closed = now, False
        # At the end: those that were silent longest come first, and go first.
        devices[name] = own
        while len(devices) > MOST_DEVICES:
            del devices[next(iter(devices))]

    def note_save(self, lab: str, name: str, at: float) -> None:
        """Note when a device saved, in seconds since 1970; it may be closed by then."""
        if device := self._labs.get(lab, {}).get(name):
            device.saved_at = at

    def others(self, lab: str, name: str) -> dict[str, Any]:
        """Return what there is to tell a device of others.

        Returns:
            Nothing if no other device has the lab open or saved in it. Else `open`, whether one has it open now, and
            `saved_here` and `saved_there`, when this one and the others saved last, where that is known.
        """
        devices = self._labs.get(lab, {})
        own = devices.get(name)
        if own is None:
            return {}
        others = [device for other, device in devices.items() if other != name]
        is_open = any(self._is_open(device) and device.seen > own.came for device in others)
        there = max((device.saved_at for device in others if device.saved_at), default=None)
        if not is_open and there is None:
            return {}
        times = {"saved_here": own.saved_at, "saved_there": there}
        return {"open": is_open, **{key: at for key, at in times.items() if at}}

    def leave(self, lab: str, name: str) -> None:
        """Note that a device closed a lab. What it saved stays known: others may show something older."""
        if device := self._labs.get(lab, {}).get(name):
            device.is_closed = True

    def _is_open(self, device: Device) -> bool:
        return not device.is_closed and self._now() - device.seen <= HERE_SECONDS
