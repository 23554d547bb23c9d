"""What the shared application refuses: forms of other pages, odd requests, versions that cannot be read."""

from __future__ import annotations

import datetime as dt
import re
import threading
from pathlib import Path

import pytest

from labs.prototype_kit.application.application_service import Service
from labs.prototype_kit.application.request_guard import FORM_KEY, FORM_KEY_FILE
from labs.prototype_kit.version_sharing import make_version, service_folder
from tests.support.small_prototype import (
    CASE,
    HEADER,
    OUR_PAGE,
    application,
    approve,
    as_person,
    ask_case,
    shared_copy,
)


@pytest.fixture(scope="module")
def served(trained_prototype, tmp_path_factory):
    """One application that most tests share; each asks for what it needs to know by itself."""
    folder = shared_copy(trained_prototype, tmp_path_factory.mktemp("shared"))
    with application(folder) as client:
        yield client


def test_another_site_cannot_ask_in_somebodys_name(served):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        assert served.post("/", data=CASE, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/", "/batch", "/cases/1/contest", "/cases/1/useful", "/versions"])
def test_a_form_without_the_key_of_its_person_changes_nothing(served, path):
    ask_case(served)
    before = served.app.state.service.store.month(dt.datetime.now(dt.UTC).strftime("%Y-%m"))
    for key in (
        {},
        {FORM_KEY: ""},
        {FORM_KEY: "é"},
        {FORM_KEY: _key(served.get("/", headers=as_person("remy")))},
    ):
        answer = served.request("POST", path, data=CASE | {"useful": "yes"} | key, headers=OUR_PAGE)
        assert answer.status_code == 403
        assert "Open the page again, then send it." in answer.text
    assert served.app.state.service.store.month(dt.datetime.now(dt.UTC).strftime("%Y-%m")) == before


def _key(page):
    found = re.search(rf'name="{FORM_KEY}" value="([0-9a-f]{{64}})"', page.text)
    assert found
    return found[1]


def test_every_form_carries_the_key_of_its_person(served):
    number = ask_case(served)
    served.post(f"/cases/{number}/contest", data={"note": "Look again."}, headers=OUR_PAGE)
    keys = set()
    for path, who in (
        ("/", "colin"),
        ("/batch", "colin"),
        (f"/cases/{number}", "colin"),
        ("/queue", "remy"),
        ("/versions", "aline"),
    ):
        page = served.get(path, headers=as_person(who)).text
        assert page.count("<form") == page.count(f'name="{FORM_KEY}" value="')
        keys |= {(who, key) for key in re.findall(rf'name="{FORM_KEY}" value="(\w+)"', page)}
    assert len({key for _who, key in keys}) == len(keys) == 3
    decided = served.post(f"/cases/{number}/review", data={"label": "yes"}, headers=as_person("remy"))
    assert decided.status_code == 303


def test_a_form_that_was_open_during_a_restart_can_still_be_sent(own_prototype):
    folder, client = own_prototype
    key = _key(client.get("/"))
    with application(folder) as again:
        answer = again.request("POST", "/", data=CASE | {FORM_KEY: key}, headers=OUR_PAGE)
    assert answer.status_code == 303
    assert (service_folder(folder) / FORM_KEY_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", ["/", "/batch", "/versions", "/month", "/api/reviews"])
def test_a_script_on_another_page_of_this_origin_reads_no_page(served, path):
    script = {HEADER: "deborah", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
    assert served.get(path, headers=script).status_code == 403
    assert served.get(path, headers=script | {"Sec-Fetch-Dest": "document"}).status_code == 200


@pytest.mark.parametrize("version", ["abc", "-1", "²", "9" * 5000])
def test_a_version_that_is_no_number_gets_a_sentence(served, version):
    form = {"what": "approved", "version": version, "why": "read"}
    answer = served.post("/versions", data=form, headers=as_person("aline"))
    assert answer.status_code == 422
    assert "The version must be a number." in answer.text


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 5000, "abc", "0", "²"])
def test_a_case_that_there_cannot_be_is_not_found(served, number):
    for answer in (
        served.get(f"/cases/{number}"),
        served.post(f"/cases/{number}/contest", data={"note": "no"}, headers=OUR_PAGE),
    ):
        assert answer.status_code == 404
        assert "There is no such case." in answer.text


def test_a_review_whose_time_is_no_number_is_kept(served):
    form = {"label": "yes", "shown": "nan"}
    answer = served.post(f"/cases/{ask_case(served)}/review", data=form, headers=as_person("remy"))
    assert answer.status_code == 303


NO_REQUESTS = [
    "",
    "[]",
    "{}",
    '{"cases": 3}',
    '{"cases": ["a"]}',
    '{"cases": [{"a": "\\ud800"}]}',
    "[" * 9999,
]


@pytest.mark.parametrize("body", NO_REQUESTS)
def test_a_request_that_is_none_gets_a_sentence(served, body):
    answer = served.post("/api/decide", content=body, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "Send a JSON object" in answer.json()["problem"]


@pytest.mark.parametrize("broken", ["", '{"at": 1, "by": "d", "change": {}, "card": {}}', "[" * 9999])
def test_a_version_that_cannot_be_read_stops_nobody(own_prototype, broken):
    folder, client = own_prototype
    make_version(folder)
    (service_folder(folder) / "versions" / "2" / "version.json").write_text(broken)
    assert ask_case(client)
    page = client.get("/versions", headers=as_person("aline")).text
    assert "This version cannot be read." in page
    assert "Model card" in page
    form = {"what": "approved", "version": "2", "why": "better"}
    answer = client.post("/versions", data=form, headers=as_person("aline"))
    assert answer.status_code == 422
    assert "Version 2 cannot be read" in answer.text


def test_an_approved_version_that_cannot_be_read_any_more_answers_nobody_until_the_approver_goes_back(
    own_prototype,
):
    folder, client = own_prototype
    make_version(folder)
    approve(folder, 2)
    (service_folder(folder) / "versions" / "2" / "model.json").write_text("{}")
    answer = client.post("/", data=CASE, headers=OUR_PAGE)
    assert answer.status_code == 503
    assert "The approved version cannot be read." in answer.text
    form = {"what": "rolled back", "version": "1", "why": "unreadable"}
    assert client.post("/versions", data=form, headers=as_person("aline")).status_code == 303
    assert ask_case(client)


def test_a_decision_that_was_kept_is_no_error_although_the_campus_was_not_told(own_prototype, monkeypatch):
    _folder, client = own_prototype
    service = client.app.state.service
    monkeypatch.setattr(service, "tell_campus", lambda: Path("/nowhere").read_text())
    off = {"what": "switched off", "why": "the cases changed"}
    assert client.post("/versions", data=off, headers=as_person("aline")).status_code == 303
    assert client.post("/", data=CASE, headers=OUR_PAGE).status_code == 503


def test_a_step_that_fails_ends_neither_the_others_nor_the_next_round(
    trained_prototype, tmp_path, monkeypatch
):
    rounds, done = [], threading.Event()

    def fail(_service):
        rounds.append("told")
        raise OSError("the disk is full")

    def forget(_service):
        rounds.append("forgot")
        if rounds.count("told") >= 2:
            done.set()

    monkeypatch.setattr("labs.prototype_kit.application.application_service.LOOK_EVERY", 0.01)
    monkeypatch.setattr(Service, "tell_campus", fail)
    monkeypatch.setattr(Service, "_forget", forget)
    with application(shared_copy(trained_prototype, tmp_path)):
        assert done.wait(30)
    assert rounds[0] == "forgot"
