"""Facts that two parts of Isomo need and cannot import from each other are the same in both."""

from __future__ import annotations

from graders.contract import work
from hub import names
from labs.kit import format as kit_format


def test_kit_engine_and_campus_mean_the_same_file_of_answers() -> None:
    facts = {(one.ANSWERS, one.LARGEST_ANSWERS) for one in (kit_format, work, names)}
    assert facts == {("answers.json", 256 * 1024)}


def test_the_kit_and_the_hub_mean_the_same_campus() -> None:
    assert kit_format.CAMPUS == names.CAMPUS
