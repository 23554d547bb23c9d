"""Copies of the databases while they are in use, and the way back from such a copy."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, inspect, make_url

from hub.isomo_settings import Settings
from hub.ops.verb_sentences import _
from hub.private_files import make_private_file
from hub.store.database_connections import Database
from hub.verb_errors import IsomoError

SQLITE_FILES = ("isomo.sqlite", "jupyterhub.sqlite")
DUMP = "isomo.dump"


def copy_databases(settings: Settings, folder: Path) -> list[Path]:
    """Copy the store and the hub's database into `folder`, each as of one moment; return the files."""
    if settings.database != "sqlite":
        return [dump_postgres(settings.database_url, folder / DUMP)]
    there = [name for name in SQLITE_FILES if (settings.state / name).exists()]
    return [copy_sqlite(settings.state / name, folder / name) for name in there]


def copy_sqlite(source: Path, target: Path) -> Path:
    """Copy a SQLite database through its own backup interface, which writers do not disturb."""
    target.unlink(missing_ok=True)
    make_private_file(target)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            # All pages in one step: in parts, each write of others would begin the copy again, without end.
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # One file, without a log next to it.
    except sqlite3.Error as error:
        raise IsomoError(
            _("The database {file} could not be copied: {reason}.").format(file=source.name, reason=error),
            _("Run ./isomo doctor, which says whether the file is damaged or the disk is full."),
        ) from error
    return target


def is_whole(path: Path) -> bool:
    """Return whether SQLite finds every page and index of a database in order."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        try:
            return bool(database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
        except sqlite3.DatabaseError:
            return False


def _postgres(url: str) -> tuple[str, dict[str, str]]:
    """Return an address for PostgreSQL's own programs and their environment, which holds the password."""
    parsed = make_url(url).set(drivername="postgresql")
    named = parsed.query.get("password")
    password = parsed.password or (named if isinstance(named, str) else None)
    bare = parsed.set(password=None).difference_update_query(["password"])
    env = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    return bare.render_as_string(hide_password=False), env


def dump_postgres(url: str, target: Path) -> Path:
    """Write a PostgreSQL database into `target` with pg_dump, as of one moment."""
    make_private_file(target)
    address, env = _postgres(url)
    _run(["pg_dump", "--format=custom", f"--file={target}", f"--dbname={address}"], env)
    return target


def load_postgres(url: str, source: Path) -> None:
    """Fill an empty PostgreSQL database from `source`, all of it or nothing."""
    if holds_tables(url):
        raise IsomoError(
            _("The PostgreSQL database that isomo.toml names is not empty."),
            _("Make an empty one (createdb) and name it in isomo.toml, then restore again."),
        )
    address, env = _postgres(url)
    words = ["--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={address}", str(source)]
    _run(["pg_restore", *words], env)
    database = Database(url)
    database.refresh_statistics()
    database.engine.dispose()


def holds_tables(url: str) -> bool:
    """Return whether a database holds the store's tables already."""
    engine = create_engine(url)
    try:
        return inspect(engine).has_table("attempt")
    finally:
        engine.dispose()


def _run(command: list[str], env: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise IsomoError(
            _("{program} is not installed.").format(program=command[0]),
            _("Install PostgreSQL's client, of the server's version or newer: apt install postgresql-client"),
        ) from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [""])[-1]
        raise IsomoError(
            _("{program} failed: {reason}").format(program=command[0], reason=said),
            _("Check that the database runs and that this user may read all of it."),
        )
