"""What a check takes for a number."""

import math

import numpy as np
import pytest

from labs.kit.checking import number


@pytest.mark.parametrize(
    "strange", ["3", True, None, [3], math.inf, math.nan, 10**400, -(10**400), np.nan, np.bool_(True)]
)
def test_text_yes_no_infinity_and_numbers_beyond_all_bounds_are_no_numbers(strange):
    assert number(strange) is None


@pytest.mark.parametrize("plain", [3, 3.0, np.int64(3), np.float32(3)])
def test_numbers_of_python_and_numpy_are_numbers(plain):
    assert number(plain) == 3.0
