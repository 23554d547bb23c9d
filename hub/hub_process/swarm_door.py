"""Door between this machine and the learners' networks of a Swarm: a container that only forwards.

Each server has an internal overlay network that nobody else shares, so neighbours cannot reach each other. The door is
in all of them and on the bridge of this machine. Through it hub and proxy reach a server, and a server reaches the
ports of hub and campus; everything else is dropped. Rules are set from outside, because nothing inside may set any.
"""

from __future__ import annotations

import ipaddress
import subprocess
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from hub import container_engine
from hub.isomo_settings import Settings

DOOR = "door"
"""Name of the door in every learner's network."""
TRIES = 10
MEMORY = 32 * 2**20


class DoorError(Exception):
    """A command around the door failed; the text is the command's own."""


def door_name(settings: Settings) -> str:
    """Return the name of the door's container."""
    return f"{settings.project}-{DOOR}"


def door_rules(settings: Settings) -> str:
    """Return the door's firewall for `iptables-restore`, as a whole."""
    gateway, ports = settings.gateway, (settings.ports.hub, settings.ports.campus)
    inward = [
        f"-A PREROUTING -p tcp -m tcp --dport {port} -j DNAT --to-destination {gateway}" for port in ports
    ]
    allowed = [f"-A FORWARD -d {gateway}/32 -p tcp -m tcp --dport {port} -j ACCEPT" for port in ports]
    lines = [
        *("*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"),
        *(":POSTROUTING ACCEPT [0:0]", *inward, "-A POSTROUTING -j MASQUERADE", "COMMIT"),
        *("*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"),
        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        f"-A FORWARD -s {gateway}/32 -p tcp -j ACCEPT",
        *(*allowed, "COMMIT", ""),
    ]
    return "\n".join(lines)


def rules_are_set(saved: str, settings: Settings) -> bool:
    """Return whether `saved`, as `iptables-save` prints it, holds exactly the door's rules."""

    def told(text: str) -> list[str]:
        return [line.partition(" [")[0] for line in text.splitlines() if line[:1] in ("-", ":")]

    return sorted(told(saved)) == sorted(told(door_rules(settings)))


def learner_subnets(door: dict[str, Any], settings: Settings) -> list[str]:
    """Return the learners' networks that the door is in, from its description by the engine."""
    found = [
        ipaddress.ip_interface(f"{each['IPAddress']}/{each['IPPrefixLen']}").network
        for name, each in door["NetworkSettings"]["Networks"].items()
        if name != settings.network.name and each.get("IPAddress")
    ]
    return sorted(map(str, found))


def ensure_door(client: container_engine.DockerClient, settings: Settings, image: str) -> bool:
    """Make the door if it does not run. Return whether it is a new one, which is in no learner's network yet.

    It is never started again: an engine that comes back would put it into networks that another machine's door is in.
    """
    try:
        door = client.containers.get(door_name(settings))
    except container_engine.NotFound:
        door = None
    if door is not None and door.status == "running":
        return False
    if door is not None:
        door.remove(force=True)
    client.containers.run(
        image,
        ["sleep", "infinity"],
        name=door_name(settings),
        detach=True,
        network=settings.network.name,
        labels={"isomo.project": settings.project, "isomo.kind": DOOR},
        sysctls={"net.ipv4.ip_forward": "1"},
        user="65534:65534",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=MEMORY,
        pids_limit=8,
        init=True,
    )
    return True


def renew_door(client: container_engine.DockerClient, settings: Settings) -> bool:
    """Make a door again whose engine was away; return whether it is a new one. `up` makes the first."""
    try:
        door = client.containers.get(door_name(settings))
    except container_engine.NotFound:
        return False
    return ensure_door(client, settings, str(door.attrs["Image"]))


def join_all(client: container_engine.DockerClient, settings: Settings) -> None:
    """Put this machine's door into the networks of all servers that run."""
    for network in learner_networks(client, settings):
        join_network(client, settings, network.name)


def ensure_ways(client: container_engine.DockerClient, settings: Settings) -> list[str]:
    """Set the door's rules and this machine's routes through it; return the names of what was missing.

    The guard and each start do this, at the same moment if it happens so. Routes are read before the door is asked: one
    that another start sets meanwhile is not taken for an old one.
    """
    known = _routes(settings)
    door = client.api.inspect_container(door_name(settings))
    missing = []
    inside = ["nsenter", f"--net=/proc/{door['State']['Pid']}/ns/net"]
    if not rules_are_set(_run([*inside, "iptables-save"]), settings):
        _run([*inside, "iptables-restore", "-w"], door_rules(settings))
        missing.append("door")
    inner = door["NetworkSettings"]["Networks"][settings.network.name]["IPAddress"]
    wanted = {
        f"{subnet} via {inner} dev {settings.network.bridge}" for subnet in learner_subnets(door, settings)
    }
    for route in sorted(wanted - known):
        _run(["ip", "route", "replace", *route.split()])
        missing.append(route.split()[0])
    for route in known - wanted:
        _delete_route(route, settings)
    return missing


def _delete_route(route: str, settings: Settings) -> None:
    """Delete a route, unless another process was faster."""
    try:
        _run(["ip", "route", "delete", *route.split()])
    except DoorError:
        if route in _routes(settings):
            raise


def _routes(settings: Settings) -> set[str]:
    """Return this machine's routes through the bridge to elsewhere."""
    lines = _run(["ip", "-4", "route", "show", "dev", settings.network.bridge]).splitlines()
    found = (line.split() for line in lines)
    return {
        f"{words[0]} via {words[2]} dev {settings.network.bridge}" for words in found if words[1:2] == ["via"]
    }


def _run(command: list[str], text: str | None = None) -> str:
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DoorError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise DoorError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def join_network(client: container_engine.DockerClient, settings: Settings, name: str) -> str:
    """Make a learner's network with the door in it, or find it; return its id. The hub can reach it afterwards."""
    for _try in range(TRIES):
        try:
            return _joined(client, settings, name)
        except container_engine.APIError:
            # This engine still shows a network for a moment that the Swarm has removed already.
            time.sleep(0.5)
    return _joined(client, settings, name)


def _joined(client: container_engine.DockerClient, settings: Settings, name: str) -> str:
    try:
        found = client.networks.get(name)
    except container_engine.NotFound:
        found = client.networks.create(
            name,
            driver="overlay",
            internal=True,
            attachable=True,
            labels={"isomo.project": settings.project, "isomo.kind": "lab"},
            options={"encrypted": ""} if settings.swarm.encrypted else {},
        )
    door = client.api.inspect_container(door_name(settings))
    if name not in door["NetworkSettings"]["Networks"]:
        client.api.connect_container_to_network(door_name(settings), str(found.id), aliases=[DOOR])
    ensure_ways(client, settings)
    return str(found.id)


def leave_network(client: container_engine.DockerClient, settings: Settings, name: str) -> bool:
    """Take the door out of a learner's network and remove that; return whether it is gone."""
    try:
        found = client.networks.get(name)
        door = client.api.inspect_container(door_name(settings))
        if name in door["NetworkSettings"]["Networks"]:
            found.disconnect(door_name(settings), force=True)
        found.remove()
    except container_engine.NotFound:
        return True
    except container_engine.APIError:
        return False  # The last task is still going; the next start uses the network again.
    return True


def learner_services(client: container_engine.DockerClient, settings: Settings) -> list[Any]:
    """Return the learners' services of this installation."""
    return list(client.services.list(filters={"label": f"isomo.project={settings.project}"}))


def learner_networks(client: container_engine.DockerClient, settings: Settings) -> Iterable[Any]:
    """Return the learners' networks of this installation."""
    labels = [f"isomo.project={settings.project}", "isomo.kind=lab"]
    return list(client.networks.list(filters={"driver": "overlay", "label": labels}))


def sweep_services(
    client: container_engine.DockerClient, settings: Settings, known: Collection[str], grace: float
) -> list[str]:
    """Remove services and networks whose owner has no server at the hub; return the services' names.

    A hub that was killed while it started a server leaves them on any machine. Those younger than `grace` seconds may
    belong to a start that is not written down yet.
    """
    lost = [
        service
        for service in learner_services(client, settings)
        if not _is_owned(service.name, settings, known) and _age(service.attrs["CreatedAt"]) > grace
    ]
    for service in lost:
        service.remove()
    left = {service.name for service in learner_services(client, settings)}
    for network in learner_networks(client, settings):
        owned = network.name in left or _is_owned(network.name, settings, known)
        if not owned and _age(network.attrs["Created"]) > grace:
            leave_network(client, settings, network.name)
    return [service.name for service in lost]


def _is_owned(name: str, settings: Settings, known: Collection[str]) -> bool:
    """Return whether a service or network is of somebody with a server: its name begins with the owner's."""
    return name.removeprefix(f"{settings.project}-").partition("-")[0] in known


def _age(created: str) -> float:
    # The engine writes nanoseconds, which datetime does not read.
    return time.time() - datetime.fromisoformat(f"{created[:19]}+00:00").timestamp()
