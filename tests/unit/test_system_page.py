"""The administrator's page, and the records of a course for an office's own systems."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from hub.ops.backup_run import report_file
from hub.settings_sources import shown_settings
from tests.support.pretended_campus import API, ROOT, Campus, form_key
from tests.support.small_stores import COURSE, TRAINER, hand_in, settings_for
from tests.unit.test_campus_pages import text_of
from tests.unit.test_marks_table import AMINA, grade, task

PAGE = f"{ROOT}/system"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path, backup={"repository": "/mnt/backup"})


@pytest.fixture
def running(campus, monkeypatch):
    """The hub says that Amina's server runs, in two parts."""
    answer = type(campus.hub).__call__

    def listed(hub, request):
        if not request.url.path.endswith("/users"):
            return answer(hub, request)
        first = "offset" not in str(request.url)
        server = {"ready": True, "started": "2026-11-28T08:00:00.000000Z"}
        item = {"name": AMINA if first else "bosco.n", "servers": {"": server}}
        more = {"next": {"url": f"{request.url}&offset=1"} if first else None}
        return httpx.Response(200, json={"items": [item], "_pagination": more})

    monkeypatch.setattr(type(campus.hub), "__call__", listed)


def send(browser, address, **fields):
    return browser.post(address, data={"key": form_key(browser.get(PAGE).text), **fields})


def test_health_is_told_with_a_sign_and_a_sentence(campus, running):
    page = text_of(campus.browser("admin").get(PAGE).text)
    assert "4 open accounts" in page
    assert "The hub answers." in page
    assert "No mail server is set." in page
    assert "No backup was made yet. The first one is due at 2:00." in page


def test_only_administrators_see_it(campus):
    for name in (AMINA, TRAINER):
        assert campus.browser(name).get(PAGE).status_code == 404
    assert campus.program("admin").get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        ({"well": True, "attempts": 7}, "7 attempts in it"),
        ({"well": False, "problem": "no room"}, "The last backup failed: no room."),
    ],
)
def test_the_last_backup_is_told(campus, running, report, sentence):
    file = report_file(campus.settings)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "seconds": 1.0, **report}))
    assert sentence in text_of(campus.browser("admin").get(PAGE).text)


def test_a_running_server_is_stopped_from_the_page(campus, running):
    admin = campus.browser("admin")
    assert f'href="{ROOT}/people/{AMINA}"' in admin.get(PAGE).text
    assert f'href="{ROOT}/people/bosco.n"' in admin.get(PAGE).text
    campus.hub.servers[AMINA] = {"": {"ready": True}}
    campus.hub.token(AMINA)
    send(admin, f"{PAGE}/servers/stop", name=AMINA)
    assert (AMINA, "") in campus.hub.stopped
    assert campus.store.audit.newest()[0].what == "stopped-server"


def test_without_the_hub_the_page_still_says_what_it_knows(campus, monkeypatch):
    admin = campus.browser("admin")
    admin.get(PAGE)
    monkeypatch.setattr(
        campus.app.state.campus.hub, "servers", lambda _token: (_ for _ in ()).throw(_hub_away())
    )
    page = text_of(admin.get(PAGE).text)
    assert "The hub does not answer just now, so its servers cannot be listed." in page


def _hub_away():
    from hub.campus.problem_codes import Problem

    return Problem("hub-away")


def test_an_announcement_is_made_in_each_language_and_taken_away(campus, running):
    admin = campus.browser("admin")
    send(admin, f"{PAGE}/announcement", text_en="Closed at noon", text_fr="Fermé à midi", hours="2")
    assert "Closed at noon" in campus.browser(TRAINER).get(f"{ROOT}/").text
    assert campus.store.announcements.current("fr") == "Fermé à midi"
    send(admin, f"{PAGE}/announcement", text_en=" ", hours="2")
    assert campus.store.announcements.current("en") == ""
    assert send(admin, f"{PAGE}/announcement", text_en="x", hours="0").status_code == 422


def test_settings_are_shown_with_their_source_and_without_a_password(tmp_path):
    file = tmp_path / "isomo.toml"
    file.write_text('idle_minutes = 30\ndatabase = "postgresql://isomo:secret@db/isomo"\n')
    settings = settings_for(tmp_path, idle_minutes=30, database="postgresql://isomo:secret@db/isomo")
    found = {each.name: (each.value, each.source) for each in shown_settings(settings, file)}
    assert found["idle_minutes"] == ("30", "file")
    assert found["learner.memory"][1] == "default"
    assert found["state"][1] == "environment"
    assert "secret" not in str(found)


def test_records_are_statements_with_scores_and_the_same_identifiers_each_time(campus):
    attempt, _ = hand_in(campus.store, AMINA)
    trainer, address = campus.program(TRAINER), f"{API}/courses/{COURSE}/xapi/statements"
    (handed_in,) = trainer.get(address).json()["statements"]
    assert handed_in["verb"]["id"].endswith("/attempted")
    assert handed_in["actor"]["account"]["name"] == AMINA
    grade(campus.store, task(score=1.0))
    answer = trainer.get(address)
    first, scored = answer.json()["statements"]
    assert answer.headers["x-experience-api-version"] == "1.0.3"
    assert first["id"] == handed_in["id"]
    assert scored["result"] == {
        "score": {"raw": 1.0, "min": 0, "max": 2.0, "scaled": 0.5},
        "completion": True,
    }
    campus.store.results.mark(attempt.id, "add_test", 2.0, "", TRAINER)
    changed = trainer.get(address).json()["statements"][1]
    assert changed["id"] != scored["id"]
    assert changed["result"]["score"]["scaled"] == 1.0


def test_records_come_in_parts_and_to_trainers_only(campus):
    for content in (b'{"cells": [], "a": 1}', b'{"cells": [], "a": 2}'):
        hand_in(campus.store, AMINA, content)
    address = f"{API}/courses/{COURSE}/xapi/statements"
    trainer = campus.program(TRAINER)
    first = trainer.get(f"{address}?limit=1").json()
    second = trainer.get(address + first["more"]).json()
    third = trainer.get(address + second["more"]).json()
    assert [len(part["statements"]) for part in (first, second, third)] == [1, 1, 0]
    assert third["more"] == ""
    assert trainer.get(f"{address}?since=2199-01-01").json()["statements"] == []
    assert trainer.get(f"{address}?since=yesterday").status_code == 422
    assert campus.program(AMINA).get(address).status_code == 403
