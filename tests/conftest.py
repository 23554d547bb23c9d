"""What every test room may use: a Docker engine, a browser, a PostgreSQL of its own."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator

import hypothesis
import pytest

from hub.node_programs import ensure_node
from tests.support.own_postgres_server import own_postgres, postgres_bin

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000
"""Milliseconds that a page may take unless a test says otherwise: other tests run at the same time."""

# A machine with other work on it takes more than 0.2 s for an example now and then: times belong in `bench/`.
hypothesis.settings.register_profile(
    "isomo", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("isomo")

# A quarter of the tests' processor time went into looking through the objects of imported modules, which never go.
gc.set_threshold(20_000, 10, 10)


def pytest_collection_finish() -> None:
    """Leave what was imported out of the search for garbage."""
    gc.collect()
    gc.freeze()


def missing(what: str) -> None:
    """On a developer's machine a missing part is a skip; where CI is set it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI promises it.")
    pytest.skip(f"{what} is missing on this machine.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where CI is set, every skip is a failure, whichever test thought it may skip."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped where CI is set: {report.longrepr}"
    return report


def engine_answers() -> bool:
    """Whether a Docker engine can be used."""
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def browser_path() -> str | None:
    """Debian's Chromium, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(autouse=True)
def _parts(request: pytest.FixtureRequest) -> None:
    """Tests marked `engine` or `browser` get what they are marked for, or fail in CI."""
    if request.node.get_closest_marker("engine") and not engine_answers():
        missing("A Docker engine")
    if request.node.get_closest_marker("browser"):
        if not browser_path():
            missing("Chromium")
        ensure_node()  # Pages are tried with their script, which a fresh checkout lacks.


@pytest.fixture(scope="session")
def docker_client():
    """The engine's own Python client."""
    import docker

    if not engine_answers():
        missing("A Docker engine")
    return docker.from_env(timeout=300)


@pytest.fixture(scope="module")
def browser():
    """A real Chromium, driven by Playwright.

    Not for the whole session: while Playwright runs, no test in the same thread may start an event loop.
    """
    from playwright.sync_api import sync_playwright

    path = browser_path()
    if path is None:
        missing("Chromium")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        make = started.new_context

        def new_context(**options):
            made = make(**options)
            made.set_default_timeout(PATIENCE)
            return made

        started.new_context = new_context
        yield started
        started.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL of our own, `postgresql://…/isomo`, on a socket in a private folder."""
    bin_folder = postgres_bin()
    if bin_folder is None:
        missing("PostgreSQL")
        return
    with own_postgres(bin_folder) as address:
        yield address
