"""An account that is closed while its owner works: the real hub, both real proxies, a real notebook server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hub.hub_process import server_keeper
from hub.secret_keys import Secrets
from tests.container.test_campus_served import signed_in
from tests.support.hub_run import Hub, open_server
from tests.support.learner_kernel import own_headers
from tests.support.pretended_campus import API, ROOT, form_key
from tests.support.small_stores import COURSE, fill

AMINA, BOSCO = "amina.k", "bosco.n"
SECONDS = 10.0
"""How soon the notebook server of a closed account stops to answer."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    made = Hub(tmp_path_factory.mktemp("hub"))
    fill(made.town.store)
    try:
        made.start()
        made.start_campus()
        made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
        yield made
    finally:
        made.stop_all()


def status(hub, browser, name):
    """Return what the notebook server answers to a script of its own page."""
    address = f"{hub.settings.learner_address}/user/{name}/api/status"
    own = {"Origin": hub.settings.learner_address, "Accept": "application/json", **own_headers(browser, name)}
    return browser.get(address, headers=own).status_code


@pytest.mark.full
def test_a_class_that_begins_soon_finds_its_servers_started(hub):
    store = hub.town.store
    for name in (AMINA, BOSCO):
        signed_in(hub, name).close()
    number = store.classes.add_class(COURSE, "Class at nine")
    store.enrolments.put_in_class(COURSE, [AMINA, BOSCO], number)
    store.class_times.set_time(COURSE, number, datetime.now(UTC) + timedelta(minutes=9))
    try:
        started = lambda: {env["JUPYTERHUB_USER"] for env in hub.servers().values()}  # noqa: E731
        hub.wait_until(lambda: started() == {AMINA, BOSCO}, "the keeper's round", 180)
    finally:
        store.class_times.set_time(COURSE, number, None)


def test_a_closed_account_s_notebooks_and_tokens_end_within_seconds(hub):
    amina, bosco, admin = (signed_in(hub, name) for name in (AMINA, BOSCO, "admin"))
    for name, browser in ((AMINA, amina), (BOSCO, bosco)):
        del browser.headers["Origin"]  # Of the campus; the notebook server has an origin of its own.
        open_server(browser, name)
        assert status(hub, browser, name) == 200
    token = next(
        env["JUPYTERHUB_API_TOKEN"] for env in hub.servers().values() if env["JUPYTERHUB_USER"] == AMINA
    )
    key = form_key(admin.get(f"{ROOT}/people").text)
    began = time.monotonic()
    assert admin.post(f"{ROOT}/people/{AMINA}/disable", data={"key": key}).status_code == 303
    hub.wait_until(lambda: status(hub, amina, AMINA) in (302, 403, 404, 424, 503), "the end", SECONDS)
    assert time.monotonic() - began < SECONDS
    inner = hub.settings.campus_url.removesuffix(ROOT)
    asked = {"Authorization": f"token {token}"}
    assert httpx.get(f"{inner}{API}/me", headers=asked).status_code == 401
    assert httpx.get(f"{hub.settings.hub_api_url}/user", headers=asked).status_code == 403
    hub.wait_until(lambda: AMINA not in {env["JUPYTERHUB_USER"] for env in hub.servers().values()}, "its end")
    assert status(hub, bosco, BOSCO) == 200


def test_the_keeper_stops_what_went_on_because_the_hub_was_away(hub):
    hub.town.store.people.set_disabled(BOSCO, True)
    token = Secrets.load(hub.settings).campus_token
    assert server_keeper.stop_closed(hub.settings, hub.settings.hub_api_url, token) == 1
    hub.wait_until(
        lambda: not server_keeper.running_servers(hub.settings.hub_api_url, token), "the end of every server"
    )
