"""Signed-in browsers of the campus. The cookie is a random key, of which only the hash is kept; the hub's token is
sealed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.sealed_values import Sealer

LIFETIME = timedelta(hours=12)


class Sessions:
    """Begin, find and end sessions; ending is at once, on every process."""

    def __init__(self, database: Database, sealer: Callable[[], Sealer]) -> None:
        self._database = database
        self._sealer = sealer

    def begin(self, username: str, hub_token: str) -> str:
        """Start a session and return the cookie's value."""
        key, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._database.write() as session:
            session.execute(delete(table_models.WebSession).where(table_models.WebSession.expires_at < now))
            session.add(
                table_models.WebSession(
                    key_sha256=_hash(key),
                    username=username,
                    hub_token=self._sealer().seal(hub_token),
                    expires_at=now + LIFETIME,
                )
            )
        return key

    def find(self, key: str) -> table_models.WebSession | None:
        """Return the session of a cookie with its token opened; None if it has ended, or its key is gone."""
        with self._database.read() as session:
            found = session.get(table_models.WebSession, _hash(key))
        if found is None or found.expires_at <= datetime.now(UTC):
            return None
        token = self._sealer().open(found.hub_token)
        if token is None:
            return None
        # Not attached to a transaction any more: this writes nothing.
        found.hub_token = token
        return found

    def renew(self) -> None:
        """Seal every session's token with the newest key."""
        with self._database.write() as session:
            for each in session.scalars(select(table_models.WebSession)):
                each.hub_token = self._sealer().renew(each.hub_token) or each.hub_token

    def end(self, key: str) -> None:
        """End one session."""
        with self._database.write() as session:
            session.execute(
                delete(table_models.WebSession).where(table_models.WebSession.key_sha256 == _hash(key))
            )

    def end_all(self, username: str) -> None:
        """End every session of one person."""
        with self._database.write() as session:
            session.execute(
                delete(table_models.WebSession).where(table_models.WebSession.username == username)
            )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
