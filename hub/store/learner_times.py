"""Learners whose times for a lab are not the lab's own: of many labs at once, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from hub.store import table_models
from hub.store.course_store import Lab
from hub.store.database_connections import Database
from hub.store.lab_schedules import own_times
from hub.store.marking_models import ClassSchedule, ExtraTime

LabTimes = dict[tuple[str, str], dict[str, Lab]]
"""By course and lab: the lab with a learner's times, by user name. Who is not in it has the lab's own times."""


def learner_times(database: Database, labs: Collection[Lab]) -> LabTimes:
    """Return the labs as those learners have them who have other times: by class, extra time, or an extension.

    Example: `learner_times(store.database, labs)["tech-2026a", "sums"].get("amina.k", lab).closes_at`
    """
    courses = {lab.course for lab in labs}
    group, inside, member = table_models.ClassGroup, table_models.ClassMember, table_models.CourseMember
    here = group.course.in_(courses), group.archived_at.is_(None)
    of_class = select(group.course, ClassSchedule).join(ClassSchedule, ClassSchedule.class_id == group.id)
    members = select(inside.class_id, inside.username).join(group, group.id == inside.class_id)
    more_time = (
        select(member.course, member.username, ExtraTime.percent)
        .join(ExtraTime, ExtraTime.username == member.username)
        .where(member.course.in_(courses), member.role == "learner")
    )
    later = select(table_models.Extension).where(table_models.Extension.course.in_(courses))
    classes: dict[tuple[str, str], dict[str, tuple[ClassSchedule, ...]]] = defaultdict(dict)
    percents: dict[str, dict[str, int]] = defaultdict(dict)
    extensions: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    with database.read() as session:
        timed = [(course, times) for course, times in session.execute(of_class.where(*here))]
        inside_of: dict[int, list[str]] = defaultdict(list)
        for number, name in session.execute(members.where(*here)) if timed else ():
            inside_of[number].append(name)
        for course, times in timed:
            known = classes[course, times.lab]
            for name in inside_of[times.class_id]:
                known[name] = (*known.get(name, ()), times)
        for course, name, percent in session.execute(more_time):
            percents[course][name] = percent
        for each in session.scalars(later):
            extensions[each.course, each.lab][each.learner] = each.closes_at
    return {
        (lab.course, lab.lab): _own(
            lab, classes[lab.course, lab.lab], percents[lab.course], extensions[lab.course, lab.lab]
        )
        for lab in labs
    }


def _own(
    lab: Lab,
    classes: Mapping[str, tuple[ClassSchedule, ...]],
    percents: Mapping[str, int],
    extensions: Mapping[str, datetime],
) -> dict[str, Lab]:
    """Return one lab by learner. Learners of a class share one object: thousands have the same times."""
    made: dict[tuple[tuple[int, ...], int, datetime | None], Lab] = {}
    found = {}
    for name in {*classes, *percents, *extensions}:
        times, percent, later = classes.get(name, ()), percents.get(name, 0), extensions.get(name)
        key = tuple(each.class_id for each in times), percent, later
        known = made.get(key)
        if known is None:
            known = made[key] = own_times(lab, times, percent, later)
        found[name] = known
    return found
