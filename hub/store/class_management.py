"""Courses and classes as an administrator and a trainer arrange them: make, rename, archive, count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.institution_tree import checked_short_name, checked_title
from hub.store.refused_change import RefusedChange

LONGEST_NOTE = 60


@dataclass(frozen=True)
class CourseLine:
    """A course in a list, with its learners whose accounts are open."""

    course: table_models.Course
    institution: str
    learners: int
    classes: int


@dataclass(frozen=True)
class ClassLine:
    """A class in a list, with its members whose accounts are open."""

    group: table_models.ClassGroup
    members: int


class Classes:
    """Courses and their classes, as they are arranged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_course(
        self, name: str, title: str, *, institution: str | None = None, track: str = "", intake: str = ""
    ) -> None:
        """Make a course. Raises RefusedChange if its short name is taken or cannot be one."""
        with self._database.write() as session:
            if session.get(table_models.Course, name) is not None:
                raise RefusedChange("short-name-taken", name=name)
            course = table_models.Course(
                id=checked_short_name(name),
                title=checked_title(title),
                track=_note(track),
                intake=_note(intake),
            )
            course.institution = _institution(session, institution)
            session.add(course)

    def change_course(
        self,
        name: str,
        *,
        title: str | None = None,
        institution: str | None = None,
        track: str | None = None,
        intake: str | None = None,
    ) -> None:
        """Rename a course, or change its institution ("" for none), track or intake; None changes nothing."""
        with self._database.write() as session:
            course = _course(session, name)
            course.title = checked_title(title) if title is not None else course.title
            course.institution = (
                _institution(session, institution) if institution is not None else course.institution
            )
            course.track = _note(track) if track is not None else course.track
            course.intake = _note(intake) if intake is not None else course.intake

    def archive_course(self, name: str, *, archived: bool = True) -> None:
        """Take a course off its members' pages, or bring it back; nothing in it is removed."""
        with self._database.write() as session:
            _course(session, name).archived_at = datetime.now(UTC) if archived else None

    def courses(self, *, archived: bool = False) -> list[CourseLine]:
        """Return every course with its counts, in four queries."""
        member, person = table_models.CourseMember, table_models.Person
        learners = select(member.course, func.count()).where(member.role == "learner").group_by(member.course)
        # Closed accounts are few: taking their number off is much quicker than looking at each account.
        closed = learners.join(person, person.username == member.username)
        closed = closed.where(person.disabled_at.is_not(None))
        groups = (
            select(table_models.ClassGroup.course, func.count())
            .where(table_models.ClassGroup.archived_at.is_(None))
            .group_by(table_models.ClassGroup.course)
        )
        query = (
            select(table_models.Course, table_models.Institution.title)
            .outerjoin(
                table_models.Institution, table_models.Institution.id == table_models.Course.institution
            )
            .order_by(table_models.Course.title, table_models.Course.id)
        )
        query = query if archived else query.where(table_models.Course.archived_at.is_(None))
        with self._database.read() as session:
            people: Counter[str] = Counter(dict(session.execute(learners).all()))
            people.subtract(dict(session.execute(closed).all()))
            classes: dict[str, int] = dict(session.execute(groups).all())
            return [
                CourseLine(course, title or "", people[course.id], classes.get(course.id, 0))
                for course, title in session.execute(query)
            ]

    def add_class(self, course: str, title: str, schedule: str = "") -> int:
        """Make a class in a course and return its number. Raises RefusedChange if the title is taken."""
        with self._database.write() as session:
            _course(session, course)
            title = checked_title(title)
            self._check_free(session, course, title)
            group = table_models.ClassGroup(course=course, title=title, schedule=_note(schedule))
            session.add(group)
            session.flush()
            return group.id

    def change_class(
        self, course: str, number: int, *, title: str | None = None, schedule: str | None = None
    ) -> None:
        """Rename a class, or write when it meets."""
        with self._database.write() as session:
            group = class_in(session, course, number)
            if title is not None and (title := checked_title(title)) != group.title:
                self._check_free(session, course, title)
                group.title = title
            group.schedule = _note(schedule) if schedule is not None else group.schedule

    def archive_class(self, course: str, number: int, *, archived: bool = True) -> None:
        """Take a class off the lists, or bring it back; its members stay in the course."""
        with self._database.write() as session:
            class_in(session, course, number).archived_at = datetime.now(UTC) if archived else None

    def classes(self, course: str, *, archived: bool = False) -> list[ClassLine]:
        """Return the classes of a course with their members, in one query."""
        return self.classes_of([course], archived=archived)[course]

    def classes_of(self, courses: Collection[str], *, archived: bool = False) -> dict[str, list[ClassLine]]:
        """Return the classes of several courses, in one query."""
        query = (
            select(table_models.ClassGroup, func.count(table_models.Person.username))
            .outerjoin(
                table_models.ClassMember, table_models.ClassMember.class_id == table_models.ClassGroup.id
            )
            .outerjoin(
                table_models.Person,
                (table_models.Person.username == table_models.ClassMember.username)
                & table_models.Person.disabled_at.is_(None),
            )
            .where(table_models.ClassGroup.course.in_(courses))
            .group_by(table_models.ClassGroup.id)
            .order_by(table_models.ClassGroup.title)
        )
        query = query if archived else query.where(table_models.ClassGroup.archived_at.is_(None))
        with self._database.read() as session:
            found: dict[str, list[ClassLine]] = {course: [] for course in courses}
            for group, number in session.execute(query):
                found[group.course].append(ClassLine(group, number))
            return found

    def get_class(self, course: str, number: int) -> table_models.ClassGroup:
        """Return a class of a course. Raises RefusedChange if there is none."""
        with self._database.read() as session:
            return class_in(session, course, number)

    def _check_free(self, session: Any, course: str, title: str) -> None:
        if (
            session.scalar(select(table_models.ClassGroup.id).filter_by(course=course, title=title))
            is not None
        ):
            raise RefusedChange("class-title-taken", title=title)


def _note(text: str) -> str:
    """Return a short text of one line, such as a track or a schedule."""
    return " ".join(text.split())[:LONGEST_NOTE]


def _course(session: Any, name: str) -> table_models.Course:
    course: table_models.Course | None = session.get(table_models.Course, name)
    if course is None:
        raise RefusedChange("no-such-course", name=name)
    return course


def class_in(session: Any, course: str, number: int) -> table_models.ClassGroup:
    """Return class `number` if it is of `course`. Raises RefusedChange."""
    group: table_models.ClassGroup | None = session.get(table_models.ClassGroup, number)
    if group is None or group.course != course:
        raise RefusedChange("no-such-class", name=course)
    return group


def _institution(session: Any, name: str | None) -> str | None:
    if not name:
        return None
    if session.get(table_models.Institution, name) is None:
        raise RefusedChange("no-such-institution", name=name)
    return name
