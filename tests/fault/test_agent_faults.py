"""Kill -9 of anything that grades, at any moment: the next start carries on, every attempt is graded exactly once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from graders.nbgrader.gradebook_verb import compare_gradebook, rebuild_gradebook
from hub.store import Store
from hub.store.table_models import Attempt
from tests.support.grading_agent import Agent, gradings, held, postgres_of_ones_own, slow, submit_many
from tests.support.small_stores import COURSE, LAB, LEARNERS, fill, filled, settings_for

COUNT = 4


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled(tmp_path, evaluate=True)


def once(attempts: list[Attempt]) -> Counter[int]:
    return Counter({each.id: 1 for each in attempts})


def finish(agent: Agent, attempts: list[Attempt]) -> None:
    """Everything is graded, once, and right."""
    store = agent.store
    agent.wait_for(lambda: store.progress(COURSE, LAB).graded == len(attempts))
    assert gradings(store) == once(attempts)
    assert {
        result.score for result in store.results.results_for([each.id for each in attempts]).values()
    } == {2.0}
    assert held(store) == 0


def test_a_killed_agent_leaves_nothing_behind_that_the_next_does_not_finish(tmp_path, store):
    attempts = submit_many(store, COUNT)
    with Agent(tmp_path, store) as agent:
        agent.wait_until_busy()
        engine = agent.engine()
        agent.stop(signal.SIGKILL)
        assert engine.wait(60) is not None or not engine.is_running(), "the engine outlived its agent"
        agent.start()
        finish(agent, attempts)


def test_a_killed_engine_is_started_anew(tmp_path, store):
    attempts = submit_many(store, COUNT)
    with Agent(tmp_path, store) as agent:
        agent.wait_until_busy()
        agent.engine().kill()
        finish(agent, attempts)
        assert "could-not-check" in agent.log()


def test_a_killed_sandbox_costs_only_what_ran_in_it(tmp_path, store):
    """The template and all its children die; the engine makes another template."""
    attempts = submit_many(store, COUNT)
    with Agent(tmp_path, store) as agent:
        agent.wait_until_busy()
        for child in agent.engine().children(recursive=True):
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue
        store = agent.store
        agent.wait_for(lambda: store.progress(COURSE, LAB).graded == len(attempts))
        assert gradings(store) == once(attempts)


def test_an_agent_that_is_told_to_stop_gives_back_what_it_held(tmp_path, store):
    """A restart takes no half minute until a lease has ended."""
    attempts = submit_many(store, COUNT, seconds=20.0)
    with Agent(tmp_path, store) as agent:
        agent.wait_until_busy()
        assert agent.stop() == 0
        assert "given-back" in agent.log()
        assert store.gradings.claim("next", 60) is not None
        assert gradings(store) == Counter()
        assert len(attempts) == COUNT


def test_a_second_agent_of_the_same_installation_refuses_in_words(tmp_path, store):
    with Agent(tmp_path, store) as agent:
        agent.wait_for(lambda: "begin worker=" in agent.log())
        second = Agent(tmp_path, store).start()
        assert second.process is not None
        assert second.process.wait(60) == 1
        assert "Another grading agent runs here already." in agent.log()


@pytest.fixture
def server() -> Iterator:
    with postgres_of_ones_own() as made:
        yield made


def test_a_database_that_goes_away_in_the_middle_loses_nothing(tmp_path, server):
    """PostgreSQL is ended as by a power cut while results are under way, and comes back."""
    store = fill(Store.migrate(settings_for(tmp_path, evaluate=True, database=server.url)))
    attempts = submit_many(store, COUNT)
    with Agent(tmp_path, store) as agent:
        agent.wait_until_busy()
        server.kill()
        agent.wait_for(lambda: "store-away" in agent.log())
        server.start()
        finish(agent, attempts)


def test_a_machine_whose_clock_was_wrong_grades_everything_all_the_same(tmp_path, store):
    """An agent in 1970, killed, and another after the clock was set."""
    library = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
    if library is None:
        pytest.skip("libfaketime is missing on this machine.")
    attempts = submit_many(store, COUNT)
    past = {
        "LD_PRELOAD": str(library),
        "FAKETIME": "@1970-01-02 00:00:00",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with Agent(tmp_path, store, env=past) as agent:
        agent.wait_for(lambda: store.progress(COURSE, LAB).graded or held(store))
        agent.stop(signal.SIGKILL)
        agent.env = {}
        agent.start()
        finish(agent, attempts)
    assert os.environ.get("LD_PRELOAD") is None


def blocked(server) -> int | None:
    """The database's process that waits for a lock in the middle of a write, if there is one."""
    with psycopg.connect(server.url) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 1"
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def test_a_connection_that_is_cut_in_the_middle_of_a_write_loses_and_doubles_nothing(tmp_path, server):
    """Each result is stopped at its row, then its connection is ended from the database's side; other times at random."""
    store = fill(Store.migrate(settings_for(tmp_path, evaluate=True, database=server.url)))
    attempts = submit_many(store, COUNT)
    with Agent(tmp_path, store) as agent, psycopg.connect(server.url) as holding:
        agent.wait_until_busy()
        holding.execute("SELECT * FROM grading_request WHERE NOT done FOR UPDATE")
        victim = agent.wait_for(lambda: blocked(server))
        holding.execute("SELECT pg_terminate_backend(%s)", (victim,))
        agent.wait_for(lambda: "store-away" in agent.log())
        assert gradings(store) == Counter()
        holding.rollback()
        for _ in range(20):
            holding.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            time.sleep(0.1)
        finish(agent, attempts)


ROUNDS = 20
VICTIMS = ("machine", "machine", "machine", "agent", "engine", "template")


def kill_one_of(agent: Agent, which: str) -> None:
    """SIGKILL, as the kernel or a power cut does it: to the agent, to what it started, or to all of it at once."""
    assert agent.process is not None
    here = psutil.Process(agent.process.pid)
    everything = here.children(recursive=True)
    engines = [one for one in here.children() if "graders.engine" in " ".join(one.cmdline())]
    templates = [child for engine in engines for child in engine.children()]
    chosen = {"machine": [here, *everything], "agent": [here], "engine": engines, "template": templates}[
        which
    ]
    for one in chosen:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    if here in chosen:
        agent.process.wait(60)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_killed_whenever_every_attempt_is_graded_once_and_all_books_agree(tmp_path, store, seed):
    """Twenty times something is killed at a random moment, often everything, while work comes in; then it may finish."""
    chance = random.Random(seed)
    attempts: list[Attempt] = []
    agent = Agent(tmp_path, store)
    with agent:
        for number in range(ROUNDS):
            files = {f"{LAB}.ipynb": slow(number, 0.3)}
            attempts.append(store.attempts.submit(COURSE, LAB, LEARNERS[number % 2], files)[0])
            time.sleep(chance.uniform(0.0, 4.0))
            with contextlib.suppress(psutil.NoSuchProcess):
                kill_one_of(agent, chance.choice(VICTIMS))
            if agent.process is None or agent.process.poll() is not None:
                agent.start()
        finish(agent, attempts)
    assert store.database.is_sqlite
    with store.database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert all(store.results.feedback(each.id, returned_only=False) for each in attempts)
    assert rebuild_gradebook(store, COURSE) == len(LEARNERS)
    assert compare_gradebook(store, COURSE) == []
