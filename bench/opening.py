"""`./isomo bench opening`: processor seconds of opening lab 2 and training its model, by whom they are spent.

A learner's container from its start to the trained model; hub, campus and proxies for one learner more. A plan for
many learners is made of these.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from typing import Any

import psutil

from bench.bench_command import print_progress
from bench.desk_pages import started_chromium
from bench.idle import close_browsers, our_works
from bench.two_hubs import PROJECT, our_hub
from hub import container_engine
from tests.support.hub_run import Hub

LABEL = f"isomo.project={PROJECT}"


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return processor seconds of one learner's opening; the first learner warms the hub up and is not counted."""
    parser = argparse.ArgumentParser(prog="isomo bench opening", description=__doc__)
    parser.add_argument(
        "--learners", type=int, default=4, help="learners who open the lab, one after another (4)"
    )
    count = parser.parse_args(argv).learners
    names = [f"learner{number:02}" for number in range(count + 1)]
    with started_chromium() as browser, our_hub(names) as ours:
        pages = [our_works(browser, ours, names[0])]
        before = host_seconds(ours)
        for name in names[1:]:
            pages.append(our_works(browser, ours, name))
            print_progress(f"{name}: {host_seconds(ours)}")
        after = host_seconds(ours)
        containers = container_seconds()
        close_browsers(pages)
    return opening_report(before, after, containers, count)


def opening_report(
    before: dict[str, float], after: dict[str, float], containers: Sequence[float], count: int
) -> dict[str, Any]:
    """Return the figures of a run.

    >>> report({"hub": 1.0}, {"hub": 2.0}, [3.0, 5.0], 2)
    {'server_cpu_s': 4.0, 'hub_cpu_s': 0.5, 'learners': 2}
    """
    each = {f"{name}_cpu_s": round((after[name] - before[name]) / count, 3) for name in before}
    return {"server_cpu_s": round(statistics.mean(containers), 2), **each, "learners": count}


def host_seconds(ours: Hub) -> dict[str, float]:
    """Return processor seconds that each process of the host has used, with its children."""
    found = {}
    for name, process in ours.processes.items():
        known = psutil.Process(process.pid)
        times = [each.cpu_times() for each in (known, *known.children(recursive=True))]
        found[str(name)] = sum(each.user + each.system for each in times)
    return found


def container_seconds() -> list[float]:
    """Return processor seconds that each learner's container has used since it started."""
    client = container_engine.from_env()
    try:
        found = client.containers.list(filters={"label": LABEL}, ignore_removed=True)
        return [each.stats(stream=False)["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9 for each in found]
    finally:
        client.close()
