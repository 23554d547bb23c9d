"""Machines of a Swarm that take learners' servers: their memory and their cores."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import psutil

from hub import container_engine
from hub.isomo_settings import Settings

ROLE = "isomo.role"
"""Label of a machine; one that is kept for `services` takes no learners' servers."""
PLACES = [f"node.labels.{ROLE}!=services"]
"""Constraint of whatever runs for learners: every machine but those kept for hub, database and graders."""
KNOWN_SECONDS = 30.0


@dataclass(frozen=True)
class Machine:
    """What one machine has: bytes of memory, and cores."""

    memory: int
    cores: float


class _Known:
    """What was asked last, and when: one for the whole process."""

    asked: ClassVar[float] = -KNOWN_SECONDS
    machines: ClassVar[list[Machine]] = []


_lock = threading.Lock()


def this_machine() -> Machine:
    """Return what the machine has that this process runs on."""
    return Machine(psutil.virtual_memory().total, os.cpu_count() or 1)


def takes_servers(attrs: dict[str, Any]) -> bool:
    """Return whether a machine, as the engine describes it, takes learners' servers now."""
    spec = attrs["Spec"]
    return bool(
        attrs["Status"]["State"] == "ready"
        and spec["Availability"] == "active"
        and (spec.get("Labels") or {}).get(ROLE) != "services"
    )


def machine_of(attrs: dict[str, Any]) -> Machine:
    """Return what a machine has, from its description by the engine."""
    resources = attrs["Description"]["Resources"]
    return Machine(int(resources["MemoryBytes"]), int(resources["NanoCPUs"]) / 10**9)


def learners_machines(settings: Settings) -> list[Machine]:
    """Return the machines that take learners' servers: this one, or those of the Swarm, asked twice a minute.

    An engine that does not answer leaves what was known before, at first this machine.
    """
    if settings.spawner != "swarm":
        return [this_machine()]
    with _lock:
        if time.monotonic() - _Known.asked >= KNOWN_SECONDS:
            try:
                _Known.machines = _asked()
            except (container_engine.DockerException, OSError):
                _Known.machines = _Known.machines or [this_machine()]
            _Known.asked = time.monotonic()
        return _Known.machines


def _asked() -> list[Machine]:
    client = container_engine.from_env(timeout=10)
    try:
        return [machine_of(node.attrs) for node in client.nodes.list() if takes_servers(node.attrs)]
    finally:
        client.close()
