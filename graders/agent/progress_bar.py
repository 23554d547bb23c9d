"""A progress bar with rate and time left, on standard error; now and then a line if there is no terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from graders.agent.agent_sentences import _
from hub.store import Progress

WIDTH = 24
EVERY = 5.0
"""Seconds between two lines if there is no terminal."""


class Bar:
    """Shows how far it is."""

    def __init__(self, label: str, out: TextIO | None = None) -> None:
        self._label = label
        self._out = out or sys.stderr
        self._began = time.monotonic()
        self._first: int | None = None
        self._last = 0.0

    def show(self, now: Progress, moment: float | None = None) -> None:
        """Draw the bar again, or write a line if the last one is old."""
        moment = time.monotonic() if moment is None else moment
        if self._first is None:
            self._first, self._began = now.graded, moment
        if self._out.isatty():
            self._out.write(f"\r\033[K{self.text(now, moment)}")
        elif moment - self._last >= EVERY:
            self._out.write(self.text(now, moment) + "\n")
            self._last = moment
        self._out.flush()

    def text(self, now: Progress, moment: float) -> str:
        """Return the bar as text."""
        full = round(WIDTH * now.graded / now.total) if now.total else WIDTH
        rate = (now.graded - (self._first or 0)) / max(moment - self._began, 1e-9)
        parts = [
            f"{self._label}  {'█' * full}{'░' * (WIDTH - full)} "
            + _("{done} of {total}").format(done=f"{now.graded:,}", total=f"{now.total:,}")
        ]
        if rate > 0:
            parts.append(_("{rate} a second").format(rate=f"{rate:.1f}"))
            parts.append(_("{time} left").format(time=spelled_seconds((now.total - now.graded) / rate)))
        if now.failed:
            parts.append(_("{count} could not be read").format(count=now.failed))
        if now.could_not_check:
            parts.append(_("{count} could not be checked").format(count=now.could_not_check))
        return "  ·  ".join(parts)

    def end(self, now: Progress) -> None:
        """Leave the last state standing."""
        self._last = 0.0
        self.show(now)
        if self._out.isatty():
            self._out.write("\n")
            self._out.flush()


def spelled_seconds(seconds: float) -> str:
    """Return seconds as people say them: `27 s`, `2 min 10 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
