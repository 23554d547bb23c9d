"""The data officer's way in the project's real container, typed in JupyterLab's terminal as the page for data teams says."""

from __future__ import annotations

import json

import pytest

from hub.project_places import team_folder
from tests.browser.test_data_team import (
    Person,
    approve_version,
    build_version,
    decide_contested,
    own_spreadsheet,
    try_cases,
)
from tests.support.lab_terminal import LabTerminal
from tests.support.pretended_campus import ROOT
from tests.support.project_hub import NAME, project_hub

pytestmark = [pytest.mark.engine, pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    with project_hub(tmp_path_factory.mktemp("data-team"), docker_client) as made:
        yield made


def test_what_the_page_for_data_teams_says_works_in_the_projects_container(hub, browser, tmp_path):
    folder = team_folder(hub.settings.state, NAME) / NAME
    deborah = Person(hub, browser, "deborah")
    deborah.page.goto(f"{hub.settings.address}{ROOT}/projects/{NAME}/work")
    hub.wait_until((folder / "prototype.toml").exists, "the project's folder")
    spreadsheet = own_spreadsheet(folder, tmp_path / "own.csv", 3000)
    build_version(deborah, NAME, folder, spreadsheet, f"/home/learner/shared/{NAME}")
    records = [json.loads(path.read_text("utf-8")) for path in sorted((folder / "runs").glob("*.json"))]
    assert all(len(record["commit"].rstrip("+")) == 12 for record in records), records

    # git's own words are typed there too, in an image without git.
    deborah.page.goto(f"{hub.settings.address}{ROOT}/projects/{NAME}/work")
    terminal = LabTerminal(hub, deborah.page, folder, f"/home/learner/shared/{NAME}")
    assert terminal.type("git add . && git commit -m 'Bring our own letters'") == 0
    assert terminal.type("git log > data/log") == 0
    log = (folder / "data" / "log").read_text("utf-8")
    assert "Bring our own letters" in log
    assert "Begin from the template triage" in log

    approve_version(Person(hub, browser, "aline"), NAME, "Read the card and tried it.")
    contested = Person(hub, browser, "colin")
    address = try_cases(contested, NAME, 2)
    decide_contested(Person(hub, browser, "aline"), NAME)
    contested.page.goto(address)
    assert "Called her." in contested.text()
