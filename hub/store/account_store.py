"""Accounts, their roles, and the one-time links that let people in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from hub.store import table_models
from hub.store.api_tokens import end_tokens
from hub.store.database_connections import Database
from hub.store.institution_tree import subtree_query
from hub.store.list_pages import one_page
from hub.store.refused_change import RefusedChange

ROLES = ("learner", "trainer", "data-team", "coordinator", "administrator")


class People:
    """Accounts of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> table_models.Person | None:
        """Return the person called `name`."""
        with self._database.read() as session:
            return session.get(table_models.Person, name)

    def add(
        self,
        username: str,
        display_name: str,
        *,
        roles: Iterable[str] = ("learner",),
        institution: str | None = None,
        language: str | None = None,
    ) -> None:
        """Make an account, or bring the name and roles of an existing one up to date; what is None stays."""
        with self._database.write() as session:
            person = session.get(table_models.Person, username) or table_models.Person(
                username=username, created_at=datetime.now(UTC)
            )
            person.display_name = display_name
            person.institution = institution or person.institution
            person.language = language or person.language or "en"
            session.add(person)
            session.flush()
            session.execute(
                delete(table_models.PersonRole).where(table_models.PersonRole.username == username)
            )
            session.add_all(
                table_models.PersonRole(username=username, role=role) for role in sorted(set(roles))
            )

    def change(
        self,
        name: str,
        *,
        display_name: str,
        roles: Iterable[str],
        institution: str | None,
        language: str,
        email: str | None,
    ) -> None:
        """Change everything about a person but the user name. Raises RefusedChange."""
        wanted = set(roles)
        check_coordinator(wanted, institution)
        with self._database.write() as session:
            person = session.get(table_models.Person, name)
            if person is None:
                raise RefusedChange("no-such-person", name=name)
            if institution and session.get(table_models.Institution, institution) is None:
                raise RefusedChange("no-such-institution", name=institution)
            person.display_name, person.language = display_name, language
            person.institution, person.email = institution or None, email or None
            session.execute(delete(table_models.PersonRole).where(table_models.PersonRole.username == name))
            session.add_all(table_models.PersonRole(username=name, role=role) for role in sorted(wanted))

    def roles(self, name: str) -> list[str]:
        """Return names of the hub groups this person belongs to."""
        with self._database.read() as session:
            query = select(table_models.PersonRole.role).where(table_models.PersonRole.username == name)
            return sorted(session.scalars(query))

    def roles_of(self, names: Collection[str]) -> dict[str, list[str]]:
        """Return the same for several people at once."""
        row = table_models.PersonRole
        found: dict[str, list[str]] = {name: [] for name in names}
        with self._database.read() as session:
            for each in session.scalars(select(row).where(row.username.in_(names)).order_by(row.role)):
                found[each.username].append(each.role)
        return found

    def names(self, names: Collection[str]) -> dict[str, str]:
        """Return the names as shown of several people at once."""
        row = table_models.Person
        query = select(row.username, row.display_name).where(row.username.in_(set(names)))
        with self._database.read() as session:
            return {name: shown for name, shown in session.execute(query)}  # noqa: C416 - rows are no pairs

    def password_hash(self, name: str) -> str | None:
        """Return the kept hash, None for no password or no such person."""
        person = self.get(name)
        return person.password_hash if person else None

    def set_password_hash(self, name: str, value: str) -> None:
        """Keep a new hash."""
        with self._database.write() as session:
            session.execute(
                update(table_models.Person)
                .where(table_models.Person.username == name)
                .values(password_hash=value)
            )

    def set_language(self, name: str, language: str) -> None:
        """Remember the language this person reads."""
        with self._database.write() as session:
            session.execute(
                update(table_models.Person)
                .where(table_models.Person.username == name)
                .values(language=language)
            )

    def disabled(self, name: str) -> bool:
        """Return whether an administrator has closed this account."""
        person = self.get(name)
        return person is not None and person.disabled_at is not None

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Close an account, which ends its tokens for good, or open it again."""
        moment = datetime.now(UTC) if disabled else None
        with self._database.write() as session:
            session.execute(
                update(table_models.Person)
                .where(table_models.Person.username == name)
                .values(disabled_at=moment)
            )
            if disabled:
                end_tokens(session, name)

    def search(
        self,
        words: str = "",
        *,
        page: int = 0,
        size: int = 50,
        institution: str = "",
        role: str = "",
    ) -> tuple[list[table_models.Person], int]:
        """People whose name holds `words`, one page of them, and how many there are in all.

        Of one institution and all below it, or with one role, if named; role `no-class` for learners in no class.
        """
        query = select(table_models.Person)
        if institution:
            query = query.where(table_models.Person.institution.in_(subtree_query(institution)))
        if role == "no-class":
            query = query.where(table_models.Person.username.in_(_learners_without_class()))
            query = query.where(table_models.Person.disabled_at.is_(None))
        elif role:
            having = select(table_models.PersonRole.username).where(table_models.PersonRole.role == role)
            query = query.where(table_models.Person.username.in_(having))
        if words:
            query = query.where(
                named_like(table_models.Person.username, table_models.Person.display_name, words)
            )
        with self._database.read() as session:
            rows, total = one_page(session, query, (table_models.Person.username,), page, size)
            return [person for (person,) in rows], total

    def count_in(self, institution: str) -> int:
        """Return how many people an institution has, with all below it."""
        query = select(func.count()).where(table_models.Person.institution.in_(subtree_query(institution)))
        with self._database.read() as session:
            return session.scalar(query) or 0


def named_like(username: Any, display_name: Any, words: str) -> ColumnElement[bool]:
    """Return whether a user name or a name contains `words`, in capitals or not.

    User names have small letters only. ILIKE would take twice as long: 120 ms for 100,000 people, and not 60.
    """
    like = f"%{words.lower().replace('%', '').replace('_', '')}%"
    return or_(username.like(like), func.lower(display_name).like(like))


def check_coordinator(roles: Collection[str], institution: str | None) -> None:
    """Raise RefusedChange for a coordinator of nothing."""
    if "coordinator" in roles and not institution:
        raise RefusedChange("coordinator-without-institution")


def _learners_without_class() -> Select[Any]:
    """Return the learners of a course who are in no class of it."""
    member, group, inside = table_models.CourseMember, table_models.ClassGroup, table_models.ClassMember
    learning = select(member.username, member.course).where(member.role == "learner")
    # A difference of two lists that are read once; asked for each learner it looked at every class of the course.
    placed = select(inside.username, group.course).join(group, group.id == inside.class_id)
    without = learning.except_(placed).subquery()
    return select(without.c.username)


class Invitations:
    """One-time links, known by the hash of their token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token_sha256: str, username: str, kind: str, expires_at: datetime) -> None:
        """Keep a new link; earlier ones of the same person open nothing any more."""
        table = table_models.Invitation
        with self._database.write() as session:
            session.execute(
                update(table)
                .where(table.username == username, table.used_at.is_(None))
                .values(used_at=datetime.now(UTC))
            )
            session.add(
                table_models.Invitation(
                    token_sha256=token_sha256, username=username, kind=kind, expires_at=expires_at
                )
            )

    def add_many(self, links: Mapping[str, tuple[str, str]], expires_at: datetime) -> None:
        """Keep new links (hash -> user name, kind) for several people at once; earlier ones of theirs end."""
        table = table_models.Invitation
        with self._database.write() as session:
            session.execute(
                update(table)
                .where(table.username.in_({name for name, _kind in links.values()}), table.used_at.is_(None))
                .values(used_at=datetime.now(UTC))
            )
            session.add_all(
                table(token_sha256=digest, username=name, kind=kind, expires_at=expires_at)
                for digest, (name, kind) in links.items()
            )

    def peek(self, token_sha256: str) -> table_models.Invitation | None:
        """Return the link, whether or not it was used or has expired."""
        with self._database.read() as session:
            return session.get(table_models.Invitation, token_sha256)

    def use(self, token_sha256: str, now: datetime) -> table_models.Invitation | None:
        """Spend the link, once for all callers; None if it was spent, has expired or never was."""
        with self._database.write() as session:
            table = table_models.Invitation
            spent = session.execute(
                update(table)
                .where(table.token_sha256 == token_sha256, table.used_at.is_(None), table.expires_at > now)
                .values(used_at=now)
                .returning(table.token_sha256)
            ).first()
            return session.get(table, token_sha256) if spent else None
