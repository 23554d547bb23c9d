"""Three graders on machines of their own, as far as they can tell: no database, no files of ours, only a token.

They run in the environment that such machines have (images/locks/workers.txt), with and without the task queue.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
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


RESERVE = """
import asyncio, logging, sys, threading, time
from graders.agent import remote_worker, task_queue as queue

address = sys.argv[1]
remote_worker.LOOK_SECONDS, remote_worker.CALM_SECONDS = 0.1, 1.0
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)

class Agent:
    graded, rests = [], 0
    is_busy = False
    def take(self, number):
        time.sleep(0.05)
        self.graded.append(number)
    def rest(self):
        self.rests += 1
    def hurry(self):
        pass

async def put(app, numbers):
    for number in numbers:
        await app.tasks["grade"].defer_async(attempt=number, run=1)

async def until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        await asyncio.sleep(0.05)
    assert true()

async def main():
    agent = Agent()
    await queue.prepare_queue(address)
    helping = asyncio.create_task(remote_worker.listen_to_queue(agent, address, 2, reserve=5))
    async with queue.app_for(address).open_async() as app:
        await put(app, range(5))
        await asyncio.sleep(1.5)
        assert not agent.graded, "it helped though no more waited than it was told"
        await put(app, range(5, 12))
        await until(lambda: sorted(agent.graded) == list(range(12)))
        await until(lambda: agent.rests == 1)
        await put(app, range(12, 15))
        await asyncio.sleep(1.5)
        assert len(agent.graded) == 12, "it helped again, too soon"
        await put(app, range(15, 20))
        await until(lambda: sorted(agent.graded) == list(range(20)))
    import os, signal
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(helping, 20)

asyncio.run(main())
print("as it should be")
"""


def test_a_grader_in_reserve_helps_while_many_wait_and_rests_when_none_does(server, python):
    command = [python, "-c", RESERVE, server.url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "as it should be"
    told = [line.partition(" ")[0] for line in done.stdout.splitlines()]
    assert told.count("help") == 2
    assert told.count("rest") in (1, 2)


def test_a_grader_in_reserve_that_is_told_to_stop_while_it_waits_ends_at_once(machines, server):
    known = {"ISOMO_CAMPUS_URL": "http://127.0.0.1:9", "ISOMO_GRADER_TOKEN": "none", "ISOMO_RESERVE": "5"}
    waiting = machines.start("graders.agent.remote_worker", "", ISOMO_QUEUE=server.url, **known)
    wait_for(lambda: "begin worker" in machines.log(), 60, machines.log)
    time.sleep(2)
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(20) == 0, machines.log()


def test_a_grader_in_reserve_without_a_queue_is_told_what_is_missing(machines):
    known = {"ISOMO_CAMPUS_URL": "http://127.0.0.1:9", "ISOMO_GRADER_TOKEN": "none"}
    asked = machines.start("hub.command_line", "", "worker", "--join", "--reserve", "5", **known)
    assert asked.wait(60) == 1
    assert "ISOMO_QUEUE is not set" in machines.log()


def test_the_words_for_another_machine_name_the_reserve_that_was_asked_for(machines):
    asked = machines.start("hub.command_line", "", "worker", "--reserve", "7")
    assert asked.wait(60) == 0, machines.log()
    assert "./isomo worker --join --reserve 7" in machines.log()


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_grader_in_reserve_is_told_a_count(machines, count):
    asked = machines.start("hub.command_line", "", "worker", "--join", "--reserve", count)
    assert asked.wait(60) != 0
    assert "whole number from 1 on" in machines.log()


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
