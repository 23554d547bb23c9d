"""A table that is checked in columns gets the same values, faults and unknown categories as row by row."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.prototype_kit.application.column_checks import check_columns, table_of, table_of_columns
from labs.prototype_kit.application.data_contract import Column, Contract, feature_cells

CONTRACT = Contract(
    (
        Column("kind", "category", known=("a", "b")),
        Column("days", "whole", required=True, minimum=0, maximum=50),
        Column("cost", "number"),
        Column("on", "date", formats=("%d/%m/%Y",)),
        Column("flag", "yes-no"),
        Column("text", "text"),
    )
)
CELLS = {
    "kind": ["a", "b", "z", "", None],
    "days": ["3", " 4 ", "51", "x", "2.5", "", 7],
    "cost": ["1,5", "1 000", "-", "abc", None, 2.5],
    "on": ["2026-01-02", "03/02/2026", "31/31/2026", ""],
    "flag": ["oui", "no", "perhaps", ""],
    "text": ["héllo", "", None, "=1+1"],
}
ROW = st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()})


@given(st.lists(ROW, max_size=30))
@settings(max_examples=60, deadline=None)
def test_columns_and_rows_agree(rows):
    found = check_columns(CONTRACT, {name: [row[name] for row in rows] for name in CELLS}, len(rows))
    one_by_one = [CONTRACT.checked(row) for row in rows]
    assert found.good == [n for n, (_values, wrong) in enumerate(one_by_one) if not wrong]
    for n, (_values, wrong) in enumerate(one_by_one):
        told = [(each.text, each.facts) for each in found.wrong.get(n, [])]
        assert told == [(each.text, each.facts) for each in wrong]
    good = [values for values, wrong in one_by_one if not wrong]
    assert [{name: cells[n] for name, cells in found.values.items()} for n in range(len(good))] == good
    assert found.unknown == {n: names for n, row in enumerate(good) if (names := CONTRACT.unknown(row))}
    table = table_of_columns(CONTRACT, found.values, len(good))
    assert repr(table.tolist()) == repr([feature_cells(CONTRACT, row) for row in good])
    assert repr(table_of(CONTRACT, good).tolist()) == repr(table.tolist())
