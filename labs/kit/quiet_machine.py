"""Quiet moments of the machine: work that nobody waits for leaves the processor to people who wait."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

STAT = Path("/proc/stat")
"""Counts for the whole machine, in a container as well."""
TICKS = os.sysconf("SC_CLK_TCK")
IDLE, WAITS_FOR_DISK = 4, 5
"""Words of the first line of STAT."""
QUIET = 0.5
"""Cores that did nothing: at a quiet moment there are as many."""
LOOK_SECONDS = 1.0


def idle_seconds() -> float | None:
    """Return the seconds in which a core did nothing, added up over all cores; None if the kernel does not say."""
    try:
        words = STAT.read_text().split("\n", 1)[0].split()
        return (int(words[IDLE]) + int(words[WAITS_FOR_DISK])) / TICKS
    except (OSError, ValueError, IndexError):
        return None


async def wait_until_quiet(longest: float) -> None:
    """Return when the machine has a core to spare, after `longest` seconds at the latest.

    The pauses differ, or thirty servers would find the same moment quiet and begin together.
    """
    end = time.monotonic() + longest
    while (left := end - time.monotonic()) > 0:
        began, before = time.monotonic(), idle_seconds()
        await asyncio.sleep(min(left, LOOK_SECONDS * (1 + random.random())))  # noqa: S311 - no secret
        after = idle_seconds()
        if before is None or after is None or after - before >= QUIET * (time.monotonic() - began):
            return
