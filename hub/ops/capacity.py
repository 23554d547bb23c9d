"""Capacity: how many learners a machine carries at once, and what limits it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

from hub.ops.words import _
from hub.settings import Settings

OWN_MEMORY = 1024**3
"""Hub, campus, proxies, engine and system together, with some room; see docs/administrator.md."""
WORKING_MEMORY = 350 * 1024**2
"""A server with one kernel that has loaded pandas and scikit-learn: 300 to 350 MiB measured."""
WORKING_CPU = 0.1
"""Cores that a learner at work takes on average: people read and think most of the time."""
HOME_ROOM = 200 * 10**6
"""What a learner's home takes in a course, on average; a quota allows far more."""


@dataclass(frozen=True)
class Capacity:
    """Number of learners who can be at work at once, by each thing that they share."""

    memory: int
    processor: int
    disk: int

    @property
    def learners(self) -> int:
        """Return the smallest of them."""
        return min(self.memory, self.processor, self.disk)

    @property
    def limit(self) -> str:
        """Return what is used up first, in words."""
        if self.memory == self.learners:
            return _("memory")
        return _("processor") if self.processor == self.learners else _("disk")


def capacity(settings: Settings, *, memory: int, cores: int, disk: int) -> Capacity:
    """Return what a machine with this much memory, this many cores and this much free disk carries.

    Learners at work take what was measured, not their limit; a limit below that is what they take. The grading
    container has its memory for itself.
    """
    left = max(0, memory - OWN_MEMORY - int(settings.grading.memory))
    each = min(WORKING_MEMORY, int(settings.learner.memory))
    return Capacity(
        memory=left // each,
        processor=int(cores / WORKING_CPU),
        disk=max(0, disk) // min(HOME_ROOM, int(settings.learner.home_quota)),
    )


def this_machine(settings: Settings) -> Capacity:
    """Return what this machine carries."""
    path = settings.state
    while not path.exists():
        path = path.parent
    return capacity(
        settings,
        memory=psutil.virtual_memory().total,
        cores=os.cpu_count() or 1,
        disk=psutil.disk_usage(str(path)).free,
    )
