"""When a class meets, and whose servers are started before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.campus.start_ahead import AGAIN_SECONDS, AheadStarts
from hub.hub_process import start_ahead
from hub.isomo_settings import parse_settings
from hub.machine_memory import room_ahead
from hub.store.class_times import LATE, next_start
from hub.store.refused_change import RefusedChange
from tests.support.pretended_campus import ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LEARNERS, TRAINER, fill, filled

NOW = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)
"""A Monday, ten to eleven in Kigali."""
SOON = timedelta(minutes=10)
KIGALI, PARIS = ZoneInfo("Africa/Kigali"), ZoneInfo("Europe/Paris")
GIB = 1024**3


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


@pytest.fixture
def number(store):
    made = store.classes.add_class(COURSE, "Class B")
    store.enrolments.put_in_class(COURSE, LEARNERS, made)
    return made


def test_a_class_s_learners_are_expected_from_some_minutes_before_until_some_after(store, number):
    store.class_times.set_time(COURSE, number, NOW + SOON)
    expected = store.class_times.expected
    assert expected(NOW, SOON) == ["amina.k", "bosco.n"]
    assert expected(NOW - timedelta(minutes=1), SOON) == []
    assert expected(NOW + SOON + LATE, SOON) == ["amina.k", "bosco.n"]
    assert expected(NOW + SOON + LATE + timedelta(minutes=1), SOON) == []


def test_nobody_is_expected_in_an_archived_class_nor_with_a_closed_account(store, number):
    store.class_times.set_time(COURSE, number, NOW)
    store.people.set_disabled("bosco.n", True)
    assert store.class_times.expected(NOW, SOON) == ["amina.k"]
    store.classes.archive_class(COURSE, number)
    assert store.class_times.expected(NOW, SOON) == []


def test_a_time_can_be_changed_and_forgotten(store, number):
    store.class_times.set_time(COURSE, number, NOW)
    store.class_times.set_time(COURSE, number, NOW + SOON, weekly=True)
    assert store.class_times.next_start(number, NOW) == NOW + SOON
    store.class_times.set_time(COURSE, number, None)
    assert store.class_times.next_start(number, NOW) is None
    with pytest.raises(RefusedChange):
        store.class_times.set_time("another", number, NOW)


def test_a_weekly_class_keeps_its_hour_when_the_clock_changes():
    winter = datetime(2026, 3, 23, 9, 0, tzinfo=PARIS)
    found = next_start(winter, winter + timedelta(days=1), PARIS, weekly=True)
    assert found.isoformat() == "2026-03-30T09:00:00+02:00"


@given(st.integers(0, 500_000), st.integers(-500_000, 0))
def test_a_weekly_class_begins_within_a_week_and_a_single_one_once(minutes, since):
    now, first = NOW + timedelta(minutes=minutes), NOW + timedelta(minutes=since)
    found = next_start(first, now, KIGALI, weekly=True)
    assert now - LATE <= found < now + timedelta(weeks=1)
    assert (found - first) % timedelta(weeks=1) == timedelta(0)
    assert next_start(first, now, KIGALI, weekly=False) == (first if first + LATE >= now else None)


def test_no_more_servers_start_ahead_than_the_machine_carries():
    settings = parse_settings({})
    assert room_ahead(settings, 0, total=10 * GIB) == 20
    assert room_ahead(settings, 15, total=10 * GIB) == 5
    assert room_ahead(settings, 15, share=0.5, total=10 * GIB) == 0
    assert start_ahead.to_start(["a", "b", "c", "d"], {"b"}, 2) == ["a", "c"]


def test_the_keeper_starts_the_servers_that_do_not_run_and_goes_on_when_one_cannot(
    store, number, monkeypatch
):
    asked = []

    async def hub(request):
        asked.append((request.url.path, request.content, request.headers["Authorization"]))
        return httpx.Response(404 if "amina.k" in request.url.path else 202)

    store.class_times.set_time(COURSE, number, datetime.now(UTC) + timedelta(minutes=5))
    client = httpx.AsyncClient
    transport = httpx.MockTransport(hub)
    monkeypatch.setattr(httpx, "AsyncClient", lambda **how: client(**{**how, "transport": transport}))
    start = start_ahead.start_expected(store.settings, "http://hub/hub/api", "key", {"carine.m"})
    assert asyncio.run(start) == 1
    body, token = b'{"user_options":{"ahead":true}}', "token key"
    assert sorted(asked) == [
        (f"/hub/api/users/{name}/server", body, token) for name in ("amina.k", "bosco.n")
    ]
    off = store.settings.model_copy(
        update={"start": store.settings.start.model_copy(update={"class_minutes": 0})}
    )
    assert asyncio.run(start_ahead.start_expected(off, "http://hub/hub/api", "key", set())) == 0
    assert len(asked) == 2


def starts(running, **settings):
    started = []
    made = AheadStarts(
        parse_settings(settings), lambda name, token: started.append((name, token)), lambda: running
    )
    return made, started


def test_a_server_starts_while_its_owner_reads_the_list_of_labs_once():
    made, started = starts(0)
    assert made.wanted("amina.k", 1000.0)
    assert not made.wanted("amina.k", 1000.0 + AGAIN_SECONDS - 1)
    assert made.wanted("bosco.n", 1000.0)
    assert made.wanted("amina.k", 1000.0 + AGAIN_SECONDS)
    made.start("amina.k", "key")
    assert started == [("amina.k", "key")]


def test_a_browser_that_comes_back_after_ten_minutes_signs_in_at_its_server_again():
    made, _ = starts(0)
    assert made.sign_in_wanted("a session", 1000.0)
    assert not made.sign_in_wanted("a session", 1599.0)
    assert made.sign_in_wanted("another session", 1599.0)
    assert made.sign_in_wanted("a session", 1600.0)


def test_half_of_the_machine_is_kept_for_those_who_ask():
    made, started = starts(10**6)
    made.start("amina.k", "key")
    assert started == []


@pytest.mark.parametrize("off", [{"start": {"home_page": False}}, {"evaluate": True}])
def test_starting_from_the_home_page_can_be_off(off):
    assert not starts(0, **off)[0].wanted("amina.k", 1000.0)


def test_a_hub_that_is_away_costs_the_home_page_nothing():
    def away():
        raise httpx.ConnectError("away")

    AheadStarts(parse_settings({}), lambda *_: None, away).start("amina.k", "key")


def test_a_trainer_says_when_a_class_begins_and_sees_the_next_time(tmp_path):
    campus = Campus(tmp_path)
    fill(campus.store)
    number = campus.store.classes.add_class(COURSE, "Class B")
    here = f"{ROOT}/courses/{COURSE}/classes/{number}"
    trainer = campus.browser(TRAINER)
    page = trainer.get(here).text
    assert "start 10 minutes before" in page
    sent = {"key": form_key(page), "starts_at": "2026-03-02T09:00", "weekly": "1"}
    assert trainer.post(f"{here}/time", data=sent).status_code == 303
    page = trainer.get(here).text
    assert "Your changes were saved." in page
    assert 'value="2026-03-02T09:00"' in page
    assert "Next:" in page
    past = {"key": form_key(page), "starts_at": "2026-03-02T09:00"}
    assert (
        "Choose the time of a meeting that is still to come." in trainer.post(f"{here}/time", data=past).text
    )
    assert campus.store.class_times.get_time(number).weekly
    trainer.post(f"{here}/time", data={"key": form_key(page)})
    assert campus.store.class_times.get_time(number) is None
