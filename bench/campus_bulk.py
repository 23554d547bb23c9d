"""Bulk inserts for `bench campus`: millions of rows in a minute, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import create_engine

from hub.store import Store

Rows = Iterable[tuple[Any, ...]]
Insert = Callable[[str, tuple[str, ...], Rows], None]
SQLITE_CACHE = "-400000"
"""Kibibytes of pages that SQLite keeps while it is filled, as it wants them written."""


@contextmanager
def bulk_insert(store: Store) -> Iterator[Insert]:
    """Yield a function that inserts many rows into a table of an empty store; indexes are made at the end."""
    with (_sqlite if store.database.is_sqlite else _postgres)(store) as insert:
        yield insert


@contextmanager
def _sqlite(store: Store) -> Iterator[Insert]:
    engine = create_engine(store.database.url)
    with closing(engine.raw_connection()) as connection:
        raw: Any = connection.driver_connection
        raw.isolation_level = None
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", f"cache_size={SQLITE_CACHE}"):
            raw.execute(f"PRAGMA {pragma}")
        indexes = raw.execute(
            "select name, sql from sqlite_master where type='index' and sql is not null"
        ).fetchall()
        for name, _sql in indexes:
            raw.execute(f'drop index "{name}"')
        notes = raw.execute(
            "select name, sql from sqlite_master where type='trigger' and name like 'note_%'"
        ).fetchall()
        for name, _sql in notes:
            raw.execute(f'drop trigger "{name}"')

        def insert(table: str, columns: tuple[str, ...], rows: Rows) -> None:
            marks = ", ".join("?" * len(columns))
            raw.execute("begin")
            raw.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", map(_plain, rows))
            raw.execute("commit")

        yield insert
        for _name, sql in (*indexes, *notes):
            raw.execute(sql)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row as SQLAlchemy writes it to SQLite."""
    return tuple(
        f"{each.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(each, datetime) else each for each in row
    )


@contextmanager
def _postgres(store: Store) -> Iterator[Insert]:
    address = store.database.url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # No look at foreign keys for each row.
        numbered: set[str] = set()

        def insert(table: str, columns: tuple[str, ...], rows: Rows) -> None:
            with (
                connection.cursor() as cursor,
                cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            if columns[0] == "id":
                numbered.add(table)

        yield insert
        for table in sorted(numbered - {"institution", "course", "audit_head"}):
            connection.execute(
                f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"
            )
        # As in a store that filled over months: nothing is left for the vacuum to do while pages are measured.
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")
