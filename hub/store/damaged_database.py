"""Recognition of a damaged database: a page of its file, or an index of PostgreSQL, that cannot be read."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DatabaseError

SQLITE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
POSTGRESQL = ("XX001", "XX002")
"""data_corrupted and index_corrupted."""


def is_damaged(error: DatabaseError) -> bool:
    """Return whether this error of a database means that what it has on disk is damaged."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # The rest says how it came about.
    return code in SQLITE or getattr(error.orig, "sqlstate", None) in POSTGRESQL
