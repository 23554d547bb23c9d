"""`./isomo bench swarm`: three machines against one: a server's start, and a class that comes at once.

The machines are Docker daemons on this one, so they share its cores: what a start costs can be compared, and so can
memory; that three machines start three times as many servers in a minute cannot be seen.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.agent_throughput import measure_agents
from bench.bench_command import print_progress
from bench.class_rush import ours_opens
from bench.idle import MIB, proportional_bytes
from bench.nation_figures import Figures
from bench.opening import host_seconds
from bench.spawn import percentile_95
from bench.two_hubs import LAB, our_hub, release_lab
from hub import container_engine
from hub.node_programs import ensure_node
from hub.ops import swarm_nodes as machines
from tests.support.hub_run import Hub
from tests.support.learner_kernel import Kernel
from tests.support.small_labs import image
from tests.support.swarm_nodes import Node, Nodes, swarm_nodes
from tests.support.swarm_site import prepared, spread, swarm_settings

PROJECT = "bench-swarm"
WORK = f"""
from labs.kit import lab
desk = lab.start("{LAB}")
letters = lab.load("letters")
model = desk.learn("logistic", letters[:3000])
print("a model")
"""
KEPT_FREE_MIB = 2048
"""Memory that stays free, for the hub and whatever else this machine does."""


@dataclass(frozen=True)
class Opened:
    """One learner of the class: seconds until the page with the lab, and until the model; None if that failed."""

    page: float | None
    model: float | None


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return the ratio of starts, figures of a class, and how grading agents add up."""
    parser = argparse.ArgumentParser(prog="isomo bench swarm", description=__doc__)
    parser.add_argument("--learners", type=int, default=60, help="learners who come at once (60)")
    parser.add_argument("--rounds", type=int, default=3, help="starts on each side, in turn (3)")
    parser.add_argument("--graded", type=int, default=12, help="submissions for each grading agent (12)")
    parser.add_argument("--wait", type=float, default=2.0, help="seconds that a submission waits (2)")
    parser.add_argument("--agents-only", action="store_true", help="measure only how grading agents add up")
    args = parser.parse_args(argv)
    if args.agents_only:
        return measure_agents(args.graded, args.wait)
    count = fitting_learners(args.learners, psutil.virtual_memory().available / MIB)
    if count < args.learners:
        print_progress(f"memory carries {count} of {args.learners} learners at work")
    first = [f"first{number:02}" for number in range(args.rounds)]
    names = [f"learner{number:03}" for number in range(count)]
    found: dict[str, Any] = {"asked": args.learners}
    with three_machines(first + names) as (nodes, ours):
        found |= compare_starts(nodes, ours, first)
        with nodes.nodes[0].entered():
            machines.remove_all(nodes.nodes[0].client(), ours.settings)  # Only the class is counted.
            machines.ensure_door_ways(nodes.nodes[0].client(), ours.settings, ours.image)
            found |= class_comes(nodes, ours, names)
    return found | measure_agents(args.graded, args.wait)


def fitting_learners(wanted: int, free_mib: float) -> int:
    """Return how many learners at work fit into this memory, `wanted` at most and one at least.

    >>> fitting_learners(60, 24 * 1024), fitting_learners(60, 6 * 1024), fitting_learners(60, 100)
    (60, 18, 1)
    """
    return max(1, min(wanted, int((free_mib - KEPT_FREE_MIB) / Figures().working_mib)))


@contextmanager
def three_machines(names: list[str]) -> Iterator[tuple[Nodes, Hub]]:
    """Yield three machines, and a hub with the campus on the first of them, with the lab released."""
    client = container_engine.from_env()
    lab = image(client, "lab")
    client.close()
    ensure_node()
    with tempfile.TemporaryDirectory(prefix="isomo-bench-swarm-") as folder, swarm_nodes(lab) as nodes:
        first = nodes.nodes[0]
        with first.entered():
            made = Hub(
                Path(folder),
                settings_more=swarm_settings(PROJECT, 238),
                image=lab,
                env_more={"DOCKER_HOST": first.engine},
            )
        for name in names:
            made.town.add(name)
        release_lab(made)
        with prepared(first, made, lab):
            with first.entered():
                made.start()
                made.start_campus()
                made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
            yield nodes, made


def compare_starts(nodes: Nodes, ours: Hub, names: Sequence[str]) -> dict[str, Any]:
    """Start servers on one machine and on three in turn; each is the first one of its owner."""
    one, three = [], []
    with our_hub(list(names)) as alone:
        for name in names:
            one.append(seconds_of(alone, name))
            with nodes.nodes[0].entered():
                three.append(seconds_of(ours, name))
            print_progress(f"{name}: {one[-1]:.1f} s on one machine, {three[-1]:.1f} s on three")
    return start_report(one, three)


def start_report(one: Sequence[float], three: Sequence[float]) -> dict[str, Any]:
    """Return medians and their ratio.

    >>> start_report([4.0, 6.0, 5.0], [5.5, 6.0, 7.0])
    {'ratio': 1.2, 'start_s_one': 5.0, 'start_s': 6.0}
    """
    medians = statistics.median(one), statistics.median(three)
    return {
        "ratio": round(medians[1] / medians[0], 3),
        "start_s_one": round(medians[0], 2),
        "start_s": round(medians[1], 2),
    }


def seconds_of(hub: Hub, name: str) -> float:
    """Return the seconds from the click on the lab to its page."""
    browser = hub.signed_in(name)
    began = time.monotonic()
    ours_opens(browser, name)
    return time.monotonic() - began


def class_comes(nodes: Nodes, ours: Hub, names: Sequence[str]) -> dict[str, Any]:
    """Let all of them open the lab at once and train its model; say what that cost, and how they are spread."""
    client = nodes.nodes[0].client()
    before, engines = host_seconds(ours), engine_seconds(nodes.nodes)
    began = time.monotonic()
    found = at_once(names, ours.signed_in, lambda browser, name: one_learner(ours, browser, name))
    took = time.monotonic() - began
    after = host_seconds(ours)
    cost = {
        "hub_cpu_s": (after["hub"] - before["hub"]) / len(names),
        "campus_cpu_s": (after["campus"] - before["campus"]) / len(names),
        "engine_cpu_s": (engine_seconds(nodes.nodes) - engines) / len(names),
        **each_server(nodes.nodes),
    }
    placed = spread(nodes, client, ours)
    print_progress(f"spread: {placed}; {cost}")
    client.close()
    return class_report(found, took, list(placed.values()), cost)


def at_once(
    names: Sequence[str],
    sign_in: Callable[[str], httpx.Client],
    opens: Callable[[httpx.Client, str], Opened],
) -> list[Opened]:
    """Sign all of them in, then let them come in the same moment."""
    browsers = [sign_in(name) for name in names]
    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(opens, browsers, names))


def one_learner(ours: Hub, browser: httpx.Client, name: str) -> Opened:
    """Open the lab, load its letters and train its model, as its learner does."""
    began = time.monotonic()
    page: float | None = None
    try:
        ours_opens(browser, name)
        page = time.monotonic() - began
        kernel = Kernel(ours, browser, name)
        if "a model" not in kernel.run(WORK):
            raise RuntimeError("no model")
    except (httpx.HTTPError, AssertionError, RuntimeError, OSError, TimeoutError) as error:
        print_progress(f"{name}: {str(error)[:300]}")
        return Opened(page, None)
    return Opened(page, time.monotonic() - began)


def class_report(
    found: Sequence[Opened], took: float, placed: Sequence[int], cost: dict[str, float]
) -> dict[str, Any]:
    """Return the figures of the class.

    >>> seen = class_report([Opened(9.0, 12.0), Opened(8.0, None)], 14.0, [1, 1, 0], {"server_cpu_s": 3.0})
    >>> seen["learners"], seen["failed"], seen["spread"], seen["cpu_as_planned"]
    (2, 1, [1, 1, 0], 0.896)
    """
    pages = [each.page for each in found if each.page is not None]
    planned = Figures()
    said: dict[str, Any] = {
        "learners": len(found),
        "failed": sum(each.model is None for each in found),
        "spread": sorted(placed, reverse=True),
        "page_p95_s": round(percentile_95(pages), 1) if pages else None,
        "all_s": round(took, 1),
        **{name: round(value, 3) for name, value in cost.items()},
    }
    if "server_cpu_s" in cost:
        said["cpu_as_planned"] = round(cost["server_cpu_s"] / planned.server_cpu_s, 3)
    if "working_mib" in cost:
        said["memory_as_planned"] = round(cost["working_mib"] / planned.working_mib, 3)
    return said


def each_server(nodes: Sequence[Node]) -> dict[str, float]:
    """Return processor seconds and memory of one learner's server, on average over all machines.

    Pages that servers of one machine share count once, as in `bench idle`.
    """
    seconds: list[float] = []
    memory: list[float] = []
    for node in nodes:
        client = node.client()
        for each in client.containers.list(filters={"label": "isomo.kind=lab"}):
            seconds.append(each.stats(stream=False)["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9)
            rows = each.top(ps_args="-eo pid,args")["Processes"]
            memory.append(sum(_memory_of(int(row[0])) for row in rows) / MIB)
        client.close()
    if not memory:
        return {}
    return {"server_cpu_s": statistics.mean(seconds), "working_mib": statistics.mean(memory)}


def _memory_of(pid: int) -> int:
    """Return the memory of a process in bytes; 0 if it ended since it was listed."""
    try:
        return proportional_bytes(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def engine_seconds(nodes: Sequence[Node]) -> float:
    """Return processor seconds of all machines' engines: daemon, containerd and its shims."""
    total = 0.0
    for node in nodes:
        for pid in node.processes():
            try:
                process = psutil.Process(pid)
                if process.name() in ("dockerd", "containerd", "containerd-shim-runc-v2", "containerd-shim"):
                    times = process.cpu_times()
                    total += times.user + times.system
            except psutil.Error:
                continue
    return total
