"""The data contract: which columns there are, what each may hold, and which part it plays.

It is kept as `contract.toml`, which people read and edit. One row is checked here with plain Python; the bench
checks whole tables with the pandera schema made from the same contract (`table_checks.py`).
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

TYPES = ("text", "category", "whole", "number", "date", "yes-no")
ROLES = ("feature", "target", "time", "group", "slice", "ignore")
YES = frozenset({"yes", "y", "true", "1", "oui", "o", "vrai", "yego"})
NO = frozenset({"no", "n", "false", "0", "non", "faux", "oya"})
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "#n/a"})
EPOCH = dt.date(2000, 1, 1)
LONGEST_TEXT = 20_000
YEAR_DAYS = 365.25


class BadValue(PrototypeError):
    """A value that its column does not allow."""


@dataclass(frozen=True)
class Column:
    """One column of the contract."""

    name: str
    type: str
    role: str = "feature"
    required: bool = False
    formats: tuple[str, ...] = ()
    """Date formats, tried in this order."""
    known: tuple[str, ...] = ()
    """Values seen in training; another one is answered, and said to be unknown."""
    minimum: float | None = None
    maximum: float | None = None

    def value(self, raw: object) -> Any:
        """Return `raw` as this column's type, None if it is empty. Raises BadValue."""
        text = "" if raw is None else str(raw).strip()
        if text.lower() in EMPTY:
            if self.required:
                raise BadValue(N_("{column} is empty. Fill it in."), column=self.name)
            return None
        return _READERS[self.type](self, text)


def _read_text(column: Column, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise BadValue(
            N_("{column} is longer than {most} characters. Shorten it."),
            column=column.name,
            most=LONGEST_TEXT,
        )
    return text


def _read_number(column: Column, text: str) -> float:
    try:
        number = float(plain_number(text))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadValue(N_("{column} must be a number, not “{value}”."), column=column.name, value=text[:40])
    for bound, wrong in ((column.minimum, number.__lt__), (column.maximum, number.__gt__)):
        if bound is not None and wrong(bound):
            raise BadValue(
                N_("{column} is {value}; it must lie between {low} and {high}."),
                column=column.name,
                value=text[:40],
                low="−∞" if column.minimum is None else f"{column.minimum:g}",
                high="∞" if column.maximum is None else f"{column.maximum:g}",
            )
    return number


def _read_whole(column: Column, text: str) -> int:
    number = _read_number(column, text)
    if number != int(number):
        raise BadValue(
            N_("{column} must be a whole number, not “{value}”."), column=column.name, value=text[:40]
        )
    return int(number)


def _read_date(column: Column, text: str) -> dt.date:
    for pattern in ("%Y-%m-%d", *column.formats):
        if (found := parse_date(text, pattern)) is not None:
            return found
    raise BadValue(
        N_("{column} must be a date such as 2026-11-23, not “{value}”."), column=column.name, value=text[:40]
    )


def _read_yes_no(column: Column, text: str) -> bool:
    low = text.lower()
    if low in YES:
        return True
    if low in NO:
        return False
    raise BadValue(N_("{column} must be yes or no, not “{value}”."), column=column.name, value=text[:40])


_READERS = {
    "text": _read_text,
    "category": _read_text,
    "whole": _read_whole,
    "number": _read_number,
    "date": _read_date,
    "yes-no": _read_yes_no,
}


def plain_number(text: str) -> str:
    """Return a number without what separates thousands, with a point before its decimals."""
    if text.isdecimal() and text.isascii():
        return text
    bare = re.sub(r"[\s\u00a0\u202f']", "", text)
    if "," in bare and "." in bare:
        return (
            bare.replace(",", "")
            if bare.rfind(".") > bare.rfind(",")
            else bare.replace(".", "").replace(",", ".")
        )
    return bare.replace(",", ".")


def parse_date(text: str, pattern: str) -> dt.date | None:
    """Return the date that `text` is in the format `pattern`, else None. A time after an ISO date is dropped."""
    if pattern == "%Y-%m-%d":
        try:
            return dt.date.fromisoformat(text[:10]) if text[10:11] in ("", " ", "T") else None
        except ValueError:
            return None
    try:
        return dt.datetime.strptime(text, pattern).date()
    except ValueError:
        return None


@dataclass(frozen=True)
class Contract:
    """All columns, in their order."""

    columns: tuple[Column, ...]
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    def with_role(self, *roles: str) -> list[Column]:
        """Return the columns that play one of `roles`."""
        return [column for column in self.columns if column.role in roles]

    @property
    def features(self) -> list[Column]:
        """Columns that the model sees."""
        return self.with_role("feature")

    @property
    def slices(self) -> list[Column]:
        """Columns by which the application counts whom it serves, although the model does not see them."""
        return self.with_role("slice", "group")

    @property
    def counted(self) -> list[Column]:
        """Columns that are kept of each case: what the model sees, and slices."""
        return self.with_role("feature", "slice", "group")

    @property
    def target(self) -> Column:
        """The column that is to be foretold."""
        return self.with_role("target")[0]

    def missing(self, header: Iterable[str]) -> list[str]:
        """Return the features that `header` does not have."""
        present = set(header)
        return [column.name for column in self.features if column.name not in present]

    def checked(self, row: Mapping[str, object]) -> tuple[dict[str, Any], list[BadValue]]:
        """Return the values of one row's features, and what is wrong with it."""
        values, wrong = {}, []
        for column in self.features:
            try:
                values[column.name] = column.value(row.get(column.name))
            except BadValue as error:
                wrong.append(error)
        return values, wrong

    def unknown(self, values: Mapping[str, Any]) -> list[str]:
        """Return the columns whose category was never seen in training."""
        return [
            column.name
            for column in self.features
            if column.type == "category"
            and column.known
            and values.get(column.name) is not None
            and values[column.name] not in column.known
        ]


def feature_names(contract: Contract) -> list[str]:
    """Return the names of what `feature_cells` gives, in its order."""
    names = []
    for column in contract.features:
        parts = ("day", "season 1", "season 2", "weekday") if column.type == "date" else ("",)
        names += [f"{column.name} ({part})" if part else column.name for part in parts]
    return names


def feature_kinds(contract: Contract) -> list[str]:
    """Return "text", "category" or "number" for each of `feature_names`."""
    kinds = {"text": ["text"], "category": ["category"], "date": ["number"] * 4}
    return [kind for column in contract.features for kind in kinds.get(column.type, ["number"])]


def feature_cells(contract: Contract, values: Mapping[str, Any]) -> list[Any]:
    """Return one row as the model sees it: text as it is, everything else as numbers, NaN for what is empty."""
    cells: list[Any] = []
    for column in contract.features:
        value = values.get(column.name)
        if column.type in ("text", "category"):
            cells.append(value or "")
        elif column.type == "date":
            cells += date_cells(value)
        else:
            cells.append(math.nan if value is None else float(value))
    return cells


def date_cells(day: dt.date | None) -> list[float]:
    """Return what the model sees of a day: its number, two numbers for the season, the weekday."""
    if day is None:
        return [math.nan] * 4
    turn = 2 * math.pi * day.timetuple().tm_yday / YEAR_DAYS
    return [float((day - EPOCH).days), math.sin(turn), math.cos(turn), float(day.weekday())]


def read_contract(path: Path) -> Contract:
    """Read `contract.toml`. Raises PrototypeError with the place of the fault."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))["column"]
        columns = tuple(_column(entry) for entry in found)
    except FileNotFoundError:
        raise PrototypeError(
            N_("There is no data contract yet ({path}). Bring data first: isomo prototype data FILE."),
            path=path.name,
        ) from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise PrototypeError(
            N_("{path} cannot be read: {reason}. Correct it, then try again."), path=path.name, reason=error
        ) from None
    return Contract(columns)


def _column(entry: Mapping[str, Any]) -> Column:
    values = dict(entry)
    if values["type"] not in TYPES:
        raise ValueError(f"{values['name']}: type is {values['type']!r}, not one of {', '.join(TYPES)}")
    if values.get("role", "feature") not in ROLES:
        raise ValueError(f"{values['name']}: role is {values['role']!r}, not one of {', '.join(ROLES)}")
    return Column(**{**values, **{k: tuple(values.get(k, ())) for k in ("formats", "known")}})


def write_contract(contract: Contract, path: Path) -> None:
    """Write `contract.toml`."""
    head = "# The data contract. type: " + ", ".join(TYPES) + "\n# role: " + ", ".join(ROLES) + "\n"
    tables = [
        toml_table("[[column]]", {k: v for k, v in asdict(column).items() if v not in (None, ())})
        for column in contract.columns
    ]
    path.write_text(head + "\n" + "\n".join(tables), "utf-8")


def toml_table(heading: str, values: Mapping[str, Any]) -> str:
    """Return one TOML table of plain values: strings, numbers, booleans, lists."""
    return "\n".join([heading, *(f"{key} = {toml_value(value)}" for key, value in values.items()), ""])


def toml_value(value: Any) -> str:
    """Return one value as TOML; JSON's strings and numbers are TOML's too."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def with_known(contract: Contract, known: Mapping[str, Iterable[str]]) -> Contract:
    """Return the contract with the categories that were seen in training."""
    return Contract(
        tuple(replace(c, known=tuple(known[c.name])) if c.name in known else c for c in contract.columns)
    )
