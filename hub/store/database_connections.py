"""Connections, transactions and migrations, for SQLite and PostgreSQL alike."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from hub.store.disk_full import DiskFull, is_full
from hub.store.store_sentences import _
from hub.verb_errors import IsomoError

RETURNED = "isomo-returned"
"""Key of the moment at which a connection came back to its pool."""
REST_SECONDS = 0.05
"""A connection that was not used for so long is pinged first: no restart of PostgreSQL is shorter.

A page reads ten times and more within it, and a ping is a quarter of a short read.
"""
SHORT_READS = "SET jit = off; SET max_parallel_workers_per_gather = 0; SET random_page_cost = 1.1"
"""What PostgreSQL shall think of our reads: they are short, many, and of rows that are in memory or on an SSD.

By itself it starts a second process for a count that takes 5 ms, and reads 100,000 people to find 2,000 of them.
"""
MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str) -> Engine:
    """Return an engine for `url`; on SQLite with a write-ahead log and foreign keys that hold."""
    if not url.startswith("sqlite"):
        # The connection used last is taken first: under load it has not rested, and needs no ping.
        engine = create_engine(url, pool_use_lifo=True)
        event.listen(engine, "connect", _prepare_postgres)
        event.listen(engine, "checkin", _note_return)
        event.listen(engine, "checkout", _ping_rested)
        return engine
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _note_return(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[RETURNED] = time.monotonic()


def _ping_rested(connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Ping a connection that has rested; if the server has closed it, the pool opens new ones."""
    if time.monotonic() - record.info.get(RETURNED, math.inf) < REST_SECONDS:
        return
    try:
        connection.autocommit = True  # Else there is a transaction to end.
        connection.execute("SELECT 1")
        connection.autocommit = False
    except Exception as error:  # Whatever the driver says: this connection is of no use.
        raise InvalidatePoolError("The database has closed this connection.") from error


def _prepare_postgres(connection: Any, _record: object) -> None:
    connection.autocommit = True  # Else the settings would go with the first transaction that is rolled back.
    connection.execute(SHORT_READS)
    connection.autocommit = False


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's own transaction handling begins too late for a read that must stay true until the write.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("isomo_writes", False)
    # IMMEDIATE takes the write lock at once: two claims never read the same row as free.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """One pool of connections; `read()` and `write()` are each one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._writer = self.engine.execution_options(isomo_writes=True)
        # PostgreSQL shows each statement of a transaction what was committed before it. A read needs no transaction for
        # that, and without one it asks the server once and not three times.
        self._reader = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self.before_commit: Callable[[Session], None] | None = None
        """Is called at the end of each transaction that writes, inside it."""

    @property
    def is_sqlite(self) -> bool:
        """Return whether the store is one file on this machine."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self, *, in_pieces: bool = False) -> Iterator[Session]:
        """Yield a session that only looks; `in_pieces` for rows that are fetched some at a time (`yield_per`)."""
        engine = self.engine if in_pieces else self._reader
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write(self, *, upkeep: bool = True) -> Iterator[Session]:
        """A transaction that is committed at the end, or not at all. Raises DiskFull if nothing more fits.

        `upkeep` is false for rows that no points are counted from, such as the reports of a live class.
        """
        try:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
                if upkeep and self.before_commit is not None:
                    self.before_commit(session)
        except OperationalError as error:
            if is_full(error):
                raise DiskFull from error
            raise

    def refresh_statistics(self, *tables: str) -> None:
        """Have PostgreSQL count what `tables` hold, or all of them, so that it plans for rows that came in bulk.

        It does so by itself a minute or more later; until then it plans for empty tables, and a page that takes a
        tenth of a second takes nine. SQLite needs none of it.
        """
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                connection.execute(text(f"ANALYZE {', '.join(tables)}"))

    def revision(self) -> str | None:
        """Return the schema's revision, None for an empty database."""
        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def check(self) -> None:
        """Raise IsomoError unless the schema is the one this version of Isomo was written for."""
        if self.revision() != newest_revision():
            raise IsomoError(
                _("The database is not at this version of Isomo yet."),
                _("Run ./isomo up, which brings it up to date."),
            )

    def migrate(self) -> None:
        """Bring the schema up to date; nothing happens if it is."""
        if self.revision() == newest_revision():
            return
        config = _config()
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def downgrade(self, revision: str) -> None:
        """Take the schema back to an earlier `revision`, with the migrations of this version; rows stay."""
        config = _config()
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, revision)
            connection.commit()


def knows_revision(revision: str | None) -> bool:
    """Return whether this version of Isomo has the migration called `revision`; None is an empty database."""
    known = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision is None or revision in known


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def newest_revision() -> str | None:
    """Return the last migration's name; kept, because finding it loads every migration."""
    return ScriptDirectory.from_config(_config()).get_current_head()
