"""A project's containers, started by the real hub: who they run as, what they mount, what they can reach."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from hub.names import APPLICATIONS, opaque_name
from hub.project_places import application_folder, team_folder
from hub.secrets import Secrets
from labs.prototype_kit.sharing import make_version
from tests.support.campus import ROOT
from tests.support.hub_run import Hub, follow
from tests.support.lab import image, lab_image, network
from tests.support.prototype import trained_project

pytestmark = [pytest.mark.engine, pytest.mark.full]

NAME = "letters-desk"
SERVER = f"project-{NAME}"
SETTINGS = {
    "evaluate": False,
    "prototypes": True,
    "project": "try-bench",
    "network": {"name": "try-bench", "bridge": "trybench0", "subnet": "10.233.0.0/16"},
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    more = f"c.LabSpawner.bench_image = {image(docker_client, 'bench')!r}"
    made = Hub(tmp_path_factory.mktemp("bench"), more, settings_more=SETTINGS, image=lab_image(docker_client))
    for name in ("deborah", "dan"):
        made.town.add(name, role="data-team")
    for name in ("aline", "colin"):
        made.town.add(name)
    projects = made.town.store.projects
    projects.add(NAME, "Letters desk", "triage", "deborah")
    for name, part in (("dan", "team"), ("aline", "approver"), ("colin", "user"), ("aline", "reviewer")):
        projects.join(NAME, name, part, "deborah")
    with network(docker_client, made):
        try:
            made.start()
            made.start_campus()
            made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
            yield made
        finally:
            made.stop_all()


def container_name(hub: Hub, owner: str, server: str) -> str:
    key = Secrets.load(hub.settings).names_key
    return f"try-bench-{opaque_name(key, owner)}-{opaque_name(key, f'{owner}/{server}')}"


def open_folder(hub: Hub, name: str):
    """Start a member's server in the project, as its page does."""
    browser = hub.signed_in(name)
    path = f"/user/{name}/{SERVER}/lab"
    answer = browser.get(f"/hub/spawn/{name}/{SERVER}?next={path}")
    for _ in range(240):
        if "spawn-pending" not in answer.headers.get("location", "") and "<progress" not in answer.text:
            break
        time.sleep(0.5)
        answer = browser.get(f"/hub/spawn-pending/{name}/{SERVER}?next={path}")
    return browser, answer


@pytest.fixture(scope="module")
def members(hub, docker_client):
    """Each member's container."""
    found = {}
    for name in ("deborah", "dan"):
        _browser, answer = open_folder(hub, name)
        assert answer.headers.get("location") == f"/user/{name}/{SERVER}/lab", answer.text
        found[name] = docker_client.containers.get(container_name(hub, name, SERVER))
    return found


def run(container, command: str) -> str:
    return container.exec_run(["sh", "-c", command]).output.decode().strip()


def test_members_share_one_folder_as_users_of_their_own(hub, members):
    shared = team_folder(hub.settings.state, NAME)
    assert (shared / NAME / "prototype.toml").is_file()
    users = {name: run(each, "id -u") for name, each in members.items()}
    assert users["deborah"] != users["dan"]
    assert (
        run(members["deborah"], "umask 0007; echo from deborah > shared/note; cat shared/note")
        == "from deborah"
    )
    assert run(members["dan"], "echo and dan >> shared/note; cat shared/note") == "from deborah\nand dan"
    assert str((shared / "note").stat().st_uid) == users["deborah"]
    for each in members.values():
        binds = each.attrs["HostConfig"]["Binds"]
        assert [bind.partition(":")[0] for bind in binds] == [str(shared)]


def test_the_bench_runs_in_a_members_server(members):
    assert "Build, measure and share" in run(members["dan"], "python3 -m labs.prototype_kit --help")


def test_somebody_outside_of_the_team_gets_no_server_there(hub):
    _browser, answer = open_folder(hub, "colin")
    assert "There is no such server for you." in answer.text


def test_the_application_has_its_own_state_and_no_way_out(hub, members, docker_client, tmp_path_factory):
    trained = trained_project(tmp_path_factory.mktemp("trained"))
    make_version(trained)
    shutil.copytree(
        trained / "service", team_folder(hub.settings.state, NAME) / NAME / "service", dirs_exist_ok=True
    )
    browser = hub.signed_in("colin")
    page = follow(browser, f"{hub.settings.address}{ROOT}/projects/{NAME}/open")[-1]
    assert str(page.url).startswith(f"{hub.settings.learner_address}/user/{APPLICATIONS}/{NAME}/"), page.text
    assert "No version was approved yet." in page.text
    container = docker_client.containers.get(container_name(hub, APPLICATIONS, NAME))
    state = application_folder(hub.settings.state, NAME)
    assert [bind.partition(":")[0] for bind in container.attrs["HostConfig"]["Binds"]] == [str(state)]
    assert run(container, "id -u") not in {run(each, "id -u") for each in members.values()}
    assert run(container, "ls /home/learner") == "service"
    reach = "python3 -c \"import socket; socket.create_connection(('1.1.1.1', 443), 3)\" 2>&1 | tail -1"
    assert "Error" in run(container, reach)
    assert Path(state / "usage.json").is_file()
