"""Visitors of `./isomo bench nation`: programs that behave like browsers, all in one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin

import aiohttp

from bench.bench_command import print_progress
from bench.nation_people import ADMINISTRATOR
from hub.isomo_settings import Settings
from hub.shared_names import CAMPUS
from tests.support.hub_people import PASSWORD
from tests.support.hub_run import form_token

HEADERS = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html", "Accept-Language": "en"}
HOPS = 15
WORK_SECONDS, HOME_SECONDS, SEARCH_SECONDS = 10, 120, 10
"""How often a learner at work asks their server and their page, and an administrator searches."""
PENDING_SECONDS = 3
"""How often a waiting browser asks; ours holds one request open instead, and 300 that ask twice a second fill a hub."""
SEARCHED = ("amina.p0000", "p012345", "nobody at all", "", "francine")


@dataclass
class Seen:
    """Seconds by kind of visit, and visits that failed."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    async def timed(self, kind: str, visit: Awaitable[None]) -> bool:
        """Note how long a visit takes; return whether it succeeded."""
        began = time.perf_counter()
        try:
            await visit
        except (TimeoutError, aiohttp.ClientError, RuntimeError, AssertionError) as error:
            self.failures.append(f"{kind}: {error!r}"[:300])
            return False
        self.seconds.setdefault(kind, []).append(time.perf_counter() - began)
        return True


class Visitor:
    """One person's browser."""

    def __init__(self, settings: Settings, connections: aiohttp.BaseConnector, name: str, seen: Seen) -> None:
        self.settings, self.name, self.seen = settings, name, seen
        self.client = aiohttp.ClientSession(
            connector=connections,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers=HEADERS,
            timeout=aiohttp.ClientTimeout(total=60),
        )

    async def sign_in(self) -> None:
        """Ask for the form and send it."""
        login = f"{self.settings.address}/hub/login"
        async with self.client.get(login) as page:
            token = form_token(await page.text())
        sent = {"username": self.name, "password": PASSWORD, "_xsrf": token}
        async with self.client.post(login, data=sent, allow_redirects=False) as answer:
            _expect(answer, 302)

    async def home(self) -> None:
        """Open My labs, through the campus' own sign-in at the hub."""
        await self._open(f"{self.settings.address}{CAMPUS}/")

    async def open_server(self) -> None:
        """Start the server and wait for its page."""
        url = f"{self.settings.address}/hub/spawn/{self.name}?next=/user/{self.name}/lab"
        while True:
            async with self.client.get(url, allow_redirects=False) as answer:
                place = answer.headers.get("location", "")
                if answer.status >= 400:
                    raise RuntimeError(f"{answer.status} {url}")
            if answer.status == 302 and "spawn-pending" not in place:
                break
            url = f"{self.settings.address}/hub/spawn-pending/{self.name}?next=/user/{self.name}/lab"
            await asyncio.sleep(PENDING_SECONDS)
        await self._open(urljoin(self.settings.address, place))

    async def work(self) -> None:
        """Ask the server for something."""
        await self._open(f"{self.settings.learner_address}/user/{self.name}/lab/part")

    async def search(self, words: str) -> None:
        """Search people as an administrator does."""
        await self._open(f"{self.settings.address}{CAMPUS}/people?q={words}")

    async def _open(self, url: str) -> None:
        async with self.client.get(url, max_redirects=HOPS) as answer:
            await answer.read()
            _expect(answer, 200)


def _expect(answer: aiohttp.ClientResponse, status: int) -> None:
    signed_out = status == 200 and "/hub/login" in str(answer.url)
    if answer.status != status or signed_out:
        raise RuntimeError(f"{answer.status} at {answer.url}")


@dataclass
class Plan:
    """Who comes: so many at work, sign-ins a second, and minutes."""

    names: list[str]
    learners: int
    rate: float
    minutes: float


async def visit_all(settings: Settings, plan: Plan, at_work: Callable[[], None]) -> Seen:
    """Let all people of a plan come; call `at_work` once all learners are at work."""
    seen = Seen()
    end = time.monotonic() + plan.minutes * 60
    async with aiohttp.TCPConnector(limit=0) as connections, asyncio.TaskGroup() as group:
        group.create_task(_administer(Visitor(settings, connections, ADMINISTRATOR, seen), end))
        for place, name in enumerate(plan.names):
            visitor = Visitor(settings, connections, name, seen)
            if place < plan.learners:
                group.create_task(_learn(visitor, end))
            else:
                group.create_task(_look(visitor))
            if place == plan.learners:
                at_work()
                print_progress(f"{plan.learners} learners have come")
            await asyncio.sleep(1 / plan.rate)
            if time.monotonic() > end:
                break
    return seen


async def _look(visitor: Visitor) -> None:
    async with visitor.client:
        if await visitor.seen.timed("signin", visitor.sign_in()):
            await visitor.seen.timed("home", visitor.home())


async def _learn(visitor: Visitor, end: float) -> None:
    async with visitor.client:
        seen, pages_at = visitor.seen, 0.0
        came = await seen.timed("signin", visitor.sign_in()) and await seen.timed("home", visitor.home())
        if not came or not await seen.timed("ready", visitor.open_server()):
            return
        pages_at = time.monotonic() + HOME_SECONDS
        while time.monotonic() < end:
            await seen.timed("work", visitor.work())
            if time.monotonic() > pages_at:
                pages_at = time.monotonic() + HOME_SECONDS
                await seen.timed("page", visitor.home())
            await asyncio.sleep(WORK_SECONDS)


async def _administer(visitor: Visitor, end: float) -> None:
    async with visitor.client:
        await visitor.sign_in()
        await visitor.home()
        number = 0
        while time.monotonic() < end:
            await visitor.seen.timed("search", visitor.search(SEARCHED[number % len(SEARCHED)]))
            number += 1
            await asyncio.sleep(SEARCH_SECONDS)
