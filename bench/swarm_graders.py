"""Grading agents on machines of one core each: how two or three of them add up. Part of `./isomo bench swarm`."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from bench.cli import cores, say
from hub.store import Store
from tests.support.agent import Agent, gradings, postgres_of_ones_own, submit_many, wait_for
from tests.support.stores import fill, settings_for

ATTEMPTS = 120
MOST = 3


def agents() -> dict[str, Any]:
    """Return submissions a minute of 1, 2, 3 agents, each on a core of its own, as many as there are cores."""
    rates = [rate(number) for number in range(1, min(MOST, cores()) + 1)]
    return agents_report(rates)


def agents_report(rates: Sequence[float]) -> dict[str, Any]:
    """Return how much of linear each further agent gives; None for those that had no core.

    >>> agents_report([300.0, 570.0])["agents_ratio"]
    [1.0, 0.95, None]
    """
    ratios = [round(each / (rates[0] * number), 3) for number, each in enumerate(rates, 1)]
    return {
        "agents_ratio": [*ratios, *[None] * (MOST - len(ratios))],
        "graded_a_minute": [round(each) for each in rates],
    }


def rate(count: int) -> float:
    """Return the submissions a minute that `count` agents grade from one store."""
    with (
        postgres_of_ones_own() as database,
        tempfile.TemporaryDirectory(prefix="isomo-bench-agents-") as place,
    ):
        folder = Path(place)
        settings = settings_for(folder, database=database.url, evaluate=True)
        store = fill(Store.migrate(settings))
        with contextlib.ExitStack() as stack:
            for number in range(count):
                own = folder / f"agent{number}"
                own.mkdir()
                agent = stack.enter_context(Agent(own, store))
                keep_on_core(agent, number)
            submit_many(store, 2 * count, 0.0)
            wait_for(lambda: len(gradings(store)) == 2 * count, 300)  # Engines and templates are warm now.
            began = time.monotonic()
            submit_many(store, ATTEMPTS, 0.0)
            wait_for(lambda: len(gradings(store)) == ATTEMPTS + 2 * count, 600)
            took = time.monotonic() - began
        store.database.engine.dispose()
    say(f"{count} agents: {ATTEMPTS} submissions in {took:.1f} s")
    return ATTEMPTS / took * 60


def keep_on_core(agent: Agent, number: int) -> None:
    """Give an agent, and all that it starts, one core."""
    assert agent.process is not None
    mine = sorted(os.sched_getaffinity(0))[number]
    process = psutil.Process(agent.process.pid)
    for each in (process, *process.children(recursive=True)):
        each.cpu_affinity([mine])
