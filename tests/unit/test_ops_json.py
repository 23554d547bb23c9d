"""What `status` and `doctor` print for programs."""

from __future__ import annotations

import json

import pytest

from hub import command_line
from hub.ops import docker_daemon, health_checks, process_supervisor
from hub.ops.verbs import doctor, status
from hub.verb_errors import IsomoError


class Keeper:
    """A supervisor that looks after these processes."""

    def __init__(self, *states: process_supervisor.State) -> None:
        self._states = list(states)

    def states(self) -> list[process_supervisor.State]:
        return self._states


@pytest.fixture(autouse=True)
def _installation(tmp_path, monkeypatch):
    """An installation in a folder of this test, in which nothing runs."""
    file = tmp_path / "isomo.toml"
    file.write_text(f'state = "{tmp_path}/state"\naddress = "http://127.0.0.1:9990"\n')
    monkeypatch.setenv("ISOMO_SETTINGS", str(file))
    monkeypatch.delenv("ISOMO_STATE", raising=False)
    monkeypatch.delenv("ISOMO_EVALUATE", raising=False)
    monkeypatch.setenv("LC_ALL", "C")


def said(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


def test_status_says_that_nothing_runs(monkeypatch, capsys):
    monkeypatch.setattr(status.process_supervisor, "machine_supervisor", lambda _settings: Keeper())
    assert command_line.main(["status", "--json"]) == 3
    assert said(capsys) == {
        "well": False,
        "address": "http://127.0.0.1:9990",
        "evaluate": False,
        "waits_for": None,
        "processes": [],
        "engine": None,
    }


@pytest.mark.parametrize(("silent", "code"), [([], 0), (["campus"], 3)])
def test_status_says_of_each_process_whether_it_runs_and_answers(monkeypatch, capsys, silent, code):
    keeper = Keeper(process_supervisor.State("campus", True, 12.4, 4711))
    facts = {"answers": True, "version": "26.1", "learner_servers": 3}
    monkeypatch.setattr(status.process_supervisor, "machine_supervisor", lambda _settings: keeper)
    monkeypatch.setattr(health_checks, "silent_parts", lambda _settings: silent)
    monkeypatch.setattr(status, "engine_facts", lambda _settings: facts)
    assert command_line.main(["status", "--json"]) == code
    found = said(capsys)
    assert found["well"] is (code == 0)
    assert found["engine"] == facts
    assert found["processes"] == [
        {"name": "campus", "running": True, "answers": not silent, "pid": 4711, "seconds": 12}
    ]


def test_status_is_not_well_without_its_engine(monkeypatch, capsys):
    def away(timeout: int = 60) -> None:
        raise IsomoError("The Docker engine does not answer.", "")

    monkeypatch.setattr(
        status.process_supervisor,
        "machine_supervisor",
        lambda _: Keeper(process_supervisor.State("hub", True, 1.0, 1)),
    )
    monkeypatch.setattr(health_checks, "silent_parts", lambda _settings: [])
    monkeypatch.setattr(docker_daemon, "connect_engine", away)
    assert command_line.main(["status", "--json"]) == 3
    assert said(capsys)["engine"] == {"answers": False, "version": None, "learner_servers": None}


@pytest.mark.parametrize(("grade", "code"), [("look", 0), ("bad", 4)])
def test_doctor_prints_every_finding(monkeypatch, capsys, grade, code):
    finding = doctor.Finding(grade, "Clock", "it is wrong", "Set it")
    monkeypatch.setattr(doctor, "examine_installation", lambda _settings: iter([finding]))
    assert command_line.main(["doctor", "--json"]) == code
    assert said(capsys) == {
        "bad": int(grade == "bad"),
        "look": int(grade == "look"),
        "findings": [{"grade": grade, "what": "Clock", "text": "it is wrong", "do": "Set it"}],
    }
