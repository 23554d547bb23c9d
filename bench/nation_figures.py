"""Figures of the plan for a nation: measured ones with their bench, assumptions about people, prices with a date."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from hub.machine_memory import OWN_MEMORY
from hub.ops.machine_capacity import HOME_ROOM, WORKING_CPU

MIB = 1024**2


@dataclass(frozen=True)
class Figures:
    """What a learner costs, measured on two cores that other work shared."""

    working_mib: float = 218.0
    resting_mib: float = 70.0
    server_cpu_s: float = 3.35
    hub_cpu_s: float = 0.393
    campus_cpu_s: float = 0.09
    grading_cpu_s: float = 0.046
    first_visit_bytes: int = 208_404
    later_visit_bytes: int = 15_628


MEASURED = {
    "working_mib": ("memory of a learner at work in lab 2, MiB", "bench idle"),
    "resting_mib": ("the same with a resting kernel, MiB", "bench idle"),
    "server_cpu_s": ("a server's start, the lab and a trained model, s of a core", "bench opening"),
    "hub_cpu_s": ("the hub's share of that, s of a core", "bench opening"),
    "campus_cpu_s": ("the campus' share of that, s of a core", "bench opening"),
    "grading_cpu_s": ("one submission of the reference course, s of a core", "bench grade"),
    "first_visit_bytes": ("first visit of the desk, bytes", "bench bytes"),
    "later_visit_bytes": ("each later visit, bytes", "bench bytes"),
}


@dataclass(frozen=True)
class Habits:
    """What people do. Nobody measured this: change it to what your ministry plans."""

    class_size: int = 30
    classes_a_week: int = 2
    class_minutes: int = 90
    present: float = 0.85
    busiest_day: float = 0.24
    ahead_minutes: int = 10
    late_minutes: float = 4.0
    homework: float = 0.3
    homework_minutes: float = 40.0
    hands_in: float = 0.9
    working_cpu: float = WORKING_CPU
    kernel_minutes: int = 20
    idle_minutes: int = 60
    patience: int = 15
    home_bytes: int = HOME_ROOM
    lost: float = 0.02
    labs: int = 30
    attempt_bytes: int = 150_000


ASSUMED = {
    "class_size": "learners of a class",
    "classes_a_week": "classes of each learner in a week",
    "class_minutes": "minutes of a class",
    "present": "share of them who come",
    "busiest_day": "share of the week's classes on its busiest day",
    "ahead_minutes": "minutes before a class in which its servers start (`start.class_minutes`)",
    "late_minutes": "minutes after the beginning at which a learner opens the lab, on average",
    "homework": "share of learners who come once more on that day, at any time",
    "homework_minutes": "minutes that they stay, on average",
    "hands_in": "share of classes that end with handing in",
    "working_cpu": "cores of a learner at work, on average",
    "kernel_minutes": "minutes until an idle kernel rests (`start.idle_kernel_minutes`)",
    "idle_minutes": "minutes until an idle server stops (`idle_minutes`)",
    "patience": "minutes after which somebody who waits gives up (the spawner's own limit)",
    "home_bytes": "bytes of a learner's home",
    "lost": "share of machines, one at least, that fail in the fullest hour and stay away",
    "labs": "labs that are handed in over a course",
    "attempt_bytes": "bytes of one submission with its feedback",
}
SLOTS = ((510, 0.35), (630, 0.25), (840, 0.25), (960, 0.15))
"""Minutes of the day at which classes begin, and the share of classes that do."""


@dataclass(frozen=True)
class Machine:
    """One server of the kind that is bought or rented many times."""

    cores: int = 16
    memory_mib: float = 32 * 1024
    own_mib: float = OWN_MEMORY / MIB
    kept_free: float = 0.1

    @property
    def learners_mib(self) -> float:
        """Memory for learners' servers: a tenth stays free for the moments in which a model is trained."""
        return (self.memory_mib - self.own_mib) * (1 - self.kept_free)


@dataclass(frozen=True)
class Prices:
    """Prices in euros a month, without tax; change them to those of your data centre."""

    machine: float = 26.28
    storage_gb: float = 0.05
    traffic_tb: float = 1.0


PRICED = {
    "machine": (
        "a server of 16 shared cores and 32 GB: 0.036 an hour, 730 hours",
        "a user's bill at a European provider, 15 April 2026 (docs.vdhome.be/reference/costs)",
    ),
    "storage_gb": ("a GB of storage with its copy", "an assumption, November 2026"),
    "traffic_tb": (
        "a TB of traffic",
        "a cluster's page of costs, wiki of the Tor project, read November 2026",
    ),
}


def figure_rows(values: Any) -> list[tuple[str, Any]]:
    """Return the names and values of a table of figures."""
    return [(each.name, getattr(values, each.name)) for each in fields(values)]
