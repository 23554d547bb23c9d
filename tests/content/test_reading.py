"""English that a public servant reads in a second or third language, after a day's work."""

from __future__ import annotations

from pathlib import Path

from labs.authoring import prose
from labs.authoring.finding_report import Report
from labs.authoring.spec import load


def test_a_labs_english_is_within_reach_of_those_it_is_for(folder: Path) -> None:
    report = Report(folder)
    prose.readable(load(folder), report)
    assert [str(problem) for problem in report.problems] == []
    assert len(prose.plain(load(folder)).split()) > 500


def test_a_lab_takes_as_long_as_it_says_and_at_most_a_third_less(folder: Path) -> None:
    lab = load(folder)
    assert prose.minutes(lab) <= lab.facts["minutes"] <= 75
    assert lab.facts["minutes"] <= prose.minutes(lab) * prose.MOST_SLACK
    assert sum(piece["minutes"] for piece in lab.pieces) <= lab.facts["minutes"]
