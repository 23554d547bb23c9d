"""What every test room may use: a Docker engine, a browser, a PostgreSQL of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.nodejs import ensure_node

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


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


def _as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL of our own, `postgresql://…/isomo`, on a socket in a private folder."""
    bin_folder = _postgres_bin()
    if bin_folder is None:
        missing("PostgreSQL")
        return
    # A fixed short folder: a socket's path may have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="isomo-pg-", dir="/tmp"))
    shutil.chown(folder, "postgres") if os.geteuid() == 0 else None
    data = folder / "data"
    initdb = [
        str(bin_folder / "initdb"),
        "-D",
        str(data),
        "-U",
        "isomo",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    subprocess.run(_as_postgres(*initdb), check=True, capture_output=True, cwd=folder)
    server = subprocess.Popen(
        _as_postgres(
            str(bin_folder / "postgres"),
            "-D",
            str(data),
            "-k",
            str(folder),
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
        ),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _create(bin_folder, folder)
        yield f"postgresql://isomo@/isomo?host={folder}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _create(bin_folder: Path, folder: Path) -> None:
    """Make the database, as soon as the server answers."""
    command = [str(bin_folder / "createdb"), "-h", str(folder), "-U", "isomo", "isomo"]
    for _ in range(100):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    pytest.fail("PostgreSQL did not start.")
