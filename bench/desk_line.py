"""`./isomo bench line`: seconds until a lab can be read and run over a slow line, against stock JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bench.bench_command import no_options, print_progress
from bench.desk_pages import (
    DESK_CELL,
    DESK_TEXT,
    STOCK_CELL,
    Served,
    Visit,
    served_pages,
    shaped_line,
    started_chromium,
    visit_page,
)
from bench.shaped_line import Line
from hub.ops.desk_build import ensure_desk

MEGABIT, ROUND_TRIP = 1_000_000, 0.3
SLOW, SLOW_ROUND_TRIP = 128_000, 0.6


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Open the lab over 1 Mbit/s and 300 ms twice, over 128 kbit/s once; then the same in JupyterLab."""
    no_options("line", __doc__, argv)
    with served_pages() as both, started_chromium() as browser:
        with shaped_line(both.desk, MEGABIT, ROUND_TRIP) as wire:
            context = browser.new_context()
            first = visit_page(context, wire, both.desk_address(wire.port), DESK_TEXT, DESK_CELL)
            second = visit_page(context, wire, both.desk_address(wire.port), DESK_TEXT, DESK_CELL)
            context.close()
        print_progress(f"desk, 1 Mbit/s: {first}, again {second}")
        with shaped_line(both.desk, SLOW, SLOW_ROUND_TRIP) as wire:
            context = browser.new_context()
            slow = visit_page(context, wire, both.desk_address(wire.port), DESK_TEXT, DESK_CELL)
            context.close()
        print_progress(f"desk, 128 kbit/s: {slow}")
        with shaped_line(both.desk, MEGABIT, ROUND_TRIP) as wire:
            prefetched = after_my_labs(browser, both, wire)
        print_progress(f"desk, 1 Mbit/s, its files fetched beforehand: {prefetched}")
        with shaped_line(both.stock, MEGABIT, ROUND_TRIP) as wire:
            context = browser.new_context()
            stock = visit_page(context, wire, both.stock_address(wire.port), STOCK_CELL, STOCK_CELL)
            stock_again = visit_page(context, wire, both.stock_address(wire.port), STOCK_CELL, STOCK_CELL)
            context.close()
        print_progress(f"stock, 1 Mbit/s: {stock}, again {stock_again}")
    return {
        "first_text_s": first.text_s,
        "first_cell_s": first.cell_s,
        "second_text_s": second.text_s,
        "second_cell_s": second.cell_s,
        "first_cell_128_s": slow.cell_s,
        "prefetched_text_s": prefetched.text_s,
        "prefetched_cell_s": prefetched.cell_s,
        "stock_first_cell_s": stock.cell_s,
        "stock_second_cell_s": stock_again.cell_s,
    }


def after_my_labs(browser: Any, both: Served, wire: Line) -> Visit:
    """Visit a lab for the first time, after another page of the site fetched the desk's files as My labs does."""
    context = browser.new_context()
    names = json.loads((ensure_desk() / "names.json").read_text("utf-8"))["offline"]
    files = [f"http://127.0.0.1:{wire.port}/desk/-/static/{name}" for name in names]
    page = context.new_page()
    # A page of the server's API may fetch nothing: its policy forbids it.
    page.goto(files[0])
    page.evaluate("async (files) => { for (const one of files) await (await fetch(one)).blob() }", files)
    page.close()
    found = visit_page(context, wire, both.desk_address(wire.port), DESK_TEXT, DESK_CELL)
    context.close()
    return found
