"""The live class: reports of labs, who is stuck on what, messages, the choice, and counts of hints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from hub.campus.data_retention import apply_retention
from hub.campus.live_class import LabWords, live_learner, live_tasks, stuck_groups
from hub.campus.live_presence import HERE_SECONDS, LATER, MOST_EVENTS, SOON, LivePresence
from hub.store.live_models import HintCount
from hub.store.live_reports import LiveEvent
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, form_key, work
from tests.support.small_stores import COURSE, LAB, LEARNERS, TRAINER, release

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
AMINA, BOSCO = LEARNERS
REPORT = f"{API}/courses/{COURSE}/labs/{LAB}/live"
MISS = {"kind": "check", "task": "t3", "outcome": "not-yet", "key": "districts"}


def check(
    outcome: str = "not-yet", key: str = "districts", *, task: str = "t3", minute: int = 0
) -> LiveEvent:
    at = NOW + timedelta(minutes=minute)
    return LiveEvent("check", task, at, outcome, key if outcome == "not-yet" else "")


def hint(rung: int, minute: int = 0) -> LiveEvent:
    return LiveEvent("hint", "t3", NOW + timedelta(minutes=minute), rung=rung)


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    release(made.store)
    return made


@pytest.fixture
def number(campus):
    made = campus.store.classes.add_class(COURSE, "Class B")
    campus.store.enrolments.put_in_class(COURSE, LEARNERS, made)
    return made


def live(campus: Campus, number: int) -> dict:
    answer = campus.program(TRAINER).get(f"{API}/courses/{COURSE}/classes/{number}/live")
    assert answer.status_code == 200, answer.text
    return answer.json()


def standing(campus: Campus, *events: LiveEvent, now: datetime = NOW, open_lab: str | None = LAB):
    campus.store.live_reports.add(COURSE, LAB, AMINA, list(events))
    found = campus.store.live_reports.standings(COURSE, [AMINA], NOW - timedelta(hours=3))
    return live_learner(
        SimpleNamespace(username=AMINA, display_name="Amina"), found.get(AMINA), open_lab, now
    )


def test_three_checks_that_miss_the_same_make_somebody_stuck_and_a_pass_ends_it(campus):
    assert standing(campus, check(), check()).reason == ""
    assert standing(campus, check()).reason == "same-check"
    assert standing(campus, check("passed")).reason == ""


def test_checks_that_miss_another_thing_each_time_are_no_reason(campus):
    assert standing(campus, check(key="a"), check(key="b"), check(key="a"), check(key="b")).reason == ""


def test_somebody_who_took_the_last_hint_and_still_misses_it_is_stuck(campus):
    assert standing(campus, check(), hint(1), hint(2), hint(3)).reason == "all-hints"
    assert standing(campus, check(key="another")).reason == ""


@pytest.mark.parametrize(
    ("minutes", "open_lab", "reason"), [(9, LAB, ""), (10, LAB, "silence"), (30, None, "")]
)
def test_silence_counts_after_ten_minutes_while_the_lab_is_open(campus, minutes, open_lab, reason):
    later = NOW + timedelta(minutes=minutes)
    assert standing(campus, check(), now=later, open_lab=open_lab).reason == reason


def test_those_who_miss_the_same_are_one_group_and_the_largest_comes_first():
    def at(name: str, reason: str, key: str, task: str = "t3"):
        return SimpleNamespace(
            person=SimpleNamespace(username=name), lab=LAB, task=task, reason=reason, key=key, passed=("t1",)
        )

    people = [
        at("a", "silence", "x", "t1"),
        at("b", "same-check", "districts"),
        at("c", "all-hints", "districts"),
        at("d", "", ""),
    ]
    groups = stuck_groups(people)
    assert [(each.task, each.key, len(each.learners)) for each in groups] == [
        ("t3", "districts", 2),
        ("t1", "", 1),
    ]
    assert [(each.task, each.passed, each.trying, each.stuck) for each in live_tasks(people)] == [
        ("t1", 4, 0, 0),
        ("t3", 0, 1, 2),
    ]


def test_a_miss_is_told_with_the_lab_s_sentence_but_without_facts_of_a_learner():
    says = {LAB: {("t3", "districts"): "You counted {count} of 30 districts."}}
    words = LabWords({}, {LAB: {"t3": "3 · Count"}}, says)
    assert words.miss(LAB, "t3", "districts") == "You counted … of 30 districts."
    assert words.task(LAB, "t3") == "3 · Count"
    assert words.miss(LAB, "t3", "unknown") == ""


def test_a_report_reaches_the_trainer_s_page_of_the_class_and_nobody_else_s(campus, number):
    amina = campus.program(AMINA)
    answer = amina.post(
        REPORT, json={"events": [MISS, MISS, MISS, {"kind": "hint", "task": "t3", "rung": 1}]}
    )
    assert answer.json() == {"reported": True, "messages": [], "next_seconds": LATER}
    campus.program(BOSCO).post(REPORT, json={})
    found = live(campus, number)
    by_name = {each["username"]: each for each in found["learners"]}
    assert by_name[AMINA]["reason"] == "same-check"
    assert by_name[AMINA]["hints"] == 1
    assert by_name[BOSCO]["here"]
    assert not by_name[BOSCO]["task"]
    assert [(each["missing"], each["learners"]) for each in found["stuck"]] == [("districts", [AMINA])]
    page = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/classes/{number}/live")
    assert page.status_code == 200
    assert "1 person" in page.text
    assert amina.get(f"{API}/courses/{COURSE}/classes/{number}/live").status_code == 403


def test_an_outsider_can_report_nothing_and_a_lab_that_is_not_there_keeps_nothing(campus, number):
    campus.store.people.add("outsider", "Out")
    assert campus.program("outsider").post(REPORT, json={"events": [MISS]}).status_code == 404
    nowhere = f"{API}/courses/{COURSE}/labs/nowhere/live"
    assert campus.program(AMINA).post(nowhere, json={"events": [MISS]}).status_code == 200
    assert campus.store.live_reports.of_learner(AMINA) == []


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "answer", "task": "t3"},
        {"kind": "check", "task": "t3", "outcome": "not-yet", "key": "my answer is 42"},
        {"kind": "check", "task": "t" * 81},
        {"kind": "hint", "task": "t3", "rung": 10},
    ],
)
def test_a_report_has_no_room_for_words_of_a_learner(campus, event):
    assert campus.program(AMINA).post(REPORT, json={"events": [event]}).status_code == 422


def test_who_switches_reports_off_is_shown_like_somebody_who_is_not_there(campus, number):
    amina = campus.program(AMINA)
    amina.post(REPORT, json={"events": [MISS] * 3})
    assert amina.put(f"{API}/me/live", json={"reported": False}).status_code == 200
    assert campus.store.live_reports.of_learner(AMINA) == []
    assert amina.post(REPORT, json={"events": [MISS] * 3}).json()["reported"] is False
    bosco, shown = (
        {each["username"]: each for each in live(campus, number)["learners"]}[name] for name in (BOSCO, AMINA)
    )
    assert {**shown, "username": ""} == {**bosco, "username": ""}


def test_the_choice_is_on_one_s_own_page_and_can_be_taken_back(campus):
    amina = campus.browser(AMINA)
    page = amina.get(f"{ROOT}/me")
    assert "Report nothing from now on" in page.text
    amina.post(f"{ROOT}/me/live", data={"key": form_key(page.text)})
    assert not campus.store.live_reports.is_wanted(AMINA)
    assert "Let my labs report again" in amina.get(f"{ROOT}/me").text
    amina.post(f"{ROOT}/me/live", data={"key": form_key(page.text), "reported": "1"})
    assert campus.store.live_reports.is_wanted(AMINA)


def test_a_message_to_a_group_comes_with_the_next_answer_until_it_is_read(campus, number):
    amina, trainer = campus.program(AMINA), campus.browser(TRAINER)
    amina.post(REPORT, json={"events": [MISS] * 3})
    here = f"{ROOT}/courses/{COURSE}/classes/{number}/live"
    key = form_key(trainer.get(here).text)
    trainer.post(here, data={"key": key, "learner": AMINA, "text": "Count the districts again."})
    (note,) = amina.post(REPORT, json={}).json()["messages"]
    assert note["text"] == "Count the districts again."
    assert "Count the districts again." in campus.browser(AMINA).get(f"{ROOT}/").text
    assert campus.program(BOSCO).post(f"{API}/me/notes/{note['number']}/read").status_code == 200
    assert len(amina.post(REPORT, json={}).json()["messages"]) == 1
    amina.post(f"{API}/me/notes/{note['number']}/read")
    assert amina.post(REPORT, json={}).json()["messages"] == []


def test_a_message_to_somebody_at_no_lab_is_not_sent_and_the_page_says_so(campus, number):
    trainer = campus.browser(TRAINER)
    here = f"{ROOT}/courses/{COURSE}/classes/{number}/live"
    key = form_key(trainer.get(here).text)
    trainer.post(here, data={"key": key, "learner": BOSCO, "text": "Good morning."})
    assert "nobody whom you chose is at a lab" in trainer.get(here).text
    assert campus.store.notes.of_learner(BOSCO) == []


def test_desks_ask_more_often_while_a_trainer_watches():
    presence = LivePresence()
    assert presence.next_seconds(COURSE) == LATER
    presence.changes(COURSE)
    assert presence.next_seconds(COURSE) == SOON


def test_the_page_is_told_of_a_check_and_of_an_arrival_but_not_of_each_sign():
    presence = LivePresence()
    before = presence.changes(COURSE)
    presence.note(COURSE, LAB, AMINA, changed=False, now=0)
    arrived = presence.changes(COURSE)
    presence.note(COURSE, LAB, AMINA, changed=False, now=20)
    assert (arrived > before, presence.changes(COURSE)) == (True, arrived)
    presence.note(COURSE, LAB, AMINA, changed=True, now=21)
    assert presence.changes(COURSE) > arrived
    assert presence.present(COURSE, {AMINA}, now=22) == {AMINA: LAB}
    assert presence.present(COURSE, {AMINA}, now=22 + HERE_SECONDS) == {}


def test_of_a_program_that_reports_without_end_a_minute_s_worth_is_kept(monkeypatch):
    monkeypatch.setattr("hub.campus.live_presence.time.monotonic", lambda: 600.0)
    presence = LivePresence()
    assert sum(presence.allowance(AMINA, 50) for _ in range(5)) == MOST_EVENTS
    assert presence.allowance(BOSCO, 1) == 1


def test_a_hint_helped_if_one_of_the_next_two_checks_passed(campus):
    reports = campus.store.live_reports
    reports.add(COURSE, LAB, AMINA, [check(), hint(1), check(), check("passed")])
    reports.add(COURSE, LAB, BOSCO, [check(), hint(1), check(), check(), check("passed")])
    (figure,) = reports.hint_figures(COURSE, LAB)
    assert (figure.task, figure.rung, figure.taken, figure.passed) == ("t3", 1, 2, 1)


def test_reports_about_a_lab_that_was_never_released_are_not_kept(campus):
    for lab in ("gone", LAB):
        answer = campus.program(AMINA).post(REPORT.replace(LAB, lab), json={"events": [MISS]})
        assert answer.json()["reported"] is True
    assert [each.lab for each in campus.store.live_reports.of_learner(AMINA)] == [LAB]


def test_figures_of_hints_follow_each_report_and_each_choice_not_to_report(campus):
    reports = campus.store.live_reports

    def taken():
        return [(each.rung, each.taken, each.passed) for each in reports.hint_figures(COURSE, LAB)]

    assert taken() == []
    reports.add(COURSE, LAB, AMINA, [check(), hint(1)])
    assert taken() == [(1, 1, 0)]
    reports.add(COURSE, LAB, AMINA, [check("passed")])
    reports.add(COURSE, LAB, BOSCO, [check(), hint(1)])
    assert taken() == taken() == [(1, 2, 1)]
    reports.choose(BOSCO, wanted=False)
    reports.add(COURSE, LAB, AMINA, [check(task="t4"), check(task="t4")])
    assert taken() == [(1, 1, 1)]
    reports.remove_course(COURSE)
    assert taken() == []


def test_the_lab_s_page_tells_which_hints_helped_and_leaves_out_few_takers(campus):
    reports, people = campus.store.live_reports, [*LEARNERS, *(f"more{number}" for number in range(3))]
    for name in people[2:]:
        campus.store.people.add(name, name)
    for name in people:
        reports.add(COURSE, LAB, name, [check(), hint(1), check("passed" if name == AMINA else "not-yet")])
    reports.add(COURSE, LAB, AMINA, [hint(2), check("passed")])
    page = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    rows = page[page.index("Which hints helped") :]
    assert "20 %" in rows
    assert "too few" in rows
    assert "100 %" not in rows


def test_reports_go_after_their_days_and_leave_counts_without_names(campus):
    reports, days = campus.store.live_reports, campus.settings.retention.live_report_days
    reports.add(COURSE, LAB, AMINA, [check(), hint(1), check("passed")])
    reports.add(COURSE, LAB, BOSCO, [check(minute=60 * 24), hint(1, minute=60 * 24)])
    before = reports.hint_figures(COURSE, LAB)
    apply_retention(campus.store, campus.app.state.campus.hub, NOW + timedelta(days=days, hours=1))
    assert reports.of_learner(AMINA) == []
    assert len(reports.of_learner(BOSCO)) == 2
    assert reports.hint_figures(COURSE, LAB) == before
    apply_retention(campus.store, campus.app.state.campus.hub, NOW + timedelta(days=days + 2))
    assert reports.hint_figures(COURSE, LAB) == before
    assert reports.of_learner(BOSCO) == []
    assert {column.name for column in HintCount.__table__.columns} == {
        *("course", "lab", "task", "rung"),
        *("taken", "passed"),
    }


def test_a_labs_page_counts_who_has_begun_and_not_handed_in(campus, number):
    trainer = campus.browser(TRAINER)
    assert "begun, not handed in" not in trainer.get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    for name in (AMINA, BOSCO):
        campus.store.live_reports.add(COURSE, LAB, name, [hint(1)])
    assert "begun, not handed in: 2" in trainer.get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    campus.program(AMINA).post(attempts_url(), content=work())
    assert "begun, not handed in: 1" in trainer.get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
