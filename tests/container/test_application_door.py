"""The hub's door to a shared application: it admits people who have a part, and tells others whom to ask.

A real hub, both proxies and the campus; servers are plain processes here.
"""

from __future__ import annotations

import html
import shutil

import httpx
import pytest

from hub.project_places import team_folder
from hub.secret_keys import Secrets
from hub.shared_names import APPLICATIONS
from labs.prototype_kit.version_sharing import make_version
from tests.support.hub_run import Hub, follow, form_token
from tests.support.pretended_campus import ROOT, form_key
from tests.support.small_prototype import trained_project

NAME = "letters-desk"
SCOPE = f"access:servers!server={APPLICATIONS}/{NAME}"
WHOM_TO_ASK = "you are not invited to this application. Ask its approver: aline."


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub on which deborah and dan build, aline approves, and colin and claude use an application."""
    made = Hub(tmp_path_factory.mktemp("door"), settings_more={"prototypes": True})
    for name in ("deborah", "dan"):
        made.town.add(name, role="data-team")
    for name in ("aline", "colin", "claude", "mallory"):
        made.town.add(name)
    made.town.add("root.admin", role="administrator")
    projects = made.town.store.projects
    projects.add(NAME, "Letters desk", "triage", "deborah")
    parts = (("dan", "team"), ("aline", "approver"), ("colin", "user"), ("claude", "user"))
    for name, part in parts:
        projects.join(NAME, name, part, "deborah")
    trained = trained_project(tmp_path_factory.mktemp("trained"))
    make_version(trained)
    folder = team_folder(made.settings.state, NAME) / NAME
    folder.mkdir(parents=True)
    shutil.copytree(trained / "service", folder / "service")
    try:
        made.start()
        made.start_campus()
        made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
        opened = follow(made.signed_in("aline"), f"{made.settings.address}{ROOT}/projects/{NAME}/open")[-1]
        assert opened.url.path == f"/user/{APPLICATIONS}/{NAME}/", opened.text
        yield made
    finally:
        made.stop_all()


def go(hub, browser, page=""):
    """Go to the application's own address, as by a link that somebody sent."""
    return follow(browser, f"{hub.settings.learner_address}/user/{APPLICATIONS}/{NAME}/{page}")[-1]


def shares(hub):
    """Return with whom the hub shares the application, asked with the campus' token."""
    answer = httpx.get(
        f"{hub.settings.hub_api_url}/shares/{APPLICATIONS}/{NAME}", headers=campus_token(hub)
    ).raise_for_status()
    return {each["user"]["name"] for each in answer.json()["items"]}


def campus_token(hub):
    return {"Authorization": f"token {Secrets.load(hub.settings).campus_token}"}


def test_a_member_who_follows_a_link_is_admitted_and_has_a_share_of_this_server_alone(hub):
    page = go(hub, hub.signed_in("colin"))
    assert (page.status_code, page.url.path) == (200, f"/user/{APPLICATIONS}/{NAME}/")
    assert "colin" in shares(hub)
    of_colin = httpx.get(
        f"{hub.settings.hub_api_url}/shares/{APPLICATIONS}/{NAME}", headers=campus_token(hub)
    ).json()["items"]
    assert [each["scopes"] for each in of_colin if each["user"]["name"] == "colin"] == [[SCOPE]]


def test_the_hub_stops_somebody_who_is_not_invited_before_the_application_hears_of_them(hub):
    browser = hub.signed_in("mallory")
    page = go(hub, browser)
    assert (page.status_code, page.url.path) == (403, f"/hub/not-admitted/{NAME}")
    assert f"mallory, {WHOM_TO_ASK}" in page.text
    french = browser.get(page.url, params={"lang": "fr"})
    assert "mallory, vous n’êtes pas invité·e à cette application." in html.unescape(french.text)
    assert browser.get("/hub/not-admitted/no-such-project").status_code == 404
    assert "mallory" not in shares(hub)


def test_a_code_that_is_asked_for_without_the_hubs_page_opens_nothing(hub):
    browser = hub.signed_in("mallory")
    begun = browser.get(f"{hub.settings.learner_address}/user/{APPLICATIONS}/{NAME}/")
    asked = httpx.URL(begun.headers["location"])
    page = browser.get("/hub/password")
    form = dict(asked.params) | {"scopes": SCOPE, "_xsrf": form_token(page.text)}
    sent = browser.post(asked.copy_with(query=None), data=form, headers={"Referer": str(asked)})
    if sent.status_code == 302:  # The hub gives a code for signing in, without the right to enter.
        answer = browser.get(f"{hub.settings.learner_address}{sent.headers['location']}")
        answer = browser.get(f"{hub.settings.learner_address}/user/{APPLICATIONS}/{NAME}/")
        assert answer.status_code != 200


def test_who_leaves_loses_the_share_at_once_and_a_token_of_theirs_opens_nothing(hub):
    browser = hub.signed_in("claude")
    assert go(hub, browser).status_code == 200
    assert "claude" in shares(hub)
    team = hub.signed_in("deborah")
    page = follow(team, f"{hub.settings.address}{ROOT}/projects/{NAME}")[-1]
    sent = team.post(
        f"{ROOT}/projects/{NAME}/people/claude/user/remove",
        data={"key": form_key(page.text)},
        headers={"Origin": hub.settings.address},
    )
    assert sent.status_code == 303, sent.text
    assert "claude" not in shares(hub)
    assert go(hub, browser).status_code == 403
    assert f"claude, {WHOM_TO_ASK}" in go(hub, hub.signed_in("claude")).text


def test_an_administrator_reaches_the_application_to_switch_it_off(hub):
    assert go(hub, hub.signed_in("root.admin"), "versions").status_code == 200


def test_the_campus_can_share_no_server_but_an_application(hub):
    hub.signed_in("colin")
    for owner in ("colin", "deborah"):
        answer = httpx.post(
            f"{hub.settings.hub_api_url}/shares/{owner}/",
            json={"user": "mallory"},
            headers=campus_token(hub),
        )
        assert answer.status_code in (403, 404), answer.text
    wide = httpx.post(
        f"{hub.settings.hub_api_url}/shares/{APPLICATIONS}/{NAME}",
        json={"user": "mallory", "scopes": ["access:servers!user=colin"]},
        headers=campus_token(hub),
    )
    assert wide.status_code in (400, 403), wide.text
    assert "mallory" not in shares(hub)


def test_a_link_to_an_application_that_is_stopped_starts_it(hub):
    address = f"{hub.settings.hub_api_url}/users/{APPLICATIONS}/servers/{NAME}"
    httpx.delete(address, headers=campus_token(hub)).raise_for_status()
    running = f"{hub.settings.hub_api_url}/users/{APPLICATIONS}"
    hub.wait_until(
        lambda: not httpx.get(running, headers=campus_token(hub)).json()["servers"].get(NAME),
        "the application's end",
    )
    colin = hub.signed_in("colin")
    follow(
        colin, f"{hub.settings.address}{ROOT}/"
    )  # Signing in to the campus forgets which page was asked for.
    page = go(hub, colin, "batch")
    assert (page.status_code, page.url.path) == (200, f"/user/{APPLICATIONS}/{NAME}/batch")
