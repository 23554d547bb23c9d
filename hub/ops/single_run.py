"""One `up` at a time: two that are started together would make the same database twice."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from hub.ops import terminal_output
from hub.ops.verb_sentences import _


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the file `lock`; if another process holds it, say so and wait for that process to end."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            terminal_output.print_sentence(
                _("Another isomo up is at work on this installation; waiting for it to finish.")
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
