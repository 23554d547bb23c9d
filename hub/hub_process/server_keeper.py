"""The hub's keeper: a process that stops idle servers, those that nobody may have any more, and unknown containers.

It also starts the servers of a class that begins soon, and has applications' old cases deleted.

A hub that is killed while it starts a server leaves a container behind that no hub knows. The next start of
the same server removes it; the keeper removes it also if its owner does not come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from jupyterhub_idle_culler import cull_idle

from hub import container_engine
from hub.hub_process import case_deletion, server_networks, start_ahead
from hub.hub_process.project_servers import project_server
from hub.isomo_settings import Settings, load_settings
from hub.secret_keys import Secrets
from hub.shared_names import formgrader_server, opaque_name
from hub.store import Store

EVERY_SECONDS = 60
GRACE_SECONDS = 120
"""A container this young may belong to a start that the hub has not written down yet."""

log = logging.getLogger("keeper")


def forgotten_containers(containers: Iterable[Any], known: set[str], now: float) -> list[Any]:
    """Return those of `containers` (docker-py's, labelled by the spawner) whose owner is not in `known`."""
    return [
        container
        for container in containers
        if container.labels.get("isomo.owner") not in known and now - _created(container) > GRACE_SECONDS
    ]


def _created(container: Any) -> float:
    # The engine writes nanoseconds, which datetime does not read.
    return datetime.fromisoformat(container.attrs["Created"][:19] + "+00:00").timestamp()


def opaque_owners(key: bytes, url: str, token: str) -> set[str]:
    """Opaque names of everybody whose server runs, starts or stops, as the hub's API says."""
    return {opaque_name(key, name) for name in running_servers(url, token)}


def running_servers(url: str, token: str) -> dict[str, list[str]]:
    """Return everybody whose server runs, starts or stops, each with the names of their servers."""
    names: dict[str, list[str]] = {}
    offset: int | None = 0
    headers = {"Authorization": f"token {token}", "Accept": "application/jupyterhub-pagination+json"}
    with httpx.Client(headers=headers, timeout=60) as client:
        while offset is not None:
            answer = client.get(f"{url}/users", params={"state": "active", "offset": offset, "limit": 200})
            answer.raise_for_status()
            page = answer.json()
            names |= {user["name"]: list(user.get("servers") or {}) for user in page["items"]}
            following = page["_pagination"]["next"]
            offset = following["offset"] if following else None
    return names


def stop_closed(settings: Settings, url: str, token: str) -> int:
    """Stop the servers that their owners may not have any more; return how many there were.

    The campus does so at once; this is for a hub that was away, or was just starting a server, at that moment.
    """
    store, found = Store.open(settings), running_servers(url, token)
    try:
        ended = [
            (name, server, reason)
            for name, servers in found.items()
            for server in servers
            if (reason := why_closed(store, settings, name, server))
        ]
    finally:
        store.database.engine.dispose()
    with httpx.Client(headers={"Authorization": f"token {token}"}, timeout=60) as client:
        for name, server, reason in ended:
            client.delete(f"{url}/users/{quote(name)}/servers/{quote(server, safe='')}")
            log.warning("server-stopped user=%s server=%s reason=%s", name, server, reason)
    return len(ended)


def why_closed(store: Store, settings: Settings, name: str, server: str) -> str:
    """Return why a person may not have a server any more; an empty string if they may.

    A project's server is for its team, a formgrader for the course's trainers; an application runs while it is on.
    """
    if store.people.disabled(name):
        return "account-closed"
    if not server or project_server(store, settings, name, server) is not None:
        return ""
    trains = [course.id for course, role in store.courses.courses_for(name) if role == "trainer"]
    return "" if server in map(formgrader_server, trains) else "part-taken-away"


def sweep_containers(settings: Settings, key: bytes, url: str, token: str) -> int:
    """Remove this installation's forgotten containers; returns how many there were."""
    engine = container_engine.from_env()
    try:
        ours = [f"isomo.project={settings.project}", "isomo.kind=lab"]
        containers = engine.containers.list(filters={"label": ours}, ignore_removed=True)
        # The hub is asked after the engine, so that a server started meanwhile is known.
        known = opaque_owners(key, url, token)
        lost = forgotten_containers(containers, known, time.time())
        for container in lost:
            with contextlib.suppress(container_engine.NotFound):
                container.stop(timeout=10)
            log.warning("container-removed name=%s reason=no-server-knows-it", container.name)
        elsewhere = (
            server_networks.sweep_services(engine, settings, known, GRACE_SECONDS)
            if settings.spawner == "swarm"
            else []
        )
        for name in elsewhere:
            log.warning("service-removed name=%s reason=no-server-knows-it", name)
    finally:
        engine.close()
    return len(lost) + len(elsewhere)


async def keep_servers(settings: Settings, url: str, token: str) -> None:
    """Do all rounds until the hub is gone; a round that fails is tried again.

    A hub that was killed stops none of its services, and the next one starts another keeper.
    """
    key, hub = Secrets.load(settings).names_key, os.getppid()
    delete_at = 0.0
    while os.getppid() == hub:
        await _round("cull", cull_idle(url, token, settings.idle_minutes * 60, log))
        await _round("ahead", start_soon(settings, url, token))
        await _round("closed", asyncio.to_thread(stop_closed, settings, url, token))
        if not settings.evaluate:
            await _round("sweep", asyncio.to_thread(sweep_containers, settings, key, url, token))
        if time.monotonic() >= delete_at:
            await _round("delete", asyncio.to_thread(case_deletion.delete_old_cases, settings))
            delete_at = time.monotonic() + case_deletion.EVERY_SECONDS
        await _rest(hub)


async def start_soon(settings: Settings, url: str, token: str) -> None:
    """Start the servers of classes that begin soon."""
    names = await asyncio.to_thread(running_servers, url, token)
    await start_ahead.start_expected(settings, url, token, names)


async def _rest(hub: int) -> None:
    """Wait for the next round, or for the end of the hub."""
    end = time.monotonic() + EVERY_SECONDS
    while time.monotonic() < end and os.getppid() == hub:
        await asyncio.sleep(1)


async def _round(name: str, work: Any) -> None:
    try:
        await work
    except Exception as error:
        log.warning("keeper-round-failed round=%s reason=%r", name, error)


def main() -> None:
    """Run as a service of the hub, which puts address and token into the environment."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # A script that starts an installation in the background has all its processes ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):  # How the hub stops its services.
        asyncio.run(
            keep_servers(
                load_settings(), os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"]
            )
        )


if __name__ == "__main__":
    main()
