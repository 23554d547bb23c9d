"""Tables as CSV or as an Excel file; no cell of either is run by a spreadsheet program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First signs of a text that a spreadsheet program takes for a formula."""
Cell = str | float | int | None


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield rows as CSV with commas; first a byte order mark, by which Excel knows that the text is UTF-8."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([guarded_cell(cell) if isinstance(cell, str) else cell for cell in row])
        yield line.getvalue()


def csv_table(rows: Iterable[Sequence[Cell]]) -> str:
    """Return the same as one text."""
    return "".join(csv_lines(rows))


def excel_table(rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    """Return rows as an Excel file with one sheet, its first line and first column fixed."""
    # Late, because openpyxl loads numpy where it finds it, and most of the house writes no table.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_plain(title, "[]:*?/\\")[:31].strip("'") or "1")
    sheet.freeze_panes = "B2"
    for row in rows:
        sheet.append([_excel_cell(sheet, value) if isinstance(value, str) else value for value in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def guarded_cell(text: str) -> str:
    """Return a cell of CSV that no spreadsheet runs: an apostrophe comes before what looks like a formula."""
    shown = _plain(text)
    return f"'{shown}" if shown.lstrip(" ").startswith(RUN_BY_SPREADSHEETS) else shown


def _excel_cell(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    shown = _plain(text)
    if not shown.startswith(("=", "#")):
        return shown  # Any other text stays text in Excel's own format.
    cell = WriteOnlyCell(sheet, value=shown)
    cell.data_type = "s"  # Else a text that begins with = is kept as a formula.
    return cell


def _plain(text: str, without: str = "") -> str:
    """Return `text` without signs that XML cannot hold, half characters among them."""
    if not without and text.isprintable():
        return text
    whole = text.encode("utf-8", "replace").decode()
    return "".join(
        sign
        for sign in whole
        if sign not in without and (ord(sign) >= 32 or sign in "\t\n\r") and sign not in "\ufffe\uffff"
    )
