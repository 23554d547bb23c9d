"""Regrades on a page, feedback task by task, and how well a task tells learners apart."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from hub.campus.answer_cells import own_answer
from hub.campus.task_feedback import hints_for, misconception_in
from hub.store import GradedRecord
from hub.store.lab_statistics import task_statistics
from hub.store.table_models import Verdict
from tests.support.pretended_campus import ROOT, Campus, work
from tests.support.small_stores import COURSE, LAB, RIGHT, TRAINER, WRONG, cell, hand_in, release
from tests.unit.test_marks_table import grade, points, send, task

AMINA, BOSCO = "amina.k", "bosco.n"
LAB_PAGE = f"{ROOT}/courses/{COURSE}/labs/{LAB}"
REGRADE = f"{LAB_PAGE}/regrade"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def store(campus):
    return campus.store


def graded(*tasks):
    return GradedRecord(list(tasks), notebook=b"{}", feedback_html=b"<p></p>", engine="test")


def serve(desk, *tasks):
    """Do what an agent does, until nothing waits."""
    taken = 0
    while desk.is_waiting():
        job = desk.claim("agent", 60)
        if job is None:
            break
        desk.record(job, graded(*(tasks or [task(score=2.0, outcome="passed")])))
        taken += 1
    return taken


def corrected(store):
    """Two learners with a result, and a newer version of the lab."""
    attempt, _ = hand_in(store)
    hand_in(store, BOSCO, WRONG)
    grade(store, task(score=1.0))
    grade(store, task(score=2.0, outcome="passed"))
    store.results.return_to([attempt.id], TRAINER)
    release(store, version="2")
    return attempt


def test_a_trainer_looks_who_would_change_applies_it_and_takes_it_back(campus, store):
    attempt = corrected(store)
    claudine, amina = campus.browser(TRAINER), campus.browser(AMINA)
    assert send(claudine, REGRADE, REGRADE).status_code == 303
    assert "Being looked at: 0 done, 2 left." in claudine.get(REGRADE).text
    assert serve(store.proposal_desk()) == 2
    page = claudine.get(REGRADE).text
    assert "1 of 2 would change: 1 up, 0 down" in page
    assert points(store).score == 1.0
    digest = page.split('name="digest" value="')[1].split('"')[0]
    assert send(claudine, REGRADE, f"{REGRADE}/apply", digest="0").status_code == 409
    send(claudine, REGRADE, f"{REGRADE}/apply", digest=digest)
    assert points(store).score == 2.0
    seen = f"{ROOT}/attempts/{attempt.receipt}"
    assert "1 / 2" in amina.get(seen).text
    assert "Changed, not returned yet" in claudine.get(seen).text
    send(claudine, LAB_PAGE, f"{LAB_PAGE}/return")
    assert "Your result was changed on" in amina.get(seen).text
    (number,) = [each.id for each in store.wanted_regrades.applied(COURSE, LAB)]
    send(claudine, REGRADE, f"{REGRADE}/{number}/undo")
    assert points(store).score == 1.0
    assert send(claudine, REGRADE, f"{REGRADE}/{number}/undo").status_code == 409
    assert send(claudine, REGRADE, f"{REGRADE}/77/undo").status_code == 404


def test_work_that_is_handed_in_is_graded_before_a_proposal(store):
    corrected(store)
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    hand_in(store, AMINA, WRONG)
    desk = store.proposal_desk()
    first = desk.claim("agent", 60)
    assert (first.learner, first.number) == (AMINA, 2)
    desk.record(first, graded(task()))
    assert points(store).waits is False
    assert serve(desk) == 1


def test_an_attempt_that_cannot_be_looked_at_keeps_its_result_and_ends_the_look(store):
    corrected(store)
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    desk, failures = store.proposal_desk(), 0
    while desk.is_waiting() and (job := desk.claim("agent", 60)) is not None:
        failures += 1
        desk.postpone(job, 1.0, "the engine ended", tried=True)
        assert failures < 100
    assert store.wanted_regrades.wanted() == []
    assert store.regrades.changes(store.wanted_regrades.proposal(COURSE, LAB)) == []


def test_an_attempt_that_cannot_be_read_is_left_out_of_a_look_and_told(campus, store):
    attempt = corrected(store)
    store.blobs.path(attempt.bundle).unlink()
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    assert serve(store.proposal_desk()) == 1
    assert store.wanted_regrades.wanted() == []
    unreadable = []
    assert list(store.regrades.jobs(store.wanted_regrades.proposal(COURSE, LAB), unreadable.append)) == []
    assert unreadable == [AMINA]
    page = campus.browser(TRAINER).get(REGRADE).text
    assert "Attempts that were not looked at: 1." in page
    assert "Nothing would change" not in page


def test_a_look_goes_on_after_the_database_was_away(store, monkeypatch):
    corrected(store)
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    desk, job_of, calls = store.proposal_desk(), store.gradings.job_of, []

    def away_once(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OperationalError("select", {}, Exception("away"))
        return job_of(*args)

    monkeypatch.setattr(store.gradings, "job_of", away_once)
    first = desk.claim("agent", 60)
    with pytest.raises(OperationalError):
        desk.claim("agent", 60)
    second = desk.claim("agent", 60)
    assert {first.learner, second.learner} == {AMINA, BOSCO}
    desk.record(first, graded(task(score=2.0, outcome="passed")))
    assert len(store.wanted_regrades.wanted()) == 1
    desk.record(second, graded(task(score=2.0, outcome="passed")))
    assert serve(desk) == 0
    assert store.wanted_regrades.wanted() == []


def test_a_look_for_a_version_that_another_one_replaced_ends_and_keeps_nothing_of_the_other(store):
    corrected(store)
    old = store.wanted_regrades.want(COURSE, LAB, TRAINER)
    desk = store.proposal_desk()
    job = desk.claim("agent", 60)
    release(store, version="3")
    assert store.wanted_regrades.wanted() == []
    newer = desk.claim("agent", 60)
    assert newer is None
    store.regrades.propose(old, replace(job, lab_version="3"), graded(task(score=0.0)))
    assert store.regrades.counted(old) == 0
    desk.record(job, graded(task(score=2.0, outcome="passed")))
    assert store.regrades.counted(old) == 1
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    assert serve(desk) == 2


def test_a_look_goes_on_after_its_agent_was_given_an_attempt_back_or_was_killed(store):
    corrected(store)
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    desk = store.proposal_desk()
    job = desk.claim("agent", 60)
    desk.renew("agent", [job.attempt_id], 60)
    desk.release(job)
    assert serve(desk) == 2
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    assert serve(store.proposal_desk()) == 0
    assert store.wanted_regrades.wanted() == []


def test_only_trainers_regrade(campus):
    assert campus.browser(AMINA).get(REGRADE).status_code == 403


TEXTS = {
    "languages": {
        language: {
            "tasks": {
                "t1": {
                    "parts": [
                        {"name": "choice", "ask": ask, "options": [{"id": "5", "text": five}, {"id": "17", "text": "17"}]}
                    ],
                    "says": {"few": said, "passed": "Yes, this is it."},
                    "hints": {"few": {"nudge": nudge, "aimed": "Count again.", "worked": "It is 34."}},
                }
            }
        }
        for language, ask, five, said, nudge in [
            ("en", "How many?", "about five", "Not yet. {n} is far too few.", "Think of the commonest one."),
            ("fr", "Combien ?", "environ cinq", "Pas encore. {n}, c’est trop peu.", "Pensez à la plus fréquente."),
        ]
    }
}  # fmt: skip


def verdict(message, name="t1"):
    return Verdict(grade_id=name, outcome="not-yet", score=0.0, max_score=1.0, message=message, flags=[])


@pytest.mark.parametrize("message", ["Not yet. 5 is far too few.", "Pas encore. 5, c’est trop peu."])
def test_what_to_try_is_the_labs_hint_in_the_readers_language_and_never_the_answer(message):
    assert misconception_in(TEXTS, verdict(message)) == "few"
    assert hints_for(TEXTS, verdict(message), "fr") == ["Pensez à la plus fréquente.", "Count again."]


@pytest.mark.parametrize("texts", [{}, {"languages": []}, {"languages": {"en": {"tasks": 3}}}, TEXTS])
def test_a_message_that_no_lab_knows_has_no_hint(texts):
    assert hints_for(texts, verdict("AssertionError"), "en") == []
    assert hints_for(texts, verdict("Not yet. 5 is far too few.", "t9"), "en") == []


ANSWERS = {"answers": {"t1": {"choice": "5"}}}


def test_a_choice_is_shown_by_its_text():
    files = {"answers.json": json.dumps(ANSWERS).encode()}
    found = own_answer(files, LAB, "t1", TEXTS["languages"]["fr"]["tasks"]["t1"])
    assert found.text == "Combien ? environ cinq"


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"answers": 1}', b'{"answers": {"t1": [1]}}', b"[" * 9999]
)
def test_damaged_answers_show_nothing(content):
    assert own_answer({"answers.json": content}, LAB, "t1", {}).text == ""


def test_code_is_the_cell_above_its_test_and_text_the_graded_cell_itself():
    files = {f"{LAB}.ipynb": RIGHT}
    assert own_answer(files, LAB, "add_test", {}).text == "def add(a, b):\n    return a + b"
    book = json.loads(RIGHT)
    book["cells"] = [json.loads(json.dumps(cell("My words.", "why", grade=True, solution=True, points=2)))]
    assert own_answer({f"{LAB}.ipynb": json.dumps(book).encode()}, LAB, "why", {}).text == "My words."


def test_a_learner_reads_each_task_with_the_own_answer_and_older_attempts_keep_theirs(campus, store):
    amina = campus.program(AMINA)
    receipts = []
    for content in (WRONG, RIGHT):
        answer = amina.post(f"{ROOT}/api/v1/courses/{COURSE}/labs/{LAB}/attempts", content=work(content))
        receipts.append(answer.json()["receipt"])
        grade(store, task(message="Nearly."))
    claudine = campus.browser(TRAINER)
    send(claudine, LAB_PAGE, f"{LAB_PAGE}/return")
    browser = campus.browser(AMINA)
    old, new = (browser.get(f"{ROOT}/attempts/{each}").text for each in receipts)
    assert "return a * b * 2" in old
    assert "return a + b" in new
    assert "Your answer" in old
    assert "Nearly." in old


def test_a_task_that_goes_with_the_others_discriminates_and_one_that_does_not_is_marked(campus, store):
    for number in range(12):
        name = f"learner{number}"
        store.people.add(name, name)
        store.courses.add_member(COURSE, name, "learner")
        hand_in(store, name)
        good = float(number % 2 * 2)
        grade(
            store,
            task("a", good),
            task("b", good),
            task("c", good),
            task("odd", 2.0 - good),
            task("same", 1.0),
        )
    found = {each.grade_id: each for each in task_statistics(store.database, COURSE, LAB)}
    assert found["a"].discrimination == pytest.approx(1.0)
    assert found["odd"].discrimination == pytest.approx(-1.0)
    assert found["same"].discrimination is None
    page = campus.browser(TRAINER).get(LAB_PAGE).text
    assert "Read this task and its test again" in page
