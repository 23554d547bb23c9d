"""Spawner for a Swarm: each person's server as a service on any node, as safe as a container on one machine."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub import container_engine
from hub.hub_process import server_networks, swarm_door
from hub.hub_process.container_safety import service_task
from hub.hub_process.container_spawner import AWAY, NAME_TAKEN, LabSpawner, SpawnFailedError, token_in
from hub.hub_process.server_lease import KEEP_ALIVE, LEASE_SECONDS, TOUCHED, lease_age, lease_in, lease_name
from hub.hub_process.spare_networks import SpareNetwork, SpareNetworks, spare_networks
from hub.isomo_settings import Settings
from hub.message_catalogues import N_
from hub.swarm_machines import PLACES, Machine, learners_machines, takes_servers

FEWER_RIGHTS = ("setpriv", "--no-new-privs")
"""Older engines cannot tell a service that nothing in it gains rights; its first program renounces them itself."""

GOING = frozenset({"new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting"})
MOST_STARTS = 16
PATIENCE = 120
"""Seconds until a service that no node has room for is given up."""
CHOSEN_SECONDS = 1.0
"""Seconds that a service waits for the one node on which its network is open; then any node may take it."""


def starts_at_once(machines: Sequence[Machine]) -> int:
    """Return how many servers may start at the same time: one more than these machines have cores.

    The hub itself is one process: more than MOST_STARTS at once would only wait for it.
    """
    return min(MOST_STARTS, 1 + int(sum(machine.cores for machine in machines)))


def through_door(text: str, settings: Settings) -> str:
    """Return `text` with the door in the place of this machine's address, with or without a scheme before it."""
    return re.sub(rf"(?<![\w.]){re.escape(settings.inner_host)}(?=:\d)", swarm_door.DOOR, text)


def machine_constraint(machine: str) -> list[str]:
    """Return the constraint that leaves one machine only; none for ""."""
    return [f"node.id=={machine}"] if machine else []


def task_address(task: dict[str, Any]) -> str:
    """Return a task's address in its network; "" before it has one."""
    for attachment in task.get("NetworksAttachments") or []:
        if (attachment["Network"]["Spec"].get("Labels") or {}).get("isomo.kind") == "lab":
            return str(attachment["Addresses"][0]).partition("/")[0]
    return ""


def is_lost(node: dict[str, Any] | None, age: float) -> bool:
    """Return whether a server is gone with its node.

    A node that does not answer may only be cut off: its server still holds the home, and a second one would write into
    the same files. It is lost only when its lease has run out as well.
    """
    return is_down(node) and age > LEASE_SECONDS


def is_down(node: dict[str, Any] | None) -> bool:
    """Return whether a node does not answer."""
    return node is None or bool(node["Status"]["State"] != "ready")


class SwarmLabSpawner(LabSpawner):
    """LabSpawner whose containers a Swarm starts, each as a service in a network that only the door shares."""

    object_type = "service"
    object_id_key = "ID"

    # The lease of the service that there is, as it was started; None for a server without a folder.
    _lease: Path | None = None
    # The door's way into the network of the server that starts.
    _way: asyncio.Future[str] | None = None
    # The network of the server that starts, and the one machine that it waits for; "" if any may take it.
    _place = SpareNetwork("", "")

    @property
    def spares(self) -> SpareNetworks:
        """Return the networks that are ready: one set for the whole hub."""
        return spare_networks(self.settings)

    @property
    def lease_name(self) -> str:
        """The name of the file that the server touches: members of a project's team share one folder."""
        project = self.project
        shares = project is not None and project.kind == "team"
        return lease_name(self.object_name, shares_folder=shares)

    def get_env(self) -> dict[str, str]:
        """Return the environment, with the door in the place of this machine's address."""
        return {name: through_door(str(value), self.settings) for name, value in super().get_env().items()}

    async def create_object(self) -> Any:
        """Create the service in a network that nobody else is given."""
        self.prepare()
        machines = await asyncio.wrap_future(self.executor.submit(learners_machines, self.settings))
        self.queue.at_once = starts_at_once(machines)
        folder = next(iter(self.volumes), None)
        await self._wait_for_lease(Path(folder) / self.lease_name if folder else None)
        return await self._make_in_network()

    async def _make_in_network(self) -> Any:
        """Create the service in a network that waits, or in a new one."""
        image = str((await self.docker("inspect_image", self.image))["Id"])
        while spare := self.spares.take():
            machine = spare.machine if await self._takes_servers(spare.machine) else ""
            try:
                return await self._create_service(SpareNetwork(spare.network, machine), image)
            except container_engine.APIError:
                if await self._is_there(spare.network):
                    raise
                self.log.warning("network-gone name=%s network=%s", self.username, spare.network)
        made = await self._in_thread(server_networks.make_network)
        return await self._create_service(SpareNetwork(made, ""), image)

    async def _is_there(self, network: str) -> bool:
        """Return whether a network that was ready is still there: somebody may have removed it by hand."""
        try:
            await self.docker("inspect_network", network)
        except container_engine.NotFound:
            return False
        return True

    async def _takes_servers(self, machine: str) -> bool:
        """Return whether this machine takes servers now; it may have been emptied since its network was opened."""
        try:
            return bool(machine) and takes_servers(await self.docker("inspect_node", machine))
        except container_engine.NotFound:
            return False

    async def _create_service(self, place: SpareNetwork, image: str) -> Any:
        """Create the service in this network, which it alone is given."""
        network, self._place = place.network, place
        try:
            template = await self._template(place, image)
            made = await self.docker(
                "create_service",
                template,
                name=self.object_name,
                labels=self.extra_create_kwargs["labels"],
                endpoint_spec={"Mode": "dnsrr"},
            )
        except BaseException:
            self.spares.remove(network)
            raise
        # The door goes in while a machine starts the server, unless it is there already.
        self._way = asyncio.ensure_future(self._in_thread(server_networks.join_network, network))
        self._way.add_done_callback(lambda way: way.cancelled() or way.exception())
        return made

    async def _template(self, place: SpareNetwork, image: str) -> dict[str, Any]:
        """Return the service's task. A node never pulls an image that is named by its digest."""
        api = tuple(int(part) for part in self.client._version.split("."))
        template = service_task(self.extra_host_config, self.limits, self.volumes, api)
        command, env = [*FEWER_RIGHTS, *await self.get_command()], self.get_env()
        if self.volumes:
            folder = next(iter(self.volumes.values()))["bind"]
            command = [*FEWER_RIGHTS, "sh", "-c", KEEP_ALIVE, "sh", *command[len(FEWER_RIGHTS) :]]
            env[TOUCHED] = f"{folder}/{self.lease_name}"
        template["ContainerSpec"] |= {
            "Image": image,
            "Args": command,
            "Env": [f"{name}={value}" for name, value in env.items()],
            "User": self.extra_create_kwargs["user"],
            "Dir": self.extra_create_kwargs["working_dir"],
            "Hostname": self.extra_create_kwargs["hostname"],
            "Labels": self.extra_create_kwargs["labels"],
            "StopGracePeriod": 10 * 10**9,
        }
        return {
            **template,
            # The hub alone decides if a server starts again: a node that is only cut off still runs it.
            "RestartPolicy": {"Condition": "none", "MaxAttempts": 0},
            "Placement": {"Constraints": [*PLACES, *machine_constraint(place.machine)]},
            "Networks": [{"Target": place.network}],
        }

    async def _in_thread(self, function: Any, *words: Any) -> Any:
        """Run a function of the door with the whole client, off the hub's loop."""

        def call() -> Any:
            client = container_engine.from_env()
            try:
                return function(client, self.settings, *words)
            finally:
                client.close()

        try:
            return await asyncio.wrap_future(self.executor.submit(call))
        except swarm_door.DoorError as error:
            self.log.error("door-failed name=%s reason=%s", self.username, error)
            raise SpawnFailedError(self.sentence(NO_WAY)) from error

    async def _wait_for_lease(self, lease: Path | None) -> None:
        """Wait until no other server with this lease can be alive; raise SpawnFailedError if one still is."""
        end = time.monotonic() + 2 * LEASE_SECONDS
        while lease_age(lease, time.time()) <= LEASE_SECONDS:
            if time.monotonic() > end:
                self.log.error("spawn-failed name=%s reason=lease-held", self.username)
                raise SpawnFailedError(self.sentence(LEASE_HELD))
            await asyncio.sleep(1)

    async def get_object(self) -> Any:
        """Our service as the engine describes it, or None; raises when the engine does not say."""
        try:
            found = await self.docker("inspect_service", self.object_name)
        except container_engine.NotFound:
            self.object_id = ""
            return None
        if (found["Spec"].get("Labels") or {}).get("isomo.project") != self.settings.project:
            raise SpawnFailedError(self.sentence(NAME_TAKEN))
        self.object_id, self._lease = found["ID"], lease_in(found)
        return found

    async def get_task(self) -> dict[str, Any] | None:
        """Our newest task, or None."""
        return None if await self.get_object() is None else await self._newest_task()

    async def _newest_task(self) -> dict[str, Any] | None:
        """Return the newest task of the service that this spawner made; None if there is none."""
        found = await self.docker("tasks", filters={"service": self.object_name})
        return max(found, key=lambda task: str(task["CreatedAt"]), default=None)

    async def _node(self, task: dict[str, Any]) -> dict[str, Any] | None:
        if not task.get("NodeID"):
            return None  # No node has taken it yet.
        try:
            found: dict[str, Any] = await self.docker("inspect_node", task["NodeID"])
        except container_engine.NotFound:
            return None
        return found

    async def poll(self) -> Any:
        """Return None while the server runs, or may still run on a node that is only cut off."""
        try:
            task = await self.get_task()
            if task is None:
                return 0
            state = task["Status"]["State"]
            if state in GOING:
                return None
            if state != "running":
                return f"{state}: {task['Status'].get('Err') or task['Status'].get('Message', '')}"
            if is_lost(await self._node(task), lease_age(self._lease, time.time())):
                self.log.error("node-lost name=%s node=%s", self.username, task["NodeID"])
                await self._end_connections(task_address(task))
                return "node lost"
        except AWAY as error:
            self.log.warning("poll-postponed name=%s reason=%s", self.username, type(error).__name__)
        return None

    async def _end_connections(self, address: str) -> None:
        """Let people who wait for a lost server know; the next opening starts another one."""
        try:
            await asyncio.wrap_future(self.executor.submit(swarm_door.end_connections, address))
        except (swarm_door.DoorError, ValueError) as error:
            self.log.warning("connections-not-ended name=%s reason=%s", self.username, error)

    async def start_object(self) -> None:
        """Wait until a node runs the server, and the door is in its network."""
        await self._wait_for_task()
        if self._way is not None:
            await self._way
        self.spares.end_opener(self._place.network)

    async def _wait_for_task(self) -> None:
        began = time.monotonic()
        end = began + PATIENCE
        while True:
            task = await self._newest_task()
            status = (task or {}).get("Status") or {"State": "new"}
            if status["State"] == "running":
                self.log.info("service-running name=%s node=%s", self.username, task and task["NodeID"])
                return
            if status["State"] not in GOING or time.monotonic() > end:
                reason = status.get("Err") or status.get("Message", "")
                self.log.error("spawn-failed name=%s reason=%s %s", self.username, status["State"], reason)
                await self.remove_object()
                raise SpawnFailedError(self.sentence(NO_NODE))
            if (
                self._place.machine
                and status["State"] == "pending"
                and time.monotonic() > began + CHOSEN_SECONDS
            ):
                await self._let_any_machine_take_it()
            await asyncio.sleep(0.2)

    async def _let_any_machine_take_it(self) -> None:
        """Have the service no longer wait for the machine on which its network is open: it has no room."""
        service = await self.get_object()
        if service is None:
            return
        task = service["Spec"]["TaskTemplate"]
        task["Placement"] = {**task["Placement"], "Constraints": PLACES}
        index = service["Version"]["Index"]
        await self.docker(
            "update_service", service["ID"], version=index, task_template=task, fetch_current_spec=True
        )
        self._place = self._place._replace(machine="")

    async def stop_object(self) -> None:
        """Stop the server and wait for its node to say so; then nothing can write to its home any more."""
        service = await self.get_object()
        task = await self.get_task()
        if service is None or task is None or is_down(await self._node(task)):
            return
        mode = {"Replicated": {"Replicas": 0}}
        await self.docker(
            "update_service",
            service["ID"],
            version=service["Version"]["Index"],
            mode=mode,
            fetch_current_spec=True,
        )
        for _try in range(100):
            task = await self.get_task()
            if task is None or task["Status"]["State"] not in GOING | {"running"}:
                if self._lease:
                    self._lease.unlink(missing_ok=True)
                return
            await asyncio.sleep(0.2)

    async def remove_object(self) -> None:
        """Remove service and network; the lease of a server that did not say that it ended keeps its home closed."""
        service = await self.get_object()
        await self.stop_object()
        with contextlib.suppress(container_engine.NotFound):
            await self.docker("remove_service", self.object_name)
        for network in server_networks.networks_of_service(service) if service else ():
            self.spares.remove(network)

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Return where the door finds the server."""
        return task_address(await self.get_task() or {}), self.port

    async def get_url(self) -> str:
        """Return the server's address. A hub that was killed while it started one has not written that down."""
        known = str(self.server.url)
        try:
            found, task = await self.get_object(), await self.get_task()
        except AWAY:
            return known
        if not found or not task:
            return known
        env = found["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"]
        self.api_token = str(getattr(self, "api_token", "")) or token_in(env)
        address = task_address(task)
        return f"http://{address}:{self.port}{self.server.base_url}" if address else known

    async def _give_full_weight(self) -> None:
        """A service has no weight of the processor."""


NO_WAY = N_(
    "The way to your server could not be opened. Your work is kept. Try again; if it fails again, tell your "
    "administrator."
)
LEASE_HELD = N_(
    "The machine with your server does not answer, and your server may still run there. Your work is kept. "
    "Try again in a minute."
)
NO_NODE = N_(
    "No machine could take your server now. Your work is kept. Try again in a minute; if it fails again, tell your "
    "administrator."
)
