"""Institutions, courses, classes and who is in them; moving with what was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from hub.store.course_progress import courses_with_people, read_progress
from hub.store.late_work import Lateness, late_row
from hub.store.refused_change import RefusedChange
from tests.support.small_stores import (
    COURSE,
    LAB,
    LEARNERS,
    RELEASED,
    SOURCE,
    TRAINER,
    WRONG,
    filled,
    hand_in,
)
from tests.unit.test_store import DONE

AMINA, BOSCO = LEARNERS
OTHER = "technical-2026a"


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


def refusal(call, *args, **more):
    with pytest.raises(RefusedChange) as refused:
        call(*args, **more)
    return refused.value.code


def other_course(store, *, with_lab=True):
    store.classes.add_course(
        OTHER, "Technical 2026a", institution="minict", track="technical", intake="2026a"
    )
    if with_lab:
        store.courses.release(
            OTHER,
            LAB,
            version="1",
            title={"en": "Sums"},
            minutes=10,
            tasks=[],
            release={f"{LAB}.ipynb": RELEASED},
            source={f"{LAB}.ipynb": SOURCE},
        )


def graded(store):
    assert store.record_grading(store.claim_ungraded("test", 60), DONE)


def test_institutions_are_a_tree_that_has_no_circle(store):
    store.institutions.add("risa", "RISA", "minict")
    store.institutions.add("gasabo", "Gasabo", "risa")
    assert [(each.depth, each.institution.id) for each in store.institutions.tree()] == [
        (0, "minict"),
        (1, "risa"),
        (2, "gasabo"),
    ]
    for name, parent in (("minict", "gasabo"), ("risa", "risa")):
        assert refusal(store.institutions.change, name, parent=parent) == "institution-circle"
    store.institutions.change("gasabo", title="Gasabo district", parent="")
    assert store.institutions.get("gasabo").parent is None
    store.institutions.archive("risa")
    assert [each.institution.id for each in store.institutions.tree()] == ["gasabo", "minict"]


@pytest.mark.parametrize(
    ("name", "title", "code"),
    [
        ("minict", "Again", "short-name-taken"),
        ("Mini ICT", "X", "bad-short-name"),
        ("x" * 61, "X", "bad-short-name"),
        ("new", "", "bad-title"),
        ("new", "T" * 201, "bad-title"),
    ],
)
def test_an_institution_or_course_that_cannot_be_is_refused(store, name, title, code):
    assert refusal(store.institutions.add, name, title) == code
    if name != "minict":
        assert refusal(store.classes.add_course, name, title) == code


def test_a_course_is_changed_archived_and_brought_back(store):
    store.classes.change_course(COURSE, title="Everyone", track="everyone", intake="2026 A")
    course = store.courses.get(COURSE)
    assert (course.title, course.institution, course.track) == ("Everyone", "minict", "everyone")
    store.classes.archive_course(COURSE)
    assert store.courses.courses_for(AMINA) == []
    assert store.classes.courses() == []
    store.classes.archive_course(COURSE, archived=False)
    assert [(each.learners, each.classes) for each in store.classes.courses()] == [(2, 1)]


def test_two_classes_of_a_course_have_two_names(store):
    number = store.classes.add_class(COURSE, "Class B", "Tuesday 14:00")
    assert refusal(store.classes.add_class, COURSE, "Class B") == "class-title-taken"
    assert refusal(store.classes.change_class, COURSE, number, title="Class A") == "class-title-taken"
    store.classes.change_class(COURSE, number, title="Class C")
    assert [
        (each.group.title, each.group.schedule, each.members) for each in store.classes.classes(COURSE)
    ] == [
        ("Class A", "", 2),
        ("Class C", "Tuesday 14:00", 0),
    ]


def test_anybody_with_an_account_is_enrolled_and_is_in_one_class_of_a_course(store):
    store.people.add("david.h", "David")
    second = store.classes.add_class(COURSE, "Class B")
    first = store.classes.classes(COURSE)[0].group.id
    for number in (first, second, second):
        store.enrolments.enrol(COURSE, "david.h", class_id=number)
    (mine,) = store.enrolments.of_person("david.h")
    assert (mine.parts, mine.group, mine.group_id) == (("learner",), "Class B", second)
    assert store.enrolments.put_in_class(COURSE, ["david.h", "nobody"], None) == 1
    assert store.enrolments.member(COURSE, "david.h").group is None


def test_nobody_is_enrolled_who_is_not_there_or_whose_account_is_closed(store):
    assert refusal(store.enrolments.enrol, COURSE, "nobody") == "no-such-person"
    assert refusal(store.enrolments.enrol, "nothing", AMINA) == "no-such-course"
    store.people.set_disabled(AMINA, True)
    assert refusal(store.enrolments.enrol, COURSE, AMINA) == "closed-account"


def test_whoever_is_taken_out_is_in_no_list_and_keeps_what_they_did(store):
    attempt, _new = hand_in(store)
    graded(store)
    assert store.enrolments.take_out(COURSE, AMINA)
    assert not store.enrolments.take_out(COURSE, AMINA)
    assert AMINA not in {each.username for each in store.courses.learners(COURSE)}
    assert store.marks.handed_in(COURSE) == {}
    record = store.coursebook.record(COURSE)
    assert [each["name"] for each in record["learners"]] == [BOSCO]
    assert record["submissions"] == []
    assert store.attempts.get(attempt.receipt) is not None
    store.enrolments.enrol(COURSE, AMINA)
    assert store.marks.handed_in(COURSE) == {LAB: 1}


def test_progress_moves_along_to_another_course_and_back_without_doubling(store):
    first, _new = hand_in(store, content=WRONG)
    graded(store)
    store.results.mark(first.id, "add_test", 1.5, "Well tried", TRAINER)
    store.results.return_to([first.id], TRAINER)
    second, _new = hand_in(store)
    other_course(store)
    assert store.enrolments.move(AMINA, COURSE, OTHER) == 2
    assert store.courses.roles(COURSE, AMINA) == set()
    assert store.courses.roles(OTHER, AMINA) == {"learner"}
    newest, older = store.attempts.list(OTHER, learner=AMINA)
    assert (older.number, newest.number) == (1, 2)
    assert (older.received_at, older.bundle) == (first.received_at, first.bundle)
    result = store.results.result_for(older.id, returned_only=True)
    assert (result.score, result.marks["add_test"].comment) == (1.5, "Well tried")
    # What waited is graded in both courses; the first receipt stays as it was signed.
    jobs = [store.claim_ungraded("test", 60) for _ in range(2)]
    assert {(job.course, job.receipt) for job in jobs} == {(COURSE, second.receipt), (OTHER, newest.receipt)}
    assert store.attempts.get(first.receipt).course == COURSE
    assert store.enrolments.move(AMINA, OTHER, COURSE) == 0
    assert len(store.attempts.list(COURSE, learner=AMINA)) == 2


def test_a_mark_that_was_not_returned_stays_unseen_after_a_move(store):
    attempt, _new = hand_in(store, content=WRONG)
    graded(store)
    store.results.mark(attempt.id, "add_test", 0.5, "First look", TRAINER)
    store.results.return_to([attempt.id], TRAINER)
    store.results.mark(attempt.id, "add_test", 1.5, "Second look", TRAINER)
    other_course(store)
    store.enrolments.move(AMINA, COURSE, OTHER)
    (moved,) = store.attempts.list(OTHER, learner=AMINA)
    seen = store.results.result_for(moved.id, returned_only=True)
    assert (seen.score, seen.marks["add_test"].comment) == (0.5, "First look")
    store.results.return_to([moved.id], TRAINER)
    seen = store.results.result_for(moved.id, returned_only=True)
    assert (seen.score, seen.marks["add_test"].comment) == (1.5, "Second look")


def test_an_appeal_that_waits_moves_along_and_back(store):
    attempt, _new = hand_in(store, content=WRONG)
    graded(store)
    store.results.return_to([attempt.id], TRAINER)
    asked = store.appeals.ask(attempt.id, "add_test", "I did say why.")
    other_course(store)
    for old, new in ((COURSE, OTHER), (OTHER, COURSE)):
        store.enrolments.move(AMINA, old, new)
        assert store.appeals.waiting(old) == []
        assert [each.appeal.id for each in store.appeals.waiting(new)] == [asked.id]


def test_points_off_for_lateness_and_decisions_about_flags_move_along(store):
    attempt, _new = hand_in(store, content=WRONG)
    flagged = {**DONE.tasks[0], "score": 2.0, "flags": [{"key": "mark-differs"}]}
    assert store.record_grading(store.claim_ungraded("test", 60), replace(DONE, tasks=[flagged]))
    with store.database.write() as session:
        late = Lateness(datetime(2026, 1, 1, tzinfo=UTC), 2, 1.0)
        session.add(late_row(attempt.id, late, "schedule"))
    (verdict,) = store.results.result_for(attempt.id).verdicts
    store.flags.rule(attempt.id, verdict, "cleared", "the helper was allowed", TRAINER)
    store.results.return_to([attempt.id], TRAINER)
    store.late.forgive(attempt.id, TRAINER)
    other_course(store)
    store.enrolments.move(AMINA, COURSE, OTHER)
    (moved,) = store.attempts.list(OTHER, learner=AMINA)
    assert store.late.late([moved.id])[moved.id].days == 0
    assert store.results.result_for(moved.id, returned_only=True).late.points_off == 1.0, "as it was returned"
    assert [each.ruling.ruling for each in store.flags.flagged(OTHER)] == ["cleared"]
    assert store.flags.tasks(OTHER) == []


def test_work_on_labs_that_the_new_course_has_not_stays_where_it_is(store):
    hand_in(store)
    other_course(store, with_lab=False)
    assert store.enrolments.move(AMINA, COURSE, OTHER) == 0
    assert len(store.attempts.list(COURSE, learner=AMINA)) == 1


def test_a_move_needs_somebody_who_learns_there_and_another_course(store):
    other_course(store)
    assert refusal(store.enrolments.move, TRAINER, COURSE, OTHER) == "not-enrolled"
    assert refusal(store.enrolments.move, AMINA, COURSE, COURSE) == "same-course"
    assert refusal(store.enrolments.move, AMINA, COURSE, "nothing") == "no-such-course"
    assert store.courses.roles(COURSE, AMINA) == {"learner"}


def counted(store, name="minict"):
    """Courses, each with its classes: people, those who handed in, those whose work is graded."""
    found = []
    for course, number in courses_with_people(store.database, name):
        progress = read_progress(store.database, name, course.id)
        assert len(progress.learners) == number
        groups = sorted({each.group for each in progress.learners}, key=lambda group: (group is None, group))
        lines = []
        for group in groups:
            names = [each.username for each in progress.learners if each.group == group]
            work = [progress.work[LAB, each] for each in names if (LAB, each) in progress.work]
            lines.append((group, len(names), len(work), sum(each.graded for each in work)))
        found.append((course.id, lines))
    return found


def test_people_in_no_class_are_counted_and_closed_accounts_are_not(store):
    store.people.add("david.h", "David", institution="minict")
    store.courses.add_member(COURSE, "david.h", "learner")
    store.people.add("closed.c", "Closed", institution="minict")
    store.courses.add_member(COURSE, "closed.c", "learner")
    store.people.set_disabled("closed.c", True)
    hand_in(store)
    graded(store)
    hand_in(store, "david.h")
    assert counted(store) == [(COURSE, [("Class A", 2, 1, 1), (None, 1, 1, 0)])]


def test_an_institution_counts_its_own_people_and_those_below_it_and_nobody_elses(store):
    store.institutions.add("risa", "RISA", "minict")
    store.institutions.add("health", "Ministry of Health")
    store.people.add("deep.d", "Deep", institution="risa")
    store.people.add("other.o", "Other", institution="health")
    store.people.add("none.n", "None")
    for name in ("deep.d", "other.o", "none.n"):
        store.courses.add_member(COURSE, name, "learner")
    assert counted(store) == [(COURSE, [("Class A", 2, 0, 0), (None, 2, 0, 0)])]
    assert counted(store, "risa") == [(COURSE, [(None, 1, 0, 0)])]
    assert counted(store, "health") == [(COURSE, [(None, 1, 0, 0)])]


def test_counting_needs_as_many_queries_however_many_courses_there_are(store):
    for number in range(5):
        store.classes.add_course(f"course-{number}", f"Course {number}", institution="minict")
        store.enrolments.enrol(f"course-{number}", AMINA)
    said = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    assert len(courses_with_people(store.database, "minict")) == 6
    assert read_progress(store.database, "minict", COURSE) is not None
    assert len([each for each in said if each.lstrip().upper().startswith(("SELECT", "WITH"))]) == 4


def test_members_are_searched_by_name_and_by_class(store):
    first = store.classes.classes(COURSE)[0].group.id
    store.people.add("david.h", "David")
    store.enrolments.enrol(COURSE, "david.h")
    names = lambda **more: [each.person.username for each in store.enrolments.members(COURSE, **more)[0]]  # noqa: E731
    assert names(class_id=first) == [AMINA, BOSCO]
    assert names(without_class=True) == ["david.h"]
    assert names(words="mina") == [AMINA]
    assert [each.username for each in store.people.search(role="no-class")[0]] == ["david.h"]


def test_a_coordinator_is_of_an_institution(store):
    values = {"display_name": "C", "language": "en", "email": None}
    change = store.people.change
    assert (
        refusal(change, AMINA, roles=("coordinator",), institution="", **values)
        == "coordinator-without-institution"
    )
    assert refusal(change, AMINA, roles=("learner",), institution="none", **values) == "no-such-institution"
    change(AMINA, roles=("coordinator",), institution="minict", **values)
    assert store.people.roles(AMINA) == ["coordinator"]
