"""The feedback of an older attempt stays readable, for its learner and for trainers, whatever happens to the lab."""

from __future__ import annotations

import pytest

from hub.campus.person_erasure import erase_person
from hub.store import GradedRecord
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, work
from tests.support.small_stores import COURSE, LAB, RIGHT, TRAINER, WRONG, release

AMINA, BOSCO = "amina.k", "bosco.n"
HERE = f"{API}/courses/{COURSE}/labs/{LAB}"


def grade(campus, score, page):
    task = {
        **{"grade_id": "add_test", "outcome": "passed" if score else "not-yet", "score": score},
        **{"max_score": 2.0, "message": "", "flags": []},
    }
    graded = GradedRecord(tasks=[task], notebook=b"{}", feedback_html=page, engine="test")
    assert campus.store.record_grading(campus.store.claim_ungraded("test", 60), graded)


def hand_in(campus, name, content, score, page):
    receipt = campus.program(name).post(attempts_url(), content=work(content)).json()["receipt"]
    grade(campus, score, page)
    campus.program(TRAINER).put(f"{HERE}/feedback")
    return receipt


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def older(campus):
    """The receipt of an attempt whose feedback was returned, and after which the learner handed in again."""
    receipt = hand_in(campus, AMINA, WRONG, 0.0, b"<p>the first page</p>")
    hand_in(campus, AMINA, RIGHT, 2.0, b"<p>the second page</p>")
    return receipt


def regraded(campus):
    assert campus.program(TRAINER).post(f"{HERE}/gradings").json() == {"asked": 1}
    grade(campus, 1.0, b"<p>regraded</p>")
    campus.program(TRAINER).put(f"{HERE}/feedback")


def released_again(campus):
    release(campus.store, version="2", tasks=[{"id": "another", "points": 5}])


def renamed(campus):
    body = {"title": {"en": "Renamed"}, "minutes": 9}
    assert campus.program(TRAINER).put(f"{HERE}/name", json=body).status_code == 200


def withdrawn(campus):
    assert campus.program(TRAINER).put(f"{HERE}/withdrawal").json()["withdrawn"]


def closed(campus):
    campus.program(TRAINER).delete(f"{HERE}/release")


def another_erased(campus):
    hand_in(campus, BOSCO, WRONG, 0.0, b"<p>the first page</p>")
    erase_person(campus.store, campus.app.state.campus.hub, BOSCO, "admin")


EVENTS = [lambda _campus: None, regraded, released_again, renamed, withdrawn, closed, another_erased]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__.strip("<>"))
def test_an_older_attempts_feedback_is_on_the_pages_of_learner_and_trainer(campus, older, event):
    event(campus)
    for name in (AMINA, TRAINER):
        browser = campus.browser(name)
        page = browser.get(f"{ROOT}/attempts/{older}").text
        assert "0 / 2" in page
        assert f'src="{API}/attempts/{older}/feedback"' in page
        assert browser.get(f"{API}/attempts/{older}/feedback").text == "<p>the first page</p>"
    assert f"/attempts/{older}" in campus.browser(AMINA).get(f"{ROOT}/").text


def test_a_page_of_an_attempt_leads_to_all_attempts_of_this_learner_at_the_lab(campus, older):
    newest = campus.store.attempts.list(COURSE, LAB, AMINA)[0].receipt
    hand_in(campus, BOSCO, WRONG, 0.0, b"<p>of somebody else</p>")
    others = {each.receipt for each in campus.store.attempts.list(COURSE, LAB, BOSCO)}
    for name in (AMINA, TRAINER):
        for here, there in ((newest, older), (older, newest)):
            page = campus.browser(name).get(f"{ROOT}/attempts/{here}").text
            assert f'href="{ROOT}/attempts/{there}"' in page
            assert not any(receipt in page for receipt in others)


def test_a_learner_sees_no_result_of_another_attempt_before_it_is_returned(campus, older):
    campus.program(AMINA).post(attempts_url(), content=work(RIGHT + b" "))
    grade(campus, 1.0, b"<p>not returned</p>")
    newest = campus.store.attempts.list(COURSE, LAB, AMINA)[0].receipt
    page = campus.browser(AMINA).get(f"{ROOT}/attempts/{older}").text
    assert f'href="{ROOT}/attempts/{newest}"' not in page
    assert "1 / 2" not in page
