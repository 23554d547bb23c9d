"""What the store promises: nothing with a receipt is lost, and nothing is graded twice."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.secret_keys import Secrets
from hub.store import GradedRecord, Store
from hub.store.attempt_store import receipt_fields
from hub.store.content_files import Blobs, bundle_name
from hub.store.signed_receipts import (
    TYPE,
    public_keys,
    sign_receipt,
    signed_fields,
    verify_command,
    verify_receipt,
)
from hub.store.signed_tokens import key_set, sign_token
from hub.store.table_models import FeedbackReturn
from hub.verb_errors import IsomoError
from tests.support.small_stores import COURSE, LAB, LEARNERS, RIGHT, WRONG, filled, hand_in, settings_for

DONE = GradedRecord(
    tasks=[
        {
            "grade_id": "add_test",
            "outcome": "passed",
            "score": 2.0,
            "max_score": 2.0,
            "message": "",
            "flags": [],
        }
    ],
    notebook=b"{}",
    feedback_html=b"<p>well done</p>",
    engine="test",
)


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


def test_migrating_twice_changes_nothing(store):
    store.database.migrate()
    assert Store.open(store.settings).people.get("admin").display_name == "Administrator"


def test_a_store_of_another_version_says_what_to_do(tmp_path):
    settings = settings_for(tmp_path)
    settings.state.mkdir()
    with pytest.raises(IsomoError, match=r"Run ./isomo up"):
        Store.open(settings)


def test_equal_files_have_one_name_and_lie_on_disk_once(tmp_path):
    blobs = Blobs(tmp_path)
    first, again = blobs.put_bundle({"a": b"1", "b": b"1"}), blobs.put_bundle({"b": b"1", "a": b"1"})
    assert first == again == bundle_name({"a": b"1", "b": b"1"})
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


def test_a_blob_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hub.store.content_files._write", full)
    with pytest.raises(IsomoError, match="Nothing more can be kept: the disk is full"):
        Blobs(tmp_path).put(b"x")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_same_work_twice_is_one_attempt_with_one_receipt(store):
    (first, new), (second, again) = hand_in(store), hand_in(store)
    assert (new, again) == (True, False)
    assert store.attempts.receipt(first) == store.attempts.receipt(second)


def test_other_work_is_the_next_attempt_and_earlier_work_again_is_one_more(store):
    numbers = [hand_in(store, content=content)[0].number for content in (RIGHT, WRONG, RIGHT)]
    assert numbers == [1, 2, 3]


def test_two_clicks_at_once_are_two_numbers_or_one_attempt(store):
    threads = [
        threading.Thread(target=hand_in, args=(store, LEARNERS[0], b"%d" % (number % 3)))
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [attempt.number for attempt in store.attempts.list(COURSE, LAB, LEARNERS[0])]
    assert numbers == list(range(len(numbers), 0, -1))


def test_a_receipt_is_valid_as_issued_and_not_when_changed(store):
    receipt = store.attempts.receipt(hand_in(store)[0])
    keys = public_keys(store.settings)
    assert verify_receipt(receipt, keys) == receipt
    for field in ("learner", "sha256", "received_at", "attempt"):
        with pytest.raises(IsomoError, match="changed after it was issued"):
            verify_receipt({**receipt, field: "other"}, keys)


def test_a_receipt_of_an_unknown_key_is_told_apart(store):
    receipt = sign_receipt(receipt_fields(hand_in(store)[0]), Ed25519PrivateKey.generate())
    for found in (receipt, receipt["jws"]):
        with pytest.raises(IsomoError, match=f"names a key that is not known here: {receipt['key']}"):
            verify_receipt(found, public_keys(store.settings))


def test_a_receipt_of_before_tokens_verifies_and_not_when_changed(store):
    """Learners keep files that were signed over their fields, with `signature` and without `jws`."""
    key = Secrets.load(store.settings).receipt
    older = signed_fields(receipt_fields(hand_in(store)[0]), key)
    keys = public_keys(store.settings)
    assert "jws" not in older
    assert verify_receipt(json.loads(json.dumps(older)), keys) == older
    with pytest.raises(IsomoError, match="changed after it was issued"):
        verify_receipt({**older, "attempt": 2}, keys)
    with pytest.raises(IsomoError, match="names a key that is not known here"):
        verify_receipt({**older, "key": "other"}, keys)


def test_another_program_verifies_a_receipt_with_the_published_keys(store):
    receipt = store.attempts.receipt(hand_in(store)[0])
    published = jwt.PyJWKSet.from_dict(key_set(public_keys(store.settings)))
    said = jwt.decode(receipt["jws"], published[receipt["key"]].key, algorithms=["EdDSA"])
    assert {**said, "key": receipt["key"], "jws": receipt["jws"]} == receipt
    assert jwt.get_unverified_header(receipt["jws"])["typ"] == "isomo-receipt+jws"


def test_another_token_of_the_same_key_is_not_taken_for_a_receipt(store):
    key, fields = Secrets.load(store.settings).receipt, receipt_fields(hand_in(store)[0])
    for token in (sign_token(fields, key, {}), sign_token({"sub": "amina"}, key, {"typ": TYPE})):
        with pytest.raises(IsomoError, match="not a receipt of Isomo"):
            verify_receipt(token, public_keys(store.settings))


def test_the_verb_verifies_with_the_saved_keys_of_another_installation(store, tmp_path, monkeypatch, capsys):
    receipt, keys = tmp_path / "receipt.jws", tmp_path / "keys.json"
    receipt.write_text(store.attempts.receipt(hand_in(store)[0])["jws"] + "\n")
    keys.write_text(json.dumps(key_set(public_keys(store.settings))))
    monkeypatch.setenv("ISOMO_STATE", str(tmp_path / "elsewhere"))
    assert verify_command([str(receipt), "--keys", str(keys)]) == 0
    assert capsys.readouterr().out.startswith("Valid: this exact work reached Isomo on ")
    with pytest.raises(IsomoError, match="names a key that is not known here"):
        verify_command([str(receipt)])
    for content in ("[]", '{"keys": []}', '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}', "?"):
        keys.write_text(content)
        with pytest.raises(IsomoError, match="has no public keys of an installation"):
            verify_command([str(receipt), "--keys", str(keys)])


def test_the_verb_reads_a_receipt_aloud(store, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ISOMO_STATE", str(store.settings.state))
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(store.attempts.receipt(hand_in(store)[0])))
    assert verify_command([str(file)]) == 0
    assert capsys.readouterr().out.startswith("Valid: this exact work reached Isomo on ")


def test_the_verb_says_the_offices_own_time_in_the_language_of_the_terminal(
    store, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("ISOMO_STATE", str(store.settings.state))
    receipt = {**receipt_fields(hand_in(store)[0]), "received_at": "2026-11-23T09:14:07Z"}
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(sign_receipt(receipt, Secrets.load(store.settings).receipt)))
    said = {
        "en_GB.UTF-8": "Valid: this exact work reached Isomo on 23 Nov 2026 at 11:14 (Kigali).\n",
        "fr_RW.UTF-8": "Valable : ce travail exact est arrivé à Isomo le 23 nov. 2026 à 11:14 (Kigali).\n",
    }
    for language, sentence in said.items():
        monkeypatch.setenv("LC_ALL", language)
        verify_command([str(file)])
        assert capsys.readouterr().out == sentence


@pytest.mark.parametrize(
    ("words", "said"), [([], "verify-receipt needs FILE"), (["a", "b"], "does not know 'b'")]
)
def test_the_verb_needs_one_file_and_says_so(words, said):
    with pytest.raises(IsomoError, match=said):
        verify_command(words)


def test_a_program_reads_the_verdict_on_a_receipt_as_json(store, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ISOMO_STATE", str(store.settings.state))
    receipt = store.attempts.receipt(hand_in(store)[0])
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt))
    assert verify_command([str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "valid": True,
        "reason": "",
        "next": "",
        "receipt": receipt,
    }
    file.write_text(json.dumps({**receipt, "learner": "bosco.n"}))
    assert verify_command([str(file), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["valid"], said["receipt"]) == (False, None)
    assert said["reason"].startswith("Not valid: this receipt was changed")
    assert said["next"]


def test_a_receipt_that_is_not_there_is_said_by_its_name(store, tmp_path, monkeypatch):
    monkeypatch.setenv("ISOMO_STATE", str(store.settings.state))
    with pytest.raises(IsomoError, match=r"none.json could not be read: No such file"):
        verify_command([str(tmp_path / "none.json")])


def test_a_disk_that_refuses_a_file_says_why(tmp_path, monkeypatch):
    def broken(*_args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("hub.store.content_files._write", broken)
    with pytest.raises(IsomoError, match="The work could not be kept: Input/output error"):
        Blobs(tmp_path).put(b"1")


@pytest.mark.parametrize("content", ["[]", "{}", "no json", "{" * 30_000, "x" * 40_000])
def test_what_is_no_receipt_is_called_so(store, tmp_path, monkeypatch, content):
    monkeypatch.setenv("ISOMO_STATE", str(store.settings.state))
    file = tmp_path / "receipt.json"
    file.write_text(content)
    with pytest.raises(IsomoError, match="not a receipt of Isomo"):
        verify_command([str(file)])


def test_what_waits_is_claimed_once_and_recorded_once(store):
    hand_in(store)
    job = store.claim_ungraded("one", 60)
    assert store.claim_ungraded("two", 60) is None
    assert store.record_grading(job, DONE)
    assert not store.record_grading(job, DONE)
    assert store.claim_ungraded("two", 60) is None
    assert store.progress(COURSE, LAB).graded == 1


def test_work_whose_grader_died_is_claimed_by_the_next(store):
    hand_in(store)
    job = store.claim_ungraded("one", 60)
    later = datetime.now(UTC) + timedelta(seconds=61)
    again = store.gradings.claim("two", 60, now=later)
    assert again.receipt == job.receipt
    assert store.record_grading(again, DONE)
    assert not store.record_grading(job, DONE)


def test_our_fault_is_tried_again_and_shows_in_the_progress(store):
    attempt, _ = hand_in(store)
    job = store.claim_ungraded("one", 60)
    store.gradings.postpone(job, 0, "the engine did not start")
    assert store.results.troubles([attempt.id])[attempt.id] == "the engine did not start"
    assert store.progress(COURSE, LAB).could_not_check == 1
    assert store.claim_ungraded("one", 60).failures == 1


def test_asking_again_makes_a_second_run_and_keeps_the_first(store):
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    assert store.gradings.ask_again(COURSE, LAB, "claudine.u") == 1
    assert store.gradings.ask_again(COURSE, LAB, "claudine.u") == 0
    worse = dataclasses.replace(DONE, tasks=[{**DONE.tasks[0], "score": 1.0, "outcome": "not-yet"}])
    job = store.claim_ungraded("one", 60)
    assert job.run == 2
    store.record_grading(job, worse)
    assert store.results.result_for(attempt.id).score == 1.0


@pytest.mark.parametrize(
    ("language", "release", "wanted"),
    [
        ("fr", {"en/sums.ipynb": b"english", "fr/sums.ipynb": b"french"}, b"french"),
        ("rw", {"en/sums.ipynb": b"english", "fr/sums.ipynb": b"french"}, b"english"),
        ("fr", {"sums.ipynb": b"the only one"}, b"the only one"),
        ("en", {"data.csv": b""}, None),
    ],
)
def test_a_job_brings_the_notebook_that_its_learner_got(store, language, release, wanted):
    """What that one lacks of a test stays hidden from the learner."""
    facts = {"version": "2", "title": {"en": "Sums"}, "minutes": 1, "tasks": []}
    store.courses.release(COURSE, LAB, release=release, source={f"{LAB}.ipynb": RIGHT}, **facts)
    store.people.set_language("amina.k", language)
    hand_in(store, "amina.k")
    job = store.claim_ungraded("one", 60)
    assert job.handed_out == ({f"{LAB}.ipynb": wanted} if wanted else {})


def test_feedback_is_the_learners_only_once_it_was_returned(store):
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    assert store.results.feedback(attempt.id, returned_only=True) is None
    assert store.results.feedback(attempt.id, returned_only=False) == b"<p>well done</p>"
    assert store.results.return_to([attempt.id], "claudine.u")
    assert store.results.feedback(attempt.id, returned_only=True) == b"<p>well done</p>"


def test_a_trainers_mark_counts_over_the_engines_score(store):
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    store.results.mark(attempt.id, "add_test", 1.5, "Nearly", "claudine.u")
    assert store.results.result_for(attempt.id).score == 1.5


def returned_page(store, attempt):
    """What its learner reads, and the hash by which a copy of it is known."""
    result = store.results.result_for(attempt.id, returned_only=True)
    return store.results.feedback(attempt.id, returned_only=True).decode(), store.results.page_name(result)


def test_a_mark_is_on_the_page_whenever_it_was_given(store):
    """Before the return, after it, and where feedback returns by itself; a copy's hash is that of the page."""
    store.courses.return_at_once(COURSE, LAB, at_once=True)
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    assert returned_page(store, attempt)[0] == "<p>well done</p>"
    store.results.mark(attempt.id, "add_test", 1.5, "Nearly", "claudine.u")
    assert "1.5 of 2 points<br>Nearly" in returned_page(store, attempt)[0]
    store.gradings.ask_again(COURSE, LAB, "claudine.u")
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    page, name = returned_page(store, attempt)
    assert "1.5 of 2 points<br>Nearly" in page
    assert name == hashlib.sha256(page.encode()).hexdigest()


def test_returning_twice_keeps_the_marked_page(store):
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    store.results.change_mark(attempt.id, "add_test", {"score": 1.0, "comment": "So"}, "claudine.u")
    assert store.results.feedback(attempt.id, returned_only=True) is None
    for _ in range(2):
        assert store.results.return_to([attempt.id], "claudine.u") == [attempt.id]
        assert "1 of 2 points<br>So" in returned_page(store, attempt)[0]
    with store.database.read() as session:
        assert session.query(FeedbackReturn).count() == 1


def test_a_page_that_was_uploaded_is_shown_until_another_mark_is_returned(store):
    """Formgrader's own page has the marks of its moment."""
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    store.results.change_mark(attempt.id, "add_test", {"score": 1.0}, "claudine.u")
    store.results.return_to([attempt.id], "claudine.u", b"<p>by hand</p>")
    assert returned_page(store, attempt)[0] == "<p>by hand</p>"
    store.results.change_mark(attempt.id, "add_test", {"score": 2.0}, "claudine.u")
    assert returned_page(store, attempt)[0] == "<p>by hand</p>"
    assert b"2 of 2 points" in store.results.feedback(attempt.id, returned_only=False)
    store.results.return_to([attempt.id], "claudine.u")
    assert "2 of 2 points" in returned_page(store, attempt)[0]


def test_a_learner_sees_a_changed_mark_only_when_it_is_returned_and_then_as_changed(store):
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    store.results.change_mark(attempt.id, "add_test", {"score": 1.0, "comment": "So"}, "claudine.u")
    store.results.return_to([attempt.id], "claudine.u")
    store.results.change_mark(attempt.id, "add_test", {"score": 0.5, "comment": "No"}, "claudine.u")
    seen = store.results.result_for(attempt.id, returned_only=True)
    assert (seen.score, seen.marks["add_test"].comment) == (1.0, "So")
    assert store.results.result_for(attempt.id).changed_since_return
    assert store.results.changes_for([attempt.id]) == {}
    store.results.return_to([attempt.id], "claudine.u")
    assert store.results.result_for(attempt.id, returned_only=True).score == 0.5
    assert store.results.changes_for([attempt.id])[attempt.id][1].score == 1.0


def test_a_regrade_with_the_same_result_is_no_change_when_it_is_returned(store):
    attempt, _ = hand_in(store)
    for _round in range(2):
        store.record_grading(store.claim_ungraded("one", 60), DONE)
        store.results.return_to([attempt.id], "claudine.u")
        store.gradings.ask_again(COURSE, LAB, "claudine.u")
    assert store.results.changes_for([attempt.id]) == {}


def test_marks_given_before_this_version_stay_as_their_learners_saw_them(store):
    """Returns of earlier versions do not say up to which mark; those that were given by then count."""
    attempt, _ = hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    store.results.mark(attempt.id, "add_test", 1.0, "", "claudine.u")
    grading = store.results.result_for(attempt.id).grading.id
    with store.database.write() as session:
        session.add(FeedbackReturn(grading=grading, returned_by="claudine.u", returned_at=datetime.now(UTC)))
    store.results.mark(attempt.id, "add_test", 2.0, "", "claudine.u")
    assert store.results.result_for(attempt.id, returned_only=True).score == 1.0


@pytest.mark.parametrize(
    ("score", "mark", "shown"),
    [
        (None, None, "to-be-marked"),
        (None, 1.0, "marked"),
        (None, 2.0, "passed"),
        (2.0, None, "passed"),
        (2.0, 0.5, "marked"),
    ],
)
def test_how_a_task_stands_counts_a_persons_mark(store, score, mark, shown):
    attempt, _ = hand_in(store)
    outcome = "not-yet" if score is None else "passed"
    tasks = [{**DONE.tasks[0], "score": score, "outcome": outcome}]
    store.record_grading(store.claim_ungraded("one", 60), dataclasses.replace(DONE, tasks=tasks))
    store.results.mark(attempt.id, "add_test", mark, "A comment", "claudine.u")
    result = store.results.result_for(attempt.id)
    assert [result.shown_outcome(each) for each in result.verdicts] == [shown]


def test_what_could_not_be_checked_is_not_called_to_be_marked(store):
    attempt, _ = hand_in(store)
    tasks = [{**DONE.tasks[0], "score": None, "outcome": "could-not-check"}]
    store.record_grading(store.claim_ungraded("one", 60), dataclasses.replace(DONE, tasks=tasks))
    result = store.results.result_for(attempt.id)
    assert [result.shown_outcome(each) for each in result.verdicts] == ["could-not-check"]


def test_a_link_is_spent_once_however_many_ask(store):
    now = datetime.now(UTC)
    store.invitations.add("a" * 64, "admin", "welcome", now + timedelta(minutes=15))
    spent = []
    threads = [
        threading.Thread(target=lambda: spent.append(store.invitations.use("a" * 64, now))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in spent if one]) == 1


def test_a_link_that_has_expired_lets_nobody_in(store):
    now = datetime.now(UTC)
    store.invitations.add("b" * 64, "admin", "welcome", now - timedelta(seconds=1))
    assert store.invitations.use("b" * 64, now) is None


@pytest.mark.parametrize("table", ["attempt", "grading", "verdict", "audit"])
def test_what_people_did_can_be_neither_changed_nor_removed(store, table):
    hand_in(store)
    store.record_grading(store.claim_ungraded("one", 60), DONE)
    store.audit.add("admin", "looked", "everything")
    with pytest.raises(DBAPIError, match="append-only"), store.database.write() as session:
        session.execute(text(f"DELETE FROM {table}"))


def test_a_session_ends_at_once(store):
    key = store.sessions.begin("amina.k", "token")
    assert store.sessions.find(key).username == "amina.k"
    store.sessions.end(key)
    assert store.sessions.find(key) is None


def test_somebody_who_is_added_again_keeps_their_language_and_institution(store):
    store.people.set_language("amina.k", "fr")
    store.people.add("amina.k", "Amina Kamana")
    amina = store.people.get("amina.k")
    assert (amina.display_name, amina.language, amina.institution) == ("Amina Kamana", "fr", "minict")


def test_people_are_found_by_part_of_their_name(store):
    found, total = store.people.search("mina")
    assert (total, [person.username for person in found]) == (1, ["amina.k"])


def test_the_state_of_keys_is_private(store):
    store.attempts.receipt(hand_in(store)[0])
    mode = (store.settings.state / "keys").stat().st_mode & 0o777
    assert mode == 0o700
