"""An installation on the machines of a Swarm: a hub on a manager, or hubs on several that share database and state."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from hub.container_engine import DockerClient
from hub.ops import swarm_nodes as machines
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from hub.swarm_machines import ROLE
from tests.support import small_labs
from tests.support.hub_run import Hub
from tests.support.swarm_nodes import Node, Nodes


def swarm_settings(project: str, number: int) -> dict[str, Any]:
    """Return settings of an installation on a Swarm; `number` is in its bridge's addresses."""
    return {
        "evaluate": False,
        "project": project,
        "spawner": "swarm",
        "network": {
            "name": project,
            "bridge": f"{project.replace('-', '')[:11]}0",
            "subnet": f"10.{number}.0.0/16",
        },
        "learner": {"memory": "512 MiB", "processes": 96},
        "swarm": {"encrypted": False},  # The kernel of the test machine may lack ESP.
    }


def keep_for_services(client: DockerClient, *nodes: Node) -> None:
    """Keep learners' servers off these machines."""
    for found in client.nodes.list():
        if found.attrs["Description"]["Hostname"] in {node.name for node in nodes}:
            found.update({**found.attrs["Spec"], "Labels": {ROLE: "services"}})


@contextlib.contextmanager
def prepared(node: Node, hub: Hub, image: str) -> Iterator[None]:
    """Make `node` ready for `hub`: its bridge, its guard and its door; all is gone afterwards."""
    with node.entered():
        network = small_labs.network(node.client(), hub)
        network.__enter__()
        machines.ensure_door_ways(node.client(), hub.settings, image)
    try:
        yield
    finally:
        with (
            node.entered(),
            contextlib.suppress(Exception),
        ):  # A machine that a failed test left switched off.
            hub.stop_all()
            machines.remove_all(node.client(), hub.settings)
            network.__exit__(None, None, None)


def hub_at(node: Node, like: Hub, folder: Path) -> Hub:
    """Return the hub of another machine of the same installation: same settings, other engine."""
    made = copy.copy(like)
    made.folder, made.processes = folder, {}
    made.env_more = {**like.env_more, "DOCKER_HOST": node.engine}
    made.write()
    return made


def moved(browser: httpx.Client, hub: Hub) -> httpx.Client:
    """Return the same browser with new connections, which lead to the machine that the test is on now."""
    again = hub.browser()
    for cookie in browser.cookies.jar:
        again.cookies.jar.set_cookie(cookie)
    return again


def service_name(hub: Hub, name: str) -> str:
    """Return the name of the service of somebody's server."""
    return f"{hub.settings.project}-{opaque_name(Secrets.load(hub.settings).names_key, name)}"


def task_of(client: DockerClient, hub: Hub, name: str) -> dict[str, Any]:
    """Return the newest task of somebody's server, as the engine describes it."""
    tasks = client.services.get(service_name(hub, name)).tasks()
    return max(tasks, key=lambda task: str(task["CreatedAt"]))


def spread(nodes: Nodes, client: DockerClient, hub: Hub) -> dict[str, int]:
    """Return how many servers run on each machine."""
    found = machines.list_nodes(client, hub.settings)
    return {
        node.name: len(node.servers) for node in found if node.name in {each.name for each in nodes.nodes}
    }
