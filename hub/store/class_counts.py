"""Progress of an institution's people, counted by class: numbers only, nobody's name and nobody's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, distinct, func, or_, select

from hub.store import models
from hub.store.database import Database
from hub.store.institutions import subtree


@dataclass(frozen=True)
class ClassCount:
    """One class of a course, or its learners in no class (`group` is None), at one lab."""

    group: str | None
    people: int
    handed_in: int
    graded: int


@dataclass(frozen=True)
class CourseCounts:
    """A course: its classes with their people, and what they did with each lab, by the lab's name."""

    course: models.Course
    people: dict[str | None, int]
    work: dict[tuple[str, str | None], tuple[int, int]]

    def of_lab(self, lab: str) -> list[ClassCount]:
        """Return the counts of each class at a lab; those in no class come last."""
        groups = sorted(self.people, key=lambda group: (group is None, group or ""))
        return [
            ClassCount(group, self.people[group], *self.work.get((lab, group), (0, 0))) for group in groups
        ]


def count_classes(database: Database, institution: str) -> list[CourseCounts]:
    """Count the learners of an institution and of all below it, in three queries.

    People without an institution count for that of the course. Closed accounts, archived courses and archived classes
    do not count.
    """
    here = _learners(institution).subquery()
    attempt, grading = models.Attempt, models.Grading
    people = select(here.c.course, here.c.title, func.count()).group_by(here.c.course, here.c.title)
    work = (
        select(
            here.c.course,
            attempt.lab,
            here.c.title,
            func.count(distinct(attempt.learner)),
            func.count(distinct(case((grading.id.is_not(None), attempt.learner)))),
        )
        .join(attempt, (attempt.course == here.c.course) & (attempt.learner == here.c.username))
        .outerjoin(grading, grading.attempt == attempt.id)
        .group_by(here.c.course, attempt.lab, here.c.title)
    )
    with database.read() as session:
        found = {
            course.id: CourseCounts(course, {}, {}) for course in session.scalars(_courses(institution, here))
        }
        for course, group, number in session.execute(people):
            found[course].people[group] = number
        for course, lab, group, handed_in, graded in session.execute(work):
            found[course].work[lab, group] = (handed_in, graded)
    return list(found.values())


def _learners(institution: str) -> Select[Any]:
    """Return the learners that count, with the title of their class."""
    member, person, course = models.CourseMember, models.Person, models.Course
    group, inside = models.ClassGroup, models.ClassMember
    classes = (
        select(inside.username, group.course, func.max(group.title).label("title"))
        .join(group, group.id == inside.class_id)
        .where(group.archived_at.is_(None))
        .group_by(inside.username, group.course)
        .subquery()
    )
    below = subtree(institution)
    return (
        select(member.course, member.username, classes.c.title)
        .join(person, person.username == member.username)
        .join(course, course.id == member.course)
        .outerjoin(classes, (classes.c.username == member.username) & (classes.c.course == member.course))
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


def _courses(institution: str, learners: Any) -> Select[Any]:
    """Return the courses of the institution, and those in which its people learn."""
    course = models.Course
    return (
        select(course)
        .where(
            course.archived_at.is_(None),
            or_(course.institution.in_(subtree(institution)), course.id.in_(select(learners.c.course))),
        )
        .order_by(course.title, course.id)
    )
