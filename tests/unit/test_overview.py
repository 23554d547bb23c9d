"""A coordinator's page: what is counted, for whom, and which groups are too small to be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from hub.campus.institution_report import make_report
from hub.campus.small_groups import shown_groups
from hub.store.course_progress import read_progress
from hub.store.lab_schedules import Schedule
from hub.store.learner_times import learner_times
from hub.store.table_models import Release
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LAB, hand_in
from tests.unit.test_campus_pages import text_of

GROUPS = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 9), min_size=1, max_size=7)


def members(sizes, prefix=""):
    return {
        title: frozenset(f"{prefix}{title}{number}" for number in range(size))
        for title, size in sizes.items()
    }


@given(GROUPS)
def test_no_group_that_is_shown_is_small_and_nobody_is_lost_or_counted_twice(sizes):
    groups = members(sizes)
    shown = shown_groups(groups, 5)
    assert all(len(group.members) >= 5 for group in shown)
    if shown:
        everybody = sorted(name for group in shown for name in group.members)
        assert everybody == sorted(name for names in groups.values() for name in names)
    else:
        assert sum(sizes.values()) < 5


def test_a_small_group_is_joined_so_that_it_is_not_the_total_less_the_others():
    shown = shown_groups(members({"A": 20, "B": 9, "C": 2}), 5)
    assert [(group.titles, len(group.members)) for group in shown] == [(("A",), 20), (("B", "C"), 11)]


def test_a_class_whose_difference_from_an_institution_is_small_is_joined():
    people = [f"p{number}" for number in range(30)]
    agency = frozenset(people[:12])
    classes = {"A": frozenset(people[:10]), "B": frozenset(people[10:30])}
    assert shown_groups(classes, 5, [agency, frozenset(people[12:])])[0].titles == ("A", "B")
    assert len(shown_groups(classes, 5)) == 2


def test_one_person_of_a_third_class_is_not_an_institution_less_two_classes():
    classes = members({"A": 5, "B": 5, "C": 12, "D": 12})
    agency = classes["A"] | classes["B"] | {"C0"}
    rest = frozenset().union(*classes.values()) - agency
    shown = shown_groups(classes, 5, [agency, rest])
    assert [group.titles for group in shown] == [("B",), ("D",), ("A", "C")]


def test_classes_that_lie_crosswise_to_institutions_stay_as_they_are():
    people = [(class_, unit, number) for class_ in "ABC" for unit in "XYZ" for number in range(2)]
    classes, units = (
        {each: frozenset(p for p in people if p[at] == each) for each in names}
        for at, names in ((0, "ABC"), (1, "XYZ"))
    )
    assert len(shown_groups(classes, 5, list(units.values()))) == 3


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=24), st.integers(2, 5))
def test_no_sum_of_groups_less_a_sum_of_groups_of_the_other_kind_counts_a_few_people(places, least):
    """By hand: all sums of one kind that hold a sum of the other, however many groups are in each."""
    units, classes = ({}, {})
    for number, (unit, class_) in enumerate(places):
        units.setdefault(f"u{unit}", set()).add(number)
        classes.setdefault(f"c{class_}", set()).add(number)
    first = shown_groups({title: frozenset(people) for title, people in units.items()}, least)
    second = shown_groups(
        {title: frozenset(people) for title, people in classes.items()},
        least,
        [group.members for group in first],
    )
    for one, other in product(sums(first), sums(second)):
        if one <= other or other <= one:
            assert not 0 < len(one ^ other) < least


def sums(groups):
    """Return the people of each choice of groups."""
    choices = (chosen for number in range(len(groups) + 1) for chosen in combinations(groups, number))
    return [frozenset().union(*(group.members for group in chosen)) for chosen in choices]


def town(store, count=12):
    """People of an agency, of a district and of the ministry itself, in two classes, next to another ministry."""
    store.institutions.add("risa", "RISA", "minict")
    store.institutions.add("kigali", "RISA Kigali", "risa")
    store.institutions.add("health", "Ministry of Health")
    for number in range(count):
        name = f"p{number:02}"
        place = "kigali" if number % 2 else "minict"
        store.people.add(name, f"Person {number:02}", institution=place)
        store.courses.add_member(COURSE, name, "learner")
    store.courses.add_class(COURSE, "Class B", tuple(f"p{number:02}" for number in range(count)))
    store.people.add("other.o", "Other O", institution="health")
    store.courses.add_member(COURSE, "other.o", "learner")
    store.people.add("coord", "C", roles=("coordinator",), institution="minict")


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    town(made.store)
    return made


@pytest.fixture
def open_campus(tmp_path):
    made = Campus(tmp_path / "open", reports={"names": True})
    town(made.store)
    return made


def report(store, name="minict", **more):
    progress = read_progress(store.database, name, COURSE)
    tree = store.institutions.tree()
    labs = store.courses.labs(COURSE)
    own = learner_times(store.database, labs)
    return make_report(progress, labs, tree, name, least=5, target=90, own=own, **more)


def test_one_sentence_says_how_far_they_are_and_what_changed_in_a_week(campus):
    for name in ("p00", "p01", "other.o"):
        hand_in(campus.store, name)
    page = text_of(campus.browser("coord").get(f"{ROOT}/overview").text)
    assert "2 of 14 handed in “Sums” , 2 more than a week ago." in page
    assert "Not begun at all: 12." in page
    later = report(campus.store, now=datetime.now(UTC) + timedelta(days=8))
    assert (later.handed_in, later.handed_in_before) == (2, 2)


def test_figures_are_by_class_and_by_the_institutions_directly_below(campus):
    hand_in(campus.store, "p01")
    found = report(campus.store)
    assert {each.group.titles: each.people for each in found.institutions} == {("RISA",): 6, ("\u200b",): 8}
    assert [each.counts[0].handed_in for each in found.institutions] in ([1, 0], [0, 1])
    # Class A has two people: with Class B they are everybody, which says nothing new.
    assert found.classes == ()


def test_nobody_of_another_institution_is_named_even_if_names_are_shown(open_campus):
    page = open_campus.browser("coord").get(f"{ROOT}/overview").text
    assert "Person 03" in page
    assert "Other O" not in page


def test_nobody_of_another_institution_is_counted(campus):
    assert "other.o" not in {
        each.username for each in read_progress(campus.store.database, "minict", COURSE).learners
    }
    campus.store.people.add("health.c", "C", roles=("coordinator",), institution="health")
    page = text_of(campus.browser("health.c").get(f"{ROOT}/overview").text)
    assert "Fewer than 5 people of your institution learn in this course" in page
    assert campus.browser("health.c").get(f"{ROOT}/overview?course=nothing").status_code == 404


def test_without_the_policy_no_name_is_shown(campus):
    assert "Person 03" not in campus.browser("coord").get(f"{ROOT}/overview").text
    assert campus.store.audit.newest(who="coord") == []


def test_names_are_shown_if_the_policy_says_so_and_the_look_is_written_down(open_campus):
    store = open_campus.store
    hand_in(store, "p01")
    store.courses.release(
        COURSE, "gone", version="1", title={"en": "Gone"}, minutes=1, tasks=[], release={}, source={}
    )
    store.courses.close(COURSE, "gone")
    page = text_of(open_campus.browser("coord").get(f"{ROOT}/overview").text)
    not_begun, late = page.split("Who has not begun")[1].split("Who is late")
    assert "Person 03" in not_begun
    assert "Person 01" not in not_begun
    assert "Person 01 Class B · Gone" in late
    assert [each.what for each in store.audit.newest(who="coord")] == ["read-names"]


def test_nobody_is_called_late_whose_own_time_is_not_over(campus):
    store, now = campus.store, datetime.now(UTC)
    hand_in_another(store, "p00", "p01", "p02", "p03")
    store.courses.open_until(COURSE, LAB, now - timedelta(hours=1))
    store.schedules.set_extra_time("p01", 100, "admin")
    store.extensions.give(COURSE, LAB, ["p02"], now + timedelta(days=1), "admin")
    (group,) = [each for each in store.schedules.class_times(COURSE, LAB) if each.title == "Class B"]
    assert set(late_names(store)) == {"p00", "p03"}
    store.schedules.set_class_times(group.class_id, LAB, None, now + timedelta(days=1))
    assert late_names(store) == []
    assert late_names(store, now=now + timedelta(days=2)) == ["p00", "p02", "p03"]


def hand_in_another(store, *names):
    """Hand in a lab without a closing time, so that these people have begun."""
    more = {"version": "1", "title": {"en": "Other"}, "minutes": 1, "tasks": [], "source": {}}
    store.courses.release(COURSE, "other", release={}, **more)
    with store.database.write() as session:
        session.execute(update(Release).values(opened_at=datetime.now(UTC) - timedelta(days=30)))
    for name in names:
        store.attempts.submit(COURSE, "other", name, {"other.ipynb": b"{}"})


def late_names(store, **more):
    return [each.learner.username for each in report(store, **more).late]


def test_a_lab_that_is_not_open_yet_is_in_no_sentence_and_takes_nothing_from_the_weekly_line(campus):
    store, now = campus.store, datetime.now(UTC)
    hand_in(store, "p01")
    before = report(store)
    hand_in_another(store)
    store.schedules.change(COURSE, "other", Schedule(opens_at=now + timedelta(days=3)))
    after = report(store)
    assert (after.lab.lab, after.weeks[-1].done) == (LAB, before.weeks[-1].done)
    assert report(store, now=now + timedelta(days=4)).lab.lab == "other"
    (group,) = [each for each in store.schedules.class_times(COURSE, LAB) if each.title == "Class B"]
    store.schedules.set_class_times(group.class_id, "other", now - timedelta(days=1), None)
    assert report(store).weeks[-1].done == before.weeks[-1].done / 2


def test_the_weekly_line_compares_what_was_handed_in_with_what_was_due(campus):
    store = campus.store
    for number in range(7):
        hand_in(store, f"p{number:02}")
    store.courses.open_until(COURSE, LAB, datetime.now(UTC) + timedelta(days=7))
    before, after = (
        report(store).weeks[-1],
        report(store, now=datetime.now(UTC) + timedelta(days=8)).weeks[-1],
    )
    assert (before.done, before.due) == (50, 0)
    assert (after.done, after.due) == (50, 90)


def test_the_file_has_the_joined_groups_and_no_name(campus):
    hand_in(campus.store, "p01")
    answer = campus.browser("coord").get(f"{ROOT}/overview/file.csv?course={COURSE}")
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert lines[0] == "Group,Name,People,Lab,Handed in,Graded"
    assert "Everybody,,14,Sums,1,0" in lines
    assert "Institution,RISA,6,Sums,1,0" in lines
    assert "Class A" not in answer.text
    assert "Person" not in answer.text
    assert campus.browser("amina.k").get(f"{ROOT}/overview/file.csv?course={COURSE}").status_code == 404
