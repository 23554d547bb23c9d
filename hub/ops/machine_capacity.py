"""Capacity: how many learners a machine carries at once, and what limits it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

from hub.isomo_settings import Settings
from hub.machine_memory import carried_by_memory
from hub.ops.verb_sentences import _

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


def machine_capacity(settings: Settings, *, memory: int, cores: int, disk: int) -> Capacity:
    """Return what a machine with this much memory, this many cores and this much free disk carries."""
    return Capacity(
        memory=carried_by_memory(settings, memory),
        processor=int(cores / WORKING_CPU),
        disk=max(0, disk) // min(HOME_ROOM, int(settings.learner.home_quota)),
    )


def this_machine(settings: Settings) -> Capacity:
    """Return what this machine carries."""
    path = settings.state
    while not path.exists():
        path = path.parent
    return machine_capacity(
        settings,
        memory=psutil.virtual_memory().total,
        cores=os.cpu_count() or 1,
        disk=psutil.disk_usage(str(path)).free,
    )
