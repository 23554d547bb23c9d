"""Ways to sign in besides a password: identities at the office's provider, and second factors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.database_connections import Database
from hub.store.sealed_values import Sealer
from hub.store.table_models import Base, Institution, PersonRole


class ExternalIdentity(Base):
    """Somebody at a provider, who is one person here: issuer and subject never change, names may."""

    __tablename__ = "external_identity"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    linked_at: Mapped[datetime]


class SecondFactor(Base):
    """A person's one-time codes: the sealed secret, the last step that was used, hashes of the spare codes."""

    __tablename__ = "second_factor"
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    spare_codes: Mapped[list[Any]]


class Identities:
    """Identities at providers, each with its person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, issuer: str, subject: str) -> str | None:
        """Return the user name of an identity; None if it never came here."""
        with self._database.read() as session:
            found = session.get(ExternalIdentity, (issuer, subject))
            return found.username if found else None

    def has_any(self, username: str) -> bool:
        """Return whether a person comes in through a provider."""
        query = select(ExternalIdentity.subject).where(ExternalIdentity.username == username).limit(1)
        with self._database.read() as session:
            return session.scalar(query) is not None

    def institution(self, said: str) -> str | None:
        """Return the institution with this short name or title, whatever its capitals; None if there is none."""
        name = said.strip().lower()
        query = select(Institution.id).where(
            or_(func.lower(Institution.id) == name, func.lower(Institution.title) == name)
        )
        with self._database.read() as session:
            return session.scalar(query.limit(1)) if name else None

    def link(self, issuer: str, subject: str, username: str) -> str:
        """Say that an identity is `username`; return whose it is if somebody was quicker."""
        with self._database.write() as session:
            found = session.get(ExternalIdentity, (issuer, subject))
            if found is not None:
                return found.username
            session.add(
                ExternalIdentity(
                    issuer=issuer, subject=subject, username=username, linked_at=datetime.now(UTC)
                )
            )
            return username


class SecondFactors:
    """Secrets of one-time codes. A secret counts once its first code was shown to be right."""

    def __init__(self, database: Database, sealer: Callable[[], Sealer]) -> None:
        self._database = database
        self._sealer = sealer

    def is_on(self, username: str) -> bool:
        """Return whether a person is asked for a code."""
        with self._database.read() as session:
            found = session.get(SecondFactor, username)
            return found is not None and found.confirmed_at is not None

    def secret(self, username: str) -> str | None:
        """Return a person's secret; None if there is none, or no key of this installation opens it."""
        with self._database.read() as session:
            found = session.get(SecondFactor, username)
        return self._sealer().open(found.secret) if found else None

    def begin(self, username: str, secret: str) -> None:
        """Keep a new secret, which asks for nothing until it is confirmed; one that counts already stays."""
        with self._database.write() as session:
            found = session.get(SecondFactor, username)
            if found is not None and found.confirmed_at is not None:
                return
            session.execute(delete(SecondFactor).where(SecondFactor.username == username))
            sealed = self._sealer().seal(secret)
            session.add(SecondFactor(username=username, secret=sealed, last_step=0, spare_codes=[]))

    def confirm(self, username: str, step: int, spare_codes: Iterable[str]) -> None:
        """From now on this person is asked for a code."""
        with self._database.write() as session:
            found = session.get(SecondFactor, username)
            if found is not None:
                found.confirmed_at, found.last_step = datetime.now(UTC), step
                found.spare_codes = [_digest(code) for code in spare_codes]

    def use_step(self, username: str, step: int) -> bool:
        """Spend the code of a step of time; False if it, or a later one, was used before."""
        with self._database.write() as session:
            found = session.get(SecondFactor, username)
            if found is None or step <= found.last_step:
                return False
            found.last_step = step
            return True

    def use_spare_code(self, username: str, code: str) -> bool:
        """Spend a spare code; False if there is no such code any more."""
        with self._database.write() as session:
            found = session.get(SecondFactor, username)
            if found is None or _digest(code) not in found.spare_codes:
                return False
            found.spare_codes = [each for each in found.spare_codes if each != _digest(code)]
            return True

    def remove(self, username: str) -> bool:
        """Ask this person for no code any more; return whether there was one."""
        with self._database.write() as session:
            gone = session.execute(delete(SecondFactor).where(SecondFactor.username == username))
            return bool(getattr(gone, "rowcount", 0))

    def administrators_without(self) -> list[str]:
        """Return user names of administrators who are not asked for a code."""
        on = select(SecondFactor.username).where(SecondFactor.confirmed_at.is_not(None))
        query = select(PersonRole.username).where(
            PersonRole.role == "administrator", PersonRole.username.not_in(on)
        )
        with self._database.read() as session:
            return sorted(session.scalars(query))

    def renew(self) -> int:
        """Seal every secret with the newest key; return how many there are."""
        with self._database.write() as session:
            rows = list(session.scalars(select(SecondFactor)))
            for row in rows:
                row.secret = self._sealer().renew(row.secret) or row.secret
            return len(rows)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
