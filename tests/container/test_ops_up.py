"""A whole installation, driven by its verbs alone: `up`, `status`, `demo`, `doctor`, `down`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx
import psutil
import pytest

from hub.isomo_settings import Settings, load_settings
from hub.ops import host_firewall, local_images, process_supervisor
from tests.support.hub_run import form_token
from tests.support.whole_installation import Install

pytestmark = pytest.mark.engine

PARTS = {"guard", "engine-filter", "proxy", "learner-proxy", "campus", "hub", "grader"}


@pytest.fixture(scope="module")
def isomo(tmp_path_factory, docker_client):
    """An installation that was started once; `said` is what `up` printed then."""
    made = Install(tmp_path_factory.mktemp("isomo"), project="try-up", port=8140, octet=226)
    try:
        made.said = made.up()
        yield made
    finally:
        made.down()


@pytest.fixture
def settings(isomo) -> Settings:
    return load_settings(isomo.settings_file)


def pids(settings: Settings) -> dict[str, int]:
    return {
        state.name: state.pid
        for state in process_supervisor.machine_supervisor(settings).states()
        if state.running
    }


def until(holds, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.3)


def answers(isomo) -> bool:
    return isomo.run("status", check=False).returncode == 0


def test_up_prints_the_address_and_a_one_time_link_and_there_is_no_default_password(isomo):
    assert re.search(rf"^Isomo is ready +{isomo.address} ", isomo.said, re.M), isomo.said
    link = re.search(rf"{isomo.address}/hub/welcome/\S+", isomo.said)[0]
    with httpx.Client(headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}, timeout=60) as browser:
        page = browser.get(link)
        assert 'value="admin"' in page.text
        short = {"password": "admin", "again": "admin", "_xsrf": form_token(page.text)}
        assert browser.post(link, data=short).status_code == 400
        signing = browser.get(f"{isomo.address}/hub/login")
        for word in ("admin", "isomo", "password", ""):
            form = {"username": "admin", "password": word, "_xsrf": form_token(signing.text)}
            assert browser.post(f"{isomo.address}/hub/login", data=form).status_code != 302, word


def test_everything_runs_detached_and_supervised(isomo, settings):
    running = pids(settings)
    assert set(running) == PARTS
    ours = {os.getpid(), *(each.pid for each in psutil.Process().children(recursive=True))}
    assert not ours & set(running.values())
    assert answers(isomo)


def test_up_twice_changes_nothing(isomo, settings):
    before = pids(settings)
    said = isomo.run("up").stdout
    assert "Everything was running already; nothing was changed." in said
    assert pids(settings) == before


@pytest.mark.parametrize("name", sorted(PARTS))
def test_what_is_killed_comes_back(isomo, settings, name):
    before = pids(settings)
    os.kill(before[name], signal.SIGKILL)
    until(lambda: pids(settings).get(name, before[name]) != before[name])
    until(lambda: answers(isomo))
    assert {other for other, pid in pids(settings).items() if before[other] != pid} == {name}


def keepers(isomo) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            ours = f"ISOMO_SETTINGS={isomo.settings_file}".encode() in (folder / "environ").read_bytes()
            if ours and b"hub.hub_process.server_keeper" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_a_killed_hub_leaves_no_second_keeper_behind(isomo, settings):
    until(lambda: len(keepers(isomo)) == 1)
    (before,) = keepers(isomo)
    os.kill(pids(settings)["hub"], signal.SIGKILL)
    until(lambda: len(found := keepers(isomo)) == 1 and found != [before])
    until(lambda: answers(isomo))


def test_firewall_rules_that_another_program_dropped_come_back(isomo, settings):
    (plan, _) = host_firewall.firewall_plans(settings)
    subprocess.run(["iptables", "-w", "-F", plan.chain], check=True)
    until(lambda: host_firewall.is_up(plan))
    subprocess.run(["iptables", "-w", "-D", "INPUT", *plan.jump], check=True)
    until(lambda: host_firewall.is_up(plan))


def test_doctor_finds_nothing_to_mend(isomo):
    assert "✗" not in isomo.run("doctor").stdout


def test_demo_gives_every_role_a_link_that_signs_in_once_and_a_lab_to_open(isomo):
    links = isomo.demo()
    assert len([name for name in links if name not in ("admin", "claudine.u", "felix.c")]) == 5
    with httpx.Client(
        headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}, follow_redirects=True, timeout=60
    ) as browser:
        form = {"_xsrf": form_token(browser.get(links["amina.k"]).text)}
        home = browser.post(links["amina.k"], data=form)
        assert "Where to set the bar" in home.text
        assert "Open the lab" in home.text
        assert browser.get(links["amina.k"]).status_code == 404
    again = isomo.demo()
    assert set(again) == set(links)


def test_a_wrong_setting_is_told_and_what_runs_goes_on(isomo, settings):
    good, before = isomo.settings_file.read_text(), pids(settings)
    try:
        isomo.settings_file.write_text(good + '\n[learner]\nmemory = "1 gig"\nmemroy = 3\n')
        done = isomo.run("up", check=False)
    finally:
        isomo.settings_file.write_text(good)
    assert done.returncode == 1
    assert 'learner.memory is "1 gig". Write a number and a unit' in done.stderr
    assert "memroy" in done.stderr
    assert pids(settings) == before


def test_no_verb_says_a_secret(isomo):
    shown = subprocess.check_output(["ps", "-eo", "args"], text=True)
    for file in (isomo.state / "keys").iterdir():
        if file.is_file():
            said = file.read_text(errors="replace").strip()
            assert said not in shown, file.name


def test_down_stops_everything_and_up_finds_it_all_again(isomo, settings, docker_client):
    isomo.run("down")
    assert pids(settings) == {}
    assert docker_client.networks.list(names=[settings.network.name]) == []
    assert isomo.run("status", check=False).returncode == 3
    with pytest.raises(httpx.TransportError):
        httpx.get(isomo.address)
    assert "Nothing was running." in isomo.run("down").stdout
    isomo.run("up")
    assert answers(isomo)
    assert "amina.k" in isomo.run("invite", "amina.k").stdout
    assert local_images.missing_images(docker_client, local_images.image_names(settings)) == []
