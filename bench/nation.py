"""`./isomo bench nation`: a hub with 100,000 people: its start, sign-in, 300 learners at work, memory, search.

Hub, proxies and campus are Isomo's; learners' servers are a light stand-in that runs no code, so the figures are
those of the hub and leave out what containers cost (`./isomo bench class` has that). People come at a steady rate;
the first ones start a server and stay at work, the others look at My labs and leave.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from bench.bench_command import print_progress
from bench.nation_people import fill_hub, fill_store, name_of
from bench.nation_visitors import Plan, Seen, visit_all
from bench.spawn import percentile_95
from bench.stand_in import PORT
from tests.support.hub_run import Hub
from tests.support.own_postgres_server import own_postgres, postgres_bin

MIB = 1024 * 1024
CONFIG = "from bench.stand_in import StandIn\nc.JupyterHub.spawner_class = StandIn"
KINDS = ("signin", "home", "page", "work", "search")


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return seconds of the start, milliseconds of visits, failures, and MiB of hub and campus at start and end."""
    parser = argparse.ArgumentParser(prog="isomo bench nation", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="people in the databases (100000)")
    parser.add_argument("--learners", type=int, default=300, help="learners at work (300)")
    parser.add_argument("--rate", type=float, default=5.0, help="people who sign in each second (5)")
    parser.add_argument("--minutes", type=float, default=10.0, help="minutes of visits (10)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="(sqlite)")
    args = parser.parse_args(argv)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="isomo-bench-nation-")))
        more = {}
        if args.database == "postgresql":
            if (programs := postgres_bin()) is None:
                raise SystemExit("PostgreSQL is not installed.")
            more["database"] = stack.enter_context(own_postgres(programs))
        port = any_port()
        hub = Hub(folder, CONFIG, settings_more=more, env_more={PORT: str(port)})
        stack.callback(hub.stop_all)
        start = started_nation(hub, port, args.people)
        count = min(args.people, round(args.rate * args.minutes * 60) + 1)
        step = max(1, args.people // count)
        names = [name_of(number * step) for number in range(count)]
        plan = Plan(names, args.learners, args.rate, args.minutes)
        memory: list[dict[str, float]] = []
        seen = asyncio.run(visit_all(hub.settings, plan, lambda: memory.append(memory_mib(hub))))
        memory.append(memory_mib(hub))
    return {"people": args.people, "database": args.database, "start_s": start} | visits_report(seen, memory)


def started_nation(hub: Hub, port: int, people: int) -> float:
    """Fill both databases, start everything, and return the seconds from the hub's start to its first answer."""
    print_progress(f"adding {people} people")
    fill_store(hub.town.store, people)
    hub.start()  # Makes JupyterHub's tables, roles and groups.
    hub.stop("hub")
    fill_hub(hub.settings, people)
    hub.run("stand-in", [sys.executable, "-m", "bench.stand_in", str(port)])
    began = time.monotonic()
    hub.start_hub()
    seconds = round(time.monotonic() - began, 1)
    print_progress(f"the hub started in {seconds} s")
    hub.start_campus()
    hub.wait_for(f"{hub.settings.campus_url}/api/openapi.json")
    return seconds


def any_port() -> int:
    """Return a port that the system chooses, away from those that the hub's processes will take."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_mib(hub: Hub) -> dict[str, float]:
    """Return the memory of hub and campus."""
    return {
        name: round(psutil.Process(hub.processes[name].pid).memory_info().rss / MIB, 1)
        for name in ("hub", "campus")
    }


def visits_report(seen: Seen, memory: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return the figures of the visits.

    >>> found = report(Seen({"signin": [0.1, 0.2], "ready": [1.0]}), [{"hub": 200.0}, {"hub": 210.0}])
    >>> found["signin_median_ms"], found["ready_p95_s"], found["failed"], found["memory_mb"]
    (150, 1.0, 0, {'hub': [200.0, 210.0]})
    """
    for failure in seen.failures[:20]:
        print_progress(failure)
    times = {kind: seen.seconds[kind] for kind in KINDS if kind in seen.seconds}
    ready = seen.seconds.get("ready", [])
    return {
        **{f"{kind}_p95_ms": round(1000 * percentile_95(some)) for kind, some in times.items()},
        **{f"{kind}_median_ms": round(1000 * statistics.median(some)) for kind, some in times.items()},
        "admin_search_ms": round(1000 * percentile_95(times["search"])) if "search" in times else None,
        "ready_p95_s": round(percentile_95(ready), 2) if ready else None,
        "signed_in": len(times.get("signin", ())),
        "at_work": len(ready),
        "failed": len(seen.failures),
        "memory_mb": {name: [each[name] for each in memory] for name in memory[0]},
    }
