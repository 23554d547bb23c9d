"""Machines of a Swarm: what joins them, what runs on them, and how one is emptied politely."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from hub import container_engine
from hub.hub_process import hub_turn, server_networks, swarm_door
from hub.hub_process.server_keeper import running_servers
from hub.isomo_settings import Settings
from hub.ops import local_images
from hub.ops.verb_sentences import _
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from hub.swarm_machines import ROLE
from hub.verb_errors import IsomoError

PROBE_SECONDS = 60


@dataclass(frozen=True)
class Node:
    """One machine: its name, how it is, what it has, and the servers on it."""

    id: str
    name: str
    state: str
    availability: str
    manager: bool
    role: str
    memory: int
    servers: tuple[str, ...]


def require_manager(client: container_engine.DockerClient) -> dict[str, Any]:
    """Return what the engine says of its Swarm. Raises IsomoError unless it is a manager of one."""
    found: dict[str, Any] = client.info().get("Swarm") or {}
    if not found.get("ControlAvailable"):
        raise IsomoError(
            _('spawner is "swarm", and this machine is no manager of a Docker Swarm.'),
            _(
                "Make one: docker swarm init --advertise-addr ADDRESS --default-addr-pool 10.214.0.0/16 "
                "--default-addr-pool-mask-length 28. Then run ./isomo up."
            ),
        )
    return found


def ensure_door_ways(client: container_engine.DockerClient, settings: Settings, image: str) -> bool:
    """Make the door to the learners' networks, and its ways. Return whether anything was made."""
    require_manager(client)
    new = swarm_door.ensure_door(client, settings, image)
    try:
        if new and hub_turn.has_turn(settings):
            server_networks.join_all(client, settings)
        return bool(swarm_door.ensure_ways(client, settings)) or new
    except swarm_door.DoorError as error:
        raise IsomoError(
            _("The way to learners' servers could not be opened ({reason}).").format(reason=error),
            _("Install the packages iptables, iproute2 and util-linux, then run ./isomo up again as root."),
        ) from error


def remove_all(client: container_engine.DockerClient, settings: Settings) -> int:
    """Remove all learners' services, their networks and the door; return how many services."""
    found = server_networks.learner_services(client, settings)
    for service in found:
        with contextlib.suppress(container_engine.APIError):
            service.remove()
    end = time.monotonic() + 30
    left = list(server_networks.learner_networks(client, settings))
    while left and time.monotonic() < end:
        left = [each for each in left if not server_networks.leave_network(client, settings, each.id)]
        time.sleep(0.3 if left else 0)
    return len(found)


def list_nodes(client: container_engine.DockerClient, settings: Settings) -> list[Node]:
    """Return all machines with the names of the services that run there."""
    running: dict[str, list[str]] = {}
    for service in server_networks.learner_services(client, settings):
        for task in service.tasks(filters={"desired-state": "running"}):
            running.setdefault(task.get("NodeID", ""), []).append(service.name)
    found = [_described(node.attrs, running) for node in client.nodes.list()]
    return sorted(found, key=lambda node: (node.name, node.id))


def _described(attrs: dict[str, Any], running: dict[str, list[str]]) -> Node:
    spec, about = attrs["Spec"], attrs["Description"]
    return Node(
        id=attrs["ID"],
        name=about["Hostname"],
        state=attrs["Status"]["State"],
        availability=spec["Availability"],
        manager=spec["Role"] == "manager",
        role=(spec.get("Labels") or {}).get(ROLE, "learners"),
        memory=int(about["Resources"]["MemoryBytes"]),
        servers=tuple(sorted(running.get(attrs["ID"], ()))),
    )


def find_node(nodes: list[Node], name: str) -> Node:
    """Return the machine with this name or id. Raises IsomoError if there is none, or if there are several."""
    found = [node for node in nodes if name in (node.name, node.id)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(node.id for node in found)
        raise IsomoError(
            _("{count} machines are called {name}.").format(count=len(found), name=name),
            _("Name one by its id: {ids}").format(ids=ids),
        )
    raise IsomoError(
        _("There is no machine {name} in this Swarm.").format(name=name),
        _("There are: {names}").format(names=", ".join(node.name for node in nodes)),
    )


def set_availability(client: container_engine.DockerClient, node: Node, availability: str) -> None:
    """Set whether a machine takes servers: `active`, `pause` (keeps its own) or `drain` (loses them)."""
    found = client.nodes.get(node.id)
    found.update({**found.attrs["Spec"], "Availability": availability})


def stop_server(settings: Settings, owner: str, server: str) -> bool:
    """Have the hub stop a server, which saves what is open first. Return whether it took the request."""
    headers = {"Authorization": f"token {Secrets.load(settings).campus_token}"}
    path = f"users/{quote(owner)}/server" + (f"s/{quote(server, safe='')}" if server else "")
    try:
        answer = httpx.delete(f"{settings.hub_api_url}/{path}", headers=headers, timeout=60, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code in (202, 204, 404)


def service_owners(settings: Settings, services: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Return owner and server name of each service that the hub knows."""
    known = Secrets.load(settings)
    key = known.names_key
    found: dict[str, tuple[str, str]] = {}
    for name, servers in running_servers(settings.hub_api_url, known.campus_token).items():
        for server in servers:
            extra = f"-{opaque_name(key, f'{name}/{server}')}" if server else ""
            found[f"{settings.project}-{opaque_name(key, name)}{extra}"] = name, server
    return {name: found[name] for name in services if name in found}


def save_images(
    client: container_engine.DockerClient, settings: Settings, images: Sequence[str]
) -> list[Path]:
    """Write the images into the shared folder, unless they are there; return their places."""
    folder = settings.state / "images"
    folder.mkdir(mode=0o700, exist_ok=True)
    places = [folder / f"{image.replace(':', '-')}.tar" for image in images]
    for image, place in zip(images, places, strict=True):
        if place.exists():
            continue
        draft = place.with_suffix(".part")
        with draft.open("wb") as file:
            for piece in client.images.get(image).save(named=image):
                file.write(piece)
        draft.replace(place)
    for old in set(folder.glob("*.tar")) - set(places):
        old.unlink()
    return places


def server_images(settings: Settings) -> tuple[str, ...]:
    """Return the images that servers on any machine start from: the lab image, and the bench of data teams."""
    named = local_images.image_names(settings)["lab"], local_images.bench_image(settings)
    return tuple(filter(None, named))


def probe_nodes(client: container_engine.DockerClient, settings: Settings, image: str) -> dict[str, str]:
    """Try on every machine that takes servers: can `image` start there, and does it see the shared folders?

    Returns:
        For each machine's id "" if all is well, else the engine's words for the problem.
    """
    name = f"probe-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        folders = [stack.enter_context(_marked(settings.state / each, name)) for each in _shared(settings)]
        targets = [f"/probe/{number}" for number in range(len(folders))]
        api: Any = client.api  # Its functions have no types.
        service = api.create_service(
            {
                "ContainerSpec": {
                    "Image": str(client.images.get(image).id),
                    "Args": ["sh", "-ec", 'for each; do test -e "$each/seen"; done', "sh", *targets],
                    "Mounts": [
                        {"Type": "bind", "Source": str(folder), "Target": target, "ReadOnly": True}
                        for folder, target in zip(folders, targets, strict=True)
                    ],
                    "CapabilityDrop": ["ALL"],
                    "ReadOnly": True,
                },
                "RestartPolicy": {"Condition": "none"},
            },
            name=f"{settings.project}-{name}",
            labels={"isomo.kind": "probe"},
            mode={"Global": {}},
            endpoint_spec={"Mode": "dnsrr"},
        )
        try:
            return _probed(api, service["ID"])
        finally:
            api.remove_service(service["ID"])


def _shared(settings: Settings) -> tuple[str, ...]:
    """Return the names of the folders that servers mount from the shared file system."""
    return ("homes", "projects") if settings.prototypes else ("homes",)


@contextlib.contextmanager
def _marked(parent: Path, name: str) -> Iterator[Path]:
    """Make a folder with one file for as long as a trial takes."""
    folder = parent / f".{name}"
    folder.mkdir(mode=0o755, parents=True)
    (folder / "seen").write_text("")
    try:
        yield folder
    finally:
        (folder / "seen").unlink()
        folder.rmdir()


def _probed(api: Any, service: str) -> dict[str, str]:
    end = time.monotonic() + PROBE_SECONDS
    going = (
        "new",
        "allocated",
        "pending",
        "assigned",
        "accepted",
        "preparing",
        "ready",
        "starting",
        "running",
    )
    while True:
        tasks = [task for task in api.tasks(filters={"service": service}) if task.get("NodeID")]
        if tasks and all(task["Status"]["State"] not in going for task in tasks):
            break
        if time.monotonic() > end:
            break
        time.sleep(0.5)
    return {
        task["NodeID"]: "" if task["Status"]["State"] == "complete" else _why(task["Status"])
        for task in tasks
    }


def _why(status: dict[str, Any]) -> str:
    return str(status.get("Err") or status.get("Message") or status["State"])
