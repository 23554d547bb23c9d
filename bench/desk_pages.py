"""The learner's desk and stock JupyterLab with the same lab, each behind a separate server, for the benches."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.bench_command import print_progress
from bench.shaped_line import Line, shaped_line
from hub.ops.desk_build import ensure_desk
from labs.authoring import lab_preview
from labs.authoring.lab_spec import find_lab
from tests.conftest import CHROMIUM_ARGS, browser_path
from tests.support.hub_run import free_ports
from tests.support.labs_served import TOKEN, labs_served

SLUG = "where-to-set-the-bar"
DESK_CELL = ".cell button.run"
DESK_TEXT = "main .prose"
STOCK_CELL = ".jp-Notebook .jp-CodeCell .cm-content"
QUIET = 2.0
"""Seconds without a byte after which a page has come."""
LONGEST = 240


@dataclass(frozen=True)
class Served:
    """Ports of the two servers."""

    desk: int
    stock: int

    def desk_address(self, port: int, part: int = 2) -> str:
        """Return the lab at the desk, at a part with code."""
        return f"http://127.0.0.1:{port}/desk/{SLUG}?token={TOKEN}#part-{part}"

    def stock_address(self, port: int) -> str:
        """Return the lab in JupyterLab."""
        return f"http://127.0.0.1:{port}/doc/tree/labs/{SLUG}/{SLUG}.ipynb?token={TOKEN}"


@contextmanager
def served_pages() -> Iterator[Served]:
    """Both servers, each with the lab in a fresh home."""
    with tempfile.TemporaryDirectory(prefix="isomo-bench-desk-") as name:
        ours, theirs = Path(name) / "desk", Path(name) / "stock"
        print_progress("starting a learner's server and a stock JupyterLab")
        env = {"ISOMO_DESK": str(ensure_desk())}
        with labs_served([find_lab(SLUG)], ours, env=env) as address, _stock(theirs) as stock:
            yield Served(int(address.rsplit(":", 1)[1]), stock)


@contextmanager
def _stock(root: Path) -> Iterator[int]:
    """JupyterLab as it comes, without any of our configuration."""
    lab_preview.lay_out(find_lab(SLUG), "en", root)
    (port,) = free_ports(1)
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.root_dir={root}"]
    words += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    words += ["--allow-root"] if os.geteuid() == 0 else []
    env = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
    with (root / "server.log").open("ab") as log:
        process = subprocess.Popen(words, env={**env, "HOME": str(root)}, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/status?token={TOKEN}").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def started_chromium() -> Iterator[Any]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser_path(), args=CHROMIUM_ARGS)
        yield started
        started.close()


@dataclass(frozen=True)
class Visit:
    """Cost of one visit: bytes from the server, requests, seconds until text and until the first cell."""

    bytes: int
    requests: int
    text_s: float
    cell_s: float


def visit_page(context: Any, through: Line, address: str, text: str, cell: str) -> Visit:
    """Open a page and wait until it has come and is quiet."""
    page = context.new_page()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    before, began = through.received, time.monotonic()
    page.goto(address, wait_until="commit", timeout=LONGEST * 1000)
    page.wait_for_selector(text, timeout=LONGEST * 1000)
    text_s = time.monotonic() - began
    page.wait_for_selector(cell, timeout=LONGEST * 1000)
    cell_s = time.monotonic() - began
    _until_quiet(page, through)
    page.close()
    wire = [url for url in asked if url.startswith("http")]
    return Visit(through.received - before, len(wire), round(text_s, 2), round(cell_s, 2))


def _until_quiet(page: Any, through: Line) -> None:
    end = time.monotonic() + LONGEST
    seen, since = through.received, time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < QUIET:
        page.wait_for_timeout(200)
        if through.received != seen:
            seen, since = through.received, time.monotonic()


__all__ = [
    "DESK_CELL",
    "DESK_TEXT",
    "STOCK_CELL",
    "Served",
    "Visit",
    "served_pages",
    "shaped_line",
    "started_chromium",
    "visit_page",
]
