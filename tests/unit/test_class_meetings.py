"""Meetings of a class that follow no week: kept, shown, told by mail, and servers start before them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hub.campus.mail_news import queue_news
from hub.campus.mail_texts import mail_message
from hub.store.class_times import LATE, MOST_MEETINGS
from hub.store.mail_queue import Mail
from hub.store.refused_change import RefusedChange
from hub.store.table_models import Person
from tests.support.pretended_campus import API, ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LEARNERS, TRAINER, filled

SOON = timedelta(minutes=10)
NOW = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)
DAYS = st.sets(st.integers(-30, 30), max_size=8)


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path, mail={"host": "mail.example.org", "sender": "isomo@example.org"})
    made.number = made.store.classes.add_class(COURSE, "Class B")
    made.store.enrolments.put_in_class(COURSE, LEARNERS, made.number)
    return made


def add(campus, *starts, place=""):
    for start in starts:
        campus.store.class_times.add_meeting(COURSE, campus.number, start, place)


def test_servers_start_before_each_meeting_and_before_the_usual_time(campus):
    times = campus.store.class_times
    add(campus, NOW + timedelta(days=2), NOW + timedelta(days=3))
    times.set_time(COURSE, campus.number, NOW, weekly=True)
    for day, there in ((0, True), (1, False), (2, True), (3, True), (4, False), (7, True)):
        assert bool(times.expected(NOW + timedelta(days=day), SOON)) is there
    campus.store.classes.archive_class(COURSE, campus.number)
    assert times.expected(NOW + timedelta(days=2), SOON) == []


def test_the_earliest_of_all_meetings_comes_next_until_it_is_over(campus):
    add(campus, NOW + timedelta(days=5), place="Room 9")
    add(campus, NOW + timedelta(days=1), place="Room 4")
    times, number = campus.store.class_times, campus.number
    assert times.next_meeting(number, NOW).place == "Room 4"
    assert times.next_start(number, NOW + timedelta(days=1) + LATE) == NOW + timedelta(days=1)
    assert times.next_meeting(number, NOW + timedelta(days=1, minutes=11)).place == "Room 9"
    assert times.next_meeting(number, NOW + timedelta(days=6)) is None


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    store = filled(tmp_path_factory.mktemp("meetings"))
    return store, store.classes.add_class(COURSE, "Class C")


@settings(max_examples=20, deadline=None)
@given(DAYS, DAYS)
def test_meetings_that_are_set_take_the_place_of_those_to_come_and_leave_those_that_are_over(
    kept, first, second
):
    store, number = kept
    times = store.class_times
    for each in times.more_meetings(number, NOW - timedelta(days=99)):
        times.remove_meeting(COURSE, number, each.starts_at)
    for day in first:
        times.add_meeting(COURSE, number, NOW + timedelta(days=day))
    times.set_meetings(COURSE, number, {NOW + timedelta(days=day): "" for day in second}, NOW)
    there = {each.starts_at for each in times.more_meetings(number, NOW - timedelta(days=99))}
    assert there == {NOW + timedelta(days=day) for day in second | {day for day in first if day <= 0}}


def test_a_class_has_a_limited_number_of_meetings(campus):
    times = campus.store.class_times
    many = {NOW + timedelta(days=day): "" for day in range(1, MOST_MEETINGS + 1)}
    times.set_meetings(COURSE, campus.number, many, NOW)
    with pytest.raises(RefusedChange) as refused:
        add(campus, NOW + timedelta(days=MOST_MEETINGS + 1))
    assert refused.value.code == "too-many-meetings"
    assert len(times.more_meetings(campus.number, NOW)) == MOST_MEETINGS


def test_each_meeting_is_told_the_day_before_with_its_own_place(campus):
    add(campus, NOW + timedelta(hours=20), NOW + timedelta(days=3), place="Room 4")
    with campus.store.database.write() as session:
        session.execute(update(Person).values(email="somebody@example.org"))
    assert queue_news(campus.store, NOW) == len(LEARNERS)
    with campus.store.database.read() as session:
        told = list(session.scalars(select(Mail).where(Mail.kind == "class")))
    assert {each.username for each in told} == set(LEARNERS)
    person = campus.store.people.get(LEARNERS[0])
    letter = mail_message(campus.store, told[0], person)
    assert "Room 4" in letter.get_content()
    add(campus, NOW + timedelta(hours=20), place="Room 7")
    assert "Room 7" in mail_message(campus.store, told[0], person).get_content()
    campus.store.class_times.remove_meeting(COURSE, campus.number, NOW + timedelta(hours=20))
    assert mail_message(campus.store, told[0], person) is None


def test_a_trainer_adds_and_removes_meetings_on_the_page_of_the_class(campus):
    here, trainer = f"{ROOT}/courses/{COURSE}/classes/{campus.number}", campus.browser(TRAINER)
    day = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
    key = form_key(trainer.get(here).text)
    sent = {"key": key, "starts_at": f"{day}T09:00", "place": "<b>Room 4"}
    assert trainer.post(f"{here}/meetings", data=sent).status_code == 303
    page = trainer.get(here).text
    assert page.count("&lt;b&gt;Room 4") == 2, "as the next one, and in the list"
    assert "<b>Room" not in page
    [kept] = campus.store.class_times.more_meetings(campus.number, datetime.now(UTC))
    gone = {"key": key, "starts_at": kept.starts_at.isoformat()}
    for _twice in range(2):
        assert trainer.post(f"{here}/meetings/remove", data=gone).status_code == 303
    assert campus.store.class_times.more_meetings(campus.number, datetime.now(UTC)) == []


@pytest.mark.parametrize("typed", ["2020-03-02T09:00", "", "tomorrow"])
def test_a_meeting_that_is_over_or_no_time_is_refused(campus, typed):
    here, trainer = f"{ROOT}/courses/{COURSE}/classes/{campus.number}", campus.browser(TRAINER)
    sent = {"key": form_key(trainer.get(here).text), "starts_at": typed}
    assert trainer.post(f"{here}/meetings", data=sent).status_code == 422
    assert campus.store.class_times.more_meetings(campus.number, NOW - timedelta(days=9999)) == []


def test_a_learner_cannot_change_when_a_class_meets(campus):
    learner = campus.browser(LEARNERS[0])
    key = form_key(learner.get(f"{ROOT}/").text)
    sent = {"key": key, "starts_at": "2099-03-02T09:00"}
    assert (
        learner.post(f"{ROOT}/courses/{COURSE}/classes/{campus.number}/meetings", data=sent).status_code
        == 403
    )


def test_a_program_sets_the_usual_time_and_single_meetings(campus):
    url, program = f"{API}/courses/{COURSE}/classes/{campus.number}/times", campus.program(TRAINER)
    usual = {"starts_at": "2026-03-02T09:00:00Z", "place": "Room 1", "weekly": True}
    more = [{"starts_at": "2098-03-05T09:00:00Z", "place": "Room 2"}]
    said = program.put(url, json={"usual": usual, "meetings": more}).json()
    assert (said["usual"], said["meetings"]) == (usual, more)
    assert said["next"] is not None
    assert program.put(url, json={}).json()["meetings"] == more, "what is left out stays"
    said = program.put(url, json={"usual": None, "meetings": []}).json()
    assert said == {"usual": None, "meetings": [], "next": None}
