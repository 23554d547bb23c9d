"""Packages through the campus: for project servers only, from the mirrors only, by GET only."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest

from hub.campus.api.package_mirror import mirror_origins, rewrite_links
from hub.data_team_sections import Packages
from hub.hub_process.project_servers import package_environment
from hub.isomo_settings import Settings, SettingsError
from tests.support.package_index import NAME, WHEEL, package_index, wheel
from tests.support.pretended_campus import API, CAMPUS, Campus

PROJECT = "letters-desk"
LIST = f"{API}/packages/simple/{NAME}/"
FILE = f"{API}/packages/files/0/files/ab/{WHEEL}"


@pytest.fixture
def index():
    with package_index() as found:
        yield found


@pytest.fixture
def campus(tmp_path, index):
    made = Campus(tmp_path)
    made.settings.__dict__["prototypes"] = True
    made.settings.__dict__["packages"] = Packages(mirrors=[f"{index.address}/simple/"])
    for name in ("deborah", "dan"):
        made.store.people.add(name, name.title(), roles=["data-team"])
    made.store.projects.add(PROJECT, "Letters desk", "triage", "deborah")
    return made


def server_of(campus, name, server=f"project-{PROJECT}"):
    """Return a client that asks as pip in a server does."""
    token = campus.hub.token(name, scopes=(CAMPUS, f"access:servers!server={name}/{server}"))
    given = base64.b64encode(f"isomo:{token}".encode()).decode()
    return campus.client(headers={"Authorization": f"Basic {given}"})


def test_a_projects_server_gets_the_list_and_the_file(campus, index):
    client = server_of(campus, "deborah")
    page = client.get(LIST)
    assert page.status_code == 200
    assert f'href="../../files/0/files/ab/{WHEEL}#sha256=' in page.text
    assert 'data-requires-python="&gt;=3.8"' in page.text
    assert client.get(FILE).content == wheel()
    assert [credentials for _path, credentials in index.asked] == ["", ""]


def test_a_link_to_another_place_is_left_out(campus):
    page = server_of(campus, "deborah").get(LIST).text
    assert page.count("<a ") == 1
    assert "192.0.2.1" not in page
    assert "javascript" not in page


@pytest.mark.parametrize("server", ["", "project-other", "formgrader-1"])
def test_another_server_of_the_same_person_gets_no_package(campus, index, server):
    assert server_of(campus, "deborah", server).get(LIST).status_code == 403
    assert index.asked == []


def test_somebody_outside_of_the_team_gets_no_package(campus, index):
    assert server_of(campus, "dan").get(LIST).status_code == 403
    assert campus.client().get(LIST).status_code == 401
    assert index.asked == []


def test_who_leaves_the_team_gets_no_package_any_more(campus):
    campus.store.projects.join(PROJECT, "dan", "team", "deborah")
    client = server_of(campus, "dan")
    assert client.get(LIST).status_code == 200
    campus.store.projects.leave(PROJECT, "dan", "team")
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"files/0/files/away/{WHEEL}", 502),
        (f"files/1/files/ab/{WHEEL}", 404),
        ("files/0/secret/report.html", 404),
        (f"files/0/files/..%2F{WHEEL}", 404),
        (f"files/0/files/ab/other-{WHEEL}", 404),
        ("simple/no-such-package/", 404),
    ],
)
def test_what_is_no_package_of_a_mirror_is_not_fetched(campus, path, status):
    assert server_of(campus, "deborah").get(f"{API}/packages/{path}").status_code == status


def test_without_mirrors_there_is_no_such_page(campus, index):
    campus.settings.__dict__["packages"] = Packages()
    assert server_of(campus, "deborah").get(LIST).status_code == 404
    assert index.asked == []


def test_a_mirror_that_is_away_is_said_in_french_as_well(campus, index):
    index.shutdown()
    index.server_close()
    client = server_of(campus, "deborah")
    answer = client.get(LIST, headers={"Accept-Language": "fr"})
    assert answer.status_code == 502
    assert "miroir de paquets" in answer.text


def test_links_relative_to_the_list_lead_to_the_campus():
    page = rewrite_links(
        '<a href="../../+f/ab/x-1.whl#sha256=1" data-yanked>x</a>',
        "https://pypi.example.gov/root/simple/x/",
        mirror_origins(Settings(packages=Packages(mirrors=["https://pypi.example.gov/root/simple"]))),
    )
    assert '<a href="../../files/0/root/+f/ab/x-1.whl#sha256=1" data-yanked="">' in page


@pytest.mark.parametrize(
    "address", ["pypi.example.gov", "ftp://pypi.example.gov", "https://me:secret@pypi.example.gov"]
)
def test_a_mirror_that_is_no_address_is_refused_with_an_example(tmp_path, address):
    from hub.isomo_settings import load_settings

    path = tmp_path / "isomo.toml"
    path.write_text(f'[packages]\nmirrors = ["{address}"]\n', "utf-8")
    with pytest.raises(SettingsError, match=r"https://pypi\.example\.gov/simple"):
        load_settings(path)


def test_pip_in_a_project_asks_the_campus_or_nobody():
    asks = package_environment(
        Settings(packages=Packages(mirrors=["https://pypi.example.gov/simple"])), "/shared"
    )
    assert asks["ISOMO_PACKAGES"] == "10.213.0.1:8082/services/campus/api/v1/packages/simple/"
    nobody = package_environment(Settings(), "/shared")
    assert nobody == {"PIP_NO_INDEX": "1"}
    command = [sys.executable, "-m", "pip", "download", "--quiet", NAME]
    done = subprocess.run(command, env={**os.environ, **nobody}, capture_output=True, text=True, check=False)
    assert "No matching distribution" in done.stderr
