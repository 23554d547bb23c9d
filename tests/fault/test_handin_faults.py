"""Handing in while the campus is down: the work waits at home, and is sent when the campus is back."""

from __future__ import annotations

import json

import pytest

from hub.store.signed_receipts import public_keys, verify_receipt
from labs.kit import hand_in
from labs.kit.campus_client import Campus
from labs.kit.home_files import Home
from tests.support.hub_people import PASSWORD, QUICK
from tests.support.hub_run import Hub, open_server, sign_in
from tests.support.small_stores import COURSE, LAB, RIGHT, WRONG, fill

AMINA = "amina.k"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    made = Hub(tmp_path_factory.mktemp("hub"))
    fill(made.town.store)
    made.town.store.people.set_password_hash(AMINA, QUICK.hash(PASSWORD))
    try:
        made.start()
        started(made)
        yield made
    finally:
        made.stop_all()


def started(hub):
    hub.start_campus()
    hub.wait_for(f"{hub.settings.campus_url}/api/openapi.json")


@pytest.fixture(scope="module")
def campus(hub):
    """The campus as a program in Amina's own server reaches it."""
    browser = hub.browser()
    assert sign_in(browser, AMINA, PASSWORD).status_code == 302
    open_server(browser, AMINA)
    (env,) = hub.servers().values()
    return Campus(env["ISOMO_CAMPUS_URL"], env["JUPYTERHUB_API_TOKEN"], timeout=10)


def work(notebook: bytes) -> dict[str, bytes]:
    return {f"{LAB}.ipynb": notebook, "answers.json": b"{}"}


def attempts(hub):
    return [each for each in hub.town.store.attempts.list(COURSE) if each.learner == AMINA]


def test_work_handed_in_while_the_campus_is_down_waits_at_home_and_is_sent_when_it_is_back(
    hub, campus, tmp_path
):
    home = Home(tmp_path)
    before = len(attempts(hub))
    hub.stop("campus")
    assert hand_in.hand_in(home, campus, COURSE, LAB, work(WRONG)).waits
    assert hand_in.hand_in(home, campus, COURSE, LAB, work(RIGHT)).waits
    assert hand_in.send_waiting(home, campus) == (0, 1)
    started(hub)
    assert hand_in.send_waiting(home, campus) == (1, 0)
    assert hand_in.send_waiting(home, campus) == (0, 0)
    found = attempts(hub)[before:]
    assert len(found) == 1, "only the newest work for a lab is sent"
    assert hub.town.store.attempts.files(found[0])[f"{LAB}.ipynb"] == RIGHT
    (kept,) = home.receipts.glob("*.json")
    verify_receipt(json.loads(kept.read_text()), public_keys(hub.settings))


def test_work_that_waited_until_its_lab_was_closed_stays_at_home_with_the_reason(hub, campus, tmp_path):
    home = Home(tmp_path)
    hub.stop("campus")
    assert hand_in.hand_in(home, campus, COURSE, LAB, work(WRONG)).waits
    started(hub)
    hub.town.store.courses.close(COURSE, LAB)
    assert hand_in.send_waiting(home, campus) == (0, 0)
    (reason,) = hand_in.refusal_reasons(home, LAB)
    assert "closed" in reason
    (letter,) = (home.outbox / hand_in.REFUSED).glob("*.json")
    assert f"{LAB}.ipynb" in json.loads(letter.read_text())["files"]
