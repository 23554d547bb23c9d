"""Tokens of people's own programs; only their hashes are kept. Each ends when it expires, or its account closes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.store.database_connections import Database
from hub.store.refused_change import RefusedChange
from hub.store.table_models import Base

PREFIX = "isomo_"
"""How each token begins, so that a search for leaked ones finds it, and the hub is not asked about it."""
MOST_TOKENS = 20
"""Tokens of one person at a time."""
LONGEST_NAME = 60
USE_WRITTEN_EVERY = timedelta(minutes=1)
"""A program may call many times a second; its last use is kept to the minute."""


class ApiToken(Base):
    """One token: whose, called what, what it may do, until when, and when it was used last."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    scopes: Mapped[list[Any]]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    @property
    def is_over(self) -> bool:
        """Return whether it has expired."""
        return self.expires_at <= datetime.now(UTC)


class ApiTokens:
    """Make, find, list and end tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, username: str, name: str, scopes: Collection[str], expires_at: datetime) -> str:
        """Keep a new token and return it; nobody can read it again. Raises RefusedChange."""
        token = PREFIX + secrets.token_urlsafe(32)
        with self._database.write() as session:
            count = select(func.count()).select_from(ApiToken).filter_by(username=username)
            if (session.scalar(count) or 0) >= MOST_TOKENS:
                raise RefusedChange("too-many-tokens", most=MOST_TOKENS)
            session.add(
                ApiToken(
                    token_sha256=_hash(token),
                    username=username,
                    name=name,
                    scopes=sorted(scopes),
                    made_at=datetime.now(UTC),
                    expires_at=expires_at,
                )
            )
        return token

    def find(self, token: str) -> ApiToken | None:
        """Return a token that has not ended, noting its use; None if it is unknown or over."""
        now = datetime.now(UTC)
        with self._database.read() as session:
            found = session.scalar(select(ApiToken).filter_by(token_sha256=_hash(token)))
        if found is None or found.is_over:
            return None
        if found.used_at is None or now - found.used_at > USE_WRITTEN_EVERY:
            with self._database.write() as session:
                session.execute(update(ApiToken).where(ApiToken.id == found.id).values(used_at=now))
        return found

    def of_person(self, username: str) -> list[ApiToken]:
        """Return the tokens of a person, the newest first; expired ones too."""
        with self._database.read() as session:
            return list(
                session.scalars(select(ApiToken).filter_by(username=username).order_by(ApiToken.id.desc()))
            )

    def revoke(self, username: str, number: int) -> str | None:
        """End one token of a person; return its name, None if they have no such token."""
        with self._database.write() as session:
            found = session.scalar(select(ApiToken).filter_by(username=username, id=number))
            if found is None:
                return None
            session.delete(found)
            return found.name


def end_tokens(session: Session, username: str) -> None:
    """End every token of a person, in the transaction that closes their account."""
    session.execute(delete(ApiToken).where(ApiToken.username == username))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
