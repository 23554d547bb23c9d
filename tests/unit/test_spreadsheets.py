"""Tables that leave the campus: a spreadsheet program shows them and runs nothing of them."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from hub.safe_spreadsheets import csv_table, excel_table

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_csv_cell_that_would_run_begins_with_an_apostrophe(text):
    (row,) = csv.reader(io.StringIO(csv_table([[text, -2.5]]).removeprefix("\ufeff"), newline=""))
    assert row == [f"'{text}", "-2.5"]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_excel_cell_that_would_run_is_text(text):
    sheet = load_workbook(io.BytesIO(excel_table([[text, -2.5, None]], "marks"))).active
    assert (sheet["A1"].data_type, sheet["B1"].value, sheet["C1"].value) == ("s", -2.5, None)
    assert sheet["A1"].value.strip() == text.strip()


@pytest.mark.parametrize("text", ["half \ud83d", "nul \x00", "\ufffe", "🎓 Keza", "مرحبا", "x" * 200])
def test_any_name_can_be_exported(text):
    sheet = load_workbook(io.BytesIO(excel_table([[text]], f"'{text}/[]"))).active
    kept = sheet["A1"].value or ""
    assert "\x00" not in kept
    assert csv_table([[text]]).encode()
