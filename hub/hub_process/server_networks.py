"""Networks of a Swarm's servers: each is made for one server, which shares it with the door only, and is used once.

A network has a name of its own, not its owner's, so it can be made before anybody needs it. The service that was given
it says so itself; nothing else is written down. Its label says which run of the hub made it: that run removes
it, and the keeper removes those of earlier runs.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from hub import container_engine
from hub.hub_process.network_openers import remove_opener
from hub.hub_process.swarm_door import DOOR, door_name, ensure_ways
from hub.isomo_settings import Settings

RUN_LABEL = "isomo.hub-run"
RUN_VARIABLE = "ISOMO_HUB_RUN"
"""Variable of the keeper: which run of the hub it works for."""


@cache
def hub_run() -> str:
    """Return the name of this run of the hub, or of the one that this process works for."""
    return os.environ.get(RUN_VARIABLE) or secrets.token_hex(6)


def make_network(client: container_engine.DockerClient, settings: Settings) -> str:
    """Make a network that nobody is in; return its id."""
    made = client.networks.create(
        f"{settings.project}-net-{secrets.token_hex(8)}",
        driver="overlay",
        internal=True,
        attachable=True,
        labels={"isomo.project": settings.project, "isomo.kind": "lab", RUN_LABEL: hub_run()},
        options={"encrypted": ""} if settings.swarm.encrypted else {},
    )
    return str(made.id)


def join_network(client: container_engine.DockerClient, settings: Settings, network: str) -> str:
    """Put the door into a network, unless it is there; return the network's id. The hub reaches it afterwards."""
    door = client.api.inspect_container(door_name(settings))
    if network not in networks_of_door(door):
        client.api.connect_container_to_network(door_name(settings), network, aliases=[DOOR])
    ensure_ways(client, settings)
    return network


def networks_of_door(door: Mapping[str, Any]) -> set[str]:
    """Return the ids of the networks that the door is in, from its description by the engine."""
    return {str(each["NetworkID"]) for each in door["NetworkSettings"]["Networks"].values()}


def leave_network(client: container_engine.DockerClient, settings: Settings, network: str) -> bool:
    """Take the door and the opener out of a network and remove that; return whether it is gone."""
    try:
        remove_opener(client, settings, network)
        found = client.networks.get(network)
        if network in networks_of_door(client.api.inspect_container(door_name(settings))):
            found.disconnect(door_name(settings), force=True)
        found.remove()
    except container_engine.NotFound:
        return True
    except container_engine.APIError:
        return False  # The last task is still going.
    return True


def networks_of_service(service: Mapping[str, Any]) -> list[str]:
    """Return the ids of the networks that a service was given, from its description by the engine."""
    return [str(each["Target"]) for each in service["Spec"]["TaskTemplate"].get("Networks") or []]


def networks_in_use(client: container_engine.DockerClient, settings: Settings) -> set[str]:
    """Return the ids of all networks that services of this installation were given."""
    return {
        network
        for service in learner_services(client, settings)
        for network in networks_of_service(service.attrs)
    }


def join_all(client: container_engine.DockerClient, settings: Settings) -> None:
    """Put this machine's door into the networks of all servers that run."""
    for network in sorted(networks_in_use(client, settings)):
        join_network(client, settings, network)


def learner_services(client: container_engine.DockerClient, settings: Settings) -> list[Any]:
    """Return the learners' services of this installation."""
    return list(client.services.list(filters={"label": f"isomo.project={settings.project}"}))


def learner_networks(client: container_engine.DockerClient, settings: Settings) -> list[Any]:
    """Return the learners' networks of this installation."""
    labels = [f"isomo.project={settings.project}", "isomo.kind=lab"]
    return list(client.networks.list(filters={"driver": "overlay", "label": labels}))


def sweep_services(
    client: container_engine.DockerClient, settings: Settings, known: Collection[str], grace: float
) -> list[str]:
    """Remove services whose owner has no server at the hub, and networks that are no use; return the services' names.

    A hub that was killed while it started a server leaves them on any machine. Those younger than `grace` seconds may
    belong to a start that is not written down yet. The networks of this run of the hub are its own business.
    """
    lost = [
        service
        for service in learner_services(client, settings)
        if not _is_owned(service.name, settings, known) and _age(service.attrs["CreatedAt"]) > grace
    ]
    for service in lost:
        service.remove()
    networks, used = learner_networks(client, settings), networks_in_use(client, settings)
    for network in networks:
        ours = (network.attrs.get("Labels") or {}).get(RUN_LABEL) == hub_run()
        if network.id not in used and not ours and _age(network.attrs["Created"]) > grace:
            leave_network(client, settings, network.id)
    return [service.name for service in lost]


def _is_owned(name: str, settings: Settings, known: Collection[str]) -> bool:
    """Return whether a service is of somebody with a server: its name begins with the owner's."""
    return name.removeprefix(f"{settings.project}-").partition("-")[0] in known


def _age(created: str) -> float:
    # The engine writes nanoseconds, which datetime does not read.
    return time.time() - datetime.fromisoformat(f"{created[:19]}+00:00").timestamp()
