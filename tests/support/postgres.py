"""A PostgreSQL of our own, for tests and benches."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs as Debian installs them, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@contextmanager
def private_postgres() -> Iterator[str]:
    """Run a PostgreSQL on a socket in a private folder; yield its address, `postgresql://…/isomo`."""
    programs = postgres_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed.")
    # A fixed short folder: a socket's path may have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="isomo-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    words = [str(programs / "initdb"), "-D", data, "-U", "isomo", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(_as_postgres(*words), check=True, capture_output=True, cwd=folder)
    words = [str(programs / "postgres"), "-D", data, "-k", str(folder), "-c", "listen_addresses="]
    server = subprocess.Popen(
        _as_postgres(*words, "-c", "fsync=off"),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _create(programs, folder)
        yield f"postgresql://isomo@/isomo?host={folder}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


def _create(programs: Path, folder: Path) -> None:
    """Make the database, as soon as the server answers."""
    command = [str(programs / "createdb"), "-h", str(folder), "-U", "isomo", "isomo"]
    for _ in range(100):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    raise RuntimeError("PostgreSQL did not start.")
