"""Requests of `bench campus`: each page alone, all pages at a steady rate, and the bytes that go over the line."""

from __future__ import annotations

import asyncio
import os
import random
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.campus_pages import Page
from hub.campus.request_context import COOKIE
from tests.support.pretended_campus import ROOT

ALONE_ROUNDS, ALONE_SECONDS = 5, 3.0
"""A page is asked for so often alone, or until it has taken so long."""
ANSWER_SECONDS = 120.0
ASSET = re.compile(r'(?:href|src)="([^"]+/static/[^"]+)"')


@dataclass(frozen=True)
class Alone:
    """A page that nothing else asks for: seconds, the campus' processor time, and bytes as they go over the line."""

    seconds: float
    busy: float
    size: int


def headers_for(reader: str, cookies: Mapping[str, str]) -> dict[str, str]:
    """Return what a signed-in browser sends; a program of the reader if the path is of the API."""
    return {"Cookie": f"{COOKIE}={cookies[reader]}", "Accept-Encoding": "gzip", "Accept-Language": "en"}


def ask_alone(base: str, process: int, page: Page, cookies: Mapping[str, str]) -> Alone:
    """Ask for a page a few times, one after the other. Raises RuntimeError if it is refused."""
    times: list[float] = []
    busy, size = cpu_seconds(process), 0
    with httpx.Client(base_url=f"{base}{ROOT}", timeout=ANSWER_SECONDS) as client:
        while len(times) < ALONE_ROUNDS and sum(times) < ALONE_SECONDS:
            began = time.perf_counter()
            answer = client.get(page.path, headers=headers_for(page.reader, cookies))
            times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{page.name} answered {answer.status_code}: {answer.text[:300]}")
            size = answer.num_bytes_downloaded
    return Alone(statistics.median(times), (cpu_seconds(process) - busy) / len(times), size)


async def under_load(
    base: str, wanted: Sequence[Page], cookies: Mapping[str, str], rate: float, seconds: float
) -> dict[str, list[float]]:
    """Ask for all pages in turn, `rate` in a second; return seconds by page since each request was due."""
    found: dict[str, list[float]] = defaultdict(list)
    order, chance = list(wanted), random.Random(1)
    # The server closes a connection that was idle for five seconds: a client that keeps it as long may lose a request.
    limits = httpx.Limits(max_connections=200, keepalive_expiry=2.0)
    async with httpx.AsyncClient(base_url=f"{base}{ROOT}", timeout=ANSWER_SECONDS, limits=limits) as client:

        async def one(page: Page, due: float) -> None:
            answer = await client.get(page.path, headers=headers_for(page.reader, cookies))
            found[page.name].append(time.perf_counter() - due)
            if answer.status_code != 200:
                raise RuntimeError(f"{page.name} answered {answer.status_code} under load")

        began, tasks = time.perf_counter(), []
        for number in range(int(rate * seconds)):
            if number % len(order) == 0:
                chance.shuffle(order)
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(one(order[number % len(order)], due)))
        await asyncio.gather(*tasks)
    return found


def asset_bytes(base: str, page: Page, cookies: Mapping[str, str]) -> int:
    """Return the bytes of style and scripts that a page's first visit loads."""
    headers = headers_for(page.reader, cookies)
    with httpx.Client(base_url=base, timeout=ANSWER_SECONDS) as client:
        names = set(ASSET.findall(client.get(f"{ROOT}{page.path}", headers=headers).text))
        return sum(client.get(name, headers=headers).num_bytes_downloaded for name in names)


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile_95_ms(times: Sequence[float]) -> int:
    """Return the 95th percentile in milliseconds."""
    ordered = sorted(times)
    return round(1000 * ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))])
