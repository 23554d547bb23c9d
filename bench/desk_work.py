"""`./isomo bench desk`: the desk on a slow processor, after an hour of work, and with a long lab."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.bench_command import no_options, print_progress
from bench.desk_pages import DESK_CELL, DESK_TEXT, LONGEST, SLUG, STOCK_CELL, served_pages, started_chromium
from hub.ops.desk_build import ensure_desk
from labs.authoring.lab_spec import find_lab
from tests.support.labs_served import TOKEN, labs_served

THROTTLE = 4
"""How many times slower than this machine the browser's processor is."""
CELLS = 60
ROUNDS, KEYS = 60, 40
"""An hour of work: each minute a look at another part, a run of a cell, and a line of writing."""
LONG_MS = 50.0
TRACED = ["devtools.timeline", "toplevel", "disabled-by-default-devtools.timeline"]
LAST_STEP = 400
"""Turns of the wheel after which scrolling ends in any case."""
AT_END = {
    600: "scrollY + innerHeight >= document.documentElement.scrollHeight - 2",
    -600: "scrollY <= 0",
}
"""Pixels of one turn of the wheel, and what holds when there is no more to see."""
CODE = ".cell.task .code > *"
VIEWS = ".isomo-view :is(img, table, figure)"
"""A picture that follows a task's controls: the kernel is there, and nothing else is to come."""
RUN = ".cell.given button.run, .cell.task button.run"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Measure script time of the desk and of JupyterLab, then memory and scrolling of the desk."""
    no_options("desk", __doc__, argv)
    with started_chromium() as browser:
        with served_pages() as both:
            ours = script_time(browser, both.desk_address(both.desk), DESK_CELL)
            print_progress(f"desk: {ours}")
            theirs = script_time(browser, both.stock_address(both.stock), STOCK_CELL)
            print_progress(f"stock: {theirs}")
            memory = hour_of_work(browser, both.desk_address(both.desk))
            print_progress(f"memory: {memory}")
        with long_lab() as address:
            scrolled = scroll_lab(browser, address)
            print_progress(f"scrolling: {scrolled}")
    stock = {f"stock_{key}": value for key, value in theirs.items()}
    return {**ours, **stock, **memory, **scrolled, "throttle": THROTTLE}


def page_metrics(page: Any) -> dict[str, float]:
    """Return Chromium's own figures of a page."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    return {each["name"]: each["value"] for each in found}


def script_time(browser: Any, address: str, cell: str) -> dict[str, float]:
    """Return seconds of script, of all work, and until a cell can be run, on a slow processor."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    began = time.monotonic()
    page.goto(address, wait_until="commit", timeout=LONGEST * 1000)
    page.wait_for_selector(cell, timeout=LONGEST * 1000)
    cell_s = time.monotonic() - began
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    return {
        "script_s": round(found["ScriptDuration"], 2),
        "tasks_s": round(found["TaskDuration"], 2),
        "interactive_s": round(cell_s, 2),
    }


def hour_of_work(browser: Any, address: str) -> dict[str, float]:
    """Return megabytes of script and counts of elements before and after an hour's work."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address, timeout=LONGEST * 1000)
    page.wait_for_selector(DESK_TEXT, timeout=LONGEST * 1000)
    parts = page.locator(".parts li").count()
    for part in range(parts):
        page.evaluate("(part) => { location.hash = `#part-${part}` }", part)
        page.wait_for_selector(f"#section-{part}")
    before = page_metrics(page)
    for minute in range(ROUNDS):
        page.evaluate("(part) => { location.hash = `#part-${part}` }", minute % parts)
        page.wait_for_selector(f"#section-{minute % parts}")
        for button in page.locator(RUN).all()[:1]:
            button.click()
            button.locator("xpath=ancestor::section[1][@aria-busy='false']").wait_for(timeout=LONGEST * 1000)
        for box in page.locator("textarea").all()[:1]:
            box.focus()
            page.keyboard.type("x" * KEYS)
    page.locator(".saved[data-status=saved]").wait_for(timeout=LONGEST * 1000)
    after = page_metrics(page)
    context.close()
    return {
        "memory_start_mb": round(before["JSHeapUsedSize"] / 1e6, 1),
        "memory_hour_mb": round(after["JSHeapUsedSize"] / 1e6, 1),
        "nodes_start": before["Nodes"],
        "nodes_hour": after["Nodes"],
    }


@contextmanager
def long_lab() -> Iterator[str]:
    """Serve a lab with many cells, each with its result; yields its address, all parts on one page."""
    with tempfile.TemporaryDirectory(prefix="isomo-bench-long-") as name:
        root = Path(name)
        env = {"ISOMO_DESK": str(ensure_desk())}
        with labs_served([find_lab(SLUG)], root, env=env) as address:
            path = root / "labs" / SLUG / f"{SLUG}.ipynb"
            made = json.loads(path.read_text("utf-8"))
            made["cells"] += [_cell(number) for number in range(CELLS)]
            path.write_text(json.dumps(made))
            yield f"{address}/desk/{SLUG}?token={TOKEN}#all"


def _cell(number: int) -> dict[str, Any]:
    rows = "".join(f"<tr><td>{row}</td><td>{row * number}</td></tr>" for row in range(12))
    data = {"text/html": f"<table>{rows}</table>", "text/plain": "a table"}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": data},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": PIXEL, "text/plain": "a dot"}},
    ]
    return {
        "cell_type": "code",
        "id": f"long-{number}",
        "metadata": {},
        "execution_count": 1,
        "source": f"rows = {number}\nfor row in range(12):\n    print(row, row * rows)\n",
        "outputs": outputs,
    }


def scroll_lab(browser: Any, address: str) -> dict[str, float]:
    """Open the long lab, scroll to its end and back; return what the tasks of each of the two cost.

    A task's processor time is counted, which other programs of the machine do not change; `_slow` is for a processor
    that is THROTTLE times slower. `scroll_long_tasks` counts by the clock, as the browser's own long tasks do.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    browser.start_tracing(page=page, categories=TRACED)
    page.goto(address, timeout=LONGEST * 1000)
    page.wait_for_selector(CODE, timeout=LONGEST * 1000)
    page.wait_for_selector(VIEWS, state="attached", timeout=LONGEST * 1000)
    page.wait_for_timeout(2_000)
    opened = _tasks(browser.stop_tracing())
    browser.start_tracing(page=page, categories=TRACED)
    page.mouse.move(640, 450)
    for step, at_end in AT_END.items():
        for _ in range(LAST_STEP):
            if page.evaluate(at_end):
                break
            page.mouse.wheel(0, step)
            page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    scrolled = _tasks(browser.stop_tracing())
    cells = page.locator(".cell.task").count()
    context.close()
    return {
        "long_cells": cells,
        "open_longest_cpu_ms": round(max(cpu for _, cpu in opened), 1),
        "scroll_cpu_s": round(sum(cpu for _, cpu in scrolled) / 1000, 2),
        "scroll_longest_cpu_ms": round(max(cpu for _, cpu in scrolled), 1),
        "scroll_long_tasks_slow": sum(cpu * THROTTLE > LONG_MS for _, cpu in scrolled),
        "scroll_long_tasks": sum(wall > LONG_MS for wall, _ in scrolled),
    }


def _tasks(trace: bytes) -> list[tuple[float, float]]:
    """Return the tasks of a page's main thread in a trace: milliseconds by the clock, and of processor time."""
    events = json.loads(trace)["traceEvents"]
    threads = {
        (one["pid"], one["tid"]): one["args"]["name"] for one in events if one["name"] == "thread_name"
    }
    return [
        (one["dur"] / 1000, one.get("tdur", 0) / 1000)
        for one in events
        if one["name"] == "RunTask"
        and "dur" in one
        and threads.get((one["pid"], one["tid"])) == "CrRendererMain"
    ]
