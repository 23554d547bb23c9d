"""`./isomo bench bytes`: what a browser fetches to show one lab, first and second visit, against stock JupyterLab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.bench_command import no_options, print_progress
from bench.desk_pages import (
    DESK_CELL,
    DESK_TEXT,
    STOCK_CELL,
    served_pages,
    shaped_line,
    started_chromium,
    visit_page,
)


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Count bytes on the wire with an empty cache, then with a full one."""
    no_options("bytes", __doc__, argv)
    with served_pages() as both, started_chromium() as browser:
        with shaped_line(both.desk) as wire:
            context = browser.new_context()
            first = visit_page(context, wire, both.desk_address(wire.port), DESK_TEXT, DESK_CELL)
            print_progress(f"desk, first visit: {first}")
            second = visit_page(context, wire, both.desk_address(wire.port), DESK_TEXT, DESK_CELL)
            print_progress(f"desk, second visit: {second}")
            context.close()
        with shaped_line(both.stock) as wire:
            context = browser.new_context()
            stock = visit_page(context, wire, both.stock_address(wire.port), STOCK_CELL, STOCK_CELL)
            print_progress(f"stock, first visit: {stock}")
            stock_second = visit_page(context, wire, both.stock_address(wire.port), STOCK_CELL, STOCK_CELL)
            print_progress(f"stock, second visit: {stock_second}")
            context.close()
    return {
        "first_bytes": first.bytes,
        "second_bytes": second.bytes,
        "first_requests": first.requests,
        "second_requests": second.requests,
        "stock_first_bytes": stock.bytes,
        "stock_second_bytes": stock_second.bytes,
        "stock_first_requests": stock.requests,
    }
