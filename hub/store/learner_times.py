"""Learners whose times for a lab are not the lab's own: of many labs at once, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from hub.store import models
from hub.store.courses import Lab
from hub.store.database import Database
from hub.store.marking_models import ClassSchedule, ExtraTime
from hub.store.schedules import own_times

LabTimes = dict[tuple[str, str], dict[str, Lab]]
"""By course and lab: the lab with a learner's times, by user name. Who is not in it has the lab's own times."""


def learner_times(database: Database, labs: Collection[Lab]) -> LabTimes:
    """Return the labs as those learners have them who have other times: by class, extra time, or an extension.

    Example: `learner_times(store.database, labs)["tech-2026a", "sums"].get("amina.k", lab).closes_at`
    """
    courses = {lab.course for lab in labs}
    group, inside, member = models.ClassGroup, models.ClassMember, models.CourseMember
    of_class = (
        select(group.course, inside.username, ClassSchedule)
        .join(inside, inside.class_id == group.id)
        .join(ClassSchedule, ClassSchedule.class_id == group.id)
        .where(group.course.in_(courses), group.archived_at.is_(None))
    )
    more_time = (
        select(member.course, member.username, ExtraTime.percent)
        .join(ExtraTime, ExtraTime.username == member.username)
        .where(member.course.in_(courses), member.role == "learner")
    )
    later = select(models.Extension).where(models.Extension.course.in_(courses))
    classes: dict[tuple[str, str], dict[str, list[ClassSchedule]]] = defaultdict(lambda: defaultdict(list))
    percents: dict[str, dict[str, int]] = defaultdict(dict)
    extensions: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    with database.read() as session:
        for course, name, times in session.execute(of_class):
            classes[course, times.lab][name].append(times)
        for course, name, percent in session.execute(more_time):
            percents[course][name] = percent
        for each in session.scalars(later):
            extensions[each.course, each.lab][each.learner] = each.closes_at
    found: LabTimes = {}
    for lab in labs:
        key = lab.course, lab.lab
        more = percents[lab.course]
        found[key] = {
            name: own_times(lab, classes[key].get(name, ()), more.get(name, 0), extensions[key].get(name))
            for name in {*classes[key], *more, *extensions[key]}
        }
    return found
