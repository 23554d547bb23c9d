"""Throughput of one, two and three grading agents, each of which grades one submission at a time.

A submission waits most of its time, so agents that share one machine's cores can be compared as if each had its own
cores; what they share is the store. With `--wait 0` they share the cores too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.bench_command import print_progress
from graders.agent.agent_loop import Agent
from graders.agent.engine_launchers import engine_starter
from graders.agent.submission_limits import limits_of
from hub.isomo_settings import load_settings
from hub.store import Store
from tests.support.grading_agent import postgres_of_ones_own, submit_many, wait_for
from tests.support.own_postgres_server import postgres_bin
from tests.support.small_stores import COURSE, LAB, fill, settings_for

ROOT = Path(__file__).resolve().parents[1]
AGENTS = (1, 2, 3)
READY = "engine-ready"
PATIENCE = 900.0


def measure_agents(each: int, wait: float) -> dict[str, Any]:
    """Return the throughput of one, two and three agents, and how much of n times one n have.

    Args:
        each: submissions for each agent.
        wait: seconds that a submission waits besides being checked.
    """
    rates: list[float] = []
    for count in AGENTS:
        rates.append(grading_rate(count, each, wait))
        print_progress(f"{count} agents: {rates[-1]:.2f} submissions a second")
    return agents_report(rates) | {"agents_wait_s": wait, "agents_postgres": postgres_bin() is not None}


def agents_report(rates: Sequence[float]) -> dict[str, Any]:
    """Return what n agents do of n times what one does.

    >>> agents_report([0.5, 0.9, 1.5])
    {'agents_ratio': {'2': 0.9, '3': 1.0}, 'agents_per_s': [0.5, 0.9, 1.5]}
    """
    ratio = {str(n): round(found / (n * rates[0]), 3) for n, found in enumerate(rates, 1) if n > 1}
    return {"agents_ratio": ratio, "agents_per_s": [round(each, 3) for each in rates]}


def grading_rate(count: int, each: int, wait: float) -> float:
    """Return how many submissions a second `count` agents grade once their engines run."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="isomo-agents-")))
        store = stack.enter_context(own_store(folder))
        logs = [stack.enter_context(run_agent(folder, number)) for number in range(count)]
        warm = len(submit_many(store, 2 * count, 1.0))

        def ready() -> bool:
            started = all(READY in log.read_text() for log in logs)
            return started and store.progress(COURSE, LAB).graded == warm

        wait_for(ready, PATIENCE, lambda: "\n".join(log.read_text()[-800:] for log in logs))
        wanted, began = count * each, time.monotonic()
        # Other seconds than those before: an answer that is known already would not be checked again.
        submit_many(store, wanted, wait + 0.001)
        wait_for(lambda: store.progress(COURSE, LAB).graded == warm + wanted, PATIENCE)
        return wanted / (time.monotonic() - began)


@contextmanager
def own_store(folder: Path) -> Iterator[Store]:
    """Yield a store with a lab, on PostgreSQL where there is one; its settings are in `folder`."""
    with ExitStack() as stack:
        more: dict[str, object] = {"evaluate": True}
        if postgres_bin() is not None:
            made = stack.enter_context(postgres_of_ones_own())
            more["database"] = made.url
        settings = settings_for(folder, **more)
        store = fill(Store.migrate(settings))
        lines = [f'state = "{settings.state}"', "evaluate = true", f'database = "{settings.database}"']
        (folder / "isomo.toml").write_text("\n".join(lines) + "\n")
        try:
            yield store
        finally:
            store.database.engine.dispose()


@contextmanager
def run_agent(folder: Path, number: int) -> Iterator[Path]:
    """Run an agent; yield its log."""
    log = folder / f"agent{number}.log"
    env = {**os.environ, "ISOMO_SETTINGS": str(folder / "isomo.toml"), "PYTHONPATH": str(ROOT)}
    with log.open("ab") as out:
        words = [sys.executable, "-m", "bench.agent_throughput", f"agent{number}"]
        process = subprocess.Popen(words, env=env, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield log
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        if process.poll() is None:
            process.kill()


def main() -> None:
    """Grade as another machine's agent does: with a name that no other one has, one submission at a time."""
    logging.basicConfig(level=logging.INFO)
    settings = load_settings()
    store = Store.open(settings)
    loop = Agent(store.proposal_desk(), engine_starter(settings), sys.argv[1], 1, limits=limits_of(settings))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=loop.hurry).start())
    loop.run()


if __name__ == "__main__":
    main()
