"""Enrolments in courses and classes: enrol, move with the work done so far, take out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from hub.store import table_models
from hub.store.account_store import named_like
from hub.store.class_management import class_in
from hub.store.database_connections import Database
from hub.store.list_pages import one_page
from hub.store.moved_work import repeat_work
from hub.store.refused_change import RefusedChange

PARTS = ("learner", "trainer")
"""What somebody can be in a course."""


class NamedPerson(NamedTuple):
    """Account and name of somebody, for pages that ask often: a row of a person costs five times as much to read."""

    username: str
    display_name: str


@dataclass(frozen=True)
class Member:
    """Somebody in a course. `group` and `group_id` name their class, if they are in one."""

    person: table_models.Person
    part: str
    group: str | None
    group_id: int | None
    added_by: str | None


@dataclass(frozen=True)
class Enrolment:
    """One course of a person, with their parts in it and their class."""

    course: table_models.Course
    parts: tuple[str, ...]
    group: str | None
    group_id: int | None


class Enrolments:
    """Changes of memberships; each is one transaction, and repeating it changes nothing."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    def enrol(
        self,
        course: str,
        username: str,
        part: str = "learner",
        *,
        class_id: int | None = None,
        added_by: str | None = None,
    ) -> None:
        """Give somebody a part in a course and put them in one of its classes. Raises RefusedChange."""
        if part not in PARTS:
            raise RefusedChange("no-such-part", part=part)
        with self._database.write() as session:
            _check_open(session, course, username)
            there = session.get(table_models.CourseMember, (course, username, part))
            if there is not None:
                there.added_by = there.added_by if added_by else None
            else:
                session.add(
                    table_models.CourseMember(course=course, username=username, role=part, added_by=added_by)
                )
                session.flush()
            if class_id is not None:
                _put_in_class(session, course, username, class_id)

    def put_in_class(self, course: str, usernames: Collection[str], class_id: int | None) -> int:
        """Put learners of a course into one of its classes, or into none; return how many are members."""
        with self._database.write() as session:
            known = select(table_models.CourseMember.username).where(
                table_models.CourseMember.course == course, table_models.CourseMember.username.in_(usernames)
            )
            names = sorted(set(session.scalars(known)))
            for name in names:
                _put_in_class(session, course, name, class_id)
            return len(names)

    def take_out(self, course: str, username: str) -> bool:
        """End every part of somebody in a course; what they handed in stays. Return whether they had one."""
        with self._database.write() as session:
            member = table_models.CourseMember
            gone = session.execute(delete(member).where(member.course == course, member.username == username))
            _leave_classes(session, course, username)
            return bool(gone.rowcount)  # type: ignore[attr-defined]

    def move(self, username: str, old: str, new: str, *, class_id: int | None = None) -> int:
        """Move a learner from one course to another with their work; return how many attempts moved along.

        Attempts are never changed: those of labs that the new course has too are repeated there, with results,
        marks and returned feedback, under new receipts. The receipts of the old course stay valid.
        """
        if old == new:
            raise RefusedChange("same-course", name=old)
        with self._database.write() as session:
            if session.get(table_models.CourseMember, (old, username, "learner")) is None:
                raise RefusedChange("not-enrolled", name=username, course=old)
            _check_open(session, new, username)
            session.merge(table_models.CourseMember(course=new, username=username, role="learner"))
            session.flush()
            member = table_models.CourseMember
            session.execute(
                delete(member).where(
                    member.course == old, member.username == username, member.role == "learner"
                )
            )
            _leave_classes(session, old, username)
            if class_id is not None:
                _put_in_class(session, new, username, class_id)
            return repeat_work(session, username, old, new, self._zone)

    def of_person(self, username: str) -> list[Enrolment]:
        """Return the courses of a person with their class in each, in two queries."""
        member, group = table_models.CourseMember, table_models.ClassGroup
        courses = (
            select(table_models.Course, member.role)
            .join(member, member.course == table_models.Course.id)
            .where(member.username == username)
            .order_by(table_models.Course.title, member.role)
        )
        classes = (
            select(group.course, group.id, group.title)
            .join(table_models.ClassMember, table_models.ClassMember.class_id == group.id)
            .where(table_models.ClassMember.username == username, group.archived_at.is_(None))
        )
        with self._database.read() as session:
            found: dict[str, tuple[table_models.Course, list[str]]] = {}
            for course, role in session.execute(courses):
                found.setdefault(course.id, (course, []))[1].append(role)
            groups: dict[str, tuple[int | None, str | None]] = {
                course: (number, title) for course, number, title in session.execute(classes)
            }
        found_groups = {course: groups.get(course, (None, None)) for course in found}
        return [
            Enrolment(
                course, tuple(parts), group=found_groups[course.id][1], group_id=found_groups[course.id][0]
            )
            for course, parts in found.values()
        ]

    def members(
        self,
        course: str,
        words: str = "",
        *,
        class_id: int | None = None,
        without_class: bool = False,
        page: int = 0,
        size: int = 50,
    ) -> tuple[list[Member], int]:
        """Return the members of a course whose account is open: one page of them, and how many there are."""
        query = _members(course)
        if words:
            query = query.where(table_models.Person.username.in_(_named_like(course, words)))
        if class_id is not None:
            query = query.where(table_models.ClassGroup.id == class_id)
        elif without_class:
            query = query.where(
                table_models.ClassGroup.id.is_(None), table_models.CourseMember.role == "learner"
            )
        order = (
            table_models.CourseMember.role.desc(),
            table_models.Person.display_name,
            table_models.Person.username,
        )
        with self._database.read() as session:
            rows, total = one_page(session, query, order, page, size)
            return [Member(*row) for row in rows], total

    def member(self, course: str, username: str) -> Member | None:
        """Return a learner of a course whose account is open."""
        query = _members(course).where(
            table_models.CourseMember.username == username, table_models.CourseMember.role == "learner"
        )
        with self._database.read() as session:
            row = session.execute(query).first()
        return Member(*row) if row else None

    def added_by(self, course: str) -> dict[str, str]:
        """Return the learners of a course whom a trainer enrolled, each with that trainer."""
        member = table_models.CourseMember
        query = select(member.username, member.added_by).where(
            member.course == course, member.role == "learner", member.added_by.is_not(None)
        )
        with self._database.read() as session:
            return {name: str(trainer) for name, trainer in session.execute(query)}

    def learners_in(self, course: str, class_id: int, *, without_password: bool) -> list[table_models.Person]:
        """Return the learners of a class whose accounts are open, by name."""
        query = _class_learners(select(table_models.Person), course, class_id)
        query = query.where(table_models.Person.password_hash.is_(None)) if without_password else query
        with self._database.read() as session:
            return list(session.scalars(query))

    def names_in(self, course: str, class_id: int) -> list[NamedPerson]:
        """Return account and name of the learners of a class whose accounts are open, by name."""
        person = table_models.Person
        query = _class_learners(select(person.username, person.display_name), course, class_id)
        with self._database.read() as session:
            return [NamedPerson(*row) for row in session.execute(query)]


def _class_learners(query: Any, course: str, class_id: int) -> Any:
    """Return a query of people that finds the learners of a class whose accounts are open, by name."""
    person, inside, part = table_models.Person, table_models.ClassMember, table_models.CourseMember
    enrolled = select(part.username).where(part.course == course, part.role == "learner")
    return (
        query.join(inside, inside.username == person.username)
        .where(inside.class_id == class_id, person.disabled_at.is_(None), person.username.in_(enrolled))
        .order_by(person.display_name, person.username)
    )


def _members(course: str) -> Any:
    """Return the members of a course, a line for each part; a class is counted for learners only."""
    member, group = table_models.CourseMember, table_models.ClassGroup
    classes = (
        select(table_models.ClassMember.username, group.id.label("group_id"))
        .join(group, group.id == table_models.ClassMember.class_id)
        .where(group.course == course, group.archived_at.is_(None))
        .subquery()
    )
    return (
        select(table_models.Person, member.role, group.title, group.id, member.added_by)
        .join(member, member.username == table_models.Person.username)
        .outerjoin(classes, (classes.c.username == table_models.Person.username) & (member.role == "learner"))
        .outerjoin(group, group.id == classes.c.group_id)
        .where(member.course == course, table_models.Person.disabled_at.is_(None))
    )


def _named_like(course: str, words: str) -> Any:
    """Return the members of a course whose account or name contains `words`.

    The members come first, as separate rows: PostgreSQL would look for the words in everybody's name, which
    takes fifty times as long in a country.
    """
    person, member = table_models.Person, table_models.CourseMember
    names = (
        select(person.username, person.display_name)
        .where(person.username.in_(select(member.username).where(member.course == course)))
        .cte("names")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return select(names.c.username).where(named_like(names.c.username, names.c.display_name, words))


def _check_open(session: Any, course: str, username: str) -> None:
    if session.get(table_models.Course, course) is None:
        raise RefusedChange("no-such-course", name=course)
    person = session.get(table_models.Person, username)
    if person is None:
        raise RefusedChange("no-such-person", name=username)
    if person.disabled_at is not None:
        raise RefusedChange("closed-account", name=username)


def _leave_classes(session: Any, course: str, username: str) -> None:
    here = select(table_models.ClassGroup.id).where(table_models.ClassGroup.course == course)
    member = table_models.ClassMember
    session.execute(delete(member).where(member.username == username, member.class_id.in_(here)))


def _put_in_class(session: Any, course: str, username: str, class_id: int | None) -> None:
    """Somebody is in one class of a course at most."""
    if class_id is not None:
        class_in(session, course, class_id)
    _leave_classes(session, course, username)
    if class_id is not None:
        session.add(table_models.ClassMember(class_id=class_id, username=username))
        session.flush()
