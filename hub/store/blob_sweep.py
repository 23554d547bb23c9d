"""Files that nothing names any more: found by reading every reference, removed so that none is lost on the way."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import select

from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.table_models import Base

NAME = 64
NAMED = re.compile(r"[0-9a-f]{64}")
IN_USE_SECONDS = 3600.0
"""A file that was written or found again so recently may be about to get its row: it stays for now."""


def referenced_blobs(database: Database, blobs: Blobs) -> set[str]:
    """Return the names of all files that a row names, those inside bundles too.

    Every column that can hold a name of 64 signs is read, so that a table of tomorrow is not forgotten here.
    """
    found: set[str] = set()
    bundles: set[str] = set()
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if getattr(column.type, "length", None) != NAME:
                    continue
                names = {name for name in session.scalars(select(column).distinct()) if name}
                found |= names
                bundles |= names if "bundle" in column.name else set()
    for bundle in bundles:
        found |= blobs_in_bundle(blobs, bundle)
    return found


def blobs_in_bundle(blobs: Blobs, bundle: str) -> set[str]:
    """Return the names of a bundle's files; nothing for a file that is no bundle or is gone."""
    try:
        found = json.loads(blobs.get(bundle))
    except (OSError, ValueError):
        return set()
    names = found.values() if isinstance(found, dict) else ()
    return {name for name in names if isinstance(name, str) and NAMED.fullmatch(name)}


def every_file(blobs: Blobs) -> Iterator[str]:
    """Yield the names of all files that are kept."""
    for path in blobs.folder.glob("??/*"):
        if NAMED.fullmatch(path.name):
            yield path.name


def sweep_blobs(
    database: Database, blobs: Blobs, only: Collection[str] | None = None, *, dry_run: bool = False
) -> tuple[int, int]:
    """Remove files that nothing names, all or only some; return how many went, and how many must wait an hour."""
    named = referenced_blobs(database, blobs)
    loose = [name for name in (every_file(blobs) if only is None else only) if name not in named]
    if dry_run:
        return sum(blobs.path(name).exists() for name in loose), 0
    gone = waiting = 0
    for name in loose:
        path = blobs.path(name)
        if not path.exists():
            continue
        if remove_unused(path):
            gone += 1
        else:
            waiting += 1
    return gone, waiting


def remove_unused(path: Path, now: float | None = None) -> bool:
    """Remove a file unless it was used within the hour.

    It is put aside first: somebody who hands in the same content from then on writes it again, and somebody who did so
    just before has touched it, which is seen now and brings it back.
    """
    aside = path.with_name(f".{path.name}.unused")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return True
    if (now or time.time()) - aside.stat().st_mtime < IN_USE_SECONDS:
        aside.replace(path)
        return False
    aside.unlink()
    return True
