"""Institutions as a tree: a ministry, its agencies, their districts."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.refused_change import RefusedChange

SHORT_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Branch:
    """An institution and how deep in the tree it is; 0 for one without a parent."""

    depth: int
    institution: table_models.Institution

    @property
    def label(self) -> str:
        """The title, indented by its depth, for a list to choose from."""
        return "\u2003" * self.depth + self.institution.title


class Institutions:
    """Make, rename, move and archive institutions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> table_models.Institution | None:
        """Return the institution called `name`."""
        with self._database.read() as session:
            return session.get(table_models.Institution, name)

    def tree(self, *, archived: bool = False) -> list[Branch]:
        """Return every institution, each one after its parent; archived ones only if asked for."""
        with self._database.read() as session:
            rows = list(
                session.scalars(select(table_models.Institution).order_by(table_models.Institution.title))
            )
        children: dict[str | None, list[table_models.Institution]] = defaultdict(list)
        for row in rows:
            children[row.parent].append(row)
        return [each for each in _walk(children, None, 0) if archived or each.institution.archived_at is None]

    def add(self, name: str, title: str, parent: str | None = None) -> None:
        """Make an institution. Raises RefusedChange if the name is taken or cannot be one."""
        with self._database.write() as session:
            if session.get(table_models.Institution, name) is not None:
                raise RefusedChange("short-name-taken", name=name)
            row = table_models.Institution(id=checked_short_name(name), title=checked_title(title))
            row.parent = self._checked_parent(session, name, parent)
            session.add(row)

    def change(self, name: str, *, title: str | None = None, parent: str | None = None) -> None:
        """Rename an institution (`title`) or put it below another one (`parent`, "" for the top)."""
        with self._database.write() as session:
            row = session.get(table_models.Institution, name)
            if row is None:
                raise RefusedChange("no-such-institution", name=name)
            row.title = checked_title(title) if title is not None else row.title
            row.parent = self._checked_parent(session, name, parent) if parent is not None else row.parent

    def archive(self, name: str, *, archived: bool = True) -> None:
        """Hide an institution from lists to choose from, or show it again; nobody loses anything."""
        with self._database.write() as session:
            row = session.get(table_models.Institution, name)
            if row is None:
                raise RefusedChange("no-such-institution", name=name)
            row.archived_at = datetime.now(UTC) if archived else None

    def _checked_parent(self, session: Any, name: str, parent: str | None) -> str | None:
        if not parent:
            return None
        above: str | None = parent
        while above is not None:
            if above == name:
                raise RefusedChange("institution-circle", name=name, parent=parent)
            row = session.get(table_models.Institution, above)
            if row is None:
                raise RefusedChange("no-such-institution", name=above)
            above = row.parent
        return parent


def _walk(
    children: dict[str | None, list[table_models.Institution]], parent: str | None, depth: int
) -> Iterator[Branch]:
    for each in children.get(parent, []):
        yield Branch(depth, each)
        yield from _walk(children, each.id, depth + 1)


def subtree_query(name: str) -> Any:
    """Return a query for the ids of an institution and of all below it, one statement however deep."""
    table = table_models.Institution
    found = select(table.id).where(table.id == name).cte(recursive=True)
    below = select(table.id).join(found, table.parent == found.c.id)
    return select(found.union(below).c.id)


def checked_title(title: str) -> str:
    """Return `title` without blanks around it. Raises RefusedChange for an empty or a too long one."""
    plain = " ".join(title.split())
    if not 0 < len(plain) <= LONGEST_TITLE or not plain.isprintable():
        raise RefusedChange("bad-title", most=LONGEST_TITLE)
    return plain


def checked_short_name(name: str) -> str:
    """Return `name` if it may name an institution or a course in addresses. Raises RefusedChange."""
    if SHORT_NAME.fullmatch(name) is None:
        raise RefusedChange("bad-short-name", name=name[:60])
    return name


def short_name_from(title: str) -> str:
    """Return a short name made of a title: `Ministry of ICT` becomes `ministry-of-ict`; "" if nothing is left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
