"""A project's containers, started by the real hub: who they run as, what they mount, what they can reach."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.project_places import application_folder, team_folder
from hub.shared_names import APPLICATIONS
from labs.prototype_kit.version_sharing import make_version
from tests.support.hub_run import follow
from tests.support.package_index import NAME as PACKAGE
from tests.support.package_index import SAID, package_index
from tests.support.pretended_campus import ROOT
from tests.support.project_hub import NAME, SERVER, container_name, open_folder, project_hub, run
from tests.support.small_prototype import trained_project

pytestmark = [pytest.mark.engine, pytest.mark.full]
ASKED = (
    "f=$(grep -l PIP_INDEX_URL /proc/[0-9]*/environ 2>/dev/null | head -1); "
    "export $(tr '\\0' '\\n' <$f | grep -E '^(PIP|ISOMO_TEAM)_'); "
)
"""Takes over what a terminal of the server has in its environment, and a command of the engine has not."""


@pytest.fixture(scope="module")
def index():
    with package_index() as found:
        yield found


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client, index):
    mirrors = {"mirrors": [f"{index.address}/simple"]}
    with project_hub(tmp_path_factory.mktemp("bench"), docker_client, packages=mirrors) as made:
        yield made


@pytest.fixture(scope="module")
def members(hub, docker_client):
    """Each member's container."""
    found = {}
    for name in ("deborah", "dan"):
        _browser, answer = open_folder(hub, name)
        assert answer.headers.get("location") == f"/user/{name}/{SERVER}/lab", answer.text
        found[name] = docker_client.containers.get(container_name(hub, name, SERVER))
    return found


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
    assert "Build, measure and share" in run(members["dan"], "isomo prototype --help")


def test_somebody_outside_of_the_team_gets_no_server_there(hub):
    _browser, answer = open_folder(hub, "colin")
    assert "There is no such server for you." in answer.text


def test_the_application_has_its_own_state_and_no_way_out(
    hub, members, index, docker_client, tmp_path_factory
):
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
    before = len(index.asked)
    address = f"{hub.settings.campus_url}/api/v1/packages/simple/{PACKAGE}/"
    code = (
        f"import os, urllib.request as u; r = u.Request('{address}', headers={{'Authorization': 'token ' + "
        "os.environ['JUPYTERHUB_API_TOKEN']}); u.urlopen(r)"
    )
    assert "HTTP Error 40" in run(container, f'python3 -c "{code}" 2>&1 | tail -1')
    assert len(index.asked) == before, "the application asked for a package"


def test_a_projects_server_gets_packages_of_the_mirror_and_reaches_nothing_else(hub, members, index):
    member = members["deborah"]
    assert "Successfully installed" in run(member, ASKED + f"python3 -m pip install {PACKAGE} 2>&1")
    assert run(member, ASKED + "python3 -c 'import office_words; print(office_words.WORD)'") == SAID
    # The other member has the same folder.
    assert run(members["dan"], ASKED + "python3 -c 'import office_words; print(office_words.WORD)'") == SAID
    assert "No matching distribution" in run(member, ASKED + "python3 -m pip install nothing-of-it 2>&1")
    port = index.server_address[1]
    for host, number in ((hub.settings.gateway, port), ("127.0.0.1", port), ("1.1.1.1", 443)):
        reach = (
            f"python3 -c \"import socket; socket.create_connection(('{host}', {number}), 3)\" 2>&1 | tail -1"
        )
        assert "Error" in run(member, reach), host
