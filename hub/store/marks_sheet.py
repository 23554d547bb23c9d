"""The marks of a course as rows of a spreadsheet, with headings in the reader's language."""

from __future__ import annotations

from hub.message_catalogues import N_, domain_catalogue
from hub.safe_spreadsheets import Cell
from hub.store.marks_table import MarksRow, MarksTable
from hub.store.store_sentences import LOCALE

HEADINGS = (N_("User name"), N_("Name"), N_("Institution"), N_("Classes"))
TOTAL, OUT_OF, TO_MARK = N_("All labs"), N_("out of"), N_("Answers still to mark")
LATE_LABS, TAKEN_OFF = N_("Labs handed in late"), N_("Points off for lateness")


def marks_sheet(table: MarksTable, language: str = "en") -> list[list[Cell]]:
    """Return a heading, a line with what each lab is worth, and a line for each learner.

    A lab that was not handed in, or is not checked yet, has an empty cell: no points are not 0 points.
    """
    words = domain_catalogue("store", language, LOCALE)
    labs = [lab.lab for lab in table.labs]
    heading: list[Cell] = [words.gettext(each) for each in HEADINGS]
    heading += [lab.named(language) for lab in table.labs]
    heading += [words.gettext(TOTAL), words.gettext(TO_MARK)]
    heading += [words.gettext(LATE_LABS), words.gettext(TAKEN_OFF)]
    worth: list[Cell] = ["", words.gettext(OUT_OF), "", "", *(table.most[lab] for lab in labs)]
    worth += [sum(table.most.values()), "", "", ""]
    return [heading, worth, *(_line(row, labs) for row in table.rows)]


def _line(row: MarksRow, labs: list[str]) -> list[Cell]:
    who = row.learner
    points = [row.points[lab].score if lab in row.points else None for lab in labs]
    waiting = sum(each.to_mark for each in row.points.values())
    about: list[Cell] = [who.username, who.display_name, who.institution or "", ", ".join(row.classes)]
    late = [each for each in row.points.values() if each.late_days]
    off = sum(each.points_off for each in late)
    return [*about, *points, row.total, waiting, len(late), off]
