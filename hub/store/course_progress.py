"""Learners of one institution and of all below it in one course, and when they handed in; nobody's answers or marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, or_, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.institution_tree import subtree_query
from hub.store.points_models import KeptPoints


@dataclass(frozen=True)
class ProgressLearner:
    """A learner; `group` is the title of their class, None for none, `institution` the one that counts them."""

    username: str
    name: str
    group: str | None
    institution: str


@dataclass(frozen=True)
class Work:
    """The first attempt at a lab, and whether any attempt at it is graded."""

    first_at: datetime
    graded: bool


@dataclass(frozen=True)
class CourseProgress:
    """Learners of a course, and their work by lab and user name."""

    course: table_models.Course
    learners: tuple[ProgressLearner, ...]
    work: dict[tuple[str, str], Work]


def courses_with_people(database: Database, institution: str) -> list[tuple[table_models.Course, int]]:
    """Return the courses in which people of an institution and below learn, those with most people first."""
    here = _learners(institution, None).subquery()
    course = table_models.Course
    counts = (
        select(here.c.course, func.count(here.c.username).label("people")).group_by(here.c.course).subquery()
    )
    query = (
        select(course, counts.c.people)
        .join(counts, counts.c.course == course.id)
        .order_by(counts.c.people.desc(), course.id)
    )
    with database.read() as session:
        return [(found, number) for found, number in session.execute(query)]


def read_progress(database: Database, institution: str, course: str) -> CourseProgress | None:
    """Return the progress of an institution's people in a course; None if nobody of theirs learns there."""
    query, kept = _learners(institution, course), KeptPoints
    work = select(kept.lab, kept.learner, kept.first_at, kept.grading).where(kept.course == course)
    with database.read() as session:
        rows = session.execute(
            query.order_by(table_models.Person.display_name, table_models.Person.username)
        ).all()
        found = session.get(table_models.Course, course)
        if not rows or found is None:
            return None
        learners = tuple(ProgressLearner(row[1], row[2] or row[1], row[4], row[3]) for row in rows)
        here = {each.username for each in learners}
        done = {
            (lab, name): Work(first_at, grading is not None)
            for lab, name, first_at, grading in session.execute(work)
            if name in here
        }
    return CourseProgress(found, learners, done)


def _learners(institution: str, only: str | None) -> Select[Any]:
    """Return course, user name, name, institution and class of the learners that count, of one course or of all.

    Without a course classes are left out: they would be read for everybody. People without an institution count for
    that of the course. Closed accounts, archived courses and archived classes do not count.
    """
    member, person, course = table_models.CourseMember, table_models.Person, table_models.Course
    group, inside = table_models.ClassGroup, table_models.ClassMember
    classes = (
        select(inside.username, func.max(group.title).label("title"))
        .join(group, group.id == inside.class_id)
        .where(group.archived_at.is_(None), group.course == only)
        .group_by(inside.username)
        .subquery()
    )
    below = subtree_query(institution)
    title = literal(None) if only is None else classes.c.title
    query = (
        select(
            member.course,
            member.username,
            person.display_name,
            func.coalesce(person.institution, course.institution).label("institution"),
            title,
        )
        .join(person, person.username == member.username)
        .join(course, course.id == member.course)
        .where(
            member.role == "learner",
            person.disabled_at.is_(None),
            course.archived_at.is_(None),
            or_(
                person.institution.in_(below),
                person.institution.is_(None) & course.institution.in_(below),
            ),
        )
    )
    if only is None:
        return query
    return query.outerjoin(classes, classes.c.username == member.username).where(member.course == only)
