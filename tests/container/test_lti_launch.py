"""Launches from a learning platform that is simulated after the specification, with a real hub and real proxies."""

from __future__ import annotations

import pytest

from tests.support.hub_people import COURSE
from tests.support.hub_run import Hub
from tests.support.lti_platform import CLAIM, LearningPlatform
from tests.support.small_stores import RELEASED, SOURCE

PEOPLE = {
    "11": {"email": "amina.k@office.example", "name": "Amina K.", f"{CLAIM}custom": {"login": "amina.k"}},
    "12": {
        "email": "new.person@office.example",
        "name": "New Person",
        "line": "31",
        f"{CLAIM}launch_presentation": {"locale": "fr"},
    },
    "13": {"email": "closed.c@office.example", f"{CLAIM}custom": {"login": "closed.c"}},
}


@pytest.fixture(scope="module")
def platform():
    made = LearningPlatform(PEOPLE)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def hub(tmp_path_factory, platform):
    made = Hub(
        tmp_path_factory.mktemp("hub"),
        settings_more={"lti": platform.section(username_claim="custom_login")},
    )
    platform.callback = f"{made.settings.address}/hub/lti13/oauth_callback"
    made.town.add("amina.k")
    made.town.add("closed.c")
    made.town.store.people.set_disabled("closed.c", True)
    made.town.store.courses.release(
        COURSE,
        "sums",
        release={"sums.ipynb": RELEASED},
        source={"sums.ipynb": SOURCE},
        version="1",
        title={"en": "Sums"},
        minutes=10,
        tasks=[{"id": "add", "points": 2}],
    )
    try:
        yield made.start()
    finally:
        made.stop_all()


def lab_page(hub) -> str:
    return f"{hub.settings.address}/services/campus/open/{COURSE}/sums"


def signed_in_as(browser) -> str:
    page = browser.get("/hub/home")
    return page.text if page.status_code == 200 else ""


def test_a_launch_opens_the_lab_as_the_person_who_has_worked_here_before(hub, platform):
    browser = hub.browser()
    answer = platform.launch(browser, "11", lab_page(hub))
    assert (answer.status_code, answer.headers["location"]) == (302, f"/services/campus/open/{COURSE}/sums")
    assert ">amina.k<" in signed_in_as(browser)


def test_a_new_person_gets_an_account_a_place_in_the_course_and_a_line_in_the_gradebook(hub, platform):
    browser = hub.browser()
    assert platform.launch(browser, "12", lab_page(hub)).status_code == 302
    store = hub.town.store
    name = store.identities.find(platform.address, "12")
    assert name is not None
    assert f">{name}<" in signed_in_as(browser)
    assert store.people.get(name).language == "fr"
    assert store.courses.roles(COURSE, name) == {"learner"}
    assert store.lti_lines.get(name, COURSE, "sums").line_item == f"{platform.address}/lines/31"


def test_a_closed_account_stays_closed(hub, platform):
    browser = hub.browser()
    answer = platform.launch(browser, "13", lab_page(hub))
    assert answer.headers["location"] == "/hub/login?problem=closed"
    assert signed_in_as(browser) == ""


def test_a_launch_is_good_once_and_for_one_browser(hub, platform):
    browser, thief = hub.browser(), hub.browser()
    fields, action = platform.form(browser, "11", lab_page(hub))
    stolen = thief.post(action, data=fields)
    assert stolen.headers["location"] == "/hub/login?problem=launch-again"
    assert "was not finished. Open the lab there again." in thief.get(stolen.headers["location"]).text
    assert browser.post(action, data=fields).headers["location"].endswith("/sums")
    again = browser.post(action, data=fields)
    assert again.headers["location"] == "/hub/login?problem=launch-again"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another client"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"nonce": "of another launch"},
        {f"{CLAIM}version": "1.1"},
        {f"{CLAIM}message_type": "LtiSubmissionReviewRequest"},
    ],
)
def test_a_token_that_is_not_of_this_launch_signs_nobody_in(hub, platform, monkeypatch, changed):
    said = platform.claims
    monkeypatch.setattr(platform, "claims", lambda *words: {**said(*words), **changed})
    browser = hub.browser()
    answer = platform.launch(browser, "11", lab_page(hub))
    assert answer.headers["location"] == "/hub/login?problem=launch-again"
    assert signed_in_as(browser) == ""


def test_a_launch_without_the_first_step_signs_nobody_in(hub, platform):
    token = platform.token_for(platform.claims("11", lab_page(hub), "e3b0c44298fc1c149afbf4c8996fb924"))
    browser = hub.browser()
    answer = browser.post("/hub/lti13/oauth_callback", data={"state": "x", "id_token": token})
    assert answer.headers["location"] == "/hub/login?problem=launch-again"


def test_a_platform_that_nobody_registered_is_told_apart(hub):
    browser = hub.browser()
    words = "iss=https://elsewhere.example&login_hint=1&target_link_uri=x"
    answer = browser.get(f"/hub/lti13/oauth_login?{words}")
    assert answer.headers["location"] == "/hub/login?problem=unknown-platform"
    assert "does not know" in browser.get(answer.headers["location"]).text
