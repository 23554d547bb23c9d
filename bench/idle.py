"""`./isomo bench idle`: memory of a learner who works in lab 2, and of one who went away, stock and ours in turn.

A learner's memory is the proportional set size of all processes in the container: pages that several learners share,
such as libraries of the same image, count once. So several learners are opened on each side, and the mean is taken.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.bench_command import print_progress
from bench.desk_pages import started_chromium
from bench.spawn import LONGEST, count_running, new_page, run_stock_cell, stock_page
from bench.two_hubs import LAB, PROJECT, STOCK, Stock, our_hub, stock_hub
from hub import container_engine
from tests.support.desk_page import DeskPage
from tests.support.hub_people import COURSE
from tests.support.hub_run import Hub

MIB = 1024 * 1024
REST = 200
"""Seconds in which an idle kernel is stopped, with one minute set."""


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return MiB of a learner: server alone, at work with a trained model, and idle after the work."""
    parser = argparse.ArgumentParser(prog="isomo bench idle", description=__doc__)
    parser.add_argument("--learners", type=int, default=3, help="learners on each side (3)")
    names = [f"learner{number:02}" for number in range(parser.parse_args(argv).learners)]
    with started_chromium() as browser:
        with stock_hub(names) as stock:
            pages = [stock_works(browser, stock, name) for name in names]
            time.sleep(5)
            theirs = {"working": mean_mb("name", f"{STOCK}-")}
            theirs["idle"] = theirs["working"]  # Stock stops nothing: kernel and server stay.
            print_progress(f"stock: {theirs}")
            close_browsers(pages)
        with our_hub(names, start={"idle_kernel_minutes": 1}) as ours:
            pages = [our_works(browser, ours, name) for name in names]
            label = f"isomo.project={PROJECT}"
            found = {"working": mean_mb("label", label)}
            print_progress(f"ours at work: {found}")
            wait_for_rest(label)
            found["idle"] = mean_mb("label", label)
            print_progress(f"ours at rest: {found}, {count_running()} servers")
            close_browsers(pages)
    return idle_report(found, theirs)


def idle_report(ours: dict[str, float], theirs: dict[str, float]) -> dict[str, Any]:
    """Return the figures of a run.

    >>> report({"working": 200.0, "idle": 65.0}, {"working": 300.0, "idle": 260.0})["ratio"]
    0.25
    """
    return {
        "ratio": round(ours["idle"] / theirs["idle"], 3),
        "ratio_working": round(ours["working"] / theirs["working"], 3),
        **{f"{name}_mb": round(value, 1) for name, value in ours.items()},
        **{f"{name}_stock_mb": round(value, 1) for name, value in theirs.items()},
    }


def stock_works(browser: Any, stock: Stock, name: str) -> Any:
    """Open the notebook in JupyterLab, load the letters and train a model; return the page."""
    page = stock_page(browser, stock, name)
    page.goto(f"{stock.address}/hub/spawn/{name}?next=/user/{name}/lab/tree/first.ipynb", wait_until="commit")
    cells = page.locator(".jp-Notebook .jp-CodeCell .cm-content")
    cells.first.wait_for()
    run_stock_cell(page, cells.first)
    cells.nth(1).click()
    page.keyboard.press("Control+Enter")
    page.locator(".jp-OutputArea-output", has_text="model is here").first.wait_for()
    return page


def our_works(browser: Any, ours: Hub, name: str) -> Any:
    """Open lab 2 at the desk, load the letters and train a model; return the page."""
    page = new_page(browser)
    page.goto(ours.town.link(name))
    page.click("#welcome_submit")
    page.wait_for_url("**/services/campus/")
    page.goto(f"{ours.settings.address}/services/campus/open/{COURSE}/{LAB}")
    page.wait_for_url("**/desk/**")
    desk = DeskPage(page, whole=False)
    page.evaluate("location.hash = '#part-2'")
    desk.run("model = desk.learn")
    return page


def wait_for_rest(label: str) -> None:
    """Wait until no kernel runs any more."""
    end = time.monotonic() + REST
    while any("ipykernel" in line or "spare_process" in line for line in command_lines(label)):
        if time.monotonic() > end:
            raise RuntimeError("An idle kernel still runs.")
        time.sleep(2)
    time.sleep(5)


def close_browsers(pages: Sequence[Any]) -> None:
    """Close the browsers of all learners."""
    for page in pages:
        page.context.close()


def mean_mb(kind: str, value: str) -> float:
    """Return the mean of the containers' memory in MiB."""
    return statistics.mean(
        sum(map(proportional_bytes, pids)) / MIB for pids in container_processes(kind, value)
    )


def container_processes(kind: str, value: str) -> list[list[int]]:
    """Return the processes of each container that `kind` (`name` or `label`) finds."""
    return each_container(kind, value, lambda row: int(row[0]))


def command_lines(label: str) -> list[str]:
    """Return the command lines of all processes."""
    return [line for lines in each_container("label", label, lambda row: row[1]) for line in lines]


def each_container(kind: str, value: str, pick: Callable[[list[str]], Any]) -> list[list[Any]]:
    """Return what `pick` takes of each process, by container."""
    client = container_engine.from_env()
    try:
        found = client.containers.list(filters={kind: value}, ignore_removed=True)
        return [[pick(row) for row in each.top(ps_args="-eo pid,args")["Processes"]] for each in found]
    finally:
        client.close()


def proportional_bytes(pid: int) -> int:
    """Return the proportional set size of a process in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


__all__ = ["LONGEST", "measure"]
