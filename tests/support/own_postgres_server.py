"""A PostgreSQL server of one's own, for tests and benchmarks: on a socket in a private folder, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def postgres_bin() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs; None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


def as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@contextmanager
def own_postgres(bin_folder: Path, *more: str) -> Iterator[str]:
    """Run a server and yield its address, `postgresql://…/isomo`; `more` are settings such as `work_mem=8MB`."""
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
    subprocess.run(as_postgres(*initdb), check=True, capture_output=True, cwd=folder)
    settings = [word for each in ("listen_addresses=", "fsync=off", *more) for word in ("-c", each)]
    server = subprocess.Popen(
        as_postgres(str(bin_folder / "postgres"), "-D", str(data), "-k", str(folder), *settings),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        create_database(bin_folder, folder)
        yield f"postgresql://isomo@/isomo?host={folder}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def create_database(bin_folder: Path, folder: Path) -> None:
    """Make the database, as soon as the server answers. Raises RuntimeError if it never does."""
    command = [str(bin_folder / "createdb"), "-h", str(folder), "-U", "isomo", "isomo"]
    for _ in range(100):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    raise RuntimeError("PostgreSQL did not start.")
