"""`lab.load_own("file.xlsx")`: a learner's own list as a table. It stays in the learner's folder."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from statistics import mode
from typing import TYPE_CHECKING, Any

from labs.kit.kit_sentences import N_

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 20 << 20
UNPACKED = 200 << 20
"""A sheet is a packed file; one that unpacks to more than this would fill the memory."""
MOST_ROWS, MOST_COLUMNS = 200_000, 200
SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
SEPARATORS = ",;\t|"
SENTENCES = {
    "no-name": N_('The name of a file is a text in quotation marks, for example `file = "visits.xlsx"`.'),
    "no-file": N_(
        "There is no file `{name}` here. Upload it next to this notebook (the arrow above the list of files), and "
        "write its name as it is there. Files that are here: {others}."
    ),
    "no-such-kind": N_(
        "`{name}` is no list that can be read. Save it as Excel (.xlsx) or as CSV (.csv), then upload it again."
    ),
    "too-large": N_(
        "`{name}` is larger than {most} MB. Keep the columns that you need, then upload it again."
    ),
    "cannot-be-read": N_(
        "`{name}` could not be read. Open it in your office program, save it again as .xlsx, then upload it again. "
        "A file with a password has to be saved without it."
    ),
    "empty": N_(
        "`{name}` has no rows below its first line. Put the names of the columns into the first line."
    ),
    "too-long": N_("`{name}` has more than {rows} rows or {columns} columns. Keep the part that you need."),
}


class OwnFileError(Exception):
    """A list that cannot be read; `key` and `values` make its sentence."""

    sentences = SENTENCES

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(SENTENCES[key].format(**values))
        self.key, self.values = key, values


def load_own(name: str, folder: Path) -> pd.DataFrame:
    """Return the list in the file `name` of `folder` as a table, its first line as names of columns.

    Excel and LibreOffice sheets are read without running anything in them; of a text file, encoding and separator are
    found. Raises OwnFileError, whose sentence says what to do.
    """
    if not isinstance(name, str):
        raise OwnFileError("no-name")
    path = _found(name, folder)
    if path.stat().st_size > LARGEST:
        raise OwnFileError("too-large", name=path.name, most=LARGEST >> 20)
    rows = _sheet(path) if path.suffix.lower() in SHEETS else _text(path)
    return _table(path.name, rows)


def _found(name: str, folder: Path) -> Path:
    """Return the file itself, inside the folder; its name may be written in other letters or without its ending."""
    here = sorted(
        path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SHEETS + TEXTS
    )
    wanted = name.strip()
    for path in here:
        if path.name == wanted:
            return path
    near = [path for path in here if wanted.lower() in (path.name.lower(), path.stem.lower())]
    if len(near) == 1:
        return near[0]
    if (folder / Path(wanted).name).is_file() and not near:
        raise OwnFileError("no-such-kind", name=wanted)
    raise OwnFileError("no-file", name=wanted, others=", ".join(path.name for path in here) or "–")


def _sheet(path: Path) -> Iterable[list[Any]]:
    """Yield the rows of the first sheet that has any."""
    from python_calamine import CalamineWorkbook

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise OwnFileError("too-large", name=path.name, most=LARGEST >> 20)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        filled = next((sheet for sheet in sheets if sheet.height > 1), None)
        rows: list[list[Any]] = filled.to_python() if filled else []
    except Exception as error:  # Its errors share no base class, and a broken file may raise any of them.
        raise OwnFileError("cannot-be-read", name=path.name) from error
    return rows


def _text(path: Path) -> Iterable[list[str]]:
    """Yield the rows of a text file."""
    text = decoded_text(path.read_bytes())
    if "\0" in text:
        raise OwnFileError("cannot-be-read", name=path.name)
    return csv.reader(io.StringIO(text, newline=""), delimiter=column_separator(text))


def decoded_text(content: bytes) -> str:
    """Return the text of a file: UTF-8 if it fits, with or without a mark, else what it most likely is."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    # What offices here use, in this order; for a short list a guess without it may name a far-away one.
    likely = from_bytes(content[:200_000], cp_isolation=["cp1252", "mac_roman", "latin_1"]).best()
    return content.decode(likely.encoding if likely else "cp1252", "replace")


def column_separator(text: str) -> str:
    """The sign between columns: the one that cuts most of the first lines into equally many columns, and into many."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]

    def columns(sign: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=sign)] or [1]
        usual = mode(counts)  # A title above the names of columns has one cell only.
        return (usual, counts.count(usual))

    return max(SEPARATORS, key=columns)


def _table(name: str, rows: Iterable[list[Any]]) -> pd.DataFrame:
    import pandas as pd

    filled: list[list[Any]] = []
    for row in rows:
        if any(str(cell).strip() for cell in row if cell is not None):
            filled.append(list(row))
        if len(filled) > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise OwnFileError("too-long", name=name, rows=MOST_ROWS, columns=MOST_COLUMNS)
    if len(filled) < 2:
        raise OwnFileError("empty", name=name)
    width = max(map(len, filled))
    head = _names([*filled[0], *[""] * (width - len(filled[0]))])
    body = [[_cell(cell) for cell in [*row, *[None] * (width - len(row))]] for row in filled[1:]]
    table = pd.DataFrame(body, columns=head)
    for column in table.columns:
        table[column] = _typed(table[column])
    return table


def _names(row: list[Any]) -> list[str]:
    """Return names of columns: no empty one, no second one of the same name."""
    names: list[str] = []
    for place, cell in enumerate(row, 1):
        name = " ".join(str(cell if cell is not None else "").split()) or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return names


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return value


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as numbers if all of it are numbers; 1 200,50 and 1,200.50 are numbers too."""
    import pandas as pd

    said = column.dropna()
    if said.empty or not all(isinstance(one, str) for one in said):
        return column.infer_objects()
    plain = said.map(as_number)
    if plain.isna().any():
        return column
    return pd.to_numeric(plain.reindex(column.index))


def as_number(text: str) -> float | None:
    """Return a number as people write it, None if it is none. Numbers of many digits (identity, phone) stay text."""
    bare = re.sub(r"[ \u00a0\u202f’']", "", text)
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        bare = bare.replace(",", "")
    elif re.fullmatch(r"[+-]?\d+,\d+", bare):
        bare = bare.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d+(?:\.\d+)?", bare):
        return None
    digits = re.sub(r"\D", "", bare)
    return (
        None
        if len(digits) > 12 or (len(digits) > 1 and digits[0] == "0" and "." not in bare)
        else float(bare)
    )
