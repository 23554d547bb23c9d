"""Appeals, decisions about flags, and the second marker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.campus.similar_answers import similar_pairs
from hub.store.audit_log import AuditFilter
from hub.store.second_marks import marker_agreement, sample_receipts
from hub.store.table_models import FeedbackReturn
from tests.support.pretended_campus import API, ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in
from tests.unit.test_marks_table import grade, send, task

AMINA, BOSCO, SECOND = "amina.k", "bosco.n", "daniel.m"
LAB_PAGE = f"{ROOT}/courses/{COURSE}/labs/{LAB}"
APPEALS = f"{ROOT}/courses/{COURSE}/appeals"
DESK = f"{ROOT}/courses/{COURSE}/desk"
FLAG = {
    "key": "mark-differs",
    "what": "defines __eq__",
    "cell": 3,
    "line": 2,
    "code": "def __eq__",
    "without": 0.5,
}


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    made.store.people.add(SECOND, "Daniel M.", roles=("trainer",))
    made.store.courses.add_member(COURSE, SECOND, "trainer")
    return made


@pytest.fixture
def store(campus):
    return campus.store


def handed_in(campus, *tasks, learner=AMINA, returned=True):
    """An attempt that is graded, and returned."""
    attempt, _ = hand_in(campus.store, learner)
    grade(campus.store, *tasks)
    if returned:
        campus.store.results.return_to([attempt.id], TRAINER)
    return attempt


def ask(browser, attempt, reason="I did say why.", grade_id="add_test"):
    page = f"{ROOT}/attempts/{attempt.receipt}"
    return send(browser, page, f"{page}/appeals", task=grade_id, reason=reason)


def audited(store, what):
    rows = store.audit.every(AuditFilter())
    return sorted((row.what, row.who) for row in rows if what in row.what)


def test_an_appeal_is_asked_on_the_attempt_and_waits_on_the_trainers_first_page(campus):
    attempt = handed_in(campus)
    amina, claudine = campus.browser(AMINA), campus.browser(TRAINER)
    assert "Appeal this mark" in amina.get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert ask(amina, attempt).status_code == 303
    assert "Your trainer has not answered yet." in amina.get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert "Appeals that wait for an answer: 1" in claudine.get(f"{ROOT}/").text
    page = claudine.get(APPEALS).text
    assert "I did say why." in page
    assert "Waiting: 1 · mark kept: 0 · mark changed: 0" in page


def answer(browser, store, **form):
    (waiting,) = store.appeals.waiting(COURSE)
    return send(browser, APPEALS, f"{APPEALS}/{waiting.appeal.id}", **form)


def test_a_changed_mark_is_returned_with_the_answer(campus, store):
    attempt = handed_in(campus)
    amina, claudine = campus.browser(AMINA), campus.browser(TRAINER)
    ask(amina, attempt)
    sent = answer(claudine, store, decision="changed", reason="You are right.", score="2", seen="0")
    assert sent.status_code == 303
    page = amina.get(f"{ROOT}/attempts/{attempt.receipt}").text
    for text in ("2 / 2", "You are right.", "changed the mark on", "Your result was changed on"):
        assert text in page
    assert store.appeals.counts(COURSE) == {"changed": 1}
    assert audited(store, "appeal") == [("answered-appeal", TRAINER), ("appealed", AMINA)]


def test_a_kept_mark_comes_with_a_reason(campus, store):
    attempt = handed_in(campus)
    amina, claudine = campus.browser(AMINA), campus.browser(TRAINER)
    ask(amina, attempt)
    assert answer(claudine, store, decision="kept", reason=" ").status_code == 422
    answer(claudine, store, decision="kept", reason="The second reason is missing.")
    page = amina.get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert "kept the mark on" in page
    home = amina.get(f"{ROOT}/").text
    assert "appeal answered" in home
    ask(amina, attempt, reason="Once more.")
    assert "appeal waits" in amina.get(f"{ROOT}/").text
    assert "appeal answered" not in amina.get(f"{ROOT}/").text
    assert "The second reason is missing." in page
    assert "1 / 2" in page


def test_an_appeal_has_a_deadline_and_needs_a_returned_result_of_ones_own(campus, store):
    attempt = handed_in(campus, returned=False)
    amina = campus.browser(AMINA)
    assert ask(amina, attempt).status_code == 422
    store.results.return_to([attempt.id], TRAINER)
    assert ask(campus.browser(TRAINER), attempt).status_code == 404
    assert ask(amina, attempt, grade_id="none").status_code == 422
    assert ask(amina, attempt, reason=" \n").status_code == 422
    returned = store.results.result_for(attempt.id, returned_only=True).returned
    early = returned.returned_at - timedelta(days=15)
    with store.database.write() as session:
        session.add(
            FeedbackReturn(grading=returned.grading, returned_by=TRAINER, returned_at=early, last_mark=0)
        )
    late = ask(amina, attempt)
    assert late.status_code == 409
    assert "The time for an appeal is over" in late.text
    assert "Appeal this mark" not in amina.get(f"{ROOT}/attempts/{attempt.receipt}").text


def test_a_form_that_is_sent_twice_asks_and_answers_once(campus, store):
    attempt = handed_in(campus)
    amina, claudine = campus.browser(AMINA), campus.browser(TRAINER)
    assert [ask(amina, attempt).status_code for _ in range(2)] == [303, 303]
    assert ask(amina, attempt, reason="Something else").status_code == 409
    (waiting,) = store.appeals.waiting(COURSE)
    form = {"decision": "changed", "reason": "Yes.", "score": "2", "seen": "0"}
    sent = [send(claudine, APPEALS, f"{APPEALS}/{waiting.appeal.id}", **form).status_code for _ in range(2)]
    assert sent == [303, 303]
    other = send(
        campus.browser(SECOND), APPEALS, f"{APPEALS}/{waiting.appeal.id}", decision="kept", reason="No."
    )
    assert other.status_code == 409
    assert TRAINER in other.text
    assert len(store.results.result_for(attempt.id).marks) == 1


def test_a_form_that_is_sent_again_after_a_crash_returns_the_changed_points(campus, store, monkeypatch):
    attempt = handed_in(campus)
    amina, claudine = campus.browser(AMINA), campus.browser(TRAINER)
    ask(amina, attempt)
    (waiting,) = store.appeals.waiting(COURSE)
    form = {"decision": "changed", "reason": "Yes.", "score": "2", "seen": "0"}
    with monkeypatch.context() as crash:
        crash.setattr(store.results, "return_to", None)
        assert send(claudine, APPEALS, f"{APPEALS}/{waiting.appeal.id}", **form).status_code == 500
    page = f"{ROOT}/attempts/{attempt.receipt}"
    assert "1 / 2" in amina.get(page).text
    assert send(claudine, APPEALS, f"{APPEALS}/{waiting.appeal.id}", **form).status_code == 303
    assert "2 / 2" in amina.get(page).text


def test_hostile_text_of_an_appeal_is_shown_as_text(campus, store):
    attempt = handed_in(campus)
    ask(campus.browser(AMINA), attempt, reason="<script>alert(1)</script> \u202eabc " + "x" * 3000)
    page = campus.browser(TRAINER).get(APPEALS).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


def test_a_trainer_writes_to_the_learners_that_are_ticked_and_they_read_it_once(campus, store):
    handed_in(campus)
    claudine, amina = campus.browser(TRAINER), campus.browser(AMINA)
    send(
        claudine, LAB_PAGE, f"{LAB_PAGE}/selected", act="write", learner=[AMINA], text="Come <b>tomorrow</b>."
    )
    home = f"{ROOT}/"
    assert "Claudine U. writes to you about Sums:" in amina.get(home).text
    assert "Come &lt;b&gt;tomorrow&lt;/b&gt;." in amina.get(home).text
    assert "writes to you" not in campus.browser(BOSCO).get(home).text
    (unread,) = store.notes.unread(AMINA)
    bosco = campus.browser(BOSCO)
    send(bosco, home, f"{home}notes/{unread.note.id}")
    assert store.notes.unread(AMINA)
    send(amina, home, f"{home}notes/{unread.note.id}")
    assert "writes to you" not in amina.get(home).text
    empty = send(claudine, LAB_PAGE, f"{LAB_PAGE}/selected", act="write", learner=[AMINA], text=" ")
    assert empty.status_code == 422


def test_programs_appeal_answer_and_rule_with_the_same_refusals(campus, store):
    attempt = handed_in(campus, {**task(), "flags": [FLAG]})
    amina, program = campus.program(AMINA), campus.program(TRAINER)
    about = f"{API}/attempts/{attempt.receipt}"
    asked = amina.post(f"{about}/appeals", json={"task": "add_test", "reason": "Look."})
    assert (asked.status_code, asked.json()["decision"]) == (201, None)
    answers = f"{API}/courses/{COURSE}/appeals"
    (waiting,) = program.get(answers).json()
    assert amina.get(answers).status_code == 403
    wish = {"decision": "changed", "reason": "Yes.", "score": 99}
    assert program.put(f"{answers}/{waiting['number']}", json=wish).status_code == 422
    assert program.put(f"{answers}/{waiting['number']}", json={**wish, "score": 2}).status_code == 200
    assert program.put(f"{answers}/987654", json=wish).status_code == 404
    assert amina.get(f"{about}/appeals").json()[0]["answer"] == "Yes."
    flags = f"{about}/flags/add_test"
    assert amina.put(flags, json={"ruling": "cleared", "reason": "No."}).status_code == 404
    assert program.put(flags, json={"ruling": "cleared", "reason": "Fine."}).json()["ruling"] == "cleared"
    assert store.flags.tasks(COURSE) == []


def flagged(campus):
    return handed_in(campus, {**task(score=2.0, outcome="passed"), "flags": [FLAG]})


def rule(browser, attempt, ruling, reason="Solved another way.", **more):
    page = f"{DESK}?lab={LAB}&task=add_test&receipt={attempt.receipt}&flagged=1"
    form = {"receipt": attempt.receipt, "task": "add_test", "ruling": ruling, "reason": reason, **more}
    return send(browser, page, f"{DESK}/flags", **form)


def test_a_cleared_flag_waits_no_more_and_keeps_the_mark(campus, store):
    attempt = flagged(campus)
    claudine = campus.browser(TRAINER)
    assert "Tasks with flags to look at: 1" in claudine.get(f"{ROOT}/").text
    assert "⚑ 1" in claudine.get(LAB_PAGE).text
    assert rule(claudine, attempt, "cleared").status_code == 303
    assert "Tasks with flags" not in claudine.get(f"{ROOT}/").text
    assert "⚑ 1" not in claudine.get(LAB_PAGE).text
    assert "Solved another way." in claudine.get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert "Solved another way." not in campus.browser(AMINA).get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert store.results.result_for(attempt.id).score == 2.0


def test_a_flag_is_decided_about_next_to_the_learners_own_code(campus):
    flagged(campus)
    shown = campus.browser(TRAINER).get(f"{DESK}?lab={LAB}&task=add_test&flagged=1").text
    assert "return a + b" in shown


def test_an_upheld_flag_may_come_with_the_points_that_the_task_earns_without_it(campus, store):
    attempt = flagged(campus)
    claudine = campus.browser(TRAINER)
    shown = claudine.get(f"{DESK}?lab={LAB}&task=add_test&flagged=1").text
    assert 'name="score" inputmode="decimal" autocomplete="off" size="5" value="0.5"' in shown
    rule(claudine, attempt, "upheld", "It answers the comparison.", score="0.5", seen="0")
    assert store.results.result_for(attempt.id).score == 0.5
    assert (
        "upheld these flags: It answers the comparison."
        in claudine.get(f"{ROOT}/attempts/{attempt.receipt}").text
    )


@pytest.mark.parametrize(("ruling", "reason"), [("cleared", "  "), ("ignored", "So.")])
def test_flags_are_decided_about_with_a_reason(campus, store, ruling, reason):
    attempt = flagged(campus)
    assert rule(campus.browser(TRAINER), attempt, ruling, reason).status_code == 422
    assert [each.count for each in store.flags.tasks(COURSE)] == [1]


def test_other_flags_after_a_regrade_are_looked_at_again(campus, store):
    attempt = flagged(campus)
    rule(campus.browser(TRAINER), attempt, "cleared")
    store.gradings.ask_again(COURSE, LAB, TRAINER)
    grade(store, {**task(score=2.0), "flags": [FLAG]})
    assert store.flags.tasks(COURSE) == []
    store.gradings.ask_again(COURSE, LAB, TRAINER)
    grade(store, {**task(score=2.0), "flags": [{**FLAG, "line": 9}]})
    assert [each.count for each in store.flags.tasks(COURSE)] == [1]
    assert [(each.to_mark, each.flags) for each in store.marks.counts(COURSE).values()] == [(0, 1)]


@pytest.mark.parametrize(
    ("pairs", "same", "kappa"),
    [
        ([], 0.0, None),
        ([(1, 1), (2, 2)], 1.0, 1.0),
        ([(1, 1), (1, 1)], 1.0, None),
        ([(1, 2), (2, 1)], 0.0, -1.0),
        # The example of Cohen (1960) as most books give it: 50 proposals, 35 the same, kappa 0.4.
        ([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15, 0.7, 0.4),
    ],
)
def test_agreement_is_what_goes_beyond_chance(pairs, same, kappa):
    found = marker_agreement(pairs)
    assert found.same == pytest.approx(same)
    assert found.kappa == (kappa if kappa is None else pytest.approx(kappa))


def test_a_sample_is_a_fifth_and_ten_at_least():
    names = [f"R-{number}" for number in range(100)]
    assert len(sample_receipts(names)) == 20
    assert sample_receipts(names) == sample_receipts(names[::-1])
    assert len(sample_receipts(names[:30])) == 10


def test_a_second_marker_does_not_see_the_first_mark_and_the_page_says_how_both_agree(campus, store):
    attempt = handed_in(campus, task("why", None))
    store.results.mark(attempt.id, "why", 1.25, "Good.", TRAINER)
    page = f"{DESK}/second?lab={LAB}&task=why"
    claudine, daniel = campus.browser(TRAINER), campus.browser(SECOND)
    assert "Nothing of the sample is left for you" in claudine.get(page).text
    shown = daniel.get(page).text
    assert "1.25" not in shown
    own = send(claudine, DESK, f"{DESK}/second", receipt=attempt.receipt, task="why", score="1")
    assert own.status_code == 409
    send(daniel, page, f"{DESK}/second", receipt=attempt.receipt, task="why", score="2")
    after = daniel.get(page).text
    assert "Marked twice: 1. The same points: 0 %." in after
    assert "kappa" in after
    assert store.results.result_for(attempt.id).score == 1.25


def test_a_task_that_a_newer_version_lacks_is_in_no_sample(campus, store):
    attempt = handed_in(campus, task("why", None), task("add_test"))
    for name in ("why", "add_test"):
        store.results.mark(attempt.id, name, 1.0, "", TRAINER)
    assert [each.grade_id for each in store.second_marks.tasks(COURSE)] == ["add_test", "why"]
    store.gradings.ask_again(COURSE, LAB, TRAINER)
    grade(store, task("add_test"))
    assert [each.grade_id for each in store.second_marks.tasks(COURSE)] == ["add_test"]
    assert store.second_marks.sample(COURSE, LAB, "why") == []
    page = campus.browser(SECOND).get(f"{DESK}/second?lab={LAB}&task=why")
    assert page.status_code == 200
    assert "Nobody has marked answers to this task yet" in page.text


def test_similar_answers_are_shown_in_pairs_and_the_labs_own_words_do_not_count():
    given = "write here why the list may be wrong for the village"
    own = "nobody in the far village ever writes to us because the road is long and the bus is dear"
    texts = {
        "a": f"{given} {own}",
        "b": f"{given} {own} indeed",
        "c": given + " I cannot tell you more than this here",
    }
    (pair,) = similar_pairs(texts, given)
    assert (pair.first, pair.second) == ("a", "b")
    assert pair.share > 0.8
    assert similar_pairs({"a": "short", "b": "short"}) == []


@pytest.mark.parametrize("path", ["appeals", "desk/second", "desk/alike"])
def test_these_pages_are_the_trainers_alone(campus, path):
    handed_in(campus)
    address = f"{ROOT}/courses/{COURSE}/{path}?lab={LAB}&task=add_test"
    assert campus.browser(AMINA).get(address).status_code == 403
    assert campus.browser(TRAINER).get(address).status_code == 200
    assert form_key(campus.browser(TRAINER).get(f"{ROOT}/").text)
