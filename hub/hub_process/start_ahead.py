"""Servers of a class that begins soon are started ahead: each for its own learner, with nothing to hand over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx

from hub.isomo_settings import Settings
from hub.machine_memory import room_ahead
from hub.shared_names import AHEAD
from hub.store import Store

AT_ONCE = 50
"""Requests under way; the hub answers each after ten seconds if the server is still waiting for its turn."""

log = logging.getLogger("keeper")


def to_start(expected: Iterable[str], running: Collection[str], room: int) -> list[str]:
    """Return those of `expected` whose server does not run, as many as there is room for."""
    return [name for name in expected if name not in running][:room]


def expected_now(settings: Settings, now: datetime) -> list[str]:
    """Return the learners whose class begins soon."""
    store = Store.open(settings)
    try:
        return store.class_times.expected(now, timedelta(minutes=settings.start.class_minutes))
    finally:
        store.database.engine.dispose()


async def start_expected(settings: Settings, url: str, token: str, running: Collection[str]) -> int:
    """Start the servers of learners whose class begins soon; return how many the hub took.

    Args:
        settings: the installation's settings; `start.class_minutes` says how long before a class.
        url: address of the hub's API.
        token: the keeper's token.
        running: names of people whose server runs, starts or stops.
    """
    if not settings.start.class_minutes:
        return 0
    expected = await asyncio.to_thread(expected_now, settings, datetime.now(UTC))
    names = to_start(expected, running, room_ahead(settings, len(running)))
    limit = asyncio.Semaphore(AT_ONCE)
    headers = {"Authorization": f"token {token}"}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as client:

        async def start(name: str) -> bool:
            async with limit:
                address = f"{url}/users/{quote(name)}/server"
                answer = await client.post(address, json={"user_options": {AHEAD: True}})
            # 404: somebody who never signed in. 400: it was started in between.
            return answer.status_code in (201, 202)

        taken = sum(await asyncio.gather(*map(start, names)))
    if names:
        log.info("started-ahead asked=%d taken=%d", len(names), taken)
    return taken
