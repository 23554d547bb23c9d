"""How many submissions are graded at once."""

from __future__ import annotations

import os

from hub.settings import Settings


def count(settings: Settings) -> int:
    """As many as there are cores for it."""
    return max(1, min(len(os.sched_getaffinity(0)), round(settings.grading.cpu)))
