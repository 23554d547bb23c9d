"""Seeded faults while work is handed in and graded: processes killed and stopped, connections cut, a full disk, wrong clocks.

`python -m tests.support.fault_storm` is the process that the workers are copies of: a copy begins in some milliseconds.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import create_engine, func, text
from sqlalchemy import select as rows_of
from sqlalchemy.exc import DBAPIError

from hub.isomo_settings import CHECKOUT
from hub.store import GradedRecord, Store
from hub.store.content_files import Blobs
from hub.store.disk_full import DiskFull
from hub.store.signed_receipts import public_keys, verify_receipt
from hub.store.table_models import Grading
from tests.support.small_stores import COURSE, hand_in, settings_for

GRADED = GradedRecord(tasks=[], notebook=b"{}", feedback_html=b"", engine="test")
LEARNERS = [f"storm{number:02}" for number in range(40)]
JOBS = ("hand-in", "hand-in", "grade", "grade")
LEASE = 0.4
"""Seconds: a grader that is stopped for longer loses its work to another one."""
FAULTS = ("kill", "kill", "stop", "stop", "cut", "fill", "skew")
SKEWS = ("-400d", "-1h", "+1h", "+1000d")
DIARY = "diary"
"""File next to the small disk, in which workers write what they promised and recorded."""
PAUSE = (0.0, 0.06)
"""Seconds between two faults."""


# The workers


def serve_workers(folder: Path, database: str) -> None:
    """Begin a worker for each line of standard input, and print its number; end with the input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    store = Store(settings_for(folder, database=database))
    diary = os.open(folder.parent / DIARY, os.O_WRONLY | os.O_APPEND)
    for job in dict.fromkeys(JOBS):  # So that copies need not prepare each statement first.
        one_step(job, random.Random(job), store, diary)
    store.database.engine.dispose()
    for line in sys.stdin:
        job, seed, skew = line.rstrip("\n").split(" ")
        number = os.fork()
        if number == 0:
            os.environ["FAKETIME"] = skew
            work_until_killed(job, random.Random(seed), store, diary)
        print(number, flush=True)


def rest(seconds: float) -> None:
    """Sleep; `time.sleep` asks for a moment, which a wrong clock lets it miss."""
    select.select([], [], [], seconds)


def work_until_killed(job: str, chance: random.Random, store: Store, diary: int) -> None:
    """Hand in or grade without end; whatever is away or full is tried again, as campus and agent do."""
    while True:
        try:
            one_step(job, chance, store, diary)
        except (DBAPIError, DiskFull):
            rest(0.01)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                os.write(diary, f"error {job} {error!r}\n".encode())
            rest(0.01)
        except BaseException as error:
            os.write(diary, f"error {job} {error!r}\n".encode())
            rest(0.05)


def one_step(job: str, chance: random.Random, store: Store, diary: int) -> None:
    """Hand in once, or grade one attempt, and write into the diary what was promised or recorded."""
    if job == "hand-in":
        learner = chance.choice(LEARNERS)
        content = chance.randbytes(chance.choice((50, 3_000)))
        attempt, _is_new = hand_in(store, learner, content)
        os.write(diary, f"receipt {json.dumps(store.attempts.receipt(attempt))}\n".encode())
        rest(chance.uniform(0.02, 0.1))
        return
    claimed = store.claim_ungraded(f"{os.getpid()}", LEASE)
    if claimed is None:
        rest(0.02)
        return
    rest(chance.uniform(0, 0.03))
    if store.record_grading(claimed, GRADED):
        os.write(diary, f"graded {claimed.attempt_id}\n".encode())


# The faults


@dataclass
class Storm:
    """Workers in a folder on a small disk, and what happens to them."""

    folder: Path
    store: Store
    chance: random.Random
    server: subprocess.Popen[str]
    workers: dict[int, str] = field(default_factory=dict)
    stopped: dict[int, float] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def begin(self, job: str, skew: str = "+0") -> None:
        """Begin a worker."""
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.write(f"{job} {self.chance.random()} {skew}\n")
        self.server.stdin.flush()
        self.workers[int(self.server.stdout.readline())] = job

    def end(self, number: int) -> str:
        """Kill a worker; return its job."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        self.stopped.pop(number, None)
        return self.workers.pop(number)

    def one_fault(self) -> None:
        """Do something at a moment that nobody chose, and begin again what it ended."""
        time.sleep(self.chance.uniform(*PAUSE))
        self.wake(time.monotonic())
        kind = self.chance.choice(FAULTS)
        number = self.chance.choice(sorted(self.workers))
        if kind in ("kill", "skew"):
            # A clock stays wrong until its worker is the next one that is killed.
            self.begin(self.end(number), self.chance.choice(SKEWS) if kind == "skew" else "+0")
        elif kind == "stop":
            os.kill(number, signal.SIGSTOP)
            self.stopped[number] = time.monotonic() + self.chance.uniform(0.02, 3 * LEASE)
        elif kind == "cut":
            self.cut()
        else:
            self.fill(self.chance.uniform(0.01, 0.1))
        self.done[kind] += 1

    def wake(self, moment: float) -> None:
        """Let go on those who were stopped for long enough."""
        for number in [number for number, until in self.stopped.items() if until <= moment]:
            del self.stopped[number]
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)

    def cut(self) -> None:
        """End connections from the database's side; on SQLite hold its lock for a moment."""
        if self.store.database.is_sqlite:
            seconds = self.chance.uniform(0.01, 0.1)
            path = self.store.database.url.removeprefix("sqlite:///")
            with (
                contextlib.suppress(sqlite3.OperationalError),  # A worker that is stopped has the lock.
                contextlib.closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as connection,
            ):
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(seconds)
            return
        address = self.store.database.url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address, autocommit=True) as connection:
            here = "datname = current_database() AND pid <> pg_backend_pid()"
            pids = [pid for (pid,) in connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {here}")]
            for pid in self.chance.sample(pids, min(2, len(pids))):
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))

    def fill(self, seconds: float) -> None:
        """Leave no byte free for a while."""
        ballast = self.folder / "ballast"
        with ballast.open("wb") as file:
            for size in (1 << 26, 1 << 22, 1 << 16, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
        time.sleep(seconds)
        ballast.unlink()

    def settle(self) -> None:
        """End all workers, and grade what waits with a clock that is right."""
        for number in list(self.workers):
            self.end(number)
        while job := self.store.gradings.claim("last", 60, now=_later()):
            assert self.store.record_grading(job, GRADED)


def _later() -> datetime:
    """Return a moment at which no lease holds, nor what a wrong clock or a full disk put off."""
    return datetime.now(UTC) + timedelta(days=3)


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Yield a folder that is a small file system; raises CalledProcessError if there is no loop device."""
    image, folder = place / "disk.img", place / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        image.unlink()


@contextlib.contextmanager
def storm(folder: Path, store: Store, database: str, seed: int) -> Iterator[Storm]:
    """Yield a storm whose workers hand in and grade in `store`."""
    (folder.parent / DIARY).touch()
    faketime = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))[0]
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fault_storm", str(folder), database],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "LD_PRELOAD": str(faketime),
            "FAKETIME": "+0",
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    made = Storm(folder, store, random.Random(seed), server)
    try:
        for job in JOBS:
            made.begin(job)
        yield made
    finally:
        for number in list(made.workers):
            made.end(number)
        assert server.stdin
        server.stdin.close()
        server.wait(30)


def found_afterwards(made: Storm) -> dict[str, int]:
    """Return counts of what the storm left. Raises AssertionError for a receipt without its work, or work graded twice."""
    store = made.store
    lines = [line.partition(" ") for line in (made.folder.parent / DIARY).read_text().splitlines()]
    errors = [said for kind, _space, said in lines if kind == "error"]
    assert errors == []
    keys = public_keys(store.settings)
    receipts = [json.loads(said) for kind, _space, said in lines if kind == "receipt"]
    attempts = {each.receipt: each for each in store.attempts.list(COURSE)}
    for receipt in receipts:
        verify_receipt(receipt, keys)
        assert attempts[receipt["receipt"]].bundle == receipt["sha256"], receipt
    for attempt in attempts.values():
        assert Blobs(store.blobs.folder).put_bundle(store.attempts.files(attempt)) == attempt.bundle
    with store.database.read() as session:
        counted = dict(
            session.execute(rows_of(Grading.attempt, func.count()).group_by(Grading.attempt)).all()
        )
    assert counted == {each.id: 1 for each in attempts.values()}
    recorded = Counter(int(said) for kind, _space, said in lines if kind == "graded")
    assert not [attempt for attempt, times in recorded.items() if times > 1]
    if store.database.is_sqlite:
        with create_engine(store.database.url).connect() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    return {"receipts": len(receipts), "attempts": len(attempts), "graded_in_the_storm": len(recorded)}


if __name__ == "__main__":
    serve_workers(Path(sys.argv[1]), sys.argv[2])
