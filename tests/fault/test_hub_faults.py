"""What goes wrong around the hub: killed in the middle of a start, an engine that does not answer."""

from __future__ import annotations

import signal
import time

import pytest

from hub.hub_process import server_keeper
from hub.hub_process.container_spawner import container_labels
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from tests.support.hub_run import Hub, open_server
from tests.support.small_labs import lab_image, network

pytestmark = pytest.mark.engine

MISSING = "try-hub-lab:missing"
SETTINGS = {
    "evaluate": False,
    "project": "try-hubf",
    "network": {"name": "try-hubf", "bridge": "tryhubf0", "subnet": "10.232.0.0/16"},
    "engine": {"images": [MISSING]},
}
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    made = Hub(tmp_path_factory.mktemp("hub"), settings_more=SETTINGS, image=lab_image(docker_client))
    for name in ("amina.k", "bosco.n", "chantal.m"):
        made.town.add(name)
    with network(docker_client, made):
        try:
            yield made.start()
        finally:
            made.stop_all()


def _container_name(hub, name):
    return f"try-hubf-{opaque_name(Secrets.load(hub.settings).names_key, name)}"


def _containers(client, hub, name):
    return client.containers.list(all=True, filters={"name": _container_name(hub, name)}, ignore_removed=True)


def _orphan(client, hub, name):
    """A container as the spawner starts one, which is in no hub's books."""
    return client.containers.run(
        hub.image,
        ["sleep", "1000"],
        name=_container_name(hub, name),
        labels=container_labels(hub.settings, opaque_name(Secrets.load(hub.settings).names_key, name)),
        detach=True,
        auto_remove=True,
        init=True,
    )


def _killed_while_starting(client, hub, browser, name):
    """Begin to start a server and kill the hub as soon as the container exists."""
    answer = browser.get(f"/hub/spawn/{name}")
    assert "spawn-pending" in answer.headers["location"]
    for _ in range(200):
        found = [one for one in _containers(client, hub, name) if one.status == "running"]
        if found:
            hub.stop("hub", signal.SIGKILL)
            return found[0]
        time.sleep(0.05)
    raise AssertionError(hub.log("hub"))


def test_a_server_whose_hub_was_killed_while_it_started_is_there_afterwards(hub, docker_client):
    browser = hub.signed_in("amina.k")
    _killed_while_starting(docker_client, hub, browser, "amina.k")
    hub.start_hub()
    assert open_server(browser, "amina.k")[-1].status_code == 200
    assert len(_containers(docker_client, hub, "amina.k")) == 1


def test_a_container_that_its_hub_has_forgotten_makes_room_for_a_new_one(hub, docker_client):
    left = _orphan(docker_client, hub, "bosco.n")
    browser = hub.signed_in("bosco.n")
    assert open_server(browser, "bosco.n")[-1].status_code == 200
    assert [one.id for one in _containers(docker_client, hub, "bosco.n")] != [left.id]


def test_the_keeper_removes_what_a_killed_hub_left_and_nothing_else(hub, docker_client, monkeypatch):
    running = hub.signed_in("amina.k")
    open_server(running, "amina.k")
    _orphan(docker_client, hub, "chantal.m")
    monkeypatch.setattr(server_keeper, "GRACE_SECONDS", 0)
    secrets = Secrets.load(hub.settings)
    # The campus may ask who has a server, as the keeper's own token may.
    removed = server_keeper.sweep_containers(
        hub.settings, secrets.names_key, hub.settings.hub_api_url, secrets.campus_token
    )
    assert removed == 1
    assert len(_containers(docker_client, hub, "amina.k")) == 1
    for _ in range(100):
        if not _containers(docker_client, hub, "chantal.m"):
            return
        time.sleep(0.2)
    raise AssertionError("the container is still there")


def test_an_engine_that_is_away_when_the_hub_starts_does_not_make_it_forget_servers(hub, docker_client):
    browser = hub.signed_in("amina.k")
    open_server(browser, "amina.k")
    before = _containers(docker_client, hub, "amina.k")[0].id
    hub.stop("hub")
    usual, hub.hub_env = hub.hub_env, NO_ENGINE
    try:
        hub.start_hub()
        assert "Your server is running." in browser.get("/hub/home").text
        lab = browser.get(f"{hub.settings.learner_address}/user/amina.k/lab")
        assert lab.status_code == 200
    finally:
        hub.stop("hub")
        hub.hub_env = usual
        hub.start_hub()
    assert _containers(docker_client, hub, "amina.k")[0].id == before
    assert "Your server is running." in browser.get("/hub/home").text


def test_an_engine_that_is_away_when_a_server_starts_gets_a_clear_sentence(hub):
    hub.stop("hub")
    usual, hub.hub_env = hub.hub_env, NO_ENGINE
    try:
        hub.start_hub()
        browser = hub.signed_in("chantal.m")
        answer = browser.get("/hub/spawn/chantal.m")
        for _ in range(60):
            if "did not start" in answer.text or "is in the way" in answer.text:
                break
            time.sleep(0.5)
            answer = browser.get("/hub/spawn-pending/chantal.m")
        assert "The container engine does not answer, so your server could not start." in answer.text
    finally:
        hub.stop("hub")
        hub.hub_env = usual
        hub.start_hub()


def test_a_server_that_lost_its_network_can_be_started_again_with_its_home(hub, docker_client):
    browser = hub.signed_in("amina.k")
    open_server(browser, "amina.k")
    (before,) = _containers(docker_client, hub, "amina.k")
    before.exec_run(["sh", "-c", "echo kept > ~/kept.txt"])
    for name in before.attrs["NetworkSettings"]["Networks"]:
        docker_client.networks.get(name).disconnect(before, force=True)
    for _ in range(120):
        if "Your server is running." not in browser.get("/hub/home").text:
            break
        time.sleep(0.5)
    assert "network-lost name=amina.k" in hub.log("hub")
    assert open_server(browser, "amina.k")[-1].status_code == 200
    (after,) = _containers(docker_client, hub, "amina.k")
    assert after.id != before.id
    assert after.exec_run(["sh", "-c", "cat ~/kept.txt"]).output == b"kept\n"


def test_a_missing_image_gets_a_clear_sentence(hub):
    config = hub.folder / "config.py"
    good = config.read_text()
    config.write_text(good + f"\nc.LabSpawner.image = {MISSING!r}\n")
    hub.stop("hub")
    try:
        hub.start_hub()
        browser = hub.signed_in("chantal.m")
        answer = browser.get("/hub/spawn/chantal.m")
        for _ in range(60):
            if "lab image" in answer.text:
                break
            time.sleep(0.5)
            answer = browser.get("/hub/spawn-pending/chantal.m")
        assert (
            "The lab image is missing on this machine. Ask your administrator to run ./isomo up."
            in answer.text
        )
    finally:
        hub.stop("hub")
        config.write_text(good)
        hub.start_hub()


def test_somebody_elses_container_of_that_name_is_left_alone(hub, docker_client):
    other = docker_client.containers.create(
        hub.image,
        ["sleep", "1000"],
        name=_container_name(hub, "chantal.m"),
        labels={"isomo.project": "other"},
    )
    try:
        browser = hub.signed_in("chantal.m")
        answer = browser.get("/hub/spawn/chantal.m")
        for _ in range(60):
            if "Another program" in answer.text:
                break
            time.sleep(0.5)
            answer = browser.get("/hub/spawn-pending/chantal.m")
        assert "Another program uses the name of your container." in answer.text
        assert docker_client.containers.get(other.id)
    finally:
        other.remove(force=True)
