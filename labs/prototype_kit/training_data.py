"""The project's data as arrays for training, and the project's own code."""

from __future__ import annotations

import csv
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.column_checks import table_of
from labs.prototype_kit.application.data_contract import Contract, with_known
from labs.prototype_kit.table_checks import check_table

MOST_ROWS = 200_000
"""A model of weighted features learns little from more; the latest rows are taken."""
LEAST_ROWS = 60


@dataclass(frozen=True)
class TrainingData:
    """One row per case whose answer is known, in the order of time."""

    contract: Contract
    rows: list[dict[str, Any]]
    table: np.ndarray
    target: np.ndarray
    time: np.ndarray
    group: np.ndarray | None
    slices: dict[str, np.ndarray]
    all_rows: int

    def __len__(self) -> int:
        return len(self.target)


def read_training_data(contract: Contract, path: Path, kind: str) -> TrainingData:
    """Check `data.csv` against the contract and return it. Raises PrototypeError with what is missing."""
    if len(contract.with_role("target")) != 1:
        raise PrototypeError(
            N_("One column must have the role target: what is to be foretold. See contract.toml.")
        )
    if len(contract.with_role("time")) != 1:
        raise PrototypeError(
            N_(
                "One column must have the role time: without it, nobody can say how the model does later. See contract.toml."
            )
        )
    all_rows = check_table(contract, path)
    with path.open(encoding="utf-8", newline="") as file:
        read = [_typed(contract, row) for row in csv.DictReader(file)]
    time_name = contract.with_role("time")[0].name
    rows = [row for row in read if row[contract.target.name] is not None and row[time_name] is not None]
    rows.sort(key=lambda row: row[time_name])
    rows = rows[-MOST_ROWS:]
    if len(rows) < LEAST_ROWS:
        raise PrototypeError(
            N_(
                "{count} rows have an answer and a date; {least} are the least to learn from and to measure with."
            ),
            count=len(rows),
            least=LEAST_ROWS,
        )
    contract = with_known(contract, _known(contract, rows))
    groups = contract.with_role("group")
    return TrainingData(
        contract,
        rows,
        table_of(contract, rows),
        _target(contract, rows, kind),
        np.asarray([row[time_name].toordinal() for row in rows]),
        _column(rows, groups[0].name) if groups else None,
        {each.name: _column(rows, each.name) for each in contract.with_role("slice", "group")},
        all_rows,
    )


def _typed(contract: Contract, row: dict[str, str]) -> dict[str, Any]:
    return {
        column.name: column.value(row[column.name]) for column in contract.columns if column.role != "ignore"
    }


def _known(contract: Contract, rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {
        column.name: sorted({row[column.name] for row in rows if row[column.name]})
        for column in contract.features
        if column.type == "category"
    }


def _column(rows: list[dict[str, Any]], name: str) -> np.ndarray:
    return np.asarray(["" if row[name] is None else str(row[name]) for row in rows], dtype=object)


def _target(contract: Contract, rows: list[dict[str, Any]], kind: str) -> np.ndarray:
    values = [row[contract.target.name] for row in rows]
    if kind == "number":
        return np.asarray(values, float)
    if kind == "yes-no":
        if contract.target.type != "yes-no":
            raise PrototypeError(N_("The target {name} must be of type yes-no."), name=contract.target.name)
        values = ["yes" if value else "no" for value in values]
    found = np.asarray([str(value) for value in values], dtype=object)
    if len(set(found)) < 2:
        raise PrototypeError(
            N_("Every row has the same answer ({value}): there is nothing to learn."), value=found[0]
        )
    return found


def project_code(folder: Path) -> ModuleType:
    """Import the project's `model_code.py`, which builds its model and its simple rule."""
    path = folder / "model_code.py"
    spec = importlib.util.spec_from_file_location("model_code", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise PrototypeError(N_("The project has no {file}, which builds its model."), file=path.name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
