"""Places of gradebooks: one file per course on SQLite, one schema per course on PostgreSQL.

Readers see the old gradebook until the new one is whole; one writer at a time.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader import dbutil
from nbgrader.api import Base
from sqlalchemy import Connection, create_engine, make_url, text

from graders.nbgrader.projection.gradebook_rows import TABLES, Rows

MIGRATIONS = Path(__file__).parent / "migrations"


class Place(Protocol):
    """Place of one course's gradebook."""

    url: str
    """As nbgrader's `--db` takes it."""

    def rebuild(self, made: Rows) -> None:
        """Put a new gradebook in the place of the old one."""

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection to the gradebook, None if there is none yet."""


def gradebook_place(database_url: str, folder: Path, course: str) -> Place:
    """Return the place of a course's gradebook, next to the store's own database."""
    if database_url.startswith("sqlite"):
        return FileGradebook(folder / course / "gradebook.db")
    return SchemaGradebook(database_url, course)


def fill_gradebook(connection: Connection, made: Rows) -> None:
    """Make nbgrader's schema with our indexes, and add the rows; the caller commits, once."""
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": nbgrader_head()})
    for table in TABLES:
        if made[table.name]:
            connection.execute(table.insert(), made[table.name])
    # After the rows: an index is made faster than it is kept up.
    add_indexes(connection)


def clear_gradebook(connection: Connection) -> None:
    """Take every row out; the caller puts others in before it commits."""
    for table in reversed(TABLES):
        connection.execute(table.delete())


def put_rows(connection: Connection, made: Rows, shown: Sequence[str]) -> None:
    """Put these rows in the place of those with the same ids; of the submitted notebooks in `shown`, all of them."""
    for table in reversed(TABLES):
        if table.name in ("grade", "comment"):
            _delete(connection, table.c.notebook_id, shown)
        _delete(connection, table.c.id, [row["id"] for row in made[table.name]])
    for table in TABLES:
        if made[table.name]:
            connection.execute(table.insert(), made[table.name])


def _delete(connection: Connection, column: Any, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), 500):
        connection.execute(column.table.delete().where(column.in_(ids[start : start + 500])))


def add_indexes(connection: Connection) -> None:
    """Add our indexes to a gradebook, ours or any of nbgrader's; nothing happens if they are."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def nbgrader_head() -> str:
    """Return nbgrader's newest migration; nbgrader asks a separate process for it, which takes a second each time."""
    config = Config()
    config.set_main_option("script_location", dbutil.ALEMBIC_DIR)
    return str(ScriptDirectory.from_config(config).get_current_head())


class FileGradebook:
    """A SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def rebuild(self, made: Rows) -> None:
        """Write a new file aside, sync it, then give it its name."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._only_writer():
            aside = self.path.with_suffix(".part")
            aside.unlink(missing_ok=True)
            aside.touch(mode=0o600)  # Marks and names: no other user of this machine reads them.
            engine = create_engine(f"sqlite:///{aside}")
            with engine.begin() as connection:
                # Nobody reads it yet, and a half-written one is thrown away.
                fill_gradebook(connection, made)
            engine.dispose()
            with aside.open("rb+") as file:
                os.fsync(file.fileno())
            aside.replace(self.path)

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection, None if there is no file."""
        if not self.path.exists():
            yield None
            return
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


class SchemaGradebook:
    """A PostgreSQL schema in the store's database: in the same backup, and no right to make databases is needed."""

    def __init__(self, database_url: str, course: str) -> None:
        self.schema = f"gb_{course}"
        url = make_url(database_url)
        named = url.update_query_dict({"options": f'-csearch_path="{self.schema}"'})
        self.url = named.render_as_string(hide_password=False)
        self._engine_url = url

    def rebuild(self, made: Rows) -> None:
        """Make a new schema, then put it in the old one's place, in one transaction."""
        aside = f"{self.schema[:59]}.new"
        engine = create_engine(self._engine_url)
        try:
            with engine.begin() as connection:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": self.schema}
                )
                connection.execute(text(f'DROP SCHEMA IF EXISTS "{aside}" CASCADE'))
                connection.execute(text(f'CREATE SCHEMA "{aside}"'))
                connection.execute(text(f'SET LOCAL search_path TO "{aside}"'))
                fill_gradebook(connection, made)
                connection.execute(text(f'DROP SCHEMA IF EXISTS "{self.schema}" CASCADE'))
                connection.execute(text(f'ALTER SCHEMA "{aside}" RENAME TO "{self.schema}"'))
        finally:
            engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection that sees the course's schema, None if there is none."""
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                there = text("SELECT 1 FROM information_schema.schemata WHERE schema_name = :name")
                yield connection if connection.scalar(there, {"name": self.schema}) else None
        finally:
            engine.dispose()
