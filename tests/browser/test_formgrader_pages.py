"""A trainer opens formgrader from the campus, in a real browser and behind a real hub, and marks by hand."""

from __future__ import annotations

import pytest

from hub.shared_names import formgrader_server
from hub.store import GradedRecord
from tests.support.hub_run import Hub
from tests.support.pretended_campus import ROOT
from tests.support.small_stores import COURSE, LAB, RIGHT, TRAINER, fill, hand_in

pytestmark = pytest.mark.browser

AMINA = "amina.k"
FORMGRADER = formgrader_server(COURSE)
TASK = {
    "grade_id": "add_test",
    "outcome": "not-yet",
    "score": 0.0,
    "max_score": 2.0,
    "message": "",
    "flags": [],
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    made = Hub(tmp_path_factory.mktemp("hub"))
    store = fill(made.town.store)
    hand_in(store, AMINA)
    job = store.claim_ungraded("test", 60)
    assert store.record_grading(job, GradedRecord([TASK], notebook=RIGHT, feedback_html=b"", engine="test"))
    try:
        made.start()
        made.start_campus()
        made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
        yield made
    finally:
        made.stop_all()


def signed_in(hub, browser, name):
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(180_000)
    page.goto(hub.town.link(name))
    page.click("#welcome_submit")
    page.wait_for_url(f"**{ROOT}/")
    return page


def test_a_trainer_marks_by_hand_and_the_mark_is_an_event(hub, browser):
    page = signed_in(hub, browser, TRAINER)
    page.goto(f"{hub.settings.address}{ROOT}/courses/{COURSE}")
    page.click("text=Mark by hand")
    page.wait_for_url(f"{hub.settings.learner_address}/user/{TRAINER}/{FORMGRADER}/formgrader/**")
    page.wait_for_selector(f"text={LAB}")
    page.goto(f"{hub.settings.learner_address}/user/{TRAINER}/{FORMGRADER}/formgrader/gradebook/{LAB}/{LAB}")
    page.click("text=Submission #1")
    # nbgrader's page takes no mark before it has fetched those that are there; then it shows them in the boxes.
    page.wait_for_selector("input.score[placeholder]")
    page.wait_for_selector("textarea.comment[placeholder]")
    page.fill("input.score", "1.5")
    page.press("input.score", "Tab")
    page.fill("textarea.comment", "Well begun.")
    page.press("textarea.comment", "Tab")
    (attempt,) = hub.town.store.attempts.list(COURSE, LAB, AMINA)

    def marks():
        return {
            name: (mark.score, mark.comment)
            for name, mark in hub.town.store.results.result_for(attempt.id).marks.items()
        }

    wanted = {"add_test": (1.5, ""), "add": (None, "Well begun.")}
    for _ in range(300):
        if marks() == wanted:
            break
        page.wait_for_timeout(200)
    assert marks() == wanted
    page.goto(f"{hub.settings.address}{ROOT}/courses/{COURSE}/labs/{LAB}")
    assert "1.5" in page.inner_text("main")
    page.context.close()


def test_a_learner_has_no_formgrader_and_nobody_a_server_of_another_name(hub, browser):
    for name, server in ((AMINA, FORMGRADER), (AMINA, "another"), (TRAINER, formgrader_server("other"))):
        page = signed_in(hub, browser, name)
        page.goto(f"{hub.settings.address}/hub/spawn/{name}/{server}")
        page.wait_for_selector("text=There is no such server for you. Go back to your home page")
        page.context.close()
    assert not [env for env in hub.servers().values() if env["JUPYTERHUB_USER"] == AMINA]
