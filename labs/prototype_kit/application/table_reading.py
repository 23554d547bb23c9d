"""Read tables of any size, row by row: encoding, separator and types are found from samples and shown."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.data_contract import EMPTY, NO, YES, Column, parse_date, plain_number

SEPARATORS = ";,\t|"
EXCEL = (".xlsx", ".xlsm")
SAMPLE_BYTES = 128 * 1024
SAMPLE_PLACES = 9
SAMPLE_ROWS = 5000
MOST_CATEGORIES = 60
ENCODINGS = ("cp1252", "mac_roman", "cp850")
USUAL = frozenset("àâäæçéèêëîïôœöùûüÿÀÂÄÆÇÉÈÊËÎÏÔŒÖÙÛÜŸ’‘“”«»–—…°€·§\u00a0")
LEAST_USUAL = 0.8
DATE_FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d %B %Y",
    "%d/%m/%y",
)
AMBIGUOUS = {"%d/%m/%Y": "%m/%d/%Y", "%m/%d/%Y": "%d/%m/%Y"}
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True)
class Layout:
    """Format of a file."""

    encoding: str = "utf-8"
    separator: str = ";"
    excel: bool = False


@dataclass(frozen=True)
class Seen:
    """Findings about one column, with examples for the person who confirms it."""

    column: Column
    examples: tuple[str, ...] = ()
    empty: float = 0.0
    ambiguous: str = ""
    """A date that could be read in two ways, if no other value of the column settles it."""
    formats: dict[str, int] = field(default_factory=dict)


def find_layout(path: Path) -> Layout:
    """Find out how the file is written. Raises PrototypeError for what is no table."""
    if path.suffix.lower() in EXCEL:
        return Layout(excel=True)
    if path.suffix.lower() == ".xls":
        raise PrototypeError(
            N_("{file} is in the old Excel format. Save it as .xlsx or CSV."), file=path.name
        )
    samples = _samples(path)
    encoding = find_encoding(samples)
    text = samples[0].decode(encoding, "replace")
    if "\0" in text:
        raise PrototypeError(
            N_("{file} is no table: it holds binary data. Bring CSV or .xlsx."), file=path.name
        )
    return Layout(encoding, find_separator(text))


def _samples(path: Path) -> list[bytes]:
    """Blocks from the file's beginning, middle and end."""
    size = path.stat().st_size
    if size == 0:
        raise PrototypeError(N_("{file} is empty."), file=path.name)
    with path.open("rb") as file:
        if size <= SAMPLE_BYTES * SAMPLE_PLACES:
            return [file.read()]
        found = []
        for n in range(SAMPLE_PLACES):
            file.seek((size - SAMPLE_BYTES) * n // (SAMPLE_PLACES - 1))
            block = file.read(SAMPLE_BYTES)
            # A block that was cut out of the middle begins and ends at a line.
            found.append(block if n == 0 else block[block.find(b"\n") + 1 :])
        return [block[: block.rfind(b"\n") + 1] or block for block in found]


def find_encoding(samples: list[bytes]) -> str:
    """Return the encoding: UTF-8 if all samples are, else the old one that reads most like French or English."""
    first = samples[0]
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        for block in samples:
            block.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy_encoding(
            [line for block in samples for line in block.splitlines() if not line.isascii()][:2000]
        )
    return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"


def _legacy_encoding(lines: list[bytes]) -> str:
    """Return the encoding in which most signs beyond ASCII are those that French and English write.

    Frequencies of letters, which charset-normalizer weighs, need more text than a column of names has.
    """
    text = b"\n".join(lines)
    shares = {name: _share_of_usual(text.decode(name, "replace")) for name in ENCODINGS}
    best = max(ENCODINGS, key=lambda name: shares[name])
    if shares[best] >= LEAST_USUAL:
        return best
    from charset_normalizer import from_bytes

    found = from_bytes(text).best()
    return str(found.encoding) if found else "cp1252"


def _share_of_usual(text: str) -> float:
    beyond = [sign for sign in text if not sign.isascii()]
    return sum(sign in USUAL for sign in beyond) / max(1, len(beyond))


def find_separator(text: str) -> str:
    """Return the separator that cuts most lines into the same number of columns, more than one."""
    lines = text.splitlines()[:200]

    def score(separator: str) -> tuple[float, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        width, times = max(counts.items(), key=lambda item: (item[1], item[0]))
        return (times / max(1, len(lines)) if width > 1 else 0.0, width)

    return max(SEPARATORS, key=score)


def read_rows(path: Path, layout: Layout) -> Iterator[list[str]]:
    """Yield each row, the header first; no more than one row is in memory."""
    yield from (_excel_rows(path) if layout.excel else _csv_rows(path, layout))


def _csv_rows(path: Path, layout: Layout) -> Iterator[list[str]]:
    with path.open(encoding=layout.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=layout.separator)
        try:
            for row in reader:
                if row:
                    yield row
        except UnicodeDecodeError:
            raise PrototypeError(
                N_("After line {line}, {file} is not in {encoding}. Name the encoding: --encoding cp1252."),
                line=reader.line_num,
                file=path.name,
                encoding=layout.encoding,
            ) from None
        except csv.Error as error:
            raise PrototypeError(
                N_("{file} cannot be read near line {line}: {reason}. Correct that line, then try again."),
                line=reader.line_num,
                file=path.name,
                reason=error,
            ) from None


def _excel_rows(path: Path) -> Iterator[list[str]]:
    import zipfile

    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise PrototypeError(N_("{file} is no Excel file: {reason}."), file=path.name, reason=error) from None
    with closing(book):
        for row in book.worksheets[0].iter_rows(values_only=True):
            if any(cell is not None for cell in row):
                yield [cell_text(cell) for cell in row]


def cell_text(cell: object) -> str:
    """Return an Excel cell as text: days as ISO dates, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def clean_header(row: list[str]) -> list[str]:
    """Return column names without blanks around them. Raises PrototypeError for empty and repeated ones."""
    names = [re.sub(r"\s+", " ", name).strip() for name in row]
    while names and not names[-1]:
        names.pop()
    twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
    if twice:
        raise PrototypeError(N_("Two columns are called {name}. Rename one."), name=twice[0])
    if not names or "" in names:
        raise PrototypeError(
            N_("Column {number} has no name. The first line must name every column."),
            number=names.index("") + 1 if names else 1,
        )
    return names


def look_at_columns(names: list[str], rows: list[list[str]]) -> list[Seen]:
    """Find the type of each column from the sample `rows`."""
    return [
        _seen(name, [row[n].strip() if n < len(row) else "" for row in rows]) for n, name in enumerate(names)
    ]


def _seen(name: str, cells: list[str]) -> Seen:
    full = [cell for cell in cells if cell.lower() not in EMPTY]
    empty = 1 - len(full) / max(1, len(cells))
    examples = tuple(dict.fromkeys(cell[:40] for cell in full))[:3]
    distinct = Counter(full)
    if not full:
        return Seen(Column(name, "text", "ignore"), (), empty)
    if all(cell.lower() in YES | NO for cell in distinct) and not all(cell in "01" for cell in distinct):
        return Seen(Column(name, "yes-no"), examples, empty)
    formats = date_formats(list(distinct))
    if formats:
        counts = {each: sum(parse_date(cell, each) is not None for cell in full) for each in formats}
        return Seen(
            Column(name, "date", formats=formats), examples, empty, _doubt(list(distinct), formats), counts
        )
    numbers = [_number(cell) for cell in distinct]
    if None not in numbers:
        # A number that begins with a zero is a code.
        codes = any(re.match(r"[+-]?0\d", cell) for cell in distinct)
        if not codes:
            whole = all(float(number or 0).is_integer() for number in numbers)
            return Seen(Column(name, "whole" if whole else "number"), examples, empty)
    few = len(distinct) <= MOST_CATEGORIES and len(distinct) <= max(2, len(full) / 5)
    return Seen(Column(name, "category" if few else "text"), examples, empty)


def _number(text: str) -> float | None:
    try:
        return float(plain_number(text))
    except ValueError:
        return None


def date_formats(cells: list[str]) -> tuple[str, ...]:
    """Return the formats that together read all of `cells`, the most frequent first; () if they are no dates."""
    left = set(cells)
    chosen: list[str] = []
    while left and len(chosen) < 4:
        read = {each: {cell for cell in left if parse_date(cell, each)} for each in DATE_FORMATS}
        # What reads every value beats what reads most of them, in the order of DATE_FORMATS.
        best = max(DATE_FORMATS, key=lambda each: len(read[each]))
        if not read[best]:
            return ()
        chosen.append(best)
        left -= read[best]
    return tuple(chosen) if not left else ()


def _doubt(cells: list[str], formats: tuple[str, ...]) -> str:
    """Return a date that could be day/month or month/day if the column does not settle it."""
    slashed = [each for each in formats if each in AMBIGUOUS]
    if not slashed:
        return ""
    both = [cell for cell in cells if all(parse_date(cell, each) for each in AMBIGUOUS)]
    different = [cell for cell in both if cell.split("/")[0] != cell.split("/")[1]]
    settled = len(slashed) == 1 and any(
        parse_date(cell, AMBIGUOUS[slashed[0]]) is None for cell in cells if "/" in cell
    )
    return different[0] if different and not settled else ""
