"""One hub at a time: on a Swarm, a hub waits until PostgreSQL gives it the turn, and ends when it loses it.

The turn is a lock of one connection. PostgreSQL frees it when that connection ends, whichever machine failed, and gives
it to the hub that has waited longest. A hub that cannot reach PostgreSQL ends itself before its turn is given away.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from hub import container_engine
from hub.hub_process import server_networks, swarm_door
from hub.isomo_settings import Settings

KEY = {"first": 0x49736F6D, "second": 1}
"""Number of the lock; PostgreSQL keeps it apart for each database."""
LABEL = "isomo-hub "
BEAT_SECONDS = 2.0
GIVE_UP_SECONDS = 10.0
"""Time without an answer after which a hub ends itself."""
DATABASE_SECONDS = 20
"""Time without an answer after which PostgreSQL frees the turn; more than GIVE_UP_SECONDS and LAST_SECONDS."""
LAST_SECONDS = 5.0
"""Time in which a hub that lost its turn ends; a new one waits for the same before it begins."""
DOOR_TRIES = 30
SETTLE_SECONDS = LAST_SECONDS + BEAT_SECONDS

WAITERS = text(
    "SELECT a.pid, a.application_name, l.granted FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.classid = :first AND l.objid = :second AND l.objsubid = 2 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "ORDER BY l.granted DESC, a.query_start"
)

HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :first AND objid = :second "
    "AND objsubid = 2 AND granted AND pid = pg_backend_pid()"
)

log = logging.getLogger("turn")


@dataclass(frozen=True)
class Candidate:
    """A hub that has the turn, or waits for it: its machine, and PostgreSQL's number of its connection."""

    machine: str
    holds: bool
    connection: int


def is_shared(settings: Settings) -> bool:
    """Return whether hubs on several machines may take turns: on a Swarm, with a database that all of them reach."""
    return settings.spawner == "swarm" and settings.database != "sqlite" and not settings.evaluate


def machine_name() -> str:
    """Return the name that this machine has in its Swarm; its host's name if the engine does not answer."""
    with contextlib.suppress(container_engine.DockerException, OSError):
        client = container_engine.from_env()
        try:
            return str(client.info()["Name"])
        finally:
            client.close()
    return socket.gethostname()


def hub_candidates(settings: Settings) -> list[Candidate]:
    """Return all hubs of this installation, the one that has the turn first, then those that wait.

    Raises SQLAlchemyError if the database does not answer.
    """
    if not is_shared(settings):
        return []
    engine = _engine(settings, "isomo-question")
    with engine.connect() as connection:
        rows = connection.execute(WAITERS, KEY).all()
    return [Candidate(str(name).removeprefix(LABEL), bool(holds), int(pid)) for pid, name, holds in rows]


def end_turn(settings: Settings, candidate: Candidate) -> None:
    """Have PostgreSQL end a hub's connection, and with it its turn; that hub ends, starts again, and waits."""
    with _engine(settings, "isomo-question").connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": candidate.connection})


def waits_for(settings: Settings) -> str | None:
    """Return the machine whose hub has the turn, if it is another one than this; else None."""
    with contextlib.suppress(SQLAlchemyError):
        holder = next((each for each in hub_candidates(settings) if each.holds), None)
        if holder and holder.machine != machine_name():
            return holder.machine
    return None


def has_turn(settings: Settings) -> bool:
    """Return whether this machine's hub runs, or is the only one that there may be."""
    if not is_shared(settings):
        return True
    with contextlib.suppress(SQLAlchemyError):
        machine = machine_name()
        return any(each.holds and each.machine == machine for each in hub_candidates(settings))
    return False


def _engine(settings: Settings, label: str) -> Engine:
    patience = {
        "connect_timeout": 5,
        "application_name": label,
        "keepalives_idle": 2,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": int(GIVE_UP_SECONDS * 1000),
    }
    url = settings.database_url
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=patience)


def _connected(settings: Settings, machine: str) -> Connection:
    connection = _engine(settings, f"{LABEL}{machine}"[:63]).connect()
    for name, value in (
        ("tcp_keepalives_idle", DATABASE_SECONDS // 2),
        ("tcp_keepalives_interval", DATABASE_SECONDS // 4),
        ("tcp_keepalives_count", 2),
        ("tcp_user_timeout", DATABASE_SECONDS * 1000),
    ):
        connection.execute(
            text("SELECT set_config(:name, :value, false)"), {"name": name, "value": str(value)}
        )
    return connection


def _take(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:first, :second)"), KEY))


def wait_for_turn(settings: Settings) -> None:
    """Return when this machine's hub may run; at once unless hubs of several machines share a database."""
    if not is_shared(settings):
        return
    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    machine = machine_name()
    connection = _won(settings, machine)
    log.info("turn-taken machine=%s", machine)
    Turn(settings, machine, connection).start()
    open_door(settings)


def _won(settings: Settings, machine: str) -> Connection:
    """Return a connection that has the turn, however long that takes."""
    while True:
        try:
            connection = _connected(settings, machine)
            if _take(connection):
                return connection
            log.info("turn-waits machine=%s holder=%s", machine, waits_for(settings))
            step_back(settings)
            connection.execute(text("SELECT pg_advisory_lock(:first, :second)"), KEY)
            time.sleep(SETTLE_SECONDS)  # The hub before this one may only just have noticed.
            return connection
        except SQLAlchemyError as error:
            log.warning("turn-database-away reason=%s", type(error).__name__)
            time.sleep(BEAT_SECONDS)


def open_door(settings: Settings) -> bool:
    """Put this machine's door into the networks of servers that run; return whether that was done.

    A Swarm that has just lost a manager takes a moment to choose another leader, and answers nothing until then.
    """
    for _try in range(DOOR_TRIES):
        with _door(settings) as client:
            server_networks.join_all(client, settings)
            return True
        time.sleep(BEAT_SECONDS)
    return False


def step_back(settings: Settings) -> None:
    """Take this machine's door out of all learners' networks: servers find the door of the machine that has the hub."""
    with _door(settings) as client:
        for network in server_networks.learner_networks(client, settings):
            with contextlib.suppress(container_engine.APIError):
                client.networks.get(network.id).disconnect(swarm_door.door_name(settings), force=True)


@contextlib.contextmanager
def _door(settings: Settings) -> Iterator[container_engine.DockerClient]:
    """Give the engine to work on this machine's door; the hub starts without it if the engine does not answer."""
    try:
        client = container_engine.from_env()
        try:
            yield client
        finally:
            client.close()
    except (container_engine.DockerException, swarm_door.DoorError, OSError) as error:
        log.error("turn-door-failed project=%s reason=%s", settings.project, error)


class Turn:
    """Watch over a turn: two threads, because a question to a database that is cut off may not return."""

    def __init__(
        self,
        settings: Settings,
        machine: str,
        connection: Connection,
        leave: Callable[[], None] | None = None,
    ) -> None:
        self._settings, self._machine = settings, machine
        self._connection: Connection | None = connection
        self._leave = leave or end_this_process
        self._known = time.monotonic()
        self._over = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        for work in (self._beat, self._watch):
            threading.Thread(target=work, daemon=True, name="turn").start()

    def stop(self) -> None:
        """Watch no longer; the turn ends with the connection."""
        self._over.set()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                held = self._held()
            except SQLAlchemyError:
                self._connection = None
                continue
            if held:
                self._known = time.monotonic()
            else:
                self._end("turn-lost")

    def _held(self) -> bool:
        """Return whether this hub has the turn; after a restart of the database it takes it again, if it can."""
        if self._connection is not None:
            return bool(self._connection.scalar(HELD, KEY))
        self._connection = _connected(self._settings, self._machine)
        return _take(self._connection)

    def _watch(self) -> None:
        while not self._over.wait(BEAT_SECONDS / 2):
            if time.monotonic() - self._known > GIVE_UP_SECONDS:
                self._end("turn-database-silent")

    def _end(self, reason: str) -> None:
        self._over.set()
        log.error("%s machine=%s", reason, self._machine)
        self._leave()


def end_this_process() -> None:
    """End the hub as a supervisor would; servers and proxies go on. The supervisor starts it again, and it waits."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)
