"""The contract as a pandera schema: every row of `data.csv` is checked before a model learns from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.data_contract import Column, Contract

CHUNK = 50_000
READ_AS = {"whole": "float64", "number": "float64", "date": "datetime64[ns]"}


def schema_for(contract: Contract) -> Any:
    """Return the pandera schema of the contract's columns as `data.csv` holds them."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {column.name: _pandera_column(column) for column in contract.columns}, strict=False
    )


def _pandera_column(column: Column) -> Any:
    import pandera.pandas as pa

    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum))
    if column.type == "whole":
        checks.append(pa.Check(lambda values: values % 1 == 0, name="whole"))
    if column.type == "yes-no":
        checks.append(pa.Check.isin(["yes", "no"]))
    return pa.Column(
        READ_AS.get(column.type), checks, nullable=not column.required, coerce=column.type in READ_AS
    )


def check_table(contract: Contract, path: Path) -> int:
    """Check `data.csv` in chunks; return its rows. Raises PrototypeError naming the first columns that do not fit."""
    import pandas as pd
    import pandera.errors

    schema, rows = schema_for(contract), 0
    try:
        chunks = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], chunksize=CHUNK)
    except (FileNotFoundError, pd.errors.EmptyDataError):
        raise PrototypeError(N_("There is no data yet. Bring some: isomo prototype data FILE.")) from None
    with chunks:
        for chunk in chunks:
            rows += len(chunk)
            try:
                schema.validate(chunk, lazy=True)
            except pandera.errors.SchemaErrors as error:
                raise _worded(error) from None
    return rows


def _worded(error: Any) -> PrototypeError:
    cases = error.failure_cases
    missing = cases[cases["check"] == "column_in_dataframe"]["failure_case"].tolist()
    if missing:
        return PrototypeError(
            N_("data.csv has no column {name}, which the contract names. Bring the data again."),
            name=missing[0],
        )
    first = cases.iloc[0]
    return PrototypeError(
        N_(
            "{count} values of data.csv do not fit the contract, first in the column {column} ({check}). Correct contract.toml or bring the data again."
        ),
        count=len(cases),
        column=first["column"],
        check=first["check"],
    )
