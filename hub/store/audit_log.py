"""Audit log: an append-only list of who did what, each entry sealed; it outlives the people and things it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from hub.store import table_models
from hub.store.audit_seal import entry_seal
from hub.store.database_connections import Database

LOCK = 7_219_001
"""PostgreSQL's advisory lock for the log: entries are sealed one after the other."""


@dataclass(frozen=True)
class AuditFilter:
    """Filter of entries: a person, an action, from a moment until before another; empty for all."""

    who: str = ""
    what: str = ""
    since: datetime | None = None
    before: datetime | None = None

    def applied(self, query: Any) -> Any:
        """Return `query` narrowed to these entries."""
        table = table_models.Audit
        query = query.where(table.who == self.who) if self.who else query
        query = query.where(table.what == self.what) if self.what else query
        query = query.where(table.at >= self.since) if self.since else query
        return query.where(table.at < self.before) if self.before else query


@dataclass(frozen=True)
class AuditCheck:
    """Outcome of a check of the seals. `wrong_at` is the first entry that does not fit, or None."""

    entries: int
    seal: str
    wrong_at: int | None = None
    missing: int = 0
    """How many of the newest entries are gone."""
    mark_found: bool = True
    """Whether the noted seal is there."""

    @property
    def whole(self) -> bool:
        """Return whether no entry was edited or removed."""
        return self.wrong_at is None and not self.missing and self.mark_found


class AuditLog:
    """Kept in the same database as what it tells about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, who: str, what: str, about: str, address: str = "") -> None:
        """Write down that `who` did `what` to `about`, from network address `address`."""
        entry = table_models.Audit(
            at=datetime.now(UTC),
            who=_plain(who, 255),
            what=_plain(what, 64),
            object=_plain(about, 2000),
            address=_plain(address, 255),
        )
        with self._database.write() as session:
            if not self._database.is_sqlite:
                session.execute(select(func.pg_advisory_xact_lock(LOCK)))
            head = session.get(table_models.AuditHead, 1) or table_models.AuditHead(id=1, entries=0, seal="")
            entry.seal = entry_seal(head.seal, entry)
            head.entries, head.seal = head.entries + 1, entry.seal
            session.add_all([head, entry])

    def newest(
        self, *, page: int = 0, size: int = 50, who: str = "", only: AuditFilter | None = None
    ) -> list[table_models.Audit]:
        """Entries, the newest first; of one person if named, or those that `only` lets through."""
        query = (only or AuditFilter(who=who)).applied(select(table_models.Audit))
        with self._database.read() as session:
            return list(
                session.scalars(query.order_by(table_models.Audit.id.desc()).offset(page * size).limit(size))
            )

    def every(self, only: AuditFilter) -> Iterator[table_models.Audit]:
        """Yield the entries that `only` lets through, the oldest first, without holding them all in memory."""
        query = only.applied(select(table_models.Audit)).order_by(table_models.Audit.id)
        with self._database.read(in_pieces=True) as session:
            for entry in session.scalars(query.execution_options(yield_per=1000)):
                session.expunge(entry)
                yield entry

    def head(self) -> tuple[int, str]:
        """Return the number of entries and the newest seal: noted elsewhere, they prove what there was today."""
        with self._database.read() as session:
            head = session.get(table_models.AuditHead, 1)
            return (head.entries, head.seal) if head else (0, "")

    def check(self, noted: str = "") -> AuditCheck:
        """Compute every seal again and compare; `noted` is an earlier newest seal that must still be there."""
        with self._database.read(in_pieces=True) as session:
            head = session.get(table_models.AuditHead, 1) or table_models.AuditHead(id=1, entries=0, seal="")
            seal, number, found = "", 0, not noted
            query = (
                select(table_models.Audit).order_by(table_models.Audit.id).execution_options(yield_per=1000)
            )
            for entry in session.scalars(query):
                number += 1
                expected = entry_seal(seal, entry)
                if entry.seal != expected:
                    return AuditCheck(number, seal, wrong_at=entry.id)
                seal, found = expected, found or expected == noted
            if number == head.entries and seal != head.seal:
                return AuditCheck(number, seal, wrong_at=number)
            return AuditCheck(number, seal, missing=max(0, head.entries - number), mark_found=found)


def _plain(text: str, longest: int) -> str:
    """Return a text as every database keeps it: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:longest]
