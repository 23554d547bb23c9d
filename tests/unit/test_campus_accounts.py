"""What an administrator does to accounts: closing one ends everything that its owner has open."""

from __future__ import annotations

import pytest

from hub.campus.hub_client import HubClient
from tests.support.pretended_campus import API, ROOT, Campus, form_key

AMINA = "amina.k"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def close(campus, name=AMINA):
    admin = campus.browser("admin")
    return admin.post(
        f"{ROOT}/people/{name}/disable", data={"key": form_key(admin.get(f"{ROOT}/people").text)}
    )


def noted(campus):
    return [(each.what, each.object) for each in campus.store.audit.newest()]


def test_closing_an_account_stops_its_servers_and_opens_nothing_to_its_token(campus):
    amina = campus.program(AMINA)
    campus.hub.servers[AMINA] = {"": {}, "formgrader-1a2b": {}}
    assert close(campus).status_code == 303
    assert campus.hub.stopped == [(AMINA, ""), (AMINA, "formgrader-1a2b")]
    assert amina.get(f"{API}/me").status_code == 401
    assert noted(campus)[0] == ("disabled", AMINA)


def test_nobody_elses_servers_stop(campus):
    for name in (AMINA, "bosco.n"):
        campus.hub.token(name)
        campus.hub.servers[name] = {"": {}}
    close(campus)
    assert campus.hub.stopped == [(AMINA, "")]


def test_an_account_that_never_signed_in_is_closed_without_trouble(campus):
    assert close(campus).status_code == 303
    assert campus.store.people.disabled(AMINA)
    assert noted(campus)[0] == ("disabled", AMINA)


def test_an_account_is_closed_also_while_the_hub_does_not_answer(campus, monkeypatch):
    monkeypatch.setattr(HubClient, "stop_servers", lambda *_: False)
    assert close(campus).status_code == 303
    assert campus.store.people.disabled(AMINA)
    assert noted(campus)[:2] == [("servers-not-stopped", AMINA), ("disabled", AMINA)]


def test_a_hub_that_is_away_has_not_ended_anything(campus):
    campus.hub.away = True
    assert campus.app.state.campus.hub.stop_servers(AMINA, "token") is False
