"""A person's own data: what the file holds, what an erasure leaves, and how long things are kept."""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from graders.contract.message_facts import Message
from hub.campus.data_retention import apply_retention, retention_plan
from hub.campus.person_erasure import backups_until, erase_person
from hub.campus.web.own_data import own_record
from hub.ops.verbs import registry
from hub.ops.verbs import retention as retention_verb
from hub.project_places import application_folder
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from hub.store import Store, table_models
from hub.store.blob_sweep import remove_unused, sweep_blobs
from hub.store.marking_models import MARKING_APPEND_ONLY, FlagRuling, LateWork
from hub.store.person_rows import ACTS, PARTS_OF_WORK, WORK
from hub.store.person_rows import OWN as OWN_COLUMNS
from tests.support.pretended_campus import ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LAB, TRAINER, fill, hand_in, settings_for
from tests.unit.test_marks_table import AMINA, BOSCO, grade, task

NAME, ADDRESS = "Amina Kayitesi", "amina@example.gov"
OWN = b'{"cells": [], "metadata": {"mine": "amina only"}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def live(store):
    """Amina works, is marked, gets a certificate and a session; Bosco hands in the same file as she did once."""
    store.people.change(
        AMINA, display_name=NAME, roles=["learner"], institution="minict", language="fr", email=ADDRESS
    )
    attempt, _ = hand_in(store, AMINA)
    hand_in(store, BOSCO)
    hand_in(store, AMINA, OWN)
    for _ in range(3):
        grade(store, task(), task("why", None))
    store.results.mark(attempt.id, "why", 1.0, "Well seen, Amina", TRAINER)
    marking(store, attempt)
    store.results.return_to([attempt.id], TRAINER)
    store.results.return_to([each.id for each in store.attempts.list(COURSE, learner=BOSCO)], TRAINER)
    store.marks.sign_off(COURSE, TRAINER)
    facts = {"name": NAME, "course": COURSE, "course_title": "Everyone", "institution": "", "labs": []}
    facts |= {"final_at": "2026-11-01", "minutes": 60, "competencies": [], "read_by_person": 0}
    store.certificates.issue(COURSE, AMINA, facts, TRAINER)
    store.extensions.give(COURSE, LAB, [AMINA], datetime.now(UTC) + timedelta(days=2), TRAINER)
    store.sessions.begin(AMINA, "a token")
    store.invitations.add("a" * 64, AMINA, "reset", datetime.now(UTC) + timedelta(days=1))
    store.refusals.count(AMINA, "overview", "10.0.0.1")
    store.refusals.write()
    store.mails.add(AMINA, "feedback", "x", {"course": COURSE, "lab": LAB})
    store.mails.choose(AMINA, ["late"])
    store.identities.link("https://issuer", "subject", AMINA)
    store.audit.add(AMINA, "submitted", f"{COURSE}/{LAB}", "10.0.0.1")
    home = store.settings.state / "homes" / opaque_name(Secrets.load(store.settings).names_key, AMINA)
    home.mkdir(parents=True)
    (home / "notes.txt").write_text("mine")
    return home


def rulings(store, attempt):
    """What a trainer notes about an attempt, in each table that is only added to."""
    now = datetime.now(UTC)
    acts = {"given_by": TRAINER, "given_at": now}
    with store.database.write() as session:
        session.add(LateWork(attempt=attempt.id, due_at=now, days=1, points_off=0.5, **acts))
        session.add(
            FlagRuling(
                attempt=attempt.id, grade_id="why", flags_sha256="", ruling="upheld", reason="copied", **acts
            )
        )
    store.second_marks.give(attempt.id, "why", 0.5, TRAINER)


def marking(store, attempt):
    """An appeal, a note, extra time and a project of Amina's, with her trainer's acts."""
    rulings(store, attempt)
    appeal = store.appeals.ask(attempt.id, "why", "I did say why.")
    store.appeals.answer(appeal.id, "kept", "It is not there.", TRAINER)
    store.schedules.set_extra_time(AMINA, 25, TRAINER)
    store.notes.write(COURSE, LAB, [AMINA, BOSCO], "Come on Monday.", TRAINER)
    store.projects.add("letters", "Letters", "triage", TRAINER)
    store.projects.join("letters", AMINA, "user", TRAINER)
    store.projects.switch_off("letters", TRAINER, "a fault")


def everything(store, *, without=()):
    """All rows as one text."""
    with store.database.read() as session:
        return "\n".join(
            f"{table.name}: {tuple(row)}"
            for table in table_models.Base.metadata.sorted_tables
            if table.name not in without
            for row in session.execute(table.select())
        )


def aged(store):
    """Let all files be older than an hour."""
    for path in store.blobs.folder.glob("??/*"):
        os.utime(path, (1, 1))


def test_an_erasure_leaves_nothing_of_a_person_but_the_user_name_in_the_audit_log(campus):
    store = campus.store
    home = live(store)
    aged(store)
    assert AMINA in everything(store, without=("audit",))
    done = erase_person(store, campus.app.state.campus.hub, AMINA, "admin")
    left = everything(store, without=("audit",))
    for trace in (AMINA, NAME, ADDRESS):
        assert trace not in left
    log = everything(store)
    assert NAME not in log
    assert ADDRESS not in log
    assert store.audit.check().whole
    newest = store.audit.newest()[0]
    assert (newest.what, newest.object) == ("erased-person", done.number)
    assert not home.exists()
    assert (done.attempts, done.files_later, done.hub_knows) == (2, 0, False)
    assert (AMINA, "") in campus.hub.stopped


def test_an_erasure_takes_files_that_nobody_else_has_and_leaves_the_others_whole(campus):
    store = campus.store
    live(store)
    aged(store)
    erase_person(store, campus.app.state.campus.hub, AMINA, "admin")
    kept = b"".join(path.read_bytes() for path in store.blobs.folder.glob("??/*"))
    assert b"amina only" not in kept
    assert AMINA.encode() not in kept
    (other,) = store.attempts.list(COURSE, learner=BOSCO)
    assert store.attempts.files(other)
    assert store.results.feedback(other.id, returned_only=True)
    assert BOSCO in store.marks.signoff(COURSE).table


def test_a_page_of_a_large_installation_leaves_the_files_to_the_night(campus, monkeypatch):
    store, hub = campus.store, campus.app.state.campus.hub
    live(store)
    aged(store)
    monkeypatch.setattr("hub.campus.person_erasure.MANY", 0)
    assert erase_person(store, hub, AMINA, "admin").files_later > 0
    apply_retention(store, hub)
    assert b"amina only" not in b"".join(path.read_bytes() for path in store.blobs.folder.glob("??/*"))


def test_what_people_did_is_append_only_again_after_an_erasure(campus):
    store = campus.store
    live(store)
    erase_person(store, campus.app.state.campus.hub, AMINA, "admin")
    (attempt,) = store.attempts.list(COURSE, learner=BOSCO)
    store.results.mark(attempt.id, "why", 1.0, "", TRAINER)
    rulings(store, attempt)
    for table in WORK:
        with pytest.raises(DBAPIError, match="append-only"), store.database.write() as session:
            session.execute(table_models.Base.metadata.tables[table].delete())


def test_an_erased_trainer_leaves_their_marks_without_their_name(campus):
    store = campus.store
    live(store)
    done = erase_person(store, campus.app.state.campus.hub, TRAINER, "admin")
    assert TRAINER not in everything(store, without=("audit",))
    assert done.number in everything(store)
    assert store.marks.table(COURSE).rows[0].points[LAB].score is not None


def test_every_column_that_names_a_person_or_an_attempt_is_known_to_the_erasure():
    kept = {"kept_points.learner", "kept_points.attempt", "points_change.learner"}  # Go with their attempts.
    stays = {"person.username", "attempt.learner", "audit.who", *kept}
    work = {"attempt.moved_from", "grading.attempt", *kept}
    people = {str(column) for column in (*OWN_COLUMNS, *ACTS)}
    parts = {str(column) for column in PARTS_OF_WORK}
    for mapper in table_models.Base.registry.mappers:
        for name, column in mapper.columns.items():
            full = str(getattr(mapper.class_, name))
            place, targets = str(column), {key.target_fullname for key in column.foreign_keys}
            if "person.username" in targets or name in ("username", "learner", "who") or name.endswith("_by"):
                assert full in people or place in stays, place
            if "attempt.id" in targets:
                assert full in parts or place in work, place
    assert set(MARKING_APPEND_ONLY) < set(WORK)


def test_an_application_is_told_that_an_erased_person_uses_it_no_more(campus):
    store = campus.store
    live(store)
    erase_person(store, campus.app.state.campus.hub, AMINA, "admin")
    file = application_folder(store.settings.state, "letters") / "campus.json"
    assert json.loads(file.read_text())["users"] == []


def test_a_note_of_an_erased_trainer_is_still_read(campus):
    live(campus.store)
    erase_person(campus.store, campus.app.state.campus.hub, TRAINER, "admin")
    page = campus.browser(BOSCO).get(f"{ROOT}/").text
    assert "A trainer writes to you about" in page
    assert "Come on Monday." in page


def test_an_erasure_leaves_the_day_on_which_the_account_was_closed(campus, monkeypatch):
    closed = datetime(2026, 1, 1, tzinfo=UTC)
    with campus.store.database.write() as session:
        session.get_one(table_models.Person, AMINA).disabled_at = closed
    monkeypatch.setattr("hub.campus.person_erasure.erase_rows", fail)
    with pytest.raises(OSError, match="away"):
        erase_person(campus.store, campus.app.state.campus.hub, AMINA, "admin")
    assert campus.store.people.get(AMINA).disabled_at == closed


def fail(*_args, **_more):
    raise OSError("away")


def test_an_account_that_cannot_be_erased_does_not_keep_the_others(tmp_path, monkeypatch):
    campus = Campus(tmp_path, retention={"closed_account_months": 1})
    store, hub = campus.store, campus.app.state.campus.hub
    for name in (AMINA, BOSCO):
        store.people.set_disabled(name, True)
    monkeypatch.setattr(
        "hub.campus.data_retention.erase_person",
        lambda *args: fail() if args[2] == AMINA else erase_person(*args),
    )
    plan = apply_retention(store, hub, datetime.now(UTC) + timedelta(days=40))
    assert (plan.accounts, plan.failed) == ((BOSCO,), (AMINA,))
    assert store.people.get(BOSCO) is None
    assert (
        f"Not removed because of an error: {AMINA}. The next night tries again."
        in retention_verb.plan_sentences(plan)
    )


def test_an_erasure_goes_on_where_an_earlier_one_stopped(campus):
    store = campus.store
    home = live(store)
    campus.hub.away = True
    assert erase_person(store, campus.app.state.campus.hub, AMINA, "admin").hub_knows
    campus.hub.away = False
    home.mkdir(parents=True)
    again = erase_person(store, campus.app.state.campus.hub, AMINA, "admin")
    assert (again.attempts, again.hub_knows, home.exists()) == (0, False, False)


def test_postgresql_erases_the_same(postgres, tmp_path):
    store = fill(Store.migrate(settings_for(tmp_path, database=postgres)))
    live(store)
    aged(store)
    campus = Campus(tmp_path, store)
    erase_person(store, campus.app.state.campus.hub, AMINA, "admin")
    assert AMINA not in everything(store, without=("audit",))
    assert b"amina only" not in b"".join(path.read_bytes() for path in store.blobs.folder.glob("??/*"))
    with pytest.raises(DBAPIError, match="append-only"), store.database.write() as session:
        session.execute(update(table_models.Attempt).values(number=5))


def test_a_file_that_was_used_within_the_hour_waits_for_the_next_round(campus):
    store = campus.store
    name = store.blobs.put(b"loose")
    assert sweep_blobs(store.database, store.blobs, [name]) == (0, 1)
    aged(store)
    assert store.blobs.put(b"loose") == name
    assert sweep_blobs(store.database, store.blobs, [name]) == (0, 1)
    aged(store)
    assert sweep_blobs(store.database, store.blobs, [name]) == (1, 0)
    assert remove_unused(store.blobs.path(name))


def test_nobody_who_hands_in_while_files_are_swept_loses_one(campus):
    store = campus.store
    content = b"handed in by many"
    name = store.blobs.put(content)
    stop = threading.Event()

    def keep_sweeping():
        while not stop.is_set():
            path = store.blobs.path(name)
            if path.exists() and path.stat().st_mtime < time.time() - 1:
                remove_unused(path)

    sweeper = threading.Thread(target=keep_sweeping)
    sweeper.start()
    for _ in range(200):
        with contextlib.suppress(FileNotFoundError):
            os.utime(store.blobs.path(name), (1, 1))
        store.blobs.put(content)
        time.sleep(0.001)
    stop.set()
    sweeper.join()
    assert store.blobs.get(name) == content


def send(browser, page, address, **fields):
    return browser.post(address, data={"key": form_key(browser.get(page).text), **fields})


def test_an_administrator_types_the_user_name_to_erase_somebody(campus):
    admin, here = campus.browser("admin"), f"{ROOT}/people/{AMINA}"
    assert send(admin, here, f"{here}/erase", typed="amina").status_code == 422
    assert campus.store.people.get(AMINA) is not None
    assert send(admin, here, f"{here}/erase", typed=AMINA).headers["location"] == f"{ROOT}/people"
    assert campus.store.people.get(AMINA) is None
    assert "Erased under the number E-" in admin.get(f"{ROOT}/people").text
    me = f"{ROOT}/people/admin"
    assert send(admin, me, f"{me}/erase", typed="admin").status_code == 409
    trainer = campus.browser(TRAINER)
    assert send(trainer, f"{ROOT}/me", f"{ROOT}/people/{BOSCO}/erase", typed=BOSCO).status_code == 404


def test_everybody_saves_what_is_kept_of_them_and_of_nobody_else(campus):
    store = campus.store
    live(store)
    answer = campus.browser(AMINA).get(f"{ROOT}/me/data.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names, said = archive.namelist(), json.loads(archive.read("data.json"))
        index = archive.read("index.html").decode()
        whole = b"".join(archive.read(name) for name in names)
    assert said["person"]["email"] == ADDRESS
    assert [each["receipt"]["attempt"] for each in said["attempts"]] == [1, 2]
    assert said["attempts"][0]["result"]["tasks"][1]["comment"] == "Well seen, Amina"
    assert said["attempts"][1]["result"] is None, "feedback that was not returned"
    result = said["attempts"][0]["result"]
    assert (result["points_off"], result["late"]["days"]) == (0.5, 1)
    assert result["score"] == sum(each["score"] or 0 for each in result["tasks"]) - 0.5
    (appeal,) = said["appeals"]
    assert (appeal["reason"], appeal["decision"], appeal["answer"]) == (
        "I did say why.", "kept", "It is not there.",
    )  # fmt: skip
    assert [each["text"] for each in said["notes"]] == ["Come on Monday."]
    assert said["extra_time_percent"] == 25
    assert said["projects"] == [{"project": "letters", "title": "Letters", "parts": ["user"]}]
    assert "en retard, jours commencés : 1 ; retirés : 0,5" in index.replace("\N{NO-BREAK SPACE}", " ")
    assert "de temps en plus dans chaque atelier" in index
    assert "It is not there." in index
    assert said["certificates"][0]["name"] == NAME
    assert said["log"][0]["action"] == "submitted"
    assert said["mails"]["wanted"] == ["late"]
    assert f"{COURSE}/{LAB}/1/receipt.json" in names
    assert f"{COURSE}/{LAB}/1/feedback.html" in names
    assert any(name.endswith(".pdf") for name in names)
    assert "Tout ce qui est conservé de amina.k" in index
    assert BOSCO.encode() not in whole
    assert b"password_hash" not in whole


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Stopped: this cell printed"), ("fr", "Arrêté\N{NO-BREAK SPACE}: cette cellule")],
)
def test_the_own_data_has_messages_in_the_persons_language(campus, language, sentence):
    store = campus.store
    attempt, _ = hand_in(store, AMINA)
    message = Message("too-much-output")
    grade(store, {**task(message=str(message)), "said": message.as_data()})
    store.results.return_to([attempt.id], TRAINER)
    (found,) = own_record(store, AMINA, [attempt], language)["attempts"]
    assert found["result"]["tasks"][0]["message"].startswith(sentence)


def test_the_own_page_says_what_is_kept_and_for_how_long(tmp_path):
    campus = Campus(
        tmp_path, retention={"closed_account_months": 24}, backup={"repository": "/mnt/b", "keep_monthly": 1}
    )
    page = campus.browser(AMINA).get(f"{ROOT}/me").text
    assert "A closed account is erased after 24 months." in page
    assert "Backups hold what was erased today until" in page
    until = backups_until(campus.settings, datetime(2026, 1, 1, tzinfo=UTC).date())
    assert until.isoformat() == "2026-02-26", "eight weeks are longer than one month"


def test_a_plan_removes_nothing_and_the_deed_removes_what_the_plan_said(tmp_path):
    campus = Campus(tmp_path, retention={"closed_account_months": 1, "archived_course_months": 1})
    store, hub = campus.store, campus.app.state.campus.hub
    live(store)
    store.people.set_disabled(BOSCO, True)
    later = datetime.now(UTC) + timedelta(days=40)
    before = everything(store)
    assert retention_plan(store).is_empty
    plan = retention_plan(store, later)
    assert (plan.accounts, plan.courses) == ((BOSCO,), ())
    assert everything(store) == before
    store.classes.archive_course(COURSE, archived=True)
    plan = apply_retention(store, hub, later)
    assert (plan.courses, plan.attempts) == ((COURSE,), 3)
    assert store.people.get(BOSCO) is None
    assert store.people.get(AMINA) is not None
    assert store.attempts.list(COURSE, learner=AMINA) == []
    assert store.certificates.of_learner(AMINA) != []
    assert store.audit.newest()[0].what == "applied-retention"


def test_the_verbs_export_erase_and_keep_house(campus, tmp_path, monkeypatch, capsys):
    store = campus.store
    live(store)
    monkeypatch.setattr("hub.ops.this_installation.current_settings", lambda: campus.settings)
    monkeypatch.setattr("hub.ops.verbs.person_data.HubClient", lambda _url: campus.app.state.campus.hub)
    monkeypatch.setattr("hub.ops.verbs.retention.HubClient", lambda _url: campus.app.state.campus.hub)
    file = tmp_path / "amina.zip"
    assert registry.person_command(["export", AMINA, "--file", str(file)]) == 0
    assert zipfile.is_zipfile(file)
    assert file.stat().st_mode & 0o077 == 0
    assert registry.person_command(["erase", AMINA]) == 0
    assert "This erases amina.k: the account, 2 attempts" in capsys.readouterr().out
    assert store.people.get(AMINA) is not None
    assert registry.person_command(["erase", AMINA, "--yes"]) == 0
    assert "Erased under the number E-" in capsys.readouterr().out
    assert store.people.get(AMINA) is None
    store.blobs.put(b"loose")
    assert retention_verb.command(["plan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] >= 1
    aged(store)
    assert retention_verb.command(["apply"]) == 0
    assert "Files that nothing names any more" in capsys.readouterr().out
    assert retention_verb.command(["plan"]) == 0
    assert "Nothing is kept longer than it may be." in capsys.readouterr().out
