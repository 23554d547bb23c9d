"""A grading agent as its supervisor starts it, with a store to work on; and a PostgreSQL that may be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from hub.store import Store, table_models
from tests.conftest import missing
from tests.support.own_postgres_server import as_postgres, create_database, postgres_bin
from tests.support.small_stores import COURSE, LAB, LEARNERS, notebook

ROOT = Path(__file__).resolve().parents[2]


def slow(number: int, seconds: float = 1.0) -> bytes:
    """Return a right answer that takes its time; another one for each number."""
    answer = f"import time\ntime.sleep({seconds})\ndef add(a, b):\n    return a + b  # {number}"
    return notebook(answer, "assert add(1, 1) == 2")


def submit_many(store: Store, count: int, seconds: float = 1.0) -> list[table_models.Attempt]:
    """Hand in `count` attempts, by the store's learners in turn."""
    found = []
    for number in range(count):
        name = LEARNERS[number % len(LEARNERS)]
        attempt, _new = store.attempts.submit(COURSE, LAB, name, {f"{LAB}.ipynb": slow(number, seconds)})
        found.append(attempt)
    return found


def wait_for(what: Callable[[], Any], seconds: float = 120, say: Callable[[], str] = lambda: "") -> Any:
    """Wait until `what()` is true; the time is only a bound for a machine that is very busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds} s\n{say()}")


def gradings(store: Store) -> Counter[int]:
    """Return how many results each attempt has."""
    query = select(table_models.Grading.attempt, func.count()).group_by(table_models.Grading.attempt)
    with store.database.read() as session:
        return Counter(dict(session.execute(query).all()))


def held(store: Store) -> int:
    """Return how many attempts are being graded right now."""
    with store.database.read() as session:
        return session.scalar(select(func.count()).select_from(table_models.Lease)) or 0


@dataclass
class Agent:
    """`python -m graders.agent` on the state of `store`."""

    folder: Path
    store: Store
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        settings = self.store.settings
        text = f'state = "{settings.state}"\nproject = "{settings.project}"\nevaluate = {str(settings.evaluate).lower()}\n'
        if settings.database != "sqlite":
            text += f'database = "{settings.database}"\n'
        (self.folder / "isomo.toml").write_text(text)

    def start(self) -> Agent:
        env = {
            **os.environ,
            **self.env,
            "ISOMO_SETTINGS": str(self.folder / "isomo.toml"),
            "PYTHONPATH": str(ROOT),
        }
        with (self.folder / "agent.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "graders.agent"], env=env, cwd=ROOT, stdout=log, stderr=log
            )
        return self

    def log(self) -> str:
        return (self.folder / "agent.log").read_text()

    def wait_for(self, what: Callable[[], Any], seconds: float = 120) -> Any:
        return wait_for(what, seconds, self.log)

    def wait_until_busy(self) -> None:
        """Until an engine runs and something is being graded in it."""
        self.wait_for(lambda: "engine-ready" in self.log() and held(self.store))

    def engine(self) -> psutil.Process:
        """Return the engine's process, on the host."""

        def look() -> psutil.Process | None:
            assert self.process is not None
            found = psutil.Process(self.process.pid).children(recursive=True)
            return next((one for one in found if "graders.engine" in " ".join(one.cmdline())), None)

        found: psutil.Process = self.wait_for(look)
        return found

    def stop(self, sig: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(sig)
        return self.process.wait(60)

    def __enter__(self) -> Agent:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop(signal.SIGKILL)


class Postgres:
    """A PostgreSQL of one's own that can be killed and started again."""

    def __init__(self, listen: str = "") -> None:
        """Make it; `listen` is an address whose neighbours it answers too, besides the socket in its folder."""
        found = postgres_bin()
        if found is None:
            missing("PostgreSQL")
            raise AssertionError
        self._bin = found
        self.folder = Path(tempfile.mkdtemp(prefix="isomo-pg-", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        initdb = [str(self._bin / "initdb"), "-D", str(self.data), "-U", "isomo", "-A", "trust", "--no-sync"]
        subprocess.run(as_postgres(*initdb, "-E", "UTF8"), check=True, capture_output=True, cwd=self.folder)
        self._listen = listen
        self.url = (
            f"postgresql://isomo@{listen}/isomo"
            if listen
            else f"postgresql://isomo@/isomo?host={self.folder}"
        )
        if listen:
            with (self.data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _control(self, *words: str) -> None:
        command = [str(self._bin / "pg_ctl"), "-D", str(self.data), "-w", *words]
        quiet = subprocess.DEVNULL
        subprocess.run(as_postgres(*command), check=True, stdout=quiet, stderr=quiet, cwd=self.folder)

    def start(self) -> None:
        self._control("start", "-o", f"-k {self.folder} -c listen_addresses={self._listen}")

    def kill(self) -> None:
        """End every process of it at once, as a power cut would."""
        self._control("stop", "-m", "immediate")


@contextmanager
def postgres_of_ones_own(listen: str = "") -> Iterator[Postgres]:
    made = Postgres(listen)
    made.start()
    try:
        create_database(made._bin, made.folder)
        yield made
    finally:
        made.kill()
        shutil.rmtree(made.folder, ignore_errors=True)
