"""A team's own page in the application's real container, seen in a browser: Streamlit and Panel.

The hub signs people in, the approver approves, and the page's websocket goes through the hub's proxy.
"""

from __future__ import annotations

import re
import shutil

import pytest

from hub.project_places import team_folder
from hub.shared_names import APPLICATIONS
from labs.prototype_kit.version_sharing import make_version
from tests.browser.test_data_team import Person, approve_version, open_application
from tests.support.project_hub import NAME, container_name, project_hub, run
from tests.support.small_prototype import trained_project

pytestmark = [pytest.mark.engine, pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(1500)]
STREAMLIT = """
import streamlit as st

st.title("Letters of today")
st.write("For " + st.context.headers["X-Forwarded-User"])
count = st.number_input("How many", value=2)
st.write(f"Twice that is {int(count) * 2}.")
"""
PANEL = """
import panel as pn

pn.extension()
count = pn.widgets.IntInput(name="How many", value=2)
twice = pn.bind(lambda number: f"Twice that is {number * 2}.", count)
person = pn.state.headers["X-Forwarded-User"]
pn.Column("# Letters of today", f"For {person}", count, twice).servable()
"""
PAGES = {
    "streamlit": (
        STREAMLIT,
        "python -m streamlit run page.py --server.port {port} --server.address 127.0.0.1 --server.headless true",
    ),
    "panel": (
        PANEL,
        "python -m panel serve page.py --index page --port {port} --address 127.0.0.1 --allow-websocket-origin 127.0.0.1:{port}",
    ),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    with project_hub(tmp_path_factory.mktemp("own-page"), docker_client) as made:
        yield made


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return trained_project(tmp_path_factory.mktemp("trained"))


def share_page(hub, project, library: str) -> None:
    """Put a page of the team into the project, and share the next version in the team's folder."""
    text, command = PAGES[library]
    shutil.rmtree(project / "app", ignore_errors=True)
    (project / "app").mkdir()
    (project / "app" / "page.py").write_text(text, "utf-8")
    (project / "app" / "requirements.txt").write_text(f"{library}\n", "utf-8")
    settings = project / "prototype.toml"
    rest = re.sub(r"(?m)^\[app\]\n(command = .*\n)?", "", settings.read_text("utf-8"))
    settings.write_text(f'{rest.rstrip()}\n\n[app]\ncommand = "{command}"\n', "utf-8")
    make_version(project)
    place = team_folder(hub.settings.state, NAME) / NAME / "service"
    shutil.copytree(project / "service", place, dirs_exist_ok=True)


@pytest.mark.parametrize("library", PAGES)
def test_the_teams_own_page_runs_in_the_applications_container(hub, browser, trained, docker_client, library):
    share_page(hub, trained, library)
    deborah = Person(hub, browser, "deborah")
    deborah.campus(f"/projects/{NAME}")
    aline = Person(hub, browser, "aline")
    approve_version(aline, NAME, "Read its files and tried it.")
    aline.page.wait_for_selector("section.version >> nth=0 >> .live")

    colin = Person(hub, browser, "colin")
    page = open_application(colin, NAME)
    page.goto(f"{hub.settings.learner_address}/user/{APPLICATIONS}/{NAME}/own")
    page.click("a[href$='/app/']")
    page.wait_for_selector("text=Twice that is 4.")
    # Panel draws in shadow trees, which the text of the body leaves out and selectors see.
    page.wait_for_selector("text=For colin")
    page.fill("input", "5")
    page.press("input", "Enter")
    page.wait_for_selector("text=Twice that is 10.")
    colin.picture(f"own-{library}")

    container = docker_client.containers.get(container_name(hub, APPLICATIONS, NAME))
    processes = run(container, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert library in processes

    aline = Person(hub, browser, "aline")
    versions = open_application(aline, NAME, "versions")
    versions.fill("form[action$='/versions'] [name=why] >> nth=0", "Enough.")
    versions.click("text=Switch off now")
    versions.wait_for_selector("text=was switched off")
    page.goto(f"{hub.settings.learner_address}/user/{APPLICATIONS}/{NAME}/app/")
    page.wait_for_selector("text=was switched off")
    assert page.locator("text=Twice that is").count() == 0
    versions.fill("form[action$='/versions'] [name=why] >> nth=0", "Again.")
    versions.click("text=Switch on again")
    versions.wait_for_selector(".live")
