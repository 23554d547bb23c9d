"""`./isomo bench desk`: the desk on a slow processor, after an hour of work, and with a long lab."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.cli import say
from bench.desk_pages import DESK_CELL, DESK_TEXT, LONGEST, SLUG, STOCK_CELL, chromium, served
from hub.ops.desk_build import ensure_desk
from labs.authoring.spec import find
from tests.support.labs_served import TOKEN, labs_served

THROTTLE = 4
"""How many times slower than this machine the browser's processor is."""
CELLS = 60
ROUNDS, KEYS = 60, 40
"""An hour of work: each minute a look at another part, a run of a cell, and a line of writing."""
LONG_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.longTasks.push(one.duration);
  }).observe({ type: "longtask" });
}"""
CODE = ".cell.task .cm-content"
RUN = ".cell.given button.run, .cell.task button.run"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Measure script time of the desk and of JupyterLab, then memory and scrolling of the desk."""
    del argv
    with chromium() as browser:
        with served() as both:
            ours = script_time(browser, both.desk_address(both.desk), DESK_CELL)
            say(f"desk: {ours}")
            theirs = script_time(browser, both.stock_address(both.stock), STOCK_CELL)
            say(f"stock: {theirs}")
            memory = hour_of_work(browser, both.desk_address(both.desk))
            say(f"memory: {memory}")
        with long_lab() as address:
            scrolled = scroll(browser, address)
            say(f"scrolling: {scrolled}")
    stock = {f"stock_{key}": value for key, value in theirs.items()}
    return {**ours, **stock, **memory, **scrolled, "throttle": THROTTLE}


def metrics(page: Any) -> dict[str, float]:
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
    before = metrics(page)
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
    after = metrics(page)
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
        with labs_served([find(SLUG)], root, env=env) as address:
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


def scroll(browser: Any, address: str) -> dict[str, float]:
    """Scroll from the top to the bottom and back; return tasks that held the page for more than 50 ms."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address, timeout=LONGEST * 1000)
    page.wait_for_selector(CODE, timeout=LONGEST * 1000)
    page.wait_for_timeout(3_000)
    page.evaluate(LONG_TASKS)
    page.mouse.move(640, 450)
    for step in (600, -600):
        for _ in range(int(page.evaluate("document.documentElement.scrollHeight")) // 600 + 1):
            page.mouse.wheel(0, step)
            page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    found = page.evaluate("window.longTasks")
    cells = page.locator(".cell.task").count()
    context.close()
    return {
        "long_cells": cells,
        "scroll_long_tasks": len(found),
        "scroll_longest_ms": round(max(found, default=0)),
    }
