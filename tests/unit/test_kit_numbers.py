"""What a check takes for a number."""

import math

import numpy as np
import pandas as pd
import pytest

from labs.kit.checking import as_typed, number, several, unanswered


@pytest.mark.parametrize(
    "strange",
    ["3", True, None, [3], math.inf, math.nan, 10**400, -(10**400), np.nan, np.bool_(True), np.arange(3)],
)
def test_text_yes_no_infinity_columns_and_numbers_beyond_all_bounds_are_no_numbers(strange):
    assert number(strange) is None


@pytest.mark.parametrize("plain", [3, 3.0, np.int64(3), np.float32(3)])
def test_numbers_of_python_and_numpy_are_numbers(plain):
    assert number(plain) == 3.0


COLUMN = pd.Series(["rural", "urban"])


@pytest.mark.parametrize("given", [COLUMN, COLUMN.to_frame(), np.arange(3), "", 0, []])
def test_a_whole_column_or_table_is_an_answer_that_no_check_stops_at(given):
    assert not unanswered(given)


@pytest.mark.parametrize("given", [None, ...])
def test_a_name_as_the_lab_gave_it_is_unanswered(given):
    assert unanswered(given)


@pytest.mark.parametrize("given", [COLUMN, COLUMN.to_frame(), np.arange(3), [3], (1, 200), {"a": 1}])
def test_lists_columns_and_tables_are_several_values(given):
    assert several(given)


@pytest.mark.parametrize("given", ["rural", 3, np.float64(0.5), np.array(3), None])
def test_a_text_or_a_number_is_one_value(given):
    assert not several(given)


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        ("2", '"2"'),
        ((1, 200), "1,200"),
        ((40,), "40,"),
        (0.5, "0.5"),
        (COLUMN, "rural,urban"),
        (COLUMN.to_frame("place"), "<DataFrame>"),
    ],
)
def test_a_wrong_answer_is_said_again_as_it_was_typed(given, typed):
    assert as_typed(given) == typed


def test_a_long_answer_is_said_again_in_one_short_line():
    assert len(as_typed(pd.Series(["judgment"] * 5000))) == len(as_typed("word" * 100)) == 40
