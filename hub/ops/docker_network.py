"""The learners' network: internal, no talk between containers, at a fixed place."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import Any

from hub import container_engine
from hub.container_engine import IPAMConfig, IPAMPool
from hub.isomo_settings import Settings
from hub.ops import docker_daemon
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError


def bridge_options(settings: Settings) -> dict[str, str]:
    """Return the options of the bridge."""
    return {
        "com.docker.network.bridge.enable_icc": "false",
        "com.docker.network.bridge.name": settings.network.bridge,
    }


def fits_settings(attrs: dict[str, Any], settings: Settings) -> bool:
    """Return whether a network, as the engine describes it, is the one that the settings want."""
    pools = (attrs.get("IPAM") or {}).get("Config") or []
    subnets = [pool.get("Subnet") for pool in pools]
    wanted = bridge_options(settings).items()
    return (
        bool(attrs.get("Internal"))
        and subnets == [settings.network.subnet]
        and wanted <= (attrs.get("Options") or {}).items()
    )


def find_network(client: container_engine.DockerClient, settings: Settings) -> Any | None:
    """Return the network of this installation; its name is matched exactly."""
    for each in client.networks.list(names=[settings.network.name]):
        if each.name == settings.network.name:
            return each
    return None


def overlapping_network(subnet: str, others: dict[str, list[str]]) -> str | None:
    """Name of one of `others` (name: subnets) that shares addresses with `subnet`."""
    ours = ipaddress.ip_network(subnet)
    for name, theirs in others.items():
        for text in theirs:
            with contextlib.suppress(ValueError):
                if ours.overlaps(ipaddress.ip_network(text, strict=False)):
                    return name
    return None


def ensure_network(client: container_engine.DockerClient, settings: Settings) -> bool:
    """Make the network, again if it is another one. Return whether anything was done."""
    found = find_network(client, settings)
    if found is not None and fits_settings(found.attrs, settings):
        return False
    if found is not None:
        remove_network(client, settings)
    taken = overlapping_network(settings.network.subnet, _others(client, settings))
    if taken:
        raise IsomoError(
            _("The network {subnet} is in use by the engine's network {name}.").format(
                subnet=settings.network.subnet, name=taken
            ),
            _("Choose another one: subnet in the section [network] of isomo.toml."),
        )
    client.networks.create(
        settings.network.name,
        internal=True,
        options=bridge_options(settings),
        labels={"isomo.project": settings.project},
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=settings.network.subnet, gateway=settings.gateway)]),
    )
    return True


def _others(client: container_engine.DockerClient, settings: Settings) -> dict[str, list[str]]:
    return {
        str(each.name): [
            pool.get("Subnet", "") for pool in (each.attrs.get("IPAM") or {}).get("Config") or []
        ]
        for each in client.networks.list()
        if each.name != settings.network.name
    }


def remove_network(client: container_engine.DockerClient, settings: Settings) -> None:
    """Remove the network, with whatever of ours still hangs on it."""
    found = find_network(client, settings)
    if found is None:
        return
    for container in docker_daemon.our_containers(client, settings):
        with contextlib.suppress(container_engine.APIError):
            container.remove(force=True)
    try:
        found.remove()
    except container_engine.APIError as error:
        raise IsomoError(
            _("The network {name} is still used by a container that is not Isomo's.").format(name=found.name),
            _("Stop that container (docker network inspect {name} names it), then try again.").format(
                name=found.name
            ),
        ) from error


def is_reachable(settings: Settings) -> bool:
    """Return whether the gateway's address is there to listen on."""
    with socket.socket() as probe:
        try:
            probe.bind((settings.gateway, 0))
        except OSError:
            return False
    return True
