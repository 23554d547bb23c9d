"""Door between this machine and the learners' networks of a Swarm: a container that only forwards.

Each server has an internal overlay network that nobody else shares, so neighbours cannot reach each other. The door is
in all of them and on the bridge of this machine. Through it hub and proxy reach a server, and a server reaches the
ports of hub and campus; everything else is dropped. Rules are set from outside, because nothing inside may set any.
"""

from __future__ import annotations

import ipaddress
import subprocess
from typing import Any

from hub import container_engine
from hub.isomo_settings import Settings

DOOR = "door"
"""Name of the door in every learner's network."""
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


def end_connections(address: str) -> None:
    """End this machine's connections to a server whose machine is lost.

    Nobody there can: who waits for an answer would wait for a quarter of an hour, and now reads that there is none.
    """
    _run(["ss", "--kill", "--tcp", "--numeric", "dst", str(ipaddress.ip_address(address))])


def _run(command: list[str], text: str | None = None) -> str:
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DoorError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise DoorError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
