"""The hub's shares of applications: they follow who takes part in a project."""

from __future__ import annotations

import pytest

from hub.campus.application_shares import give_share, take_ended_shares
from hub.campus.project_folders import tell_applications
from hub.project_places import application_folder
from hub.shared_names import APPLICATIONS
from tests.support.pretended_campus import ROOT, Campus, form_key

NAME = "letters-desk"
PAGE = f"{ROOT}/projects/{NAME}"
OPEN = f"{PAGE}/open"


@pytest.fixture
def campus(tmp_path):
    """A campus on which deborah builds, aline approves and colin uses an application, which runs."""
    made = Campus(tmp_path)
    made.settings.__dict__["prototypes"] = True
    store = made.store
    store.people.add("deborah", "Deborah", roles=["data-team"])
    for name in ("aline", "colin", "mallory"):
        store.people.add(name, name.title(), roles=["learner"])
    store.people.add("root.admin", "Root", roles=["administrator"])
    store.projects.add(NAME, "Letters desk", "triage", "deborah")
    store.projects.join(NAME, "aline", "approver", "deborah")
    store.projects.join(NAME, "colin", "user", "deborah")
    (application_folder(made.settings.state, NAME) / "versions" / "1").mkdir(parents=True)
    tell_applications(store, "deborah")
    made.hub.servers[APPLICATIONS] = {NAME: {"ready": True}}
    made.hub.token(APPLICATIONS)
    return made


def send(browser, path, **form):
    return browser.post(path, data={"key": form_key(browser.get(PAGE).text), **form})


def shared_with(campus):
    return {person for server, person in campus.hub.shares if server == NAME}


def test_opening_an_application_gives_a_member_the_hubs_share_of_it(campus):
    assert campus.browser("colin").get(OPEN).status_code == 303
    assert campus.hub.shares == {(NAME, "colin")}
    assert campus.browser("mallory").get(OPEN).status_code == 404
    assert shared_with(campus) == {"colin"}


def test_a_person_who_is_given_a_part_has_the_share_at_once(campus):
    send(campus.browser("deborah"), f"{PAGE}/people", username="mallory", part="user")
    assert shared_with(campus) == {"mallory"}


def test_a_person_may_be_named_before_the_application_ran_for_the_first_time(campus):
    campus.hub.servers[APPLICATIONS] = {}
    answer = send(campus.browser("deborah"), f"{PAGE}/people", username="mallory", part="user")
    assert (answer.status_code, shared_with(campus)) == (303, set())


def test_a_share_ends_with_the_last_part(campus):
    campus.store.projects.join(NAME, "colin", "reviewer", "deborah")
    team = campus.browser("deborah")
    for name in ("aline", "colin"):
        campus.browser(name).get(OPEN)
    send(team, f"{PAGE}/people/colin/user/remove")
    assert shared_with(campus) == {"aline", "colin"}
    send(team, f"{PAGE}/people/colin/reviewer/remove")
    assert shared_with(campus) == {"aline"}


def test_an_approver_whose_place_another_one_takes_is_admitted_no_more(campus):
    campus.browser("aline").get(OPEN)
    send(campus.browser("deborah"), f"{PAGE}/people", username="mallory", part="approver")
    assert shared_with(campus) == {"mallory"}


def test_a_closed_account_loses_its_shares(campus):
    campus.browser("colin").get(OPEN)
    send(campus.browser("root.admin"), f"{ROOT}/people/colin/disable")
    assert shared_with(campus) == set()
    assert not give_share(campus.app.state.campus, NAME, "colin")


def test_a_share_that_ended_while_the_hub_was_away_is_taken_when_it_is_back(campus):
    campus.browser("colin").get(OPEN)
    team = campus.browser("deborah")
    key = form_key(team.get(PAGE).text)
    campus.hub.away = True
    team.post(f"{PAGE}/people/colin/user/remove", data={"key": key})
    assert take_ended_shares(campus.app.state.campus) is None
    campus.hub.away = False
    assert any(each.what == "share-not-taken" for each in campus.store.audit.newest())
    assert shared_with(campus) == {"colin"}
    assert take_ended_shares(campus.app.state.campus) == 1
    assert shared_with(campus) == set()


def test_all_shares_are_read_however_many_pages_the_hub_needs(campus):
    campus.hub.shares = {(NAME, f"gone{n}") for n in range(5)} | {(NAME, "aline")}
    assert take_ended_shares(campus.app.state.campus) == 5
    assert campus.hub.shares == {(NAME, "aline")}


def test_an_application_that_the_hub_does_not_share_is_not_opened(campus, monkeypatch):
    monkeypatch.setattr(campus.app.state.campus.hub, "share_server", lambda *_words, **_more: False)
    answer = campus.browser("colin").get(OPEN)
    assert answer.status_code == 503
    assert "The hub does not answer just now." in answer.text
