"""Data teams' servers and shared applications on a Swarm, without one: what is asked of the engine, and what is kept."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from dockerspawner import DockerSpawner

from hub.hub_process import case_deletion
from hub.hub_process.container_safety import host_config
from hub.hub_process.project_servers import application_server, cases_environment
from hub.hub_process.server_lease import LEASE_FILE, LEASE_SECONDS, lease_in
from hub.hub_process.spare_networks import SpareNetwork
from hub.hub_process.swarm_spawner import FEWER_RIGHTS, SwarmLabSpawner, through_door
from hub.isomo_settings import parse_settings
from hub.ops import swarm_nodes
from hub.shared_names import APPLICATIONS
from hub.swarm_machines import PLACES
from labs.prototype_kit.application.case_store import CaseStore
from tests.support.pretended_campus import Campus

NAME = "letters-desk"
TEAM = ("deborah", "dan")
BENCH = "isomo-bench:1"


@pytest.fixture
def campus(tmp_path):
    """A campus with a project whose team is deborah and dan."""
    made = Campus(tmp_path)
    for name in TEAM:
        made.store.people.add(name, name.title(), roles=["data-team"])
    made.store.projects.add(NAME, "Letters desk", "triage", "deborah")
    made.store.projects.join(NAME, "dan", "team", "deborah")
    return made


@pytest.fixture
def settings(campus):
    told = {
        "spawner": "swarm",
        "prototypes": True,
        "state": str(campus.settings.state),
        "packages": {"mirrors": ["https://packages.example/simple"]},
    }
    return parse_settings(told)


@pytest.fixture
def spawner_of(campus, settings, monkeypatch):
    """Return the spawner of somebody's server; only the engine and JupyterHub's own environment are pretended."""
    hub = f"http://{settings.inner_host}:{settings.ports.hub}/hub/api"
    monkeypatch.setattr(DockerSpawner, "get_env", lambda _spawner: {"JUPYTERHUB_API_URL": hub})
    monkeypatch.setattr(SwarmLabSpawner, "client", SimpleNamespace(_version="1.41"))
    monkeypatch.setattr("hub.hub_process.project_servers.os.chown", lambda *_words: None)

    def made(owner: str, server: str) -> SwarmLabSpawner:
        spawner = SwarmLabSpawner(
            settings=settings, directory=lambda: campus.store, names_key=b"k" * 32, bench_image=BENCH
        )
        spawner.user = SimpleNamespace(
            name=owner, groups=[], url=f"/user/{owner}/", escaped_name=owner, id=1, base_url=f"/user/{owner}/"
        )
        spawner.orm_spawner = SimpleNamespace(name=server, server=None, state=None, user_options={})
        spawner.prepare()
        return spawner

    return made


def task_for(spawner):
    return asyncio.run(spawner._template(SpareNetwork("network", ""), "sha256:bench"))


def environment(task):
    return dict(line.split("=", 1) for line in task["ContainerSpec"]["Env"])


def test_an_application_is_a_service_as_safe_as_a_learners_server_and_placed_like_one(spawner_of, settings):
    spawner = spawner_of(APPLICATIONS, NAME)
    task = task_for(spawner)
    spec, limits = task["ContainerSpec"], task["Resources"]["Limits"]
    config = host_config(spawner.limits)
    assert spawner.image == BENCH
    assert (spec["ReadOnly"], spec["CapabilityDrop"], spec["Image"]) == (True, ["ALL"], "sha256:bench")
    assert spec["Args"][:2] == list(FEWER_RIGHTS)
    assert limits["Pids"] == config["pids_limit"]
    assert limits["MemoryBytes"] == spawner.limits.memory
    assert spec["DNSConfig"]["Nameservers"] == config["dns"]
    assert task["Placement"]["Constraints"] == PLACES
    assert task["RestartPolicy"]["Condition"] == "none"
    assert task["Networks"] == [{"Target": "network"}]


def test_an_application_mounts_its_own_state_and_nothing_else_of_the_shared_file_system(
    spawner_of, campus, settings
):
    spec = task_for(spawner_of(APPLICATIONS, NAME))["ContainerSpec"]
    state = application_server(campus.store.projects.get(NAME)).folder(settings)
    mounts = [(mount["Source"], mount["Target"]) for mount in spec["Mounts"] if mount["Type"] == "bind"]
    assert mounts == [(str(state), "/home/learner/service")]
    user, group = map(int, spec["User"].split(":"))
    assert (user >= 100_000, group >= 300_000) == (True, True)


def test_nothing_of_a_projects_server_leads_to_this_machine_instead_of_the_door(spawner_of, settings):
    for owner, server in ((APPLICATIONS, NAME), ("deborah", f"project-{NAME}")):
        found = environment(task_for(spawner_of(owner, server)))
        assert not [name for name, value in found.items() if settings.inner_host in value]
    assert found["ISOMO_PACKAGES"].startswith(f"door:{settings.ports.campus}/")
    assert found["PIP_TRUSTED_HOST"] == f"door:{settings.ports.campus}"


def test_only_this_machines_own_address_becomes_the_door(settings):
    inner = settings.inner_host
    assert through_door(f"http://{inner}:8081/hub", settings) == "http://door:8081/hub"
    for other in (f"1{inner}:8081", f"{inner}0:8081", f"of {inner}"):
        assert through_door(other, settings) == other


def test_members_who_share_a_folder_have_leases_of_their_own(spawner_of):
    """With one lease for the folder, a colleague's server would keep the second member's from starting."""
    spawners = [spawner_of(name, f"project-{NAME}") for name in TEAM]
    assert len({next(iter(each.volumes)) for each in spawners}) == 1
    assert len({each.lease_name for each in spawners}) == len(TEAM)
    assert spawner_of(APPLICATIONS, NAME).lease_name == LEASE_FILE
    assert spawner_of("deborah", "").lease_name == LEASE_FILE


def test_the_lease_of_a_service_is_read_from_the_service_though_its_project_is_off(
    spawner_of, campus, settings
):
    spawner = spawner_of(APPLICATIONS, NAME)
    service = {"ID": "1", "Spec": {"TaskTemplate": task_for(spawner), "Labels": {}}}
    service["Spec"]["Labels"] = spawner.extra_create_kwargs["labels"]
    campus.store.projects.switch_off(NAME, "deborah", "the forms changed")
    state = application_server(campus.store.projects.get(NAME)).folder(settings)
    assert lease_in(service) == state / LEASE_FILE
    without = {"Spec": {"TaskTemplate": {"ContainerSpec": {"Env": ["A=b"]}}}}
    assert lease_in(without) is None


def test_a_hub_that_begins_while_an_application_is_off_still_knows_that_it_runs(
    spawner_of, campus, monkeypatch
):
    spawner = spawner_of(APPLICATIONS, NAME)
    service = {"ID": "1", "Spec": {"TaskTemplate": task_for(spawner)}}
    service["Spec"]["Labels"] = spawner.extra_create_kwargs["labels"]
    task = {"CreatedAt": "1", "NodeID": "n", "Status": {"State": "running"}}
    answers = {
        "inspect_service": service,
        "tasks": [task],
        "inspect_node": {"Status": {"State": "ready"}},
    }

    async def docker(_spawner, name, *_words, **_more):
        return answers[name]

    monkeypatch.setattr(SwarmLabSpawner, "docker", docker)
    campus.store.projects.switch_off(NAME, "deborah", "the forms changed")
    spawner.volumes = {}  # As in a hub that has just begun.
    assert asyncio.run(spawner.poll()) is None


def test_cases_on_a_shared_file_system_need_no_memory_that_machines_share(settings, tmp_path, monkeypatch):
    assert cases_environment(parse_settings({})) == {}

    def kept(folder):
        store = CaseStore(folder)
        store.add_cases("colin", 1, "form", [({"note": "private"}, {"label": "yes", "person": ""})])
        beside = {path.name for path in folder.glob("cases*")}
        store.close()
        with closing(sqlite3.connect(folder / "cases.sqlite")) as seen:
            return seen.execute("PRAGMA journal_mode").fetchone()[0], beside

    assert kept(tmp_path)[0] == "wal"
    for name, value in cases_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert kept(tmp_path) == ("delete", {"cases.sqlite"})  # Also one that began on one machine.


def test_the_keeper_leaves_the_cases_of_an_application_that_lives_elsewhere_to_it(campus, settings):
    folder = application_server(campus.store.projects.get(NAME)).make_folder(settings)
    store = CaseStore(folder)
    store.add_cases("colin", 1, "form", [({"note": "private"}, {"label": "yes", "person": ""})])
    store._write("UPDATE cases SET at = '2025-01-01T00:00:00+00:00' WHERE id = 1")
    store.close()
    if os.geteuid() == 0:
        for path in folder.iterdir():
            os.chown(path, folder.stat().st_uid, folder.stat().st_gid)
    lease = folder / LEASE_FILE
    lease.touch()
    assert case_deletion.delete_old_cases(settings) == 0
    os.utime(lease, (0, lease.stat().st_mtime - LEASE_SECONDS - 1))
    assert case_deletion.delete_old_cases(settings) == 1


class Engine:
    """An engine that gives each image as its name, and runs trials that end well but for one image."""

    def __init__(self, lacks: str = "") -> None:
        self.specs, self.api = [], self
        self.lacks = lacks
        self.images = SimpleNamespace(
            get=lambda name: SimpleNamespace(id=name, save=lambda named: [named.encode()])
        )

    def create_service(self, task, **_more):
        self.specs.append(task["ContainerSpec"])
        return {"ID": task["ContainerSpec"]["Image"]}

    def tasks(self, filters):
        bad = filters["service"] == self.lacks
        state = {"State": "rejected", "Err": "No such image"} if bad else {"State": "complete"}
        return [{"NodeID": "n1", "Status": state}]

    def remove_service(self, _number):
        pass


def test_a_new_machine_gets_the_bench_image_too_and_older_ones_are_removed(settings):
    folder = settings.state / "images"
    folder.mkdir(parents=True)
    (folder / "isomo-lab-older.tar").write_text("older")
    places = swarm_nodes.save_images(Engine(), settings, ("isomo-lab:1", BENCH))
    assert [place.read_text() for place in places] == ["isomo-lab:1", BENCH]
    assert set(folder.iterdir()) == set(places)


def test_only_an_installation_with_projects_needs_the_bench_image_on_its_machines(settings):
    assert [name.partition(":")[0] for name in swarm_nodes.server_images(settings)] == [
        "isomo-lab",
        "isomo-bench",
    ]
    assert len(swarm_nodes.server_images(parse_settings({"spawner": "swarm"}))) == 1


def test_the_trial_of_a_machine_looks_at_the_projects_folder_and_leaves_nothing(settings):
    engine = Engine(lacks=BENCH)
    assert swarm_nodes.probe_nodes(engine, settings, "isomo-lab:1") == {"n1": ""}
    assert swarm_nodes.probe_nodes(engine, settings, BENCH) == {"n1": "No such image"}
    for spec in engine.specs:
        folders = [mount["Source"] for mount in spec["Mounts"]]
        assert [Path(folder).parent.name for folder in folders] == ["homes", "projects"]
        assert spec["Args"][-2:] == [mount["Target"] for mount in spec["Mounts"]]
    assert not [path for name in ("homes", "projects") for path in (settings.state / name).glob(".probe*")]
