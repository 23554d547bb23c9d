"""Existing people, institutions, courses and classes that a roster names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from hub.store import table_models
from hub.store.roster_file import RosterRow

CHUNK = 500
"""Names in one query: SQLite takes 32,766 at most, and some builds 999."""


@dataclass(frozen=True)
class KnownPerson:
    """An account as it is."""

    display_name: str
    email: str | None
    language: str
    institution: str | None
    closed: bool


class Places:
    """Institutions or courses, found by short name, else by title, whatever the case."""

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        self._ids = {name.casefold(): name for name, _title in rows}
        self._titles: dict[str, list[str]] = defaultdict(list)
        for name, title in rows:
            self._titles[title.casefold()].append(name)

    def find(self, text: str) -> list[str]:
        """Return the ids that `text` may mean; more than one if the title is shared."""
        key = text.casefold()
        return [self._ids[key]] if key in self._ids else self._titles.get(key, [])


@dataclass
class Known:
    """A snapshot, read in one transaction."""

    institutions: Places
    courses: Places
    people: dict[str, KnownPerson] = field(default_factory=dict)
    by_email: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    members: set[tuple[str, str, str]] = field(default_factory=set)
    class_of: dict[tuple[str, str], str] = field(default_factory=dict)
    usernames: set[str] = field(default_factory=set)
    """Every user name there is, if new ones have to be made."""
    _classes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def has_class(self, course: str, title: str) -> bool:
        """Return whether a course has this class."""
        return title.casefold() in self._classes[course]

    def add_class(self, course: str, title: str) -> None:
        """Know one more class."""
        self._classes[course][title.casefold()] = title

    def class_title(self, course: str, text: str) -> str:
        """Return the title of a class as it is written there, or `text` for a new one."""
        return self._classes[course].get(text.casefold(), text)


def read_known(session: Any, rows: Sequence[RosterRow]) -> Known:
    """Read what the rows speak of; a few queries for every 500 of them."""
    known = Known(
        Places(_pairs(session, table_models.Institution)),
        Places(_pairs(session, table_models.Course)),
    )
    for course, title in session.execute(
        select(table_models.ClassGroup.course, table_models.ClassGroup.title)
    ):
        known.add_class(course, title)
    emails = {row.cells["email"].lower() for row in rows if row.cells["email"] and not row.cells["username"]}
    names = {row.cells["username"].lower() for row in rows if row.cells["username"]}
    for chunk in _chunks(emails):
        person = table_models.Person
        for name, email in session.execute(
            select(person.username, person.email).where(person.email.in_(chunk)).order_by(person.username)
        ):
            known.by_email.setdefault(email, []).append(name)
            names.add(name)
    if emails:
        known.usernames = set(session.scalars(select(table_models.Person.username)))
    for chunk in _chunks(names):
        _read_people(session, known, chunk)
    return known


def _pairs(session: Any, table: Any) -> list[tuple[str, str]]:
    return [(name, title) for name, title in session.execute(select(table.id, table.title))]


def _read_people(session: Any, known: Known, names: Collection[str]) -> None:
    person, role, member = table_models.Person, table_models.PersonRole, table_models.CourseMember
    columns = (
        *(person.username, person.display_name, person.email, person.language),
        *(person.institution, person.disabled_at),
    )
    for row in session.execute(select(*columns).where(person.username.in_(names))):
        name, shown, email, language, institution, closed_at = row
        known.people[name] = KnownPerson(shown, email, language, institution, closed_at is not None)
    roles: dict[str, set[str]] = defaultdict(set)
    for name, found in session.execute(select(role.username, role.role).where(role.username.in_(names))):
        roles[name].add(found)
    known.roles.update({name: frozenset(found) for name, found in roles.items()})
    parts = select(member.course, member.username, member.role).where(member.username.in_(names))
    known.members.update(tuple(row) for row in session.execute(parts))
    classes = (
        select(
            table_models.ClassGroup.course, table_models.ClassMember.username, table_models.ClassGroup.title
        )
        .join(table_models.ClassMember, table_models.ClassMember.class_id == table_models.ClassGroup.id)
        .where(table_models.ClassMember.username.in_(names))
    )
    for course, name, title in session.execute(classes):
        known.class_of[course, name] = title


def _chunks(names: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
