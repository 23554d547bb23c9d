"""What a container is given, what it is called, and which ones nobody knows any more."""

from __future__ import annotations

import asyncio
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import requests
from dockerspawner import DockerSpawner
from hypothesis import given
from hypothesis import strategies as st

from hub import container_engine
from hub.hub_process import server_keeper
from hub.hub_process.container_spawner import (
    LabSpawner,
    Personal,
    SpawnFailedError,
    container_labels,
    host_config,
    make_home,
)
from hub.isomo_settings import Limits, parse_settings
from hub.shared_names import formgrader_server, is_username, opaque_name


def test_a_container_gets_nothing_that_it_does_not_need():
    config = host_config(Limits())
    assert config["cap_drop"] == ["ALL"]
    assert config["read_only"] is True
    assert config["security_opt"] == ["no-new-privileges"]
    assert "privileged" not in config
    assert "binds" not in config


def test_limits_come_from_the_settings():
    limits = parse_settings({"learner": {"memory": "768 MiB", "processes": 99}}).learner
    config = host_config(limits)
    assert config["memswap_limit"] == 768 * 2**20
    assert config["mem_reservation"] == 384 * 2**20
    assert config["pids_limit"] == 99


def test_a_container_cannot_fill_the_disk_with_its_log():
    assert host_config(Limits())["log_config"]["config"] == {"max-size": "1m", "max-file": "1"}


def test_many_threads_that_ask_for_the_engine_at_once_share_one_client(monkeypatch):
    made = []

    def slow_client(**_how):
        time.sleep(0.05)  # As long as it takes to ask a real engine for its version.
        made.append(object())
        return made[-1]

    monkeypatch.setattr("docker.APIClient", slow_client)
    monkeypatch.setattr(LabSpawner, "_client", None)
    spawners = [LabSpawner() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        clients = set(threads.map(lambda one: one.client, spawners))
    assert clients == set(made)
    assert len(made) == 1


usernames = st.from_regex(r"\A[a-z0-9][a-z0-9.-]{0,31}\Z")


@given(usernames, usernames, st.binary(min_size=16, max_size=32))
def test_opaque_names_tell_people_apart_and_nothing_about_them(one, other, key):
    assert (opaque_name(key, one) == opaque_name(key, other)) == (one == other)
    assert opaque_name(key, one).isalnum()
    assert len(opaque_name(key, one)) == 20


def test_another_installation_gives_other_names():
    assert opaque_name(b"a" * 32, "amina.k") != opaque_name(b"b" * 32, "amina.k")


@pytest.mark.parametrize("name", ["amina.k", "a", "0-9", "a" * 32])
def test_these_may_be_user_names(name):
    assert is_username(name)


@pytest.mark.parametrize("name", ["", "-a", ".a", "A", "é", "a b", "a/b", "a" * 33, "a\n", "@", "a@b"])
def test_these_may_not(name):
    assert not is_username(name)


def test_a_home_can_be_entered_by_its_owners_containers_only(tmp_path, monkeypatch):
    owned = []
    monkeypatch.setattr(
        "hub.hub_process.container_spawner.os.chown", lambda path, uid, gid: owned.append((path, uid, gid))
    )
    home = make_home(tmp_path / "homes" / "0123")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert owned == [(home, 1000, 1000)]


def _container(owner, age, now=1_000_000.0):
    from datetime import UTC, datetime

    created = datetime.fromtimestamp(now - age, UTC).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    return SimpleNamespace(labels={"isomo.owner": owner}, attrs={"Created": created}, name=owner)


def test_a_container_is_forgotten_if_no_server_knows_it_and_it_is_not_just_starting():
    containers = [_container("known", 5000), _container("young", 30), _container("lost", 5000)]
    lost = server_keeper.forgotten_containers(containers, {"known"}, 1_000_000.0)
    assert [container.name for container in lost] == ["lost"]


def test_labels_name_the_installation_but_not_the_person():
    assert container_labels(parse_settings({"project": "isomot"}), "0123") == {
        "isomo.project": "isomot",
        "isomo.kind": "lab",
        "isomo.owner": "0123",
    }


def test_a_formgrader_is_for_trainers_of_its_course_and_there_is_no_other_named_server():
    assert Personal.marks.fget(_named("")) == ""
    name = formgrader_server("maths")
    assert Personal.marks.fget(_named(name, ("art", "trainer"), ("maths", "trainer"))) == "maths"
    for refused in (_named(name, ("maths", "learner")), _named(name, ("art", "trainer")), _named("other")):
        with pytest.raises(SpawnFailedError, match="There is no such server for you"):
            Personal.marks.fget(refused)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "A safety rule of this installation did not let your server start."),
        (500, "Try again; if it fails"),
    ],
)
def test_a_learner_reads_whether_the_filter_or_the_engine_refused(monkeypatch, status, sentence):
    async def refused(_spawner):
        response = requests.Response()
        response.status_code = status
        raise container_engine.APIError("refused", response=response, explanation="refused")

    monkeypatch.setattr(DockerSpawner, "start", refused)
    monkeypatch.setattr(LabSpawner, "sentence", lambda _spawner, text: text)
    spawner = LabSpawner(settings=parse_settings({}), directory=lambda: None, names_key=b"k" * 32)
    spawner.user = SimpleNamespace(
        name="amina.k", groups=[], url="/user/amina.k/", escaped_name="amina.k", id=1
    )
    with pytest.raises(SpawnFailedError) as failed:
        asyncio.run(spawner._start_or_say_why())
    assert sentence in failed.value.jupyterhub_message


def _named(name, *parts):
    """A server of this name, whose owner has these parts in courses."""
    found = [(SimpleNamespace(id=course), role) for course, role in parts]
    courses = SimpleNamespace(courses_for=lambda _name: found)
    return SimpleNamespace(
        name=name,
        username="claudine.u",
        sentence=str,
        project=None,
        directory=lambda: SimpleNamespace(courses=courses),
    )
