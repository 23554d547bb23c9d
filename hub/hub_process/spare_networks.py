"""Networks that are ready before a server needs one: the door is in them, and nobody else.

A machine takes a second or more to enter a network; nobody has to wait for that. The door is in each spare network, and
an opener on the machine that the Swarm chose for it. Each is given away once.
Those that are done with are removed here too, as soon as the Swarm lets go of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import NamedTuple

from hub import container_engine
from hub.hub_process import network_openers, server_networks, swarm_door
from hub.isomo_settings import Settings

READY = 4
"""Networks that wait. A click takes one; servers of a class start ahead, and nobody waits for those."""
REST_SECONDS = 5.0
"""Time between two rounds: making the next network shall not slow down the start that took one."""
FRESH_SECONDS = 300.0
"""Age from which a spare network is made again, one in each round: machines come and go, and fill."""
FAILURES = (container_engine.DockerException, swarm_door.DoorError, OSError)

log = logging.getLogger("networks")


class SpareNetwork(NamedTuple):
    """A network's id, and the id of the machine on which it is open; "" if it is open on none."""

    network: str
    machine: str


class SpareNetworks:
    """The spare networks of one hub."""

    def __init__(self, settings: Settings, ready: int = READY) -> None:
        self._settings, self._wanted = settings, ready
        # Each with the time at which it was ready, the oldest first.
        self._ready: deque[tuple[float, SpareNetwork]] = deque()
        self._used: deque[str] = deque()
        self._done: deque[str] = deque()

    def start(self) -> SpareNetworks:
        """Begin to make networks, in a thread that ends with the process."""
        threading.Thread(target=self._keep, daemon=True, name="networks").start()
        return self

    def take(self) -> SpareNetwork | None:
        """Return a network that nobody else gets, or None if none is ready."""
        try:
            return self._ready.popleft()[1]
        except IndexError:
            return None

    def end_opener(self, network: str) -> None:
        """Have a network's opener removed: the server is in."""
        self._used.append(network)

    def remove(self, network: str) -> None:
        """Have a network removed that was given away once."""
        self._done.append(network)

    def _keep(self) -> None:
        while True:
            client = None
            try:
                client = container_engine.from_env()
                self.one_round(client)
            except Exception as error:
                log.warning("spare-networks-failed reason=%r", error)
            finally:
                if client:
                    client.close()
            time.sleep(REST_SECONDS)

    def one_round(self, client: container_engine.DockerClient) -> None:
        """Remove what is done with; make what is missing."""
        while self._used:
            network_openers.remove_opener(client, self._settings, self._used[0])
            self._used.popleft()
        for _each in range(len(self._done)):
            if server_networks.leave_network(client, self._settings, self._done[0]):
                self._done.popleft()
            else:
                self._done.rotate(-1)
        if self._ready and time.monotonic() - self._ready[0][0] > FRESH_SECONDS and (old := self.take()):
            self._done.append(old.network)
        while len(self._ready) < self._wanted:
            network = server_networks.make_network(client, self._settings)
            try:
                server_networks.join_network(client, self._settings, network)
                machine = network_openers.open_network(client, self._settings, network)
            except FAILURES:
                self._done.append(network)
                raise
            self._ready.append((time.monotonic(), SpareNetwork(network, machine)))


_known: list[SpareNetworks] = []


def spare_networks(settings: Settings) -> SpareNetworks:
    """Return the spare networks of this process, which begins to make them when it is asked for the first time."""
    if not _known:
        _known.append(SpareNetworks(settings).start())
    return _known[0]


def prepare_networks(settings: Settings) -> None:
    """Begin to make networks before the first click, if servers run on a Swarm."""
    if settings.spawner == "swarm" and not settings.evaluate:
        spare_networks(settings)
