"""Differences between a gradebook and the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from graders.nbgrader.projection.gradebook_rows import ORDER, TABLES, Row, Rows


@dataclass(frozen=True)
class Difference:
    """`what` is a lab, a person, or both with a cell; `field` is empty if all of it is `missing` or too much."""

    what: str
    missing: bool = False
    field: str = ""
    found: Any = None
    wanted: Any = None


def read_rows(connection: Connection) -> Rows:
    """Return every row of a gradebook, by table."""
    return {
        table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in TABLES
    }


def row_differences(found: Rows, wanted: Rows) -> Iterator[Difference]:
    """Row by row, by id; each thing is named once, however many tables know it."""
    told: set[tuple[str, bool]] = set()
    for name in ORDER:
        have = {row["id"]: row for row in found[name]}
        want = {row["id"]: row for row in wanted[name]}
        for key in sorted(have.keys() | want.keys()):
            if key in have and key in want:
                yield from _fields(_label(name, want[key], wanted), have[key], want[key])
                continue
            missing = key in want
            what = _label(name, want[key], wanted) if missing else _label(name, have[key], found)
            if (what, missing) not in told:
                told.add((what, missing))
                yield Difference(what, missing)


def _fields(what: str, have: Row, want: Row) -> Iterator[Difference]:
    for field in want:
        if have.get(field) != want[field]:
            yield Difference(what, field=field, found=have.get(field), wanted=want[field])


def _label(table: str, row: Mapping[str, Any], rows: Rows) -> str:
    """Return the name by which people call the subject of a row."""
    if table in ("course", "student"):
        return str(row["id"])
    if table in ("assignment", "notebook"):
        return str(row["name"])
    if table == "submitted_assignment":
        return f"{row['student_id']}, {_by_id(rows, 'assignment', row['assignment_id']).get('name', '?')}"
    if table == "submitted_notebook":
        above = _by_id(rows, "submitted_assignment", row["assignment_id"])
        return _label("submitted_assignment", above, rows) if above else "?"
    if table in ("grade", "comment"):
        above = _by_id(rows, "submitted_notebook", row["notebook_id"])
        cell = _by_id(rows, "base_cell", row["cell_id"]).get("name", "?")
        return f"{_label('submitted_notebook', above, rows) if above else '?'}, {cell}"
    if table in ("grade_cells", "task_cells", "solution_cells"):
        row = _by_id(rows, "base_cell", row["id"]) or {"name": "?", "notebook_id": None}
    return f"{_by_id(rows, 'notebook', row['notebook_id']).get('name', '?')}, {row['name']}"


def _by_id(rows: Rows, table: str, key: Any) -> Mapping[str, Any]:
    index = rows.setdefault(f"by id: {table}", [])
    if not index:
        index.append({row["id"]: row for row in rows[table]})
    found: Mapping[str, Any] = index[0].get(key, {})
    return found
