"""`./isomo bench spawn`: from the click on a lab to its first cell's result in Chromium, stock and ours in turn."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import TimeoutError as NotSeen

from bench.bench_command import print_progress
from bench.desk_pages import started_chromium
from bench.two_hubs import CELL, LAB, PART, PROJECT, READY, Stock, our_hub, stock_hub
from hub import container_engine
from tests.support.hub_people import COURSE, PASSWORD
from tests.support.hub_run import Hub

LONGEST = 60_000
READING = 5.0
"""Seconds that somebody looks at the list of labs before clicking on one."""


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return medians and ratios; each start is the first one of a person who never came before."""
    parser = argparse.ArgumentParser(prog="isomo bench spawn", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each side starts (5)")
    rounds = parser.parse_args(argv).rounds
    names = [f"learner{number:02}" for number in range(rounds)]
    kinds = ("cold", "read", "scheduled")
    taken: dict[str, list[float]] = {kind: [] for kind in ("stock", *kinds)}
    people = [f"{name}{kind[0]}" for name in names for kind in kinds]
    with started_chromium() as browser, stock_hub(names) as stock, our_hub(people) as ours:
        for number, name in enumerate(names, 1):
            taken["stock"].append(stock_start(browser, stock, name))
            for kind in kinds:
                taken[kind].append(our_start(browser, ours, f"{name}{kind[0]}", kind))
            said = ", ".join(f"{kind} {times[-1]:.2f} s" for kind, times in taken.items())
            print_progress(f"round {number} of {rounds}: {said}")
    return spawn_report(taken)


def spawn_report(taken: dict[str, list[float]]) -> dict[str, Any]:
    """Return the figures of a run; `ratio` is that of somebody who reads the list of labs first.

    >>> figures = report({"stock": [10.0, 8.0], "cold": [3.0], "read": [1.8, 0.9], "scheduled": [0.9]})
    >>> figures["ratio"], figures["ratio_cold"], figures["ready_p95_s"]
    (0.15, 0.333, 1.8)
    """
    medians = {kind: statistics.median(times) for kind, times in taken.items()}
    return {
        "ratio": round(medians["read"] / medians["stock"], 3),
        "ratio_cold": round(medians["cold"] / medians["stock"], 3),
        "ratio_scheduled": round(medians["scheduled"] / medians["stock"], 3),
        "ready_p95_s": round(percentile_95(taken["read"]), 2),
        **{f"seconds_{kind}": round(value, 2) for kind, value in medians.items()},
        "rounds": len(taken["stock"]),
    }


def percentile_95(times: Sequence[float]) -> float:
    """Return the 95th percentile, by nearest rank.

    >>> percentile_95([float(number) for number in range(1, 101)])
    95.0
    """
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]


def stock_start(browser: Any, stock: Stock, name: str) -> float:
    """Start a server of the stock hub and run the notebook's first cell; return the seconds."""
    page = stock_page(browser, stock, name)
    began = time.monotonic()
    page.goto(f"{stock.address}/hub/spawn/{name}?next=/user/{name}/lab/tree/first.ipynb", wait_until="commit")
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.wait_for()
    run_stock_cell(page, cell)
    seconds = time.monotonic() - began
    page.context.close()
    remove_containers("name", f"bench-stock-{name}")
    return seconds


def stock_page(browser: Any, stock: Stock, name: str) -> Any:
    """Return a page on which a learner has signed in to the stock hub."""
    page = new_page(browser)
    page.goto(f"{stock.address}/hub/login")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("input[type=submit]", no_wait_after=True)
    page.wait_for_url(lambda url: "/hub/login" not in url)
    return page


def run_stock_cell(page: Any, cell: Any) -> None:
    """Run a cell; JupyterLab forgets the key if the kernel is not there yet, so a person presses it again."""
    result = page.locator(".jp-OutputArea-output", has_text=READY).first
    waits = page.locator(".jp-InputPrompt", has_text="[*]").first
    end = time.monotonic() + LONGEST / 1000
    while not result.is_visible():
        if time.monotonic() > end:
            raise RuntimeError(f"no result in JupyterLab: {page.inner_text('body')[:2000]}")
        dialog = page.locator("dialog .jp-mod-accept").first
        with suppress(NotSeen):
            if dialog.is_visible():  # On a busy machine it asks which kernel to take.
                dialog.click(timeout=2_000)
            elif not waits.is_visible():
                cell.click(timeout=2_000)
                page.keyboard.press("Control+Enter")
            result.wait_for(timeout=1_000)


def our_start(browser: Any, ours: Hub, name: str, kind: str) -> float:
    """Open the lab and run the first cell that loads data; return the seconds from the click on."""
    page = new_page(browser)
    page.goto(ours.town.link(name))
    page.click("#welcome_submit", no_wait_after=kind == "cold")
    page.wait_for_url("**/services/campus/", wait_until="commit" if kind == "cold" else "load")
    address = f"{ours.settings.address}/services/campus/open/{COURSE}/{LAB}"
    if kind == "scheduled":
        schedule_class(ours, name)
    BEFORE[kind](page)
    began = time.monotonic()
    page.goto(f"{address}", wait_until="commit")
    try:
        page.wait_for_url("**/desk/**", wait_until="commit")
    except NotSeen as error:
        raise RuntimeError(f"{kind}: {page.url} says {page.inner_text('body')[:500]}") from error
    page.evaluate(f"location.hash = '#{PART}'")
    cell = page.locator(f'[id="cell-{CELL}"]')
    cell.locator("button.run").click()
    cell.locator("xpath=self::*[@aria-busy='false']").wait_for()
    cell.locator(".result *").first.wait_for()
    seconds = time.monotonic() - began
    page.context.close()
    remove_containers("label", f"isomo.project={PROJECT}")
    return seconds


def schedule_class(ours: Hub, name: str) -> None:
    """Let a class of `name` begin soon, and wait until the keeper has started the server."""
    store = ours.town.store
    number = store.classes.add_class(COURSE, f"Class of {name}")
    store.enrolments.put_in_class(COURSE, [name], number)
    store.class_times.set_time(COURSE, number, datetime.now(UTC) + timedelta(minutes=5))
    ours.wait_until(lambda: count_running() == 1, "the server of a class", 150)
    store.class_times.set_time(COURSE, number, None)
    time.sleep(READING)


def count_running() -> int:
    """Return how many of our learners' containers run."""
    client = container_engine.from_env()
    try:
        return len(client.containers.list(filters={"label": f"isomo.project={PROJECT}"}, ignore_removed=True))
    finally:
        client.close()


BEFORE: dict[str, Callable[[Any], None]] = {
    "cold": lambda _page: None,
    "read": lambda page: page.wait_for_timeout(READING * 1000),
    "scheduled": lambda _page: None,
}
"""What somebody does before the click."""


def new_page(browser: Any) -> Any:
    """Return a page of a browser that nobody used before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(LONGEST)
    return context.new_page()


def remove_containers(kind: str, value: str) -> None:
    """Remove the containers that `kind` (`name` or `label`) finds."""
    client = container_engine.from_env()
    for container in client.containers.list(all=True, filters={kind: value}, ignore_removed=True):
        container.remove(force=True)
    client.close()
