"""Tables as CSV or as an Excel file; no cell of either is run by a spreadsheet program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First signs of a text that a spreadsheet program takes for a formula."""
Cell = str | float | int | None


def csv_table(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as CSV with commas and a byte order mark, by which Excel knows that the text is UTF-8."""
    made = io.StringIO()
    csv.writer(made).writerows([[_guarded(cell) for cell in row] for row in rows])
    return f"\ufeff{made.getvalue()}"


def excel_table(rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    """Return rows as an Excel file with one sheet, its first line and first column fixed."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_plain(title, "[]:*?/\\")[:31].strip("'") or "1")
    sheet.freeze_panes = "B2"
    for row in rows:
        line = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=_plain(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"  # Else a text that begins with = is kept as a formula.
            line.append(cell)
        sheet.append(line)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _guarded(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = _plain(cell)
    return f"'{text}" if text.lstrip(" ").startswith(RUN_BY_SPREADSHEETS) else text


def _plain(text: str, without: str = "") -> str:
    """Return `text` without signs that XML cannot hold, half characters among them."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(
        sign
        for sign in whole
        if sign not in without and (ord(sign) >= 32 or sign in "\t\n\r") and sign not in "\ufffe\uffff"
    )
