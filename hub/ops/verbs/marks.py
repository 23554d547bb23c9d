"""Verb `marks`: the marks of a course as a CSV or an Excel file."""

from __future__ import annotations

import sys
from pathlib import Path

from hub.message_catalogues import terminal_language
from hub.ops import this_installation
from hub.ops.verbs.verb_words import _, plural_words
from hub.safe_spreadsheets import csv_table, excel_table
from hub.store import Store
from hub.store.marks_sheet import marks_sheet
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`marks export COURSE [FILE]`: write the marks to standard output, or to a .csv or .xlsx file."""
    options = parse_options("marks", argv)
    store = Store.open(this_installation.current_settings())
    if store.courses.get(options.course) is None:
        known = ", ".join(each.id for each in store.courses.all()[:20])
        raise IsomoError(
            _("There is no course {course}.").format(course=options.course),
            _("There are: {courses}.").format(courses=known) if known else _("Make one first."),
        )
    rows = marks_sheet(store.marks.table(options.course), terminal_language())
    if options.file is None:
        sys.stdout.write(csv_table(rows).removeprefix("\ufeff"))
        return 0
    file = Path(options.file)
    kind = file.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise IsomoError(
            _("{file} has no ending that says what to write.").format(file=file.name),
            _("Give it the ending .csv or .xlsx."),
        )
    content = excel_table(rows, options.course) if kind == ".xlsx" else csv_table(rows).encode()
    try:
        file.write_bytes(content)
    except OSError as error:
        raise IsomoError(
            _("{file} could not be written: {reason}.").format(file=file, reason=error.strerror),
            _("Choose another folder, then try again."),
        ) from error
    count = len(rows) - 2
    text = plural_words(
        "{file}: the marks of {count} learner.", "{file}: the marks of {count} learners.", count
    )
    sys.stdout.write(text.format(file=file, count=count) + "\n")
    return 0
