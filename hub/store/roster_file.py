"""Rosters as files: CSV in the encodings and separators that offices use, and Excel; read and written."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from hub.memory_sizes import Size
from hub.message_catalogues import N_
from hub.safe_spreadsheets import RUN_BY_SPREADSHEETS, csv_lines, excel_table

FIELDS = ("username", "name", "email", "language", "institution", "role", "course", "part", "class")
NAMES: dict[str, tuple[str, ...]] = {
    "username": ("user", "login", "account", "nomdutilisateur", "utilisateur", "identifiant", "compte"),
    "name": ("fullname", "displayname", "names", "nom", "nomcomplet", "nometprenom", "amazina"),
    "email": ("mail", "emailaddress", "courriel", "adresseelectronique", "adressecourriel", "imeyili"),
    "language": ("lang", "langue", "ururimi"),
    "institution": ("ministry", "agency", "organisation", "organization", "ministere", "ikigo"),
    "role": ("roles",),
    "course": ("cours", "isomo"),
    "part": ("partinthecourse", "courserole", "roledanslecours"),
    "class": ("group", "classe", "groupe", "ishuri"),
}
"""Other words for a column, without accents, spaces and signs."""
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LARGEST_FILE = Size.parse("50 MB")
LARGEST_UNPACKED = 600_000_000
"""Bytes that an Excel file may unpack to."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

REASONS = {
    "empty": N_("There is no row in this roster. Give it a first row with the names of the columns."),
    "no-columns": N_(
        "The first row must name the columns. Needed are name, and username or email; known are: {known}."
    ),
    "too-many-rows": N_(
        "This roster has more than {most} rows. Divide it, then import the parts one by one."
    ),
    "too-large": N_("This file is larger than {most}. Divide it, then import the parts one by one."),
    "old-excel": N_("This is a file of an old Excel. Save it as .xlsx or as CSV, then import it again."),
    "unreadable": N_(
        "This Excel file cannot be read. Save it again as .xlsx or as CSV, then import it again."
    ),
    "cut-off": N_(
        "This file ends inside a cell in quotation marks, so a part of it is missing. Save it again, then import it."
    ),
    "twice": N_("Two columns are called {column}. Remove one of them, then import it again."),
}


class UnreadableRoster(Exception):  # noqa: N818 - an answer, not an error
    """The file as a whole cannot be used; `reason` is a key of REASONS."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True)
class RosterRow:
    """One row: its number in the file, counted from 1 with the heading, and its cells by field."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class RosterFile:
    """A roster as it was read. `ignored` are headings that mean nothing here."""

    rows: list[RosterRow]
    ignored: tuple[str, ...] = ()


def read_roster(data: bytes) -> RosterFile:
    """Read a roster from the bytes of a CSV or Excel file.

    Example:
        >>> read_roster(b"name;username\\nAmina Keza;amina.k").rows[0].cells["name"]
        'Amina Keza'

    Raises:
        UnreadableRoster: it is empty, too large, of another kind, or its first row names no columns.
    """
    if len(data) > LARGEST_FILE:
        raise UnreadableRoster("too-large", most=LARGEST_FILE)
    if data.startswith(OLD_EXCEL):
        raise UnreadableRoster("old-excel")
    lines = _excel_lines(data) if data.startswith(b"PK") else _csv_lines(decode_csv(data))
    return _roster(lines)


def decode_csv(data: bytes) -> str:
    """Return the text of a CSV file: UTF-8 or UTF-16 if it is that, else Windows-1252 as Excel saves it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def cell_separator(text: str) -> str:
    """Return what separates the cells: the one of `; , tab |` that the first line has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(";,\t|", key=lambda sign: (first.count(sign), sign == ","))


def _csv_lines(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(int(LARGEST_FILE))
    if _ends_in_a_cell(plain):
        raise UnreadableRoster("cut-off")
    yield from enumerate(csv.reader(io.StringIO(plain), delimiter=cell_separator(plain)), 1)


def _ends_in_a_cell(text: str) -> bool:
    """Return whether a quotation mark is open at the end, as in a file that was cut while it was sent.

    Python's reader takes such an end for the end of the cell, and with it all rows after the mark for one.
    """
    if text.count('"') % 2 == 0:
        return False
    reader = csv.reader(io.StringIO(text), delimiter=cell_separator(text), strict=True)
    try:
        for _row in reader:
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _excel_lines(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST_UNPACKED:
                raise UnreadableRoster("too-large", most=LARGEST_FILE)
        # Of whatever a damaged file provokes, calamine makes its own error.
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.get_sheet_by_index(0)
        for number, row in enumerate(sheet.iter_rows(), 1):
            yield number, [_shown(value) for value in row[:MOST_COLUMNS]]
    except (zipfile.BadZipFile, CalamineError, IndexError, ValueError, OSError) as error:
        raise UnreadableRoster("unreadable") from error


def _shown(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _roster(lines: Iterator[tuple[int, Sequence[str]]]) -> RosterFile:
    heading: list[str | None] = []
    ignored: tuple[str, ...] = ()
    rows: list[RosterRow] = []
    for number, line in lines:
        cells = [clean_cell(cell) for cell in line[:MOST_COLUMNS]]
        if not any(cells):
            continue
        if not heading:
            heading = _columns(cells)
            ignored = tuple(cell for cell, field in zip(cells, heading, strict=True) if cell and not field)
            continue
        if len(rows) == MOST_ROWS:
            raise UnreadableRoster("too-many-rows", most=MOST_ROWS)
        known = {field: cell for field, cell in zip(heading, cells, strict=False) if field}
        rows.append(RosterRow(number, {field: known.get(field, "") for field in FIELDS}))
    if not rows:
        raise UnreadableRoster("empty")
    return RosterFile(rows, ignored)


def _columns(cells: Sequence[str]) -> list[str | None]:
    known = {word: field for field, words in NAMES.items() for word in (field, *words)}
    fields = [known.get(_key(cell)) for cell in cells]
    named = [field for field in fields if field]
    for field in named:
        if named.count(field) > 1:
            raise UnreadableRoster("twice", column=field)
    if "name" not in named or not {"username", "email"} & set(named):
        raise UnreadableRoster("no-columns", known=", ".join(FIELDS))
    return fields


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum() and sign.isascii())


_NOT_PLAIN = re.compile(r"[^\x20-\x7e]|  |^ | $|^'")


def clean_cell(text: str) -> str:
    """Return a cell on one line, in composed form, without signs that nobody sees and without our guard."""
    if _NOT_PLAIN.search(text) is None:
        return text
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    visible = "".join(
        " " if sign.isspace() else sign
        for sign in text
        # Invisible signs turn a name around or make two names look alike; two of them join letters in some scripts.
        if sign.isspace()
        or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")
        or sign in "\u200c\u200d"
    )
    plain = " ".join(visible.split())
    return plain[1:] if plain.startswith("'") and plain[1:2] in RUN_BY_SPREADSHEETS else plain


def csv_text(rows: Iterable[Sequence[str]], heading: Sequence[str] = FIELDS) -> Iterator[str]:
    """Return the lines of a CSV file that Excel opens as UTF-8 and in which nothing runs."""
    return csv_lines(_chained(heading, rows))


def _chained(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield heading
    yield from rows


def excel_bytes(rows: Iterable[Sequence[str]], heading: Sequence[str] = FIELDS) -> bytes:
    """Return an Excel file in which every cell is text, so that nothing runs."""
    return excel_table(_chained(heading, rows), "Isomo")
