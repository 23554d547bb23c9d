"""Which rights the hub has on its machine, and how `doctor` tells them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hub.isomo_settings import SettingsError, parse_settings
from hub.ops import allowed_container_calls, hub_confinement, hub_rights_check, process_list
from hub.ops.process_supervisor import State


@pytest.fixture
def settings(tmp_path):
    return parse_settings({"project": "try", "state": str(tmp_path / "state")})


def test_the_hub_is_told_the_filters_socket_and_nobody_else_is(settings):
    environ = {"DOCKER_HOST": "unix:///run/other.sock"}
    found = {each.name: each for each in process_list.program_list(settings, environ, {"lab": "try-lab:1"})}
    assert found["hub"].env["DOCKER_HOST"] == f"unix://{allowed_container_calls.filter_socket(settings)}"
    assert found["engine-filter"].env["DOCKER_HOST"] == "unix:///run/other.sock"
    assert found["engine-filter"].env["ISOMO_LAB_IMAGE"] == "try-lab:1"
    names = list(found)
    assert names.index("engine-filter") < names.index("hub")


@pytest.mark.parametrize("more", [{"engine": {"filter": False}}, {"spawner": "swarm"}, {"evaluate": True}])
def test_there_is_no_filter_if_it_is_switched_off_or_does_not_know_the_calls(more):
    found = {each.name: each for each in process_list.program_list(parse_settings(more), {}, {})}
    assert "engine-filter" not in found
    assert "DOCKER_HOST" not in found["hub"].env


LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*(name.replace(".", "/") for name in sys.modules if name.startswith(("hub.", "graders.", "labs."))))
"""


@pytest.mark.parametrize("name", ["guard", "engine-filter", "backup"])
def test_a_process_is_started_again_if_anything_that_it_loads_has_changed(name, tmp_path, monkeypatch):
    followed = {}

    def digest(*words, folders=(), **_more):
        followed[words[0], words[3]] = folders
        return "digest"

    monkeypatch.setattr(process_list, "sources_digest", digest)
    backup = {"repository": str(tmp_path / "backups")}
    settings = parse_settings({"state": str(tmp_path / "state"), "backup": backup})
    found = {each.name: each for each in process_list.program_list(settings, {}, {})}
    (folders,) = (paths for (_said, env), paths in followed.items() if f":{name}:" in env)
    command = [sys.executable, "-c", LOADED, found[name].argv[-1]]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert [each for each in loaded if not any(f"{each}/".startswith(f"{one}/") for one in folders)] == []


def test_a_long_state_folder_gets_a_short_socket():
    settings = parse_settings({"state": "/srv/" + "long" * 40})
    assert len(str(allowed_container_calls.filter_socket(settings))) < 108


def test_the_hub_is_started_confined_unless_that_is_switched_off():
    hub = {each.name: each for each in process_list.program_list(parse_settings({}), {}, {})}["hub"]
    assert "hub.ops.hub_confinement" in hub.argv
    for more in ({"engine": {"confine_hub": False}}, {"engine": {"filter": False}}, {"spawner": "swarm"}):
        hub = {each.name: each for each in process_list.program_list(parse_settings(more), {}, {})}["hub"]
        assert "hub.ops.hub_confinement" not in hub.argv


def test_an_engine_on_another_machine_is_reached_without_the_filter():
    environ = {"DOCKER_HOST": "tcp://10.0.0.5:2376"}
    found = {each.name: each for each in process_list.program_list(parse_settings({}), environ, {})}
    assert "engine-filter" not in found
    assert found["hub"].env["DOCKER_HOST"] == environ["DOCKER_HOST"]


@pytest.mark.parametrize("folder", ["data", "/", "/srv", "/srv/..", "/srv/a/../b", "/srv/data/", "/srv/a:b"])
def test_a_folder_that_would_open_the_machine_is_no_setting(folder):
    with pytest.raises(SettingsError, match=r"engine\.folders .* Write a list of whole paths"):
        parse_settings({"engine": {"folders": [folder]}})


def told(more):
    state = State("hub", True, 5, 1)
    return [(each.grade, each.do) for each in hub_rights_check.hub_rights(parse_settings(more), [state], {})]


def test_doctor_claims_only_what_the_kernel_shows(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(hub_rights_check, "shows_confined", lambda _pid: True)
    assert [grade for grade, _do in told({})] == ["good", "good"]
    monkeypatch.setattr(hub_rights_check, "shows_confined", lambda _pid: False)
    assert told({})[1] == ("bad", "See why: ./isomo logs hub")
    assert told({"engine": {"confine_hub": False}})[1] == ("look", "Set confine_hub = true in [engine]")
    assert told({"engine": {"filter": False}})[0][0] == "look"
    assert told({"spawner": "swarm"})[0][0] == "look"
    assert told({"evaluate": True}) == []


def test_a_process_that_is_gone_shows_nothing():
    assert not hub_rights_check.shows_confined(2**22 + 1)


@pytest.mark.parametrize(
    ("bits", "confined"), [("41b", True), ("0", True), ("20041b", False), ("1fffeffffff", False)]
)
def test_any_capability_beyond_those_for_files_is_told(bits, confined):
    assert hub_confinement.is_confined(f"CapEff:\t{bits:0>16}\n") is confined
