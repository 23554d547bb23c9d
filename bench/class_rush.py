"""`./isomo bench class --learners N`: a class that opens its labs at the same moment, stock and ours in turn.

Each learner is a program that behaves like a browser: sign-in before (in a scheduled class their list of labs is on the
screen too, as it is in every browser that has something to click, and has signed in at the server that runs), then the
click, the waiting page with its stream of events, the sign-in at the server if it is still to come, and the page with
the lab. A server that did not come within ten minutes has failed.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench.bench_command import print_progress
from bench.spawn import count_running, percentile_95, remove_containers
from bench.two_hubs import LAB, PROJECT, STOCK, Stock, our_hub, stock_hub
from tests.support.hub_people import COURSE
from tests.support.hub_run import Hub, follow

FRAME = re.compile(r'<iframe hidden [^>]*src="([^"]+)"')
EVENTS = re.compile(r'new EventSource\(("[^"]+")\)')
"""Of the waiting page, ours and stock's: the address of its stream of events."""
LONGEST = 600
KEEPER = 300
"""Seconds in which the keeper starts a class ahead on a busy machine."""


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return seconds until the page with the lab, and how many failed."""
    parser = argparse.ArgumentParser(prog="isomo bench class", description=__doc__)
    parser.add_argument("--learners", type=int, default=30, help="learners who come at once (30)")
    parser.add_argument("--patient", action="store_true", help="let stock wait ten minutes, not 30 seconds")
    args = parser.parse_args(argv)
    names = [f"learner{number:03}" for number in range(args.learners)]
    with stock_hub(names, patient=args.patient) as stock:
        theirs = rush_class(names, stock.signed_in, lambda client, name: stock_opens(stock, client, name))
        print_progress(f"stock: {side_line(theirs)}")
    remove_containers("name", f"{STOCK}-")
    with our_hub(names) as ours:
        scheduled = scheduled_class(ours, names)
        print_progress(f"ours, scheduled: {side_line(scheduled)}")
        remove_containers("label", f"isomo.project={PROJECT}")
    with our_hub(names) as ours:
        unplanned = rush_class(names, ours.signed_in, ours_opens)
        print_progress(f"ours, nobody knew: {side_line(unplanned)}")
        remove_containers("label", f"isomo.project={PROJECT}")
    return rush_report(theirs, unplanned, scheduled)


def rush_report(
    theirs: Sequence[float | None], unplanned: Sequence[float | None], scheduled: Sequence[float | None]
) -> dict[str, Any]:
    """Return the figures of a run; None in a list is a server that did not come.

    >>> figures = report([40.0, 30.0, None], [20.0, 10.0, 12.0], [0.5, 0.4, 0.6])
    >>> figures["failed"], figures["failed_stock"], figures["ratio"], figures["scheduled_p95_s"]
    (0, 1, 0.343, 0.6)
    """
    came = [each for each in theirs if each is not None]
    ours = [each for each in unplanned if each is not None]
    planned = [each for each in scheduled if each is not None]
    return {
        "learners": len(unplanned),
        "failed": unplanned.count(None) + scheduled.count(None),
        "failed_stock": theirs.count(None),
        "ratio": median_ratio(ours, came),
        "ratio_scheduled": median_ratio(planned, came),
        "scheduled_p95_s": round(percentile_95(planned), 2) if planned else None,
        "median_s": round(statistics.median(ours), 1) if ours else None,
        "p95_s": round(percentile_95(ours), 1) if ours else None,
        "median_stock_s": round(statistics.median(came), 1) if came else None,
        "p95_stock_s": round(percentile_95(came), 1) if came else None,
    }


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return the ratio of the medians; None if nobody came on one side.

    >>> ratio([1.0, 2.0, 3.0], [4.0]), ratio([], [4.0])
    (0.5, None)
    """
    if not ours or not theirs:
        return None
    return round(statistics.median(ours) / statistics.median(theirs), 3)


def side_line(times: Sequence[float | None]) -> str:
    """Return a line about a side.

    >>> told([2.0, None, 4.0])
    '2 of 3 came, median 3.0 s, last 4.0 s'
    """
    came = [each for each in times if each is not None]
    if not came:
        return f"0 of {len(times)} came"
    return f"{len(came)} of {len(times)} came, median {statistics.median(came):.1f} s, last {max(came):.1f} s"


def rush_class(
    names: Sequence[str],
    sign_in: Callable[[str], httpx.Client],
    opens: Callable[[httpx.Client, str], Any],
) -> list[float | None]:
    """Let all of them come at once; return the seconds of each, None for one whose server failed."""
    browsers = [sign_in(name) for name in names]

    def one(place: int) -> float | None:
        began = time.monotonic()
        try:
            opens(browsers[place], names[place])
        except (httpx.HTTPError, AssertionError, RuntimeError) as error:
            print_progress(f"{names[place]}: {str(error)[:200]}")
            return None
        return time.monotonic() - began

    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(one, range(len(names))))


def scheduled_class(ours: Hub, names: Sequence[str]) -> list[float | None]:
    """Let the keeper start the class, wait for all servers, then let everybody come."""
    for name in names:  # The hub knows people who signed in once.
        ours.signed_in(name).close()
    store = ours.town.store
    number = store.classes.add_class(COURSE, "Class of the bench")
    store.enrolments.put_in_class(COURSE, names, number)
    store.class_times.set_time(COURSE, number, datetime.now(UTC) + timedelta(minutes=9))
    began = time.monotonic()
    ours.wait_until(lambda: count_running() >= len(names), "the servers of the class", KEEPER)
    print_progress(
        f"ours, scheduled: all servers started {time.monotonic() - began:.0f} s after the class was arranged"
    )
    time.sleep(10)
    return rush_class(names, lambda name: at_home_page(ours, name), ours_opens)


def at_home_page(ours: Hub, name: str) -> httpx.Client:
    """Return the browser of somebody who sees the list of labs at the campus, on which the click will be.

    It opens the page's hidden frame, as every browser does, which signs in at the learner's server.
    """
    client = ours.signed_in(name)
    page = follow(client, "/services/campus/")[-1].text
    for address in FRAME.findall(page):
        follow(client, address)
    return client


def ours_opens(client: httpx.Client, name: str) -> None:
    """Open the lab as its learner does, through to its page."""
    answers = open_when_ready(client, f"/services/campus/open/{COURSE}/{LAB}")
    if answers[-1].status_code != 200 or f"/user/{name}/desk/" not in str(answers[-1].url):
        raise RuntimeError(f"no desk: {answers[-1].status_code} {answers[-1].url}")


def stock_opens(stock: Stock, client: httpx.Client, name: str) -> None:
    """Start a server of the stock hub as its owner does, through to JupyterLab's page."""
    last = open_when_ready(client, f"/hub/spawn/{name}?next=/user/{name}/lab/tree/first.ipynb")[-1]
    if last.status_code != 200 or not str(last.url).startswith(f"{stock.address}/user/{name}/lab"):
        raise RuntimeError(f"no JupyterLab: {last.status_code} {last.url}")


def open_when_ready(client: httpx.Client, address: str) -> list[httpx.Response]:
    """Go to `address`; on a waiting page listen to its events until the server is ready, then load it again."""
    end = time.monotonic() + LONGEST
    answers = follow(client, address)
    while events := EVENTS.search(answers[-1].text):
        if time.monotonic() > end:
            raise RuntimeError(f"still waiting: {answers[-1].url}")
        wait_for_ready_event(client, html.unescape(json.loads(events[1])))
        answers = follow(client, str(answers[-1].url))
    return answers


def wait_for_ready_event(client: httpx.Client, address: str) -> None:
    """Return when the stream of events says that the server is ready. Raises RuntimeError if it failed."""
    headers = {"Accept": "text/event-stream", "Sec-Fetch-Mode": "cors"}
    with client.stream("GET", address, headers=headers, timeout=LONGEST) as stream:
        if stream.status_code != 200:
            raise RuntimeError(f"no events: {stream.status_code}")
        for line in stream.iter_lines():
            step = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            if step.get("failed"):
                raise RuntimeError(f"the spawn failed: {step.get('message')}")
            if step.get("ready"):
                return
