"""The effects that labs teach with are there, at every seed."""

import pytest

from labs.datasets import effect_bands
from labs.datasets.registry import datasets

FAST = ("service-requests", "urgent-cases", "urgent-recorded", "weekly-desk")
SEEDS = ["1", "2", "3", "4", "5"]


def outside(lines):
    return [(line.dataset, line.band, line.values) for line in lines if not line.holds()]


def test_every_dataset_has_bands():
    """Every dataset has bands."""
    assert set(effect_bands.BANDS) == set(datasets())


@pytest.mark.parametrize("name", FAST)
def test_the_quick_bands_hold_on_the_data_that_is_shipped(name):
    """The bands that are quick to measure hold on the edition that is shipped."""
    assert outside(effect_bands.measure({name: datasets()[name]}, [""])) == []


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(effect_bands.BANDS))
def test_every_band_holds_on_five_seeds_and_as_shipped(name):
    """Every band holds on each of five seeds, and on the edition that is shipped."""
    assert outside(effect_bands.measure({name: datasets()[name]}, ["", *SEEDS])) == []


def test_the_table_says_where_a_band_fails():
    """The table of bands says NO where a seed is outside."""
    line = effect_bands.Line("d", effect_bands.Band("f", 0, 1, "small"), [0.5, 2])
    assert effect_bands.as_markdown([line]).splitlines()[-1] == "| d | f | small | 0 to 1 | 0.5 | 2 | NO |"
