"""Hubs of several machines take turns: one runs, the others wait, and a hub that loses its turn ends."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import SQLAlchemyError

from hub.campus import nightly_rounds
from hub.campus.nightly_rounds import Housekeeping
from hub.hub_process import hub_turn
from hub.hub_process.hub_turn import Candidate, Turn
from hub.isomo_settings import Settings, parse_settings
from hub.ops import backup_schedule, health_checks
from hub.ops.swarm_nodes import Node
from hub.ops.verbs import down
from hub.ops.verbs import node as node_verb
from hub.verb_errors import IsomoError

ONE = Candidate("one", True, 11)
TWO = Candidate("two", False, 12)


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)


@pytest.fixture
def settings(postgres: str, tmp_path, monkeypatch) -> Iterator[Settings]:
    monkeypatch.setattr(hub_turn, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(hub_turn, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(hub_turn, "step_back", lambda _settings: None)
    monkeypatch.setattr(hub_turn, "machine_name", lambda: "one")
    found = parse_settings({"spawner": "swarm", "database": postgres, "state": str(tmp_path)})
    yield found
    for candidate in hub_turn.hub_candidates(found):
        hub_turn.end_turn(found, candidate)
    until(lambda: not hub_turn.hub_candidates(found), "the end of all turns")


def waiting(settings: Settings, machine: str) -> tuple[threading.Thread, list[object]]:
    """A hub of another machine that waits in a thread; the list gets its connection."""
    won: list[object] = []

    def wait() -> None:
        won.append(hub_turn._won(settings, machine))

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread, won


def machines(settings: Settings) -> list[tuple[str, bool]]:
    return [(each.machine, each.holds) for each in hub_turn.hub_candidates(settings)]


def test_a_hub_alone_on_its_machine_waits_for_nobody():
    for values in ({}, {"spawner": "swarm"}, {"database": "postgresql://isomo@localhost/isomo"}):
        assert not hub_turn.is_shared(parse_settings(values))
        assert hub_turn.hub_candidates(parse_settings(values)) == []
        hub_turn.wait_for_turn(parse_settings(values))  # It would connect to a database that is not there.


def test_the_second_hub_waits_until_the_first_one_is_gone(settings):
    first = hub_turn._won(settings, "one")
    thread, won = waiting(settings, "two")
    until(lambda: len(machines(settings)) == 2, "the second hub")
    assert machines(settings) == [("one", True), ("two", False)]
    assert not won
    first.close()
    thread.join(60)
    assert won
    assert machines(settings) == [("two", True)]
    assert hub_turn.waits_for(settings) == "two"


def test_a_hub_whose_turn_is_ended_leaves_if_another_one_waits(settings):
    left = threading.Event()
    turn = Turn(settings, "one", hub_turn._won(settings, "one"), left.set)
    turn.start()
    thread, won = waiting(settings, "two")
    until(lambda: len(machines(settings)) == 2, "the second hub")
    hub_turn.end_turn(settings, hub_turn.hub_candidates(settings)[0])
    assert left.wait(60)
    thread.join(60)
    assert won
    turn.stop()


def test_a_hub_keeps_its_turn_through_a_restart_of_the_database_if_nobody_else_waits(settings):
    left = threading.Event()
    turn = Turn(settings, "one", hub_turn._won(settings, "one"), left.set)
    turn.start()
    (before,) = hub_turn.hub_candidates(settings)
    hub_turn.end_turn(settings, before)  # What a restart does to every connection.

    def again() -> bool:
        found = hub_turn.hub_candidates(settings)
        return len(found) == 1 and found[0].holds and found[0].connection != before.connection

    until(again, "the same turn")
    assert not left.is_set()
    turn.stop()
    turn._connection.close()


def test_a_hub_ends_before_a_silent_database_gives_its_turn_to_another_one(monkeypatch):
    class Silent:
        def scalar(self, *_words: object) -> object:
            silence.wait(60)
            raise SQLAlchemyError

    silence, left = threading.Event(), threading.Event()
    monkeypatch.setattr(hub_turn, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(hub_turn, "GIVE_UP_SECONDS", 0.3)
    Turn(parse_settings({}), "one", Silent(), left.set).start()  # type: ignore[arg-type]
    assert left.wait(60)
    silence.set()


def test_the_times_of_a_turn_leave_no_moment_for_two_hubs():
    gone = hub_turn.GIVE_UP_SECONDS + hub_turn.BEAT_SECONDS / 2 + hub_turn.LAST_SECONDS
    assert gone < hub_turn.DATABASE_SECONDS
    # A turn that is ended by hand is noticed after a beat.
    assert hub_turn.SETTLE_SECONDS >= hub_turn.BEAT_SECONDS + hub_turn.LAST_SECONDS


def test_handing_over_needs_a_hub_that_waits(monkeypatch):
    monkeypatch.setattr(hub_turn, "hub_candidates", lambda _settings: [ONE])
    with pytest.raises(IsomoError, match="No other machine") as told:
        node_verb.hand_over(parse_settings({}))
    assert "./isomo up" in told.value.tip


def test_handing_over_needs_a_database_that_machines_share():
    with pytest.raises(IsomoError, match="No other machine") as told:
        node_verb.hand_over(parse_settings({"spawner": "swarm"}))
    assert "PostgreSQL" in told.value.tip


def test_handing_over_ends_the_turn_of_the_hub_and_names_the_machine_that_has_it_then(monkeypatch, capsys):
    rounds, ended = iter([[ONE, TWO], [TWO], [Candidate("two", True, 12)]]), []
    monkeypatch.setattr(hub_turn, "hub_candidates", lambda _settings: next(rounds))
    monkeypatch.setattr(hub_turn, "end_turn", lambda _settings, candidate: ended.append(candidate))
    monkeypatch.setattr(node_verb, "ROUND_SECONDS", 0.0)
    assert node_verb.hand_over(parse_settings({})) == 0
    assert ended == [ONE]
    assert "two runs the hub now" in capsys.readouterr().out


def test_a_list_of_machines_says_which_one_has_the_hub(monkeypatch, capsys):
    monkeypatch.setattr(hub_turn, "hub_candidates", lambda _settings: [ONE, TWO])
    found = node_verb.hub_states(parse_settings({}))
    assert found == {"one": "runs", "two": "waits"}
    nodes = [
        Node(name, name, "ready", "active", True, "learners", 2**30, ()) for name in ("one", "two", "three")
    ]
    node_verb.show_nodes(nodes, found, argparse.Namespace(json=False))
    lines = capsys.readouterr().out.splitlines()
    assert ["runs the hub" in line for line in lines] == [True, False, False]
    assert ["waits with a hub" in line for line in lines] == [False, True, False]
    node_verb.show_nodes(nodes, found, argparse.Namespace(json=True))
    told = json.loads(capsys.readouterr().out)["nodes"]
    assert [each["hub"] for each in told] == ["runs", "waits", None]


def test_a_database_that_does_not_answer_hides_no_machine(monkeypatch):
    def away(_settings):
        raise SQLAlchemyError

    monkeypatch.setattr(hub_turn, "hub_candidates", away)
    assert node_verb.hub_states(parse_settings({})) == {}
    assert hub_turn.waits_for(parse_settings({})) is None


def test_a_machine_whose_hub_waits_is_ready_without_an_answer_of_its_hub(monkeypatch):
    monkeypatch.setattr(hub_turn, "waits_for", lambda _settings: "two")
    asked = []
    monkeypatch.setattr(health_checks, "url_answers", lambda url, timeout=3: asked.append(url) or True)
    settings = parse_settings({})
    assert health_checks.silent_parts(settings) == []
    assert asked == [health_checks.health_urls(settings)[name] for name in ("campus", "learner-proxy")]
    monkeypatch.setattr(hub_turn, "waits_for", lambda _settings: None)
    assert set(health_checks.expected_urls(settings)) == {"campus", "hub", "proxy", "learner-proxy"}


def test_stopping_one_of_several_machines_with_a_hub_leaves_the_learners_servers_alone(monkeypatch, capsys):
    stepped: list[object] = []
    monkeypatch.setattr(down.this_installation, "current_settings", lambda: parse_settings({}))
    monkeypatch.setattr(down.process_supervisor, "machine_supervisor", lambda _settings: Keeper())
    monkeypatch.setattr(down, "end_containers", lambda _settings: pytest.fail("servers were stopped"))
    monkeypatch.setattr(hub_turn, "hub_candidates", lambda _settings: [ONE, TWO])
    monkeypatch.setattr(hub_turn, "machine_name", lambda: "one")
    monkeypatch.setattr(hub_turn, "step_back", stepped.append)
    assert down.command([]) == 0
    assert stepped
    assert "go on, with the hub of two" in capsys.readouterr().out


class Keeper:
    def stop(self) -> list[str]:
        return ["hub", "campus"]


def test_only_the_machine_whose_hub_runs_makes_backups_and_sends_mails(monkeypatch):
    now = datetime(2026, 11, 28, 4, tzinfo=UTC)
    settings = parse_settings({})
    made, turn = [], iter([False, True])
    monkeypatch.setattr(backup_schedule, "has_turn", lambda _settings: next(turn))
    monkeypatch.setattr(backup_schedule, "last_report", lambda _settings: None)
    monkeypatch.setattr(backup_schedule, "make_backup", lambda _settings: made.append("backup"))
    assert not backup_schedule.one_round(settings, now)
    assert made == []
    backup_schedule.one_round(settings, now)
    assert made == ["backup"]
    monkeypatch.setattr(nightly_rounds, "has_turn", lambda _settings: False)
    rounds = Housekeeping(SimpleNamespace(settings=settings, store=SimpleNamespace()))  # type: ignore[arg-type]
    monkeypatch.setattr(rounds, "_scores", SimpleNamespace(one_round=lambda: pytest.fail("points were sent")))
    rounds.one_round(now)


def test_a_machine_has_the_turn_if_its_hub_runs_and_if_there_can_be_no_other_one(settings):
    assert hub_turn.has_turn(parse_settings({}))
    assert not hub_turn.has_turn(settings)
    two = hub_turn._won(settings, "two")
    assert not hub_turn.has_turn(settings)
    two.close()
    until(lambda: not machines(settings), "the end of the turn")
    one = hub_turn._won(settings, "one")
    assert hub_turn.has_turn(settings)
    one.close()
