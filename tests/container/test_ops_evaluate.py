"""`./isomo up --evaluate`: a look without an engine, on this machine alone, and said so everywhere.

In the long matrix: it installs the packages of both images on the host itself.
"""

from __future__ import annotations

import os

import httpx
import psutil
import pytest

from hub.isomo_settings import load_settings
from hub.ops import process_supervisor
from tests.support.hub_run import form_token
from tests.support.whole_installation import Install

pytestmark = pytest.mark.full

NAVIGATING = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html", "Accept-Language": "en"}
BANNER = "people are not separated from each other"


@pytest.fixture(scope="module")
def isomo(tmp_path_factory):
    """An installation where no engine answers."""
    made = Install(tmp_path_factory.mktemp("isomo"), project="try-look", port=8180, octet=228)
    made.write_settings()
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = f"unix://{made.folder}/nothing.sock"
    try:
        made.said = made.run("up", "--evaluate").stdout
        made.demo()
        yield made
    finally:
        made.down()
        os.environ.pop("DOCKER_HOST")
        if before:
            os.environ["DOCKER_HOST"] = before


@pytest.fixture(scope="module")
def amina(isomo):
    """A learner's browser."""
    with httpx.Client(
        base_url=isomo.address, headers=NAVIGATING, follow_redirects=True, timeout=60
    ) as browser:
        browser.post(
            isomo.links["amina.k"], data={"_xsrf": form_token(browser.get(isomo.links["amina.k"]).text)}
        )
        yield browser


def ours(isomo) -> list[psutil.Process]:
    states = process_supervisor.machine_supervisor(load_settings(isomo.settings_file)).states()
    tops = [psutil.Process(state.pid) for state in states if state.running]
    return [*tops, *(child for top in tops for child in top.children(recursive=True))]


def test_up_says_that_nobody_is_isolated_and_needs_no_engine(isomo):
    assert "learners are not isolated from each other or from this machine" in isomo.said
    assert "Learners are not isolated" in isomo.run("status").stdout


def test_every_page_has_a_banner_that_learners_are_not_isolated(isomo, amina):
    assert BANNER in httpx.get(f"{isomo.address}/hub/login", headers=NAVIGATING).text
    for path in (
        "/services/campus/",
        "/services/campus/api/docs",
        "/hub/home",
        "/hub/password",
        "/hub/nothing",
    ):
        assert BANNER in amina.get(path).text, path


def test_a_lab_opens_in_a_process_of_this_machine_which_ends_with_down(isomo, amina):
    amina.get("/services/campus/open/everyone-2026a-minict/where-to-set-the-bar")
    for _ in range(120):
        lab = amina.get(
            f"{isomo.learner_address}/user/amina.k/isomo/open/everyone-2026a-minict/where-to-set-the-bar"
        )
        if str(lab.url).endswith("/desk/where-to-set-the-bar"):
            break
    assert lab.status_code == 200, lab.text
    assert BANNER in lab.text
    (server,) = [each for each in psutil.process_iter() if _belongs(each, "amina.k", isomo)]
    everywhere = {
        (each.laddr.ip, each.laddr.port)
        for process in [*ours(isomo), server]
        for each in process.net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    }
    assert {ip for ip, _ in everywhere} == {"127.0.0.1"}
    assert (load_settings(isomo.settings_file).ports.hub) in {port for _, port in everywhere}
    isomo.run("down")
    assert psutil.wait_procs([server], timeout=30)[1] == []


def _belongs(process: psutil.Process, name: str, isomo) -> bool:
    try:
        env = process.environ()
    except (psutil.Error, OSError):
        return False
    return env.get("JUPYTERHUB_USER") == name and str(isomo.port + 11) in env.get("ISOMO_CAMPUS_URL", "")
