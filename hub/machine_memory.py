"""Room for learners: how many the memory of a machine, or of a Swarm's machines, carries."""

from __future__ import annotations

from hub.isomo_settings import Settings
from hub.swarm_machines import learners_machines

OWN_MEMORY = 1024**3
"""Hub, campus, proxies, engine and system together, with some room; see docs/administrator.md."""
WORKING_MEMORY = 350 * 1024**2
"""A server with one kernel that has loaded pandas and scikit-learn: 300 to 350 MiB measured."""


def carried_by_memory(settings: Settings, total: int) -> int:
    """Return how many learners at work fit into `total` bytes of memory.

    Learners at work take what was measured, not their limit; a limit below that is what they take. The grading
    container has its memory for itself.
    """
    left = max(0, total - OWN_MEMORY - int(settings.grading.memory))
    return left // min(WORKING_MEMORY, int(settings.learner.memory))


def room_ahead(settings: Settings, running: int, *, share: float = 1.0, total: int | None = None) -> int:
    """Return how many servers may start ahead while `running` run.

    They may fill `share` of the memory of all machines that take servers; `total` bytes are one machine's.
    """
    machines = [each.memory for each in learners_machines(settings)] if total is None else [total]
    carried = sum(carried_by_memory(settings, memory) for memory in machines)
    return max(0, int(carried * share) - running)
