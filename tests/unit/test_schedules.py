"""When labs open and close, what late work costs, and who sees which of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from hub.ops.verbs import registry, roster
from hub.store.course_store import Lab
from hub.store.lab_schedules import Schedule, own_times
from hub.store.late_work import Lateness, late_row, work_lateness
from hub.store.marking_models import ClassSchedule
from hub.store.signed_receipts import utc_text
from hub.store.table_models import Release
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, form_key, work
from tests.support.small_stores import COURSE, LAB, TRAINER, WRONG
from tests.unit.test_marks_table import grade, points, send, task

AMINA, BOSCO = "amina.k", "bosco.n"
LAB_PAGE = f"{ROOT}/courses/{COURSE}/labs/{LAB}"
SCHEDULE = f"{API}/courses/{COURSE}/labs/{LAB}/schedule"
NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def a_lab(**more):
    plain = {"course": COURSE, "lab": LAB, "version": "1", "title": {}, "minutes": 0, "tasks": []}
    times = {"opened_at": NOW - 10 * DAY, "closes_at": NOW, "closed_at": None}
    return Lab(**{**plain, "release_bundle": "", "source_bundle": "", **times, **more})


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def store(campus):
    return campus.store


def set_times(store, **more):
    store.schedules.change(COURSE, LAB, Schedule(**more))


@pytest.mark.parametrize(
    ("after", "policy", "days", "off"),
    [
        (timedelta(minutes=9), "points", None, None),
        (timedelta(minutes=11), "points", 1, 1.5),
        (DAY, "points", 1, 1.5),
        (DAY + HOUR, "points", 2, 3.0),
        (DAY + HOUR, "accepted", 2, 0.0),
    ],
)
def test_a_begun_day_after_the_grace_costs_a_days_points(after, policy, days, off):
    lab = a_lab(grace_minutes=10, late_policy=policy, points_per_day=1.5)
    found = work_lateness(lab, NOW + after)
    assert (found and found.days, found and found.points_off) == (days, off)


@pytest.mark.parametrize(
    ("more", "state", "late"),
    [
        ({}, "closed", False),
        ({"grace_minutes": 5}, "released", False),
        ({"late_policy": "accepted"}, "released", True),
        ({"late_policy": "accepted", "late_days": 1}, "released", True),
        ({"late_policy": "accepted", "closed_at": NOW}, "closed", False),
        ({"opens_at": NOW + HOUR, "closes_at": NOW + DAY}, "planned", False),
    ],
)
def test_a_lab_takes_work_from_opening_until_grace_and_late_days_are_over(more, state, late):
    lab = a_lab(**more)
    assert (lab.state(NOW), lab.is_late(NOW)) == (state, late)
    assert a_lab(late_policy="accepted", late_days=1).state(NOW + DAY) == "closed"


def test_a_person_has_the_times_of_the_class_then_extra_time_then_an_extension():
    early = ClassSchedule(class_id=1, lab=LAB, opens_at=None, closes_at=NOW + DAY)
    late = ClassSchedule(class_id=2, lab=LAB, opens_at=NOW - 20 * DAY, closes_at=NOW + 10 * DAY)
    assert own_times(a_lab(), [early], 0, None).closes_at == NOW + DAY
    both = own_times(a_lab(), [early, late], 0, None)
    assert (both.opens_at, both.closes_at) == (NOW - 20 * DAY, NOW + 10 * DAY)
    assert own_times(a_lab(), [], 50, None).closes_at == NOW + 5 * DAY
    assert own_times(a_lab(), [], 50, NOW + 6 * DAY).closes_at == NOW + 6 * DAY
    assert own_times(a_lab(closes_at=None), [], 50, None).closes_at is None


def test_a_lab_that_opens_later_is_announced_and_cannot_be_had(campus, store):
    set_times(store, opens_at=NOW + DAY)
    amina, program = campus.browser(AMINA), campus.program(AMINA)
    assert "Opens later" in amina.get(f"{ROOT}/").text
    assert program.get(f"{API}/courses/{COURSE}/labs").json()[0]["state"] == "planned"
    for refused in (
        amina.get(f"{ROOT}/open/{COURSE}/{LAB}"),
        program.get(f"{API}/courses/{COURSE}/labs/{LAB}/bundle"),
        program.post(attempts_url(), content=work()),
    ):
        assert refused.status_code == 403
        assert "opens on" in refused.text
    assert campus.program(TRAINER).get(f"{API}/courses/{COURSE}/labs/{LAB}/bundle").status_code == 200


def late_attempt(campus, content=None, **policy):
    """Hand in a day and an hour after the lab closed."""
    set_times(campus.store, closes_at=NOW - DAY - HOUR, **policy)
    answer = campus.program(AMINA).post(attempts_url(), content=content or work())
    assert answer.status_code == 201, answer.text
    grade(campus.store, task(score=2.0, outcome="passed"))
    return answer.json()["receipt"]


def test_late_work_is_refused_unless_a_trainer_wants_it(campus, store):
    set_times(store, closes_at=NOW - HOUR)
    assert campus.program(AMINA).post(attempts_url(), content=work()).status_code == 409


def test_a_score_that_late_work_gets_back_is_a_new_statement_for_other_systems(campus, store):
    late_attempt(campus, late_policy="points", points_per_day=0.5)
    trainer, address = campus.program(TRAINER), f"{API}/courses/{COURSE}/xapi/statements"
    before, same = (trainer.get(address).json()["statements"][1] for _ in range(2))
    assert (before["result"]["score"]["raw"], same["id"]) == (1.0, before["id"])
    (attempt,) = store.attempts.list(COURSE, learner=AMINA)
    with store.database.write() as session:
        session.add(late_row(attempt.id, Lateness(NOW, 0, 0.0), TRAINER, NOW + HOUR))
    after = trainer.get(address).json()["statements"][1]
    assert after["result"]["score"]["raw"] == 2.0
    assert after["id"] != before["id"]
    assert after["timestamp"] == utc_text(NOW + HOUR)


def test_points_for_lateness_are_told_on_every_page_and_file(campus, store):
    receipt = late_attempt(campus, late_policy="points", points_per_day=0.5)
    assert (points(store).score, points(store).late_days, points(store).points_off) == (1.0, 2, 1.0)
    claudine = campus.browser(TRAINER)
    lab_page = claudine.get(LAB_PAGE).text
    assert "Late" in lab_page
    assert "handed in late: 1" in lab_page
    rows = claudine.get(f"{ROOT}/courses/{COURSE}/marks/file.csv").text.splitlines()
    assert rows[0].endswith("Labs handed in late,Points off for lateness")
    assert rows[2].endswith(",1.0,1.0,0,1,1.0")
    assert "late, begun days: 2; taken off: 1" in claudine.get(f"{ROOT}/courses/{COURSE}/marks").text
    send(claudine, LAB_PAGE, f"{LAB_PAGE}/return")
    page = campus.browser(AMINA).get(f"{ROOT}/attempts/{receipt}").text
    assert "Tasks earned 2 points. Taken off: 1, because the work arrived after" in page
    (graded,) = [each["graded"] for each in store.coursebook.record(COURSE)["submissions"]]
    assert graded["points_off"] == 1.0


def test_a_lab_that_only_takes_late_work_closes_soon_no_more(campus, store):
    claudine = campus.browser(TRAINER)
    set_times(store, closes_at=NOW + DAY)
    assert "not handed in yet: 2" in claudine.get(f"{ROOT}/").text
    set_times(store, closes_at=NOW - HOUR, late_policy="accepted", late_days=3)
    assert "not handed in yet" not in claudine.get(f"{ROOT}/").text
    assert "still taken, and marked late" in campus.browser(AMINA).get(f"{ROOT}/").text


def test_nobody_gets_less_than_nothing(campus, store):
    late_attempt(campus, late_policy="points", points_per_day=9)
    assert (points(store).score, points(store).points_off) == (0.0, 2.0)


def test_forgiven_lateness_is_seen_once_it_is_returned(campus, store):
    receipt = late_attempt(campus, late_policy="points", points_per_day=0.5)
    claudine, amina = campus.browser(TRAINER), campus.browser(AMINA)
    page = f"{ROOT}/attempts/{receipt}"
    send(claudine, LAB_PAGE, f"{LAB_PAGE}/return")
    assert amina.post(f"{page}/in-time", data={"key": form_key(amina.get(page).text)}).status_code == 403
    send(claudine, page, f"{page}/in-time")
    assert points(store).score == 2.0
    assert "1 / 2" in amina.get(page).text
    assert "Changed, not returned yet" in claudine.get(page).text
    send(claudine, LAB_PAGE, f"{LAB_PAGE}/return")
    seen = amina.get(page).text
    assert "2 / 2" in seen
    assert "counts as in time" in seen
    assert "Your result was changed on" in seen


def test_more_time_afterwards_gives_points_back_and_less_time_takes_none(campus, store):
    late_attempt(campus, late_policy="points", points_per_day=0.5)
    set_times(store, closes_at=NOW - 3 * DAY, late_policy="points", points_per_day=5)
    assert store.late.recount(store.courses.lab(COURSE, LAB)) == []
    assert points(store).points_off == 1.0
    store.schedules.set_extra_time(AMINA, 400, TRAINER)
    with store.database.write() as session:
        session.get(Release, (COURSE, LAB)).opened_at = NOW - 30 * DAY
    assert store.late.recount(store.courses.lab(COURSE, LAB)) != []
    assert (points(store).points_off, points(store).late_days) == (0.0, 0)


@pytest.mark.parametrize(
    ("closed", "off"), [(NOW - DAY - HOUR, 1.0), (NOW - 3 * DAY, 1.0), (NOW - HOUR, 0.5)]
)
def test_a_lab_that_refuses_late_work_by_now_gives_no_points_back_by_itself(campus, store, closed, off):
    late_attempt(campus, late_policy="points", points_per_day=0.5)
    set_times(store, closes_at=closed, late_policy="refused")
    store.late.recount(store.courses.lab(COURSE, LAB))
    assert points(store).points_off == off
    set_times(store, closes_at=NOW - HOUR, late_policy="accepted")
    store.late.recount(store.courses.lab(COURSE, LAB))
    assert points(store).points_off == 0.0


def other_course_of(store):
    """Amina's second course, whose lab closed a day and an hour before her work arrived."""
    other = "technical-2026a"
    store.courses.add(other, "Technical", "minict")
    store.courses.add_member(other, AMINA, "learner")
    store.courses.release(
        other, LAB, version="1", title={}, minutes=1, tasks=[], release={"a": b"a"}, source={"a": b"a"}
    )
    store.schedules.change(
        other, LAB, Schedule(closes_at=NOW - DAY - HOUR, late_policy="points", points_per_day=0.5)
    )
    with store.database.write() as session:
        session.get(Release, (other, LAB)).opened_at = NOW - 30 * DAY
    lab = store.courses.lab(other, LAB)
    attempt, _ = store.attempts.submit(
        other, LAB, AMINA, {f"{LAB}.ipynb": b"{}"}, late=lambda at: work_lateness(lab, at)
    )
    return other, attempt.id


@pytest.mark.parametrize("giver", [TRAINER, "admin"])
def test_extra_time_gives_points_back_in_each_course_of_its_learner(campus, store, giver):
    _other, late = other_course_of(store)
    assert store.late.late([late])[late].points_off == 1.0
    people = f"{ROOT}/courses/{COURSE}/people"
    assert (
        send(campus.browser(giver), people, f"{people}/{AMINA}/extra-time", percent="25").status_code == 303
    )
    assert store.late.late([late])[late].points_off == 0.0


@pytest.mark.parametrize("way", ["page", "verb", "roster"])
def test_a_class_that_closes_later_gives_points_back(campus, store, tmp_path, monkeypatch, way):
    monkeypatch.setattr("hub.ops.this_installation.current_settings", lambda: campus.settings)
    other, late = other_course_of(store)
    number = store.classes.add_class(other, "Class B")
    store.schedules.set_class_times(number, LAB, None, NOW + DAY)
    if way == "page":
        here = f"{ROOT}/people/{AMINA}"
        assert (
            send(campus.browser("admin"), here, f"{here}/class", course=other, group=number).status_code
            == 303
        )
    elif way == "verb":
        assert registry.person_command(["enrol", AMINA, "--course", other, "--class", "Class B"]) == 0
    else:
        file = tmp_path / "roster.csv"
        file.write_text(f"username,name,course,class\n{AMINA},Amina.K,{other},Class B\n")
        assert roster.command(["import", str(file), "--yes"]) == 0
    assert store.late.late([late])[late].days == 0


def test_a_trainer_sets_times_on_the_page_and_a_program_reads_them(campus, store):
    claudine, program = campus.browser(TRAINER), campus.program(TRAINER)
    (group,) = store.schedules.class_times(COURSE, LAB)
    page = f"{LAB_PAGE}/schedule"
    sent = send(
        claudine, page, page, closes_at="2099-01-05T17:00", grace_minutes="10", late_policy="points",
        points_per_day="1,5", late_days="3",
    )  # fmt: skip
    assert sent.status_code == 303
    send(claudine, page, f"{page}/classes/{group.class_id}", closes_at="2099-01-09T17:00")
    found = program.get(SCHEDULE).json()
    assert (found["closes_at"], found["takes_until"]) == ("2099-01-05T15:00:00Z", "2099-01-08T15:10:00Z")
    assert (found["points_per_day"], found["late_policy"], found["grace_minutes"]) == (1.5, "points", 10)
    assert found["classes"][str(group.class_id)]["closes_at"] == "2099-01-09T15:00:00Z"
    (mine,) = campus.program(AMINA).get(f"{API}/courses/{COURSE}/labs").json()
    assert mine["closes_at"] == "2099-01-09T15:00:00Z"
    assert "9 Jan 2099 17:00" in campus.browser(AMINA).get(f"{ROOT}/").text


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"closes_at": "2020-01-01T10:00"}, "is over already"),
        ({"opens_at": "2099-01-02", "closes_at": "2099-01-01"}, "would open after it closes"),
        ({"opens_at": "0001-01-01T00:00"}, "is not a date"),
        ({"late_policy": "never"}, "no rule for late work"),
        ({"late_policy": "points"}, "no points for a day"),
    ],
)
def test_times_that_cannot_be_are_refused_with_a_sentence(campus, wish, sentence):
    refused = campus.program(TRAINER).put(SCHEDULE, json=wish)
    assert refused.status_code == 422
    assert sentence in refused.json()["message"]


def test_a_class_that_would_open_after_closing_is_told_the_closing_time_of_the_office(campus, store):
    set_times(store, closes_at=datetime(2099, 1, 1, 22, 30, tzinfo=UTC))
    (group,) = store.schedules.class_times(COURSE, LAB)
    page = f"{LAB_PAGE}/schedule"
    address = f"{page}/classes/{group.class_id}"
    refused = send(campus.browser(TRAINER), page, address, opens_at="2099-02-01T08:00")
    assert refused.status_code == 422
    assert "2099-01-02 00:30" in refused.text


@pytest.mark.parametrize("typed", ["-1", "1.5", "nan", "1e9", "<b>"])
def test_minutes_that_are_none_are_refused(campus, typed):
    claudine = campus.browser(TRAINER)
    page = f"{LAB_PAGE}/schedule"
    refused = send(claudine, page, page, grace_minutes=typed)
    assert refused.status_code == 422
    assert "Give a number from 0 to" in refused.text


def test_extra_time_is_the_trainers_to_give_and_to_see(campus, store):
    people = f"{ROOT}/courses/{COURSE}/people"
    claudine = campus.browser(TRAINER)
    send(claudine, people, f"{people}/{AMINA}/extra-time", percent="25")
    assert "25 % more time" in claudine.get(people).text
    assert "25 % more time" in claudine.get(f"{LAB_PAGE}/schedule").text
    assert "more time" not in campus.browser(AMINA).get(f"{ROOT}/").text
    asked = campus.program(AMINA).put(
        f"{API}/courses/{COURSE}/people/{AMINA}/extra-time", json={"percent": 50}
    )
    assert asked.status_code == 403
    assert send(claudine, people, f"{people}/{TRAINER}/extra-time", percent="25").status_code == 404
    send(claudine, people, f"{people}/{AMINA}/extra-time", percent="0")
    assert store.schedules.extra_times([AMINA]) == {}


def test_notes_about_late_work_are_only_added_to(campus, store):
    late_attempt(campus, work(WRONG), late_policy="accepted")
    with pytest.raises(Exception, match="append-only"), store.database.write() as session:
        session.execute(text("UPDATE late_work SET days = 0"))


FLAG = {"key": "mark-differs", "what": "defines __eq__", "cell": 3, "line": 2, "code": "x", "without": 0.5}


def test_late_work_flags_appeals_and_points_are_the_same_in_each_database(store):
    """Run on PostgreSQL too, by tests/compat/test_store_postgres.py."""
    store.schedules.change(
        COURSE, LAB, Schedule(closes_at=datetime.now(UTC) - DAY / 2, late_policy="points", points_per_day=0.5)
    )
    lab = store.courses.lab(COURSE, LAB)
    files = {f"{LAB}.ipynb": b"{}"}
    attempt, _ = store.attempts.submit(COURSE, LAB, AMINA, files, late=lambda at: work_lateness(lab, at))
    assert points(store).state == "waiting"
    grade(store, {**task(score=2.0), "flags": [FLAG]}, task("why", None))
    assert (points(store).score, points(store).points_off, points(store).flags) == (1.5, 0.5, 1)
    verdict = store.results.result_for(attempt.id).verdicts[0]
    store.flags.rule(attempt.id, verdict, "cleared", "Fine.", TRAINER)
    assert (store.flags.tasks(COURSE), points(store).flags) == ([], 0)
    store.results.mark(attempt.id, "why", 1.0, "", TRAINER)
    assert points(store).score == 2.5
    assert [each.first for each in store.second_marks.sample(COURSE, LAB, "why")] == [1.0]
    assert store.appeals.ask(attempt.id, "why", "Look.")
    assert store.appeals.ask(attempt.id, "why", "Look.") is None
    store.extensions.give(COURSE, LAB, [AMINA], datetime.now(UTC) + DAY, TRAINER)
    assert store.late.recount(store.courses.lab(COURSE, LAB)) == [attempt.id]
    assert (points(store).score, points(store).late_days) == (3.0, 0)
    store.wanted_regrades.want(COURSE, LAB, TRAINER)
    assert store.proposal_desk().claim("agent", 60) is None
