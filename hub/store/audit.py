"""Who did what: an append-only list that outlives the people and things it names."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from hub.store import models
from hub.store.database import Database


class AuditLog:
    """Kept in the same database as what it tells about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, who: str, what: str, about: str, address: str = "") -> None:
        """Write down that `who` did `what` to `about`, from network address `address`."""
        with self._database.write() as session:
            session.add(
                models.Audit(
                    at=datetime.now(UTC),
                    who=who[:255],
                    what=what[:64],
                    object=about[:2000],
                    address=address[:255],
                )
            )

    def newest(self, *, page: int = 0, size: int = 50, who: str = "") -> list[models.Audit]:
        """Entries, the newest first; of one person if named."""
        query = select(models.Audit)
        query = query.filter_by(who=who) if who else query
        with self._database.read() as session:
            return list(
                session.scalars(query.order_by(models.Audit.id.desc()).offset(page * size).limit(size))
            )
