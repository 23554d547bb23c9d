"""Work that ends its engine each time: given up after a few tries, told to learner and trainer, graded when asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from graders.agent import agent_loop, grade_verb, regrade_verb
from graders.agent.agent_loop import MOST_LOST, MOST_TRIES, Agent
from graders.agent.engine_launchers import EnginePipes, Process
from graders.contract.work_contract import EngineError
from hub.isomo_settings import Settings
from hub.store import Store, table_models
from tests.support.grading_agent import gradings
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LAB, LEARNERS, RIGHT, TRAINER, filled, hand_in, release

AMINA, BOSCO = LEARNERS
SAID = "This work could not be graded. The fault is ours, not yours"


@dataclass
class Engines:
    """Starts real engines; each of them is killed as soon as it gets work of `victims`."""

    settings: Settings
    victims: frozenset[str]
    killed: list[str] = field(default_factory=list)

    def __call__(self, workers: int, name: str) -> EnginePipes:
        return Killed(self.settings, workers, name, self)


class Killed(Process):
    """An engine that does not survive some work."""

    def __init__(self, settings: Settings, workers: int, name: str, engines: Engines) -> None:
        super().__init__(settings, workers, name)
        self._engines = engines

    def send(self, line: bytes) -> None:
        super().send(line)
        learner = json.loads(line)["learner"]
        if learner in self._engines.victims:
            self._engines.killed.append(learner)
            self._process.kill()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses between tries; how long they are is not what is tested here."""
    monkeypatch.setattr(agent_loop, "retry_delay", lambda _tries: 0.1)
    monkeypatch.setattr(agent_loop, "REST", 0.1)
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture
def store(tmp_path, monkeypatch) -> Iterator[Store]:
    made = filled(tmp_path, evaluate=True)
    (tmp_path / "isomo.toml").write_text(f'state = "{made.settings.state}"\nevaluate = true\n')
    monkeypatch.setenv("ISOMO_SETTINGS", str(tmp_path / "isomo.toml"))
    yield made
    made.database.engine.dispose()


def lease(store: Store, attempt: table_models.Attempt) -> table_models.Lease | None:
    with store.database.read() as session:
        return session.get(table_models.Lease, attempt.id)


def tries(store: Store, attempt: table_models.Attempt) -> int:
    found = lease(store, attempt)
    return found.tries if found else 0


def score(store: Store, attempt: table_models.Attempt) -> float:
    found = store.results.result_for(attempt.id)
    assert found is not None
    return found.score


@pytest.fixture
def given_up(store: Store) -> table_models.Attempt:
    """Work of Bosco's that ended its engine until it was given up."""
    attempt, _new = hand_in(store, BOSCO)
    engines = Engines(store.settings, frozenset({BOSCO}))
    Agent(store.gradings, engines, "one", 1).run(until=lambda: store.progress(COURSE, LAB).graded == 1)
    return attempt


def test_it_is_tried_a_few_times_over_all_restarts_and_the_others_are_graded(store):
    poison, good = hand_in(store, BOSCO)[0], hand_in(store, AMINA)[0]
    engines = Engines(store.settings, frozenset({BOSCO}))
    Agent(store.gradings, engines, "one", 2).run(until=lambda: tries(store, poison) >= 2)
    assert store.results.result_for(poison.id) is None
    Agent(store.gradings, engines, "two", 2).run(until=lambda: store.progress(COURSE, LAB).graded == 2)
    # A try that the restart itself cut short is given back untried.
    assert len(engines.killed) in (MOST_TRIES, MOST_TRIES + 1)
    assert gradings(store) == {poison.id: 1, good.id: 1}
    assert score(store, good) == 2.0


def test_its_learner_and_its_trainer_are_told_in_one_sentence_and_it_costs_nothing(store, given_up, tmp_path):
    found = store.results.result_for(given_up.id, returned_only=True)
    assert found is not None, "its learner has to be told without waiting for the trainer"
    assert (found.outcomes, found.score, found.max_score) == (["could-not-check"], 0.0, 0.0)
    assert SAID in (store.results.feedback(given_up.id, returned_only=True) or b"").decode()
    campus = Campus(tmp_path, store)
    assert SAID in campus.browser(BOSCO).get(f"{ROOT}/attempts/{given_up.receipt}").text
    listed = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    assert SAID in listed
    assert "The engine ended each time it was given this work" in listed
    assert "1 could not be checked in several tries, by no fault of their learners" in listed


def test_the_trainer_has_it_graded_again_with_grade(store, given_up, capsys):
    assert store.progress(COURSE, LAB).unchecked == 1
    assert grade_verb.command([LAB, "--learner", BOSCO]) == 0
    assert "Graded 1; 2 of 2 are done." in capsys.readouterr().out
    assert score(store, given_up) == 2.0
    assert gradings(store) == {given_up.id: 2}
    assert store.progress(COURSE, LAB).unchecked == 0


def test_or_with_regrade_which_can_be_taken_back(store, given_up, capsys):
    assert regrade_verb.command([LAB, "--yes"]) == 0
    assert "1 of 1 would change: 1 up, 0 down." in capsys.readouterr().out
    assert score(store, given_up) == 2.0
    store.regrades.undo(store.regrades.all()[0].id, "test")
    assert (score(store, given_up), store.progress(COURSE, LAB).unchecked) == (0.0, 1)


def test_a_regrade_leaves_out_what_ends_its_engine_and_nothing_else(store, monkeypatch, capsys):
    for name in LEARNERS:
        hand_in(store, name)
    Agent(store.gradings, Engines(store.settings, frozenset(LEARNERS)), "one", 2).run(
        until=lambda: store.progress(COURSE, LAB).unchecked == 2
    )
    monkeypatch.setattr(
        regrade_verb, "engine_starter", lambda settings, **_more: Engines(settings, frozenset({BOSCO}))
    )
    regrade_verb.command([LAB, "--yes"])
    assert f"1 could not be checked and keep what they have: {BOSCO}" in capsys.readouterr().out
    newest = {each.learner: score(store, each) for each in store.results.newest(COURSE, LAB)}
    assert newest == {AMINA: 2.0, BOSCO: 0.0}


def test_an_engine_that_cannot_even_grade_a_notebook_of_ours_gives_nothing_up(store):
    """A machine that is ill says nothing about what was handed in; it is graded once the machine is well."""
    attempt, _new = hand_in(store, BOSCO)
    ill = Engines(store.settings, frozenset({BOSCO, ""}))
    Agent(store.gradings, ill, "one", 1).run(until=lambda: ill.killed.count("") == 2)
    assert tries(store, attempt) == MOST_TRIES - 1
    well = Engines(store.settings, frozenset())
    Agent(store.gradings, well, "one", 1).run(until=lambda: store.progress(COURSE, LAB).graded == 1)
    assert score(store, attempt) == 2.0


def test_an_engine_that_does_not_start_is_no_try(store):
    attempt, _new = hand_in(store, BOSCO)
    asked = 0

    def start(_workers: int, _name: str) -> EnginePipes:
        nonlocal asked
        asked += 1
        raise EngineError("the Docker engine is away")

    Agent(store.gradings, start, "one", 1).run(until=lambda: asked > MOST_TRIES)
    found = lease(store, attempt)
    assert found is not None
    assert (found.tries, found.reason, found.failures > MOST_TRIES) == (0, "the Docker engine is away", True)


def test_a_lab_that_cannot_be_read_gives_nothing_up_and_is_graded_once_it_is_mended(store):
    broken = {"release": {f"{LAB}.ipynb": RIGHT}, "source": {f"{LAB}.ipynb": b"no notebook"}}
    store.courses.release(COURSE, LAB, version="2", title={"en": "Sums"}, minutes=10, tasks=[], **broken)
    attempt, _new = hand_in(store, BOSCO)
    well = Engines(store.settings, frozenset())

    def failures() -> int:
        found = lease(store, attempt)
        return found.failures if found else 0

    Agent(store.gradings, well, "one", 1).run(until=lambda: failures() > MOST_TRIES)
    assert tries(store, attempt) == 0
    release(store, version="3")
    Agent(store.gradings, well, "one", 1).run(until=lambda: store.progress(COURSE, LAB).graded == 1)
    assert score(store, attempt) == 2.0


def lose(store: Store, attempt: table_models.Attempt, times: int) -> None:
    """Agents take it and are never heard of again."""
    for number in range(times):
        assert store.gradings.claim(f"lost {number}", 0.0, attempt=attempt.id) is not None


def test_work_with_which_agent_after_agent_is_lost_is_given_up_untried_and_the_others_are_graded(store):
    poison, good = hand_in(store, BOSCO)[0], hand_in(store, AMINA)[0]
    engines = Engines(store.settings, frozenset({BOSCO}))
    lose(store, poison, MOST_LOST)
    Agent(store.gradings, engines, "one", 2).run(until=lambda: store.progress(COURSE, LAB).graded == 2)
    assert engines.killed == []
    assert gradings(store) == {poison.id: 1, good.id: 1}
    assert store.progress(COURSE, LAB).unchecked == 1
    assert score(store, good) == 2.0


def test_work_that_was_lost_now_and_then_is_graded_as_any_other(store):
    attempt, _new = hand_in(store, AMINA)
    lose(store, attempt, MOST_LOST - 1)
    Agent(store.gradings, Engines(store.settings, frozenset()), "one", 1).run(
        until=lambda: store.progress(COURSE, LAB).graded == 1
    )
    assert score(store, attempt) == 2.0


def test_an_agent_that_stops_or_puts_work_off_has_not_lost_it(store):
    attempt, _new = hand_in(store, AMINA)
    for number in range(3):
        job = store.gradings.claim("one", 30, attempt=attempt.id)
        assert job is not None
        if number % 2:
            store.gradings.release(job)
        else:
            store.gradings.postpone(job, 0.0, "away")
    found = lease(store, attempt)
    assert found is not None
    assert (found.lost, found.failures) == (0, 2)
