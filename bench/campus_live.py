"""A live class of `bench campus`: sixty learners report, a trainer watches, and both cost processor time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping

import httpx

from bench.campus_ask import ANSWER_SECONDS, cpu_seconds, headers_for
from bench.campus_served import token_of
from bench.campus_town import (
    LABS,
    LIVE_CLASS_SIZE,
    TASKS,
    Town,
    course_name,
    lab_name,
    learner_name,
    trainer_name,
)
from hub.campus.live_presence import LATER, SOON
from tests.support.pretended_campus import API, ROOT

EVENT_EVERY = 120.0
"""Seconds between two checks or hints of a learner."""
LIVE_CLASS = f"/courses/{course_name(0)}/classes/1/live"
REPORT = f"{API}/courses/{course_name(0)}/labs/{lab_name(LABS - 1)}/live"


def live_figures(
    base: str, process: int, cookies: Mapping[str, str], town: Town, seconds: float
) -> dict[str, object]:
    """Return how far behind the trainer's page is, and what the class costs with a watching trainer and without."""
    learners = [learner_name(place) for place in range(min(LIVE_CLASS_SIZE, town.learners))]
    alone, _behind = asyncio.run(_class(base, process, learners, None, seconds))
    watched, behind = asyncio.run(
        _class(base, process, learners, headers_for(trainer_name(0), cookies), seconds)
    )
    ordered = sorted(behind)
    return {
        "live_learners": len(learners),
        "live_behind_s": round(ordered[int(0.95 * (len(ordered) - 1))], 2) if ordered else None,
        "live_core_percent": round(watched, 2),
        "live_unwatched_core_percent": round(alone, 2),
    }


async def _class(
    base: str, process: int, learners: list[str], watcher: dict[str, str] | None, seconds: float
) -> tuple[float, list[float]]:
    """Run a class; return percent of a core, and seconds from each report until the trainer's page had it."""
    sent: list[float] = []
    behind: list[float] = []
    async with httpx.AsyncClient(base_url=base, timeout=ANSWER_SECONDS) as client:
        until = time.monotonic() + seconds
        every = SOON if watcher else LATER
        tasks = [asyncio.create_task(_learner(client, each, every, until, sent)) for each in learners]
        if watcher:
            tasks.append(asyncio.create_task(_watch(client, watcher, until, sent, behind)))
        busy, began = cpu_seconds(process), time.monotonic()
        await asyncio.gather(*tasks)
        return 100 * (cpu_seconds(process) - busy) / (time.monotonic() - began), behind


async def _learner(
    client: httpx.AsyncClient, name: str, every: float, until: float, sent: list[float]
) -> None:
    chance = random.Random(name)
    headers = {"Authorization": f"token {token_of(name)}"}
    await asyncio.sleep(chance.uniform(0, every))
    due = time.monotonic() + chance.uniform(0, EVENT_EVERY)
    while (now := time.monotonic()) < until:
        events = []
        if now >= due:
            due = now + chance.uniform(0.5, 1.5) * EVENT_EVERY
            outcome = chance.choice(("passed", "not-yet", "not-yet"))
            key = "" if outcome == "passed" else "total"
            events = [
                {
                    "kind": "check",
                    "task": TASKS[chance.randrange(2)],
                    "outcome": outcome,
                    "key": key,
                    "ago": 0,
                }
            ]
        answer = await client.post(REPORT, headers=headers, json={"events": events})
        answer.raise_for_status()
        if events:
            sent.append(time.monotonic())
        await asyncio.sleep(min(every, max(0.5, due - time.monotonic())))


async def _watch(
    client: httpx.AsyncClient, headers: dict[str, str], until: float, sent: list[float], behind: list[float]
) -> None:
    """Follow a class as its page does: after each change, ask for the part that changes."""
    told = 0
    async with client.stream("GET", f"{API}{LIVE_CLASS}/events", headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                count = len(sent)
                answer = await client.get(f"{ROOT}{LIVE_CLASS}?part=now", headers=headers)
                answer.raise_for_status()
                now = time.monotonic()
                behind += [now - each for each in sent[told:count]]
                told = count
            if time.monotonic() > until:
                return
