"""Openers: small services that bring a network to a machine of the Swarm before a server needs it there.

A machine takes 0.4 s to enter a network that none of its containers is in (a server ran 0.85 s after its service was
made, and 0.43 s in a network that was there). An opener does nothing. It goes when the server runs that the network was
given to, or with the network.
"""

from __future__ import annotations

import contextlib
import time
from typing import Any

from hub import container_engine
from hub.hub_process.swarm_door import MEMORY, door_name
from hub.isomo_settings import Settings
from hub.swarm_machines import PLACES

SECONDS = 10.0
"""Time for a machine to take an opener; after that the network is given away without one."""
ENDED = frozenset({"complete", "failed", "rejected", "shutdown", "orphaned", "remove"})


def opener_name(settings: Settings, network: str) -> str:
    """Return the name of the service that opens a network."""
    return f"{settings.project}-opens-{network}"


def open_network(
    client: container_engine.DockerClient, settings: Settings, network: str, seconds: float = SECONDS
) -> str:
    """Bring a network to a machine that the Swarm chooses; return the machine's id, or "" if none took it in time."""
    api: Any = client.api  # Its functions have no types.
    image = str(api.inspect_container(door_name(settings))["Image"])
    name = opener_name(settings, network)
    api.create_service(_task(image, network), name=name, endpoint_spec={"Mode": "dnsrr"})
    end = time.monotonic() + seconds
    state = "new"
    while state not in ENDED and time.monotonic() < end:
        for task in api.tasks(filters={"service": name}):
            state = task["Status"]["State"]
            if state == "running":
                return str(task["NodeID"])
        time.sleep(0.1)
    remove_opener(client, settings, network)
    return ""


def remove_opener(client: container_engine.DockerClient, settings: Settings, network: str) -> None:
    """Remove a network's opener, if there is one."""
    api: Any = client.api
    with contextlib.suppress(container_engine.NotFound):
        api.remove_service(opener_name(settings, network))


def _task(image: str, network: str) -> dict[str, Any]:
    return {
        "ContainerSpec": {
            "Image": image,
            "Args": ["sleep", "infinity"],
            "User": "65534:65534",
            "Labels": {"isomo.kind": "opener"},
            "Init": True,
            "ReadOnly": True,
            "CapabilityDrop": ["ALL"],
            "StopGracePeriod": 10**9,
        },
        "Resources": {"Limits": {"MemoryBytes": MEMORY, "Pids": 8}},
        "RestartPolicy": {"Condition": "none", "MaxAttempts": 0},
        "Placement": {"Constraints": PLACES},
        "Networks": [{"Target": network}],
    }
