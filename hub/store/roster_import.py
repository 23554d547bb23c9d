"""Rosters: the dry run, the import in one transaction, the export, and drafts between two pages."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.institution_tree import subtree_query
from hub.store.roster_file import RosterRow, clean_cell
from hub.store.roster_known import CHUNK, read_known
from hub.store.roster_plan import RosterPlan, RosterPlanner

LOCK = 7_219_002
"""PostgreSQL's advisory lock: one roster at a time."""
DRAFT_LASTS = timedelta(days=1)
MANY = 5_000
"""Rows in one bulk statement."""


class Rosters:
    """Import and export of people with their courses and classes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(
        self, rows: Sequence[RosterRow], languages: tuple[str, ...], *, make_missing: bool = False
    ) -> RosterPlan:
        """Return what the rows would change; nothing is changed."""
        with self._database.read() as session:
            return RosterPlanner(read_known(session, rows), languages, make_missing=make_missing).planned(
                rows
            )

    def carry_out(
        self, rows: Sequence[RosterRow], languages: tuple[str, ...], *, make_missing: bool = False
    ) -> RosterPlan:
        """Change what the rows change at this moment, all of it or nothing, and return what it was.

        Bad rows are left out. Carrying out the same rows again changes nothing.
        """
        with self._database.write() as session:
            if not self._database.is_sqlite:
                session.execute(select(func.pg_advisory_xact_lock(LOCK)))
            known = read_known(session, rows)
            plan = RosterPlanner(known, languages, make_missing=make_missing).planned(rows)
            _make_places(session, plan)
            _make_people(session, plan, languages[0])
            _enrol(session, plan)
            return plan

    def exported(self, *, course: str = "", institution: str = "") -> Iterator[list[str]]:
        """Yield the rows of a roster: a line for each course of each person whose account is open.

        Of one course, or of the people of one institution and of all below it, if named.
        """
        person, member, group = table_models.Person, table_models.CourseMember, table_models.ClassGroup
        classes = (
            select(table_models.ClassMember.username, group.course, func.max(group.title).label("title"))
            .join(group, group.id == table_models.ClassMember.class_id)
            .group_by(table_models.ClassMember.username, group.course)
            .subquery()
        )
        query = (
            select(
                *(person.username, person.display_name, person.email, person.language, person.institution),
                *(member.course, member.role, classes.c.title),
            )
            .outerjoin(member, member.username == person.username)
            .outerjoin(classes, (classes.c.username == person.username) & (classes.c.course == member.course))
            .where(person.disabled_at.is_(None))
            .order_by(person.username, member.course, member.role)
        )
        query = query.where(member.course == course) if course else query
        query = query.where(person.institution.in_(subtree_query(institution))) if institution else query
        with self._database.read(in_pieces=True) as session:
            roles: dict[str, list[str]] = defaultdict(list)
            for name, role in session.execute(
                select(table_models.PersonRole.username, table_models.PersonRole.role).order_by(
                    table_models.PersonRole.role
                )
            ):
                roles[name].append(role)
            for row in session.execute(query.execution_options(yield_per=2000)):
                name, shown, email, language, place, of_course, part, title = row
                cells = (name, shown, email, language, place, ", ".join(roles[name]), of_course, part)
                in_class = title if part == "learner" or part is None else ""
                yield [clean_cell(cell or "") for cell in (*cells, in_class)]

    def keep_draft(self, username: str, content: str) -> str:
        """Keep a roster until its owner carries it out; return the word by which it is found again."""
        token, now = secrets.token_urlsafe(18), datetime.now(UTC)
        draft = table_models.RosterDraft
        with self._database.write() as session:
            session.execute(
                delete(draft).where((draft.username == username) | (draft.created_at < now - DRAFT_LASTS))
            )
            session.add(
                draft(token_sha256=_digest(token), username=username, created_at=now, content=content)
            )
        return token

    def draft(self, username: str, token: str) -> str | None:
        """Return a roster that `username` kept within a day, None if there is none."""
        with self._database.read() as session:
            found = session.get(table_models.RosterDraft, _digest(token))
        fresh = found is not None and found.created_at > datetime.now(UTC) - DRAFT_LASTS
        return found.content if found is not None and fresh and found.username == username else None

    def drop_draft(self, token: str) -> None:
        """Remove a roster that was carried out."""
        with self._database.write() as session:
            session.execute(
                delete(table_models.RosterDraft).where(
                    table_models.RosterDraft.token_sha256 == _digest(token)
                )
            )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _many(session: Any, statement: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), MANY):
        session.execute(statement, rows[start : start + MANY])


def _make_places(session: Any, plan: RosterPlan) -> None:
    for table, new in (
        (table_models.Institution, plan.new_institutions),
        (table_models.Course, plan.new_courses),
    ):
        _many(session, insert(table), [{"id": name, "title": title} for name, title in sorted(new.items())])
    groups = [{"course": course, "title": title} for course, title in sorted(plan.new_classes)]
    _many(session, insert(table_models.ClassGroup), groups)


def _make_people(session: Any, plan: RosterPlan, language: str) -> None:
    now = datetime.now(UTC)
    people = [
        {
            "username": name,
            "display_name": wanted.display_name,
            "email": wanted.email,
            "language": wanted.language or language,
            "institution": wanted.institution,
            "created_at": now,
        }
        for name, wanted in sorted(plan.new_people.items())
    ]
    _many(session, insert(table_models.Person), people)
    _change_people(session, plan)
    changed = sorted(plan.changed_roles)
    for start in range(0, len(changed), CHUNK):
        names = changed[start : start + CHUNK]
        session.execute(delete(table_models.PersonRole).where(table_models.PersonRole.username.in_(names)))
    roles = {name: wanted.roles or {"learner"} for name, wanted in plan.new_people.items()}
    roles |= {name: new for name, (_old, new) in plan.changed_roles.items()}
    rows = [{"username": name, "role": role} for name in sorted(roles) for role in sorted(roles[name])]
    _many(session, insert(table_models.PersonRole), rows)


def _change_people(session: Any, plan: RosterPlan) -> None:
    """Bulk updates, one for each set of columns that change."""
    together: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for name, changes in plan.changed_people.items():
        values = {f"new_{column}": new for column, (_old, new) in changes.items()}
        together[tuple(sorted(changes))].append({"key": name, **values})
    table: Any = table_models.Person.__table__
    for columns, rows in together.items():
        new_values: Any = {column: bindparam(f"new_{column}") for column in columns}
        statement = update(table).where(table.c.username == bindparam("key")).values(new_values)
        _many(session.connection(), statement, rows)


def _enrol(session: Any, plan: RosterPlan) -> None:
    rows = [
        {"course": course, "username": name, "role": part} for course, name, part in sorted(plan.enrolled)
    ]
    _many(session, insert(table_models.CourseMember), rows)
    group, member = table_models.ClassGroup, table_models.ClassMember
    numbers = {
        (course, title): number
        for course, title, number in session.execute(select(group.course, group.title, group.id))
    }
    moved = sorted(plan.moved)
    for start in range(0, len(moved), CHUNK):
        here = select(member.class_id, member.username).join(group, group.id == member.class_id)
        leaving = here.where(tuple_(group.course, member.username).in_(moved[start : start + CHUNK]))
        session.execute(delete(member).where(tuple_(member.class_id, member.username).in_(leaving)))
    rows = [
        {"class_id": numbers[course, title], "username": name}
        for (course, name), title in sorted(plan.classes.items())
    ]
    _many(session, insert(member), rows)
