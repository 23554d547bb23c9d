"""The lines of a course's marks that a trainer looks at: searched, filtered, sorted, in pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.safe_spreadsheets import csv_table, excel_table
from hub.store.marks_sheet import marks_sheet
from hub.store.marks_table import (
    ChangedPoints,
    MarksRow,
    MarksTable,
    Signoff,
    table_digest,
)

PAGE = 50
STATES = ("missing", "to-be-marked", "waiting", "passed", "marked", "late")
"""What a line may be filtered by: a lab not handed in, answers to mark, work not checked, all points, some points, late
work."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Wish:
    """A trainer's choice of lines to see; an unknown value changes nothing."""

    search: str = ""
    group: str = ""
    state: str = ""
    lab: str = ""
    sort: str = "name"
    page: int = 1

    def address(self, **changed: Any) -> str:
        """Return the query of a link that shows the same with something changed."""
        wanted = replace(self, **{"page": 1, **changed})
        named = {
            "q": wanted.search,
            "group": wanted.group,
            "state": wanted.state,
            "lab": wanted.lab,
            "sort": "" if wanted.sort == "name" else wanted.sort,
            "page": wanted.page if wanted.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in named.items() if value})

    def sorted_by(self, column: str) -> str:
        """Return the query that sorts by a column; the other way round if it is sorted so already."""
        return self.address(sort=f"-{column}" if self.sort == column else column)


@dataclass(frozen=True)
class MarksPage:
    """One page of the marks of a course."""

    table: MarksTable
    rows: list[MarksRow]
    wish: Wish
    found: int
    pages: int


def marks_page(table: MarksTable, wish: Wish) -> MarksPage:
    """Return the lines that are wished for."""
    rows = sorted(filter(_filter(table, wish), table.rows), key=lambda row: row.learner.username)
    if column := wish.sort.removeprefix("-"):
        rows.sort(key=_sort_key(column), reverse=wish.sort.startswith("-"))
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(wish.page, 1), pages)
    return MarksPage(table, rows[(page - 1) * PAGE : page * PAGE], replace(wish, page=page), len(rows), pages)


def _filter(table: MarksTable, wish: Wish) -> Callable[[MarksRow], bool]:
    words = wish.search.casefold().split()
    labs = [lab.lab for lab in table.labs if wish.lab in ("", lab.lab)]

    def wanted(row: MarksRow) -> bool:
        name = f"{row.learner.username} {row.learner.display_name}".casefold() if words else ""
        return (
            all(word in name for word in words)
            and (not wish.group or wish.group in row.classes)
            and (wish.state not in STATES or any(_is_in_state(row, lab, wish.state) for lab in labs))
        )

    return wanted


def _is_in_state(row: MarksRow, lab: str, state: str) -> bool:
    points = row.points.get(lab)
    if state == "late":
        return points is not None and points.late_days > 0
    return state == (points.state if points else "missing")


def _sort_key(column: str) -> Callable[[MarksRow], Any]:
    if column == "name":
        return lambda row: (row.learner.display_name.casefold(), row.learner.username)
    if column == "total":
        return lambda row: row.total
    return lambda row: (row.points[column].score or 0.0) if column in row.points else -1.0


@dataclass(frozen=True)
class Final:
    """The sign-off of a course's marks that counts, if there is one, and what changed since."""

    signed: Signoff | None
    changed: list[ChangedPoints]
    digest: str
    waiting: int
    """Answers that wait for a person, and work that is not checked."""


def final_state(who: Visitor, course: str, table: MarksTable) -> Final:
    """Return how far the marks of a course are from final."""
    marks = who.campus.store.marks
    signed = marks.signoff(course)
    found = marks.figures(course, table, signed)
    return Final(signed, found.changed, found.digest, found.waiting)


def sign_off(who: Visitor, course: str, digest: str) -> Signoff:
    """Call the marks of a course final. Raises Problem if they are not those that this person looked at."""
    who.must_train(course)
    if table_digest(who.campus.store.marks.table(course, fresh=True)) != digest:
        raise Problem("marks-changed")
    signed = who.campus.store.marks.sign_off(course, who.name)
    who.note("signed-off", f"{course} {digest[:12]}")
    return signed


def withdraw_signoff(who: Visitor, course: str) -> None:
    """Call the marks of a course not final any more."""
    who.must_train(course)
    if who.campus.store.marks.withdraw(course, who.name):
        who.note("signoff-withdrawn", course)


def marks_file(who: Visitor, course: str, kind: str) -> tuple[bytes, str, str]:
    """Return the marks of a course as a file, its media type and its name. Raises Problem for an unknown kind."""
    who.must_train(course)
    if kind not in ("csv", "xlsx"):
        raise Problem("not-found")
    rows = marks_sheet(who.campus.store.marks.table(course, fresh=True), who.language)
    name = f"{course}-marks.{kind}"
    who.note("exported", f"{course} marks {kind}")
    if kind == "csv":
        return csv_table(rows).encode(), "text/csv; charset=utf-8", name
    return excel_table(rows, course), EXCEL, name
