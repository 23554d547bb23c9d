"""Refused requests, counted for each day, person, address and kind; never one row for each."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.database_connections import Database

log = logging.getLogger("refusals")
WRITE_EVERY = 5.0
"""Seconds between two writes of what was counted meanwhile."""
MOST_PENDING = 200
"""Distinct keys held between two writes; of more, only their number is kept, under one key."""
MOST_A_DAY = 2_000
"""Rows of one day; what comes from still more addresses is counted under one key."""
OTHERS = ("", "", "other")

Key = tuple[str, str, str]


class Refusals:
    """Counts in memory and adds to the database now and then, so that nobody can fill the disk or the log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: dict[Key, tuple[int, str, datetime]] = {}
        self._written = 0.0
        self._later: threading.Timer | None = None
        self._lock = threading.Lock()

    def count(self, who: str, about: str, address: str) -> None:
        """Count one refused request of `who` ("" for nobody we know) for `about`, such as `course everyone`."""
        key = (who[:32], address[:64], about.partition(" ")[0][:32])
        with self._lock:
            key = key if key in self._pending or len(self._pending) < MOST_PENDING else OTHERS
            times = self._pending[key][0] if key in self._pending else 0
            self._pending[key] = (times + 1, about.replace("\x00", "")[:255], datetime.now(UTC))
            due = time.monotonic() - self._written > WRITE_EVERY
            if not due and self._later is None:
                self._later = threading.Timer(WRITE_EVERY, self._write_later)
                self._later.daemon = True
                self._later.start()
        if due:
            self.write()

    def _write_later(self) -> None:
        with self._lock:
            self._later = None
        try:
            self.write()
        except SQLAlchemyError as error:  # A count is no reason to fail; the database says so elsewhere too.
            log.warning("refusals-not-written reason=%s", type(error).__name__)

    def write(self) -> None:
        """Add what was counted since the last time."""
        with self._lock:
            pending, self._pending = self._pending, {}
            self._written = time.monotonic()
        if not pending:
            return
        with self._database.write() as session:
            for key, (times, about, at) in pending.items():
                row = self._row(session, f"{at:%Y-%m-%d}", key)
                row.times, row.about, row.last_at = row.times + times, about, at
                session.flush()

    def close(self) -> None:
        """Write what is still pending now, and nothing later."""
        with self._lock:
            if self._later is not None:
                self._later.cancel()
                self._later = None
        self.write()

    def _row(self, session: Session, day: str, key: Key) -> table_models.Refusal:
        row = session.get(table_models.Refusal, (day, *key), with_for_update=True)
        if row is not None:
            return row
        today = session.scalar(select(func.count()).select_from(table_models.Refusal).filter_by(day=day)) or 0
        if today >= MOST_A_DAY and key != OTHERS:
            return self._row(session, day, OTHERS)
        row = table_models.Refusal(day=day, who=key[0], address=key[1], kind=key[2], times=0)
        session.add(row)
        return row

    def newest(self, who: str = "", most: int = 50) -> list[table_models.Refusal]:
        """Return the latest counts, of one person if named."""
        self.write()
        query = select(table_models.Refusal).order_by(table_models.Refusal.last_at.desc()).limit(most)
        query = query.filter_by(who=who) if who else query
        with self._database.read() as session:
            return list(session.scalars(query))
