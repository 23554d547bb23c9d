"""Checks of whole columns: each different cell is read once, by the same rules that read a single case."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labs.prototype_kit.application.data_contract import BadValue, Column, Contract, date_cells, feature_names


@dataclass(frozen=True)
class CheckedColumns:
    """Values of the rows that fit, and what is wrong with the others."""

    values: dict[str, list[Any]]
    """The features of the rows that fit, by name."""
    good: list[int]
    """Numbers of the rows that fit, in their order."""
    wrong: dict[int, list[BadValue]]
    """Faults of each row that does not fit, by its number."""
    unknown: dict[int, list[str]]
    """Columns whose category was never met in training, by the row's place among those that fit."""


def check_columns(contract: Contract, raw: Mapping[str, Sequence[object]], count: int) -> CheckedColumns:
    """Check `count` raw rows that are given as columns; a row is refused if one of its cells is."""
    read = {column.name: _read_column(column, raw[column.name]) for column in contract.features}
    wrong: dict[int, list[BadValue]] = {}
    for values, has_fault in read.values():
        if has_fault:
            for n, value in enumerate(values):
                if isinstance(value, BadValue):
                    wrong.setdefault(n, []).append(value)
    good = [n for n in range(count) if n not in wrong]
    kept = {
        name: [values[n] for n in good] if wrong else list(values) for name, (values, _fault) in read.items()
    }
    return CheckedColumns(kept, good, wrong, _unknown(contract, kept))


def _read_column(column: Column, cells: Sequence[object]) -> tuple[list[Any], bool]:
    """Return each cell's value, or the BadValue that it raised, and whether there is one of these."""
    texts = ["" if cell is None else cell if type(cell) is str else str(cell) for cell in cells]
    read: dict[str, Any] = {}
    has_fault = False
    for text in set(texts):
        try:
            read[text] = column.value(text)
        except BadValue as error:
            read[text], has_fault = error, True
    return [read[text] for text in texts], has_fault


def _unknown(contract: Contract, values: Mapping[str, Sequence[Any]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for column in contract.features:
        if column.type != "category" or not column.known:
            continue
        foreign = set(values[column.name]) - {None, *column.known}
        if foreign:
            for n, value in enumerate(values[column.name]):
                if value in foreign:
                    found.setdefault(n, []).append(column.name)
    return found


def table_of(contract: Contract, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return checked rows as the array that the model takes."""
    values = {column.name: [row.get(column.name) for row in rows] for column in contract.features}
    return table_of_columns(contract, values, len(rows))


def table_of_columns(contract: Contract, values: Mapping[str, Sequence[Any]], count: int) -> np.ndarray:
    """Return checked columns as the array that the model takes."""
    table = np.empty((count, len(feature_names(contract))), dtype=object)
    place = 0
    for column in contract.features:
        cells = values[column.name]
        if column.type in ("text", "category"):
            table[:, place] = [value or "" for value in cells]
        elif column.type == "date":
            parts = {day: date_cells(day) for day in set(cells)}
            for part in range(4):
                table[:, place + part] = [parts[day][part] for day in cells]
            place += 3
        else:
            table[:, place] = [math.nan if value is None else float(value) for value in cells]
        place += 1
    return table
