"""Three graders on machines of their own, as far as they can tell: no database, no files of ours, only a token.

They run in the environment that such machines have (images/locks/workers.txt), with and without the task queue.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.ops import image_wheels
from hub.store import Store, table_models
from tests.support.grading_agent import ROOT, gradings, postgres_of_ones_own, submit_many, wait_for
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, LAB, fill, settings_for

COUNT = 9


@pytest.fixture(scope="module")
def python() -> str:
    """Python of the workers' environment."""
    return str(image_wheels.bootstrap_module().ensure("workers"))


@pytest.fixture
def server() -> Iterator:
    with postgres_of_ones_own() as made:
        yield made


class Machines:
    """Processes that are started together and all ended at the end."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.python = python
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self, module: str, settings: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
        """`python -m MODULE WORDS…` there; a verb begins in the environment that its front door made."""
        python = sys.executable if words else self.python
        place = self.folder / f"{module}-{len(self.all)}"
        place.mkdir()
        (place / "isomo.toml").write_text(settings or f'state = "{place}"\nevaluate = true\n')
        known = {**os.environ, "PYTHONPATH": str(ROOT), "ISOMO_SETTINGS": str(place / "isomo.toml"), **env}
        with (place / "log").open("wb") as log:
            command = [python, "-m", module, *words]
            made = subprocess.Popen(command, env=known, cwd=ROOT, stdout=log, stderr=log)
        self.all.append(made)
        return made

    def log(self) -> str:
        return "\n".join(
            f"{path.parent.name}: {path.read_text()[-2000:]}" for path in self.folder.glob("*/log")
        )

    def end(self) -> None:
        for process in self.all:
            if process.poll() is None:
                process.kill()
                process.wait(30)


@pytest.fixture
def machines(tmp_path: Path, python: str) -> Iterator[Machines]:
    folder = tmp_path / "machines"
    folder.mkdir()
    made = Machines(folder, python)
    yield made
    made.end()


def busy(store: Store, workers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
    """A worker that is grading right now."""
    with store.database.read() as session:
        names = set(session.scalars(select(table_models.Lease.worker)))
    return next((each for each in workers if any(name.endswith(f"/{each.pid}") for name in names)), None)


AT_ONCE = """
import asyncio, sys
from graders.agent import task_queue as queue

async def at_once():
    await asyncio.gather(*(queue.prepare_queue(sys.argv[1]) for _ in range(8)))
    async with queue.app_for(sys.argv[1]).open_async() as app:
        assert await app.check_connection_async()

asyncio.run(at_once())
"""


def test_of_graders_that_come_first_at_once_one_makes_the_queue_and_none_ends(server, python):
    command = [python, "-c", AT_ONCE, server.url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


JOIN = ("hub.command_line", "", "worker", "--join")
"""What a person types there, after the words that `./isomo worker` shows."""


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        (True, ("graders.agent.remote_worker", "")),
        (False, ("graders.agent.remote_worker", "")),
        (True, JOIN),
        (False, JOIN),
    ],
    ids=["with-the-queue", "asking-the-campus", "joined-with-the-queue", "joined-asking-the-campus"],
)
def test_three_graders_of_which_one_is_killed_grade_everything_once(tmp_path, machines, server, queue, words):
    settings = settings_for(tmp_path, database=server.url)
    store = Store.migrate(settings)
    fill(store)
    with served(tmp_path, store) as (campus, url):
        known = {
            "ISOMO_CAMPUS_URL": url,
            "ISOMO_GRADER_TOKEN": campus.app.state.campus.secrets.grader_token,
            "ISOMO_GRADER_PYTHON": sys.executable,
        }
        if queue:
            known["ISOMO_QUEUE"] = server.url
            machines.start(
                "graders.agent.task_queue", f'state = "{settings.state}"\ndatabase = "{server.url}"\n'
            )
        workers = [machines.start(*words, **known) for _ in range(3)]
        attempts = {each.id for each in submit_many(store, COUNT, seconds=2.0)}
        victim = wait_for(lambda: busy(store, workers), 180, machines.log)
        victim.send_signal(signal.SIGKILL)
        wait_for(lambda: store.progress(COURSE, LAB).graded == COUNT, 240, machines.log)
        assert gradings(store) == Counter(dict.fromkeys(attempts, 1))
        assert {result.score for result in store.results.results_for(attempts).values()} == {2.0}
        ended = {each.poll() for each in machines.all if each is not victim}
        assert ended == {None}, machines.log()
        for each in workers:
            each.terminate()
        assert [each.wait(60) for each in workers if each is not victim] == [0, 0], machines.log()


def test_a_grader_without_address_or_token_says_what_is_missing(machines):
    for known, said in (({}, "ISOMO_CAMPUS_URL"), ({"ISOMO_CAMPUS_URL": "http://x"}, "ISOMO_GRADER_TOKEN")):
        process = machines.start("graders.agent.remote_worker", "", **known)
        assert process.wait(60) == 1
        assert f"{said} is not set." in machines.log()


def test_a_queue_without_postgresql_says_what_to_write(tmp_path, machines):
    store = Store.migrate(settings_for(tmp_path))
    process = machines.start("graders.agent.task_queue", f'state = "{store.settings.state}"\n')
    assert process.wait(60) == 1
    assert "needs PostgreSQL" in machines.log()
    assert 'Write database = "postgresql://…" into isomo.toml' in machines.log()
