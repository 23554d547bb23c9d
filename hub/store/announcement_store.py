"""Announcements of the administrator, shown to everybody on each page for some hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.database_connections import Database
from hub.store.table_models import Base

BELIEVED = timedelta(seconds=5)
"""How long an answer is believed: each page asks, and pages come often."""


class Announcement(Base):
    """A text in one or more languages, and until when it is shown."""

    __tablename__ = "announcement"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[dict[str, Any]]
    announced_at: Mapped[datetime]
    until: Mapped[datetime]


class Announcements:
    """The one announcement that is shown now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[datetime, dict[str, Any] | None] | None = None

    def publish(self, text: Mapping[str, str], hours: float) -> None:
        """Show `text`, by language, for some hours, in the place of an earlier one."""
        self.clear()
        now = datetime.now(UTC)
        with self._database.write() as session:
            session.add(Announcement(text=dict(text), announced_at=now, until=now + timedelta(hours=hours)))

    def clear(self) -> bool:
        """Show nothing any more; return whether something was shown."""
        now, self._known = datetime.now(UTC), None
        with self._database.write() as session:
            ended = session.execute(update(Announcement).where(Announcement.until > now).values(until=now))
            return bool(getattr(ended, "rowcount", 0))

    def current(self, language: str) -> str:
        """Return what is shown to a reader of `language`, else the first text that there is, else ""."""
        now = datetime.now(UTC)
        if self._known is None or now - self._known[0] > BELIEVED:
            query = select(Announcement).where(Announcement.until > now).order_by(Announcement.id.desc())
            with self._database.read() as session:
                found = session.scalar(query.limit(1))
            self._known = (now, found.text if found else None)
        text = self._known[1] or {}
        return str(text.get(language) or next(iter(text.values()), ""))
