"""JupyterHub's own database with 100,000 people: no read of everybody at its start, indexes, and quick commits.

JupyterHub reads all users at its start to tell the authenticator. Ours asks the store about a person when they come
and needs no list: without that read a start takes 3.5 s of processor time and not 12.5.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from jupyterhub import orm
from jupyterhub.metrics import TOTAL_USERS
from sqlalchemy import event, func, inspect, select, text
from sqlalchemy.orm import ORMExecuteState, Session

NARROWED = "isomo-users-skipped"
SEARCHED = {"api_tokens": ("session_id", "expires_at")}
"""Columns besides foreign keys that JupyterHub searches at every sign-in or every hour."""


class QuickConnection(sqlite3.Connection):
    """Connection to SQLite with a write-ahead log, as the store's.

    JupyterHub commits some ten times while somebody signs in, and waits for the disk each time. Here the disk is
    waited for at checkpoints: a power cut may lose sessions of the last seconds, a hub that is killed loses nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
            self.execute(f"PRAGMA {pragma}")


def connection_options(url: str) -> dict[str, Any]:
    """Return `JupyterHub.db_kwargs` for a database.

    >>> connection_options("postgresql://isomo@/isomo")
    {}
    """
    if not url.startswith("sqlite"):
        return {}
    return {"connect_args": {"check_same_thread": False, "factory": QuickConnection}}


def prepare_tables(session: Session, *, everybody: bool = False) -> None:
    """Make the tables of a hub that starts fit for many people; `everybody` has all users read all the same."""
    add_indexes(session)
    if not everybody:
        skip_known_users(session)


def add_indexes(session: Session) -> None:
    """Add the indexes that JupyterHub's tables lack; without them each sign-in reads whole tables."""
    for table, column in missing_indexes(session):
        session.execute(text(f"CREATE INDEX IF NOT EXISTS isomo_{table}_{column} ON {table} ({column})"))
    session.commit()


def missing_indexes(session: Session) -> list[tuple[str, str]]:
    """Return columns that are searched and have no index: foreign keys, and those in `SEARCHED`."""
    found, tables = [], inspect(session.get_bind())
    for table in orm.Base.metadata.sorted_tables:
        wanted = [column.name for column in table.columns if column.foreign_keys]
        firsts = {index["column_names"][0] for index in tables.get_indexes(table.name)}
        firsts |= set(tables.get_pk_constraint(table.name)["constrained_columns"][:1])
        firsts |= {each["column_names"][0] for each in tables.get_unique_constraints(table.name)}
        wanted += SEARCHED.get(table.name, ())
        found += [(table.name, column) for column in wanted if column not in firsts]
    return found


def skip_known_users(session: Session) -> None:
    """Narrow the next query of `session` for all users to those of an old database, which need a first date."""

    def narrow(state: ORMExecuteState) -> None:
        if NARROWED not in session.info and _asks_for_everybody(state):
            session.info[NARROWED] = narrow
            everybody: Any = state.statement
            state.statement = everybody.where(orm.User.created.is_(None))

    event.listen(session, "do_orm_execute", narrow)


def count_users(session: Session) -> int:
    """Set JupyterHub's figure of all users, which it counts while it reads them; return it."""
    if narrow := session.info.pop(NARROWED, None):
        event.remove(session, "do_orm_execute", narrow)
    total = session.scalar(select(func.count()).select_from(orm.User)) or 0
    TOTAL_USERS.set(total)
    return total


def _asks_for_everybody(state: ORMExecuteState) -> bool:
    statement: Any = state.statement
    if not state.is_select or statement.whereclause is not None:
        return False
    asked = statement.column_descriptions
    return len(asked) == 1 and asked[0]["expr"] is orm.User
