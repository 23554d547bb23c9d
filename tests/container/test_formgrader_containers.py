"""A trainer's formgrader in a container of its own, started by the real hub: it shows the course and holds nothing."""

from __future__ import annotations

import time

import pytest

from hub.shared_names import formgrader_server
from hub.store import GradedRecord
from tests.support.hub_people import PASSWORD, QUICK
from tests.support.hub_run import Hub, follow
from tests.support.small_labs import lab_image, network
from tests.support.small_stores import COURSE, LAB, RIGHT, TRAINER, fill, hand_in

pytestmark = pytest.mark.engine

AMINA = "amina.k"
SERVER = formgrader_server(COURSE)
SETTINGS = {
    "evaluate": False,
    "project": "try-marks",
    "network": {"name": "try-marks", "bridge": "trymarks0", "subnet": "10.232.0.0/16"},
}
TASK = {
    "grade_id": "add_test",
    "outcome": "passed",
    "score": 2.0,
    "max_score": 2.0,
    "message": "",
    "flags": [],
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    made = Hub(tmp_path_factory.mktemp("hub"), settings_more=SETTINGS, image=lab_image(docker_client))
    store = fill(made.town.store)
    store.people.set_password_hash(TRAINER, QUICK.hash(PASSWORD))
    hand_in(store, AMINA)
    job = store.claim_ungraded("test", 60)
    assert store.record_grading(job, GradedRecord([TASK], notebook=RIGHT, feedback_html=b"", engine="test"))
    with network(docker_client, made):
        try:
            made.start()
            made.start_campus()
            made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
            yield made
        finally:
            made.stop_all()


@pytest.fixture(scope="module")
def trainer(hub):
    """A trainer's browser, with the formgrader open."""
    browser = hub.signed_in(TRAINER)
    page = f"/user/{TRAINER}/{SERVER}/formgrader"
    answer = browser.get(f"/hub/spawn/{TRAINER}/{SERVER}?next={page}")
    for _ in range(240):
        if answer.headers.get("location") == page:
            break
        time.sleep(0.5)
        answer = browser.get(f"/hub/spawn-pending/{TRAINER}/{SERVER}?next={page}")
    assert answer.headers.get("location") == page, answer.text
    assert follow(browser, page)[-1].status_code == 200
    return browser


@pytest.fixture(scope="module")
def container(trainer, docker_client):
    """The one container that runs."""
    (found,) = docker_client.containers.list(
        filters={"label": "isomo.project=try-marks"}, ignore_removed=True
    )
    return found


def api(hub, browser, path):
    answer = browser.get(f"{hub.settings.learner_address}/user/{TRAINER}/{SERVER}/formgrader/api/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_shows_what_the_store_holds(hub, trainer):
    assert [one["name"] for one in api(hub, trainer, "assignments")] == [LAB]
    (row,) = api(hub, trainer, f"submitted_notebooks/{LAB}/{LAB}")
    assert (row["student"], row["score"]) == (AMINA, 2.0)


def test_nothing_of_the_host_is_in_it_and_nothing_stays(container):
    assert [one for one in container.attrs["Mounts"] if one["Type"] == "bind"] == []
    assert container.attrs["HostConfig"]["ReadonlyRootfs"]
    assert "noexec" in container.attrs["HostConfig"]["Tmpfs"]["/home/learner"]
    assert container.attrs["HostConfig"]["CapDrop"] == ["ALL"]


def test_it_knows_no_judge_no_engine_and_no_database(container):
    code, said = container.exec_run(["/opt/venv/bin/python", "-c", "import graders.nbgrader.formgrader, hub"])
    assert (code, b"No module named 'hub'" in said) == (1, True), said
    code, said = container.exec_run(["/opt/venv/bin/python", "-c", "import graders.engine"])
    assert (code, b"No module named 'graders.engine'" in said) == (1, True), said
