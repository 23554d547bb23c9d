"""How a shared application goes on: its approver leaves, its review is due, the disk is full."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import pytest

from labs.prototype_kit.application import web_routes
from labs.prototype_kit.application.open_duties import duty_notices
from labs.prototype_kit.application.project_settings import Settings
from labs.prototype_kit.version_sharing import service_folder
from tests.support.small_prototype import CASE, OUR_PAGE, as_person, ask_case

DAY = dt.date(2026, 11, 29)
GOOD = Settings("desk", "triage", "yes-no", {}, {}, team=("deborah",), approver="aline", reviewers=("remy",))


def people(folder, **told):
    """Write who takes part, as the campus does."""
    usual = {"team": ["deborah"], "approver": "aline", "reviewers": ["remy"], "users": ["colin"], "off": ""}
    (service_folder(folder) / "campus.json").write_text(json.dumps(usual | told), "utf-8")


def test_an_application_whose_approver_left_goes_on_and_asks_its_team_for_a_new_one(own_prototype):
    folder, client = own_prototype
    people(folder, approver="")
    assert "has no approver now" in client.get("/", headers=as_person("deborah")).text
    assert "has no approver now" not in client.get("/", headers=as_person("colin")).text
    assert client.get("/versions", headers=as_person("aline")).status_code == 403
    ask_case(client)
    form = {"what": "approved", "version": "1", "why": "again"}
    assert client.post("/versions", data=form, headers=as_person("deborah")).status_code == 403
    people(folder, approver="remy")
    assert "has no approver now" not in client.get("/", headers=as_person("deborah")).text
    answer = client.post("/versions", data=form, headers=as_person("remy"))
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, ""),
        ({"approver": ""}, "has no approver now"),
        ({"approver": "deborah"}, "has no approver now"),
        ({"reviewers": ()}, "has no reviewer now"),
        ({"review_on": DAY - dt.timedelta(days=1)}, "Its review was due on 2026-11-28."),
        ({"review_on": DAY}, ""),
        ({"expires_on": DAY + dt.timedelta(days=30)}, "It answers until 2026-12-29."),
        ({"expires_on": DAY + dt.timedelta(days=31)}, ""),
    ],
)
def test_a_notice_says_what_is_to_be_done(change, sentence):
    found = " ".join(duty_notices(Settings(**{**vars(GOOD), **change}), "en", DAY))
    assert sentence in found
    assert bool(found) == bool(sentence)


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full")]
)
def test_a_case_that_a_full_disk_cannot_keep_is_refused_with_a_sentence(own_prototype, monkeypatch, error):
    _folder, client = own_prototype

    def full(*_words):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(client.app.state.service.store, "add_encoded", full)
        answer = client.post("/", data=CASE, headers=OUR_PAGE)
    assert answer.status_code == 507
    assert "The disk is full, so this was not finished." in answer.text
    ask_case(client)


def test_a_disk_that_fills_up_in_mid_upload_leaves_nothing_and_the_next_file_is_answered(
    own_prototype, monkeypatch, tmp_path
):
    _folder, client = own_prototype
    text = "\n".join([",".join(CASE), ",".join(CASE.values())])
    monkeypatch.setattr(web_routes.tempfile, "tempdir", str(tmp_path))

    class FullDisk:
        """A file that takes no byte more."""

        def __init__(self, path):
            path.touch()

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            pass

        def write(self, _block):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(web_routes.Path, "open", lambda path, *_mode: FullDisk(path))
        answer = client.post("/batch", files={"file": ("cases.csv", text)}, headers=OUR_PAGE)
    assert answer.status_code == 507
    assert "send it again later" in answer.text
    assert list(tmp_path.glob("batch-*")) == []
    again = client.post("/batch", files={"file": ("cases.csv", text)}, headers=OUR_PAGE)
    assert again.headers["x-rows-answered"] == "1"


def test_an_answer_that_a_full_disk_cannot_hold_is_said_and_the_model_goes_on(own_prototype, tmp_path):
    _folder, client = own_prototype
    service = client.app.state.service
    version, source = service.live(), tmp_path / "cases.csv"
    source.write_text("\n".join([",".join(CASE), ",".join(CASE.values())]), "utf-8")
    ask_case(client)
    child = service.scorer(version)._child
    with pytest.raises(web_routes.PrototypeError, match="The disk is full"):
        # Every write to this device fails as on a full disk.
        service.scorer(version).answer_file(source, web_routes.Path("/dev/full"), "en", lambda _chunk: 1)
    assert service.scorer(version)._child is child
    ask_case(client)
