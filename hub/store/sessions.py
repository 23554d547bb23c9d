"""Signed-in browsers of the campus. The cookie is a random key; only its hash is kept here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from hub.store import models
from hub.store.database import Database

LIFETIME = timedelta(hours=12)


class Sessions:
    """Begin, find and end sessions; ending is at once, on every process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, username: str, hub_token: str) -> str:
        """Start a session and return the cookie's value."""
        key, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._database.write() as session:
            session.execute(delete(models.WebSession).where(models.WebSession.expires_at < now))
            session.add(
                models.WebSession(
                    key_sha256=_hash(key), username=username, hub_token=hub_token, expires_at=now + LIFETIME
                )
            )
        return key

    def find(self, key: str) -> models.WebSession | None:
        """The session of a cookie, if it has not ended."""
        with self._database.read() as session:
            found = session.get(models.WebSession, _hash(key))
        return found if found is not None and found.expires_at > datetime.now(UTC) else None

    def end(self, key: str) -> None:
        """End one session."""
        with self._database.write() as session:
            session.execute(delete(models.WebSession).where(models.WebSession.key_sha256 == _hash(key)))

    def end_all(self, username: str) -> None:
        """End every session of one person."""
        with self._database.write() as session:
            session.execute(delete(models.WebSession).where(models.WebSession.username == username))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
