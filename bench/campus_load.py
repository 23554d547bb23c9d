"""`bench campus`: every page of the campus of a country, at a steady rate and alone, on SQLite and PostgreSQL.

The campus is a process of its own with a pretended hub. `worst_p95_ms` is of the page that is slowest while all pages
are asked for at `--rate` requests a second, from the moment at which each was due; `mean_cpu_ms` is the processor time
of a request meanwhile, which other work on the machine changes little. `pages` has each one's p95, its median alone,
its processor time and its bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.bench_command import print_progress
from bench.campus_ask import ask_alone, asset_bytes, cpu_seconds, percentile_95_ms, under_load
from bench.campus_history import fill_store
from bench.campus_live import live_figures
from bench.campus_pages import campus_pages
from bench.campus_roster import roster_figures
from bench.campus_served import campus_process, session_cookies
from bench.campus_town import Town
from hub.node_programs import ensure_node
from hub.store import Store
from tests.support.own_postgres_server import own_postgres, postgres_bin
from tests.support.small_stores import settings_for

NO_PAGES = ("api-", "overview-file")
"""Beginnings of names whose bytes are not those of a page."""


def measure(argv: list[str]) -> dict[str, object]:
    """Return the figures of each database that was asked for, and the worst over both."""
    parser = argparse.ArgumentParser(prog="./isomo bench campus", description=__doc__)
    parser.add_argument("--learners", type=int, default=100_000)
    parser.add_argument("--institutions", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second over all pages")
    parser.add_argument("--seconds", type=float, default=240.0, help="how long they are asked for")
    parser.add_argument("--live-seconds", type=float, default=60.0, help="how long the live class lasts")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument(
        "--keep", type=Path, help="folder that keeps the filled SQLite store for the next run; no roster then"
    )
    options = parser.parse_args(argv)
    chosen = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    ensure_node()  # Pages are measured with their scripts, which a fresh checkout lacks.
    found: dict[str, dict[str, Any]] = {}
    for kind in chosen:
        with state_folder(kind, options.keep) as folder, database_setting(kind) as address:
            found[kind] = campus_figures(folder, address, options)
    worst = [each["worst_p95_ms"] for each in found.values()]
    return {"learners": options.learners, "institutions": options.institutions, "rate": options.rate,
            "worst_p95_ms": max(worst), **found}  # fmt: skip


@contextmanager
def state_folder(kind: str, keep: Path | None) -> Iterator[Path]:
    """Yield the folder of a store: the one to keep if SQLite is measured and a folder was named, else a new one."""
    if kind == "sqlite" and keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextmanager
def database_setting(kind: str) -> Iterator[str]:
    """Yield the setting `database` for a store of this kind."""
    if kind == "sqlite":
        yield "sqlite"
        return
    bin_folder = postgres_bin()
    if bin_folder is None:
        raise SystemExit("PostgreSQL is not installed. Install it, or measure with --database sqlite.")
    with own_postgres(bin_folder, "shared_buffers=512MB") as address:
        yield address


def campus_figures(folder: Path, address: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fill a store and measure its campus."""
    town = Town(options.learners, options.institutions, datetime.now(UTC))
    store = Store.migrate(settings_for(folder, database=address))
    began = time.perf_counter()
    if store.people.get("admin") is None:
        fill_store(store, town)
    filled = time.perf_counter() - began
    print_progress(f"filled the store with {town.results} results in {filled:.0f} s")
    return {
        "results": town.results,
        "fill_s": round(filled, 1),
        **page_figures(folder, address, store, town, options),
    }


def page_figures(
    folder: Path, address: str, store: Store, town: Town, options: argparse.Namespace
) -> dict[str, object]:
    """Measure every page of a filled store, then a live class."""
    wanted = campus_pages(town)
    cookies = session_cookies(store, {each.reader for each in wanted})
    with campus_process(folder, address) as (base, process):
        alone = [ask_alone(base, process, each, cookies) for each in wanted]
        print_progress("asked for each page alone")
        busy, began = cpu_seconds(process), time.perf_counter()
        times = asyncio.run(under_load(base, wanted, cookies, options.rate, options.seconds))
        spent, lasted = cpu_seconds(process) - busy, time.perf_counter() - began
        first = asset_bytes(base, wanted[0], cookies)
        live = live_figures(base, process, cookies, town, options.live_seconds)
    table = {
        page.name: {
            "p95_ms": percentile_95_ms(times[page.name]),
            "alone_ms": round(1000 * each.seconds),
            "cpu_ms": round(1000 * each.busy),
            "bytes": each.size,
        }
        for page, each in zip(wanted, alone, strict=True)
    }
    return {
        "worst_p95_ms": max(row["p95_ms"] for row in table.values()),
        "worst_alone_ms": max(row["alone_ms"] for row in table.values()),
        "core_percent": round(100 * spent / lasted),
        "mean_cpu_ms": round(1000 * spent / sum(map(len, times.values())), 1),
        "worst_cpu_ms": max(row["cpu_ms"] for row in table.values()),
        "first_bytes": first + table["home"]["bytes"],
        "later_bytes": max(row["bytes"] for name, row in table.items() if not name.startswith(NO_PAGES)),
        **live,
        **({} if options.keep else roster_figures(store, town)),
        "pages": table,
    }
