"""Output of verbs: aligned lines on standard output, progress on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LABEL = 19
EVERY = 20.0
"""Seconds between two reports of a long step if there is no terminal."""


def aligned_lines(label: str, text: str) -> str:
    """Return `label` in its column, `text` next to it; further lines of `text` are indented to fit."""
    first, *rest = text.splitlines() or [""]
    return "\n".join([f"{label:<{LABEL}}{first}", *(" " * LABEL + line for line in rest)])


def print_fact(label: str, text: str) -> None:
    """One fact."""
    sys.stdout.write(aligned_lines(label, text) + "\n")
    sys.stdout.flush()


def print_sentence(text: str) -> None:
    """A sentence."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def duration_text(seconds: float) -> str:
    """Return seconds as people say them: `8 s`, `2 min 10 s`, `3 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def bytes_text(size: float) -> str:
    """Return bytes as people say them: `640 MB`, `1.3 GB`."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


class Step:
    """A long step: says now and then that it goes on, and what it is doing."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.detail = ""
        self.started = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._over = threading.Event()

    @property
    def seconds(self) -> float:
        """Return how long it has taken so far."""
        return time.monotonic() - self.started

    def _text(self) -> str:
        return f"  {self.what} … {duration_text(self.seconds)}" + (f" ({self.detail})" if self.detail else "")

    def _tick(self) -> None:
        while not self._over.wait(1 if self._terminal else EVERY):
            sys.stderr.write(f"\r\033[K{self._text()[:100]}" if self._terminal else self._text() + "\n")
            sys.stderr.flush()

    @contextmanager
    def running(self) -> Iterator[Step]:
        """Report until the block ends."""
        sys.stderr.write(f"  {self.what} …" + ("" if self._terminal else "\n"))
        sys.stderr.flush()
        thread = threading.Thread(target=self._tick, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()
            if self._terminal:
                sys.stderr.write("\r\033[K")


def long_step(what: str) -> Step:
    """Return a long step called `what`; use `with step(…).running():`."""
    return Step(what)
