"""English that a public servant reads in a second or third language, after a day's work."""

from __future__ import annotations

from pathlib import Path

from labs.authoring import prose
from labs.authoring.problems import Report
from labs.authoring.spec import load


def test_a_labs_english_is_within_reach_of_those_it_is_for(folder: Path) -> None:
    report = Report(folder)
    prose.readable(load(folder), report)
    assert [str(problem) for problem in report.problems] == []
    assert len(prose.plain(load(folder)).split()) > 500


def test_a_lab_takes_no_longer_than_it_says(folder: Path) -> None:
    lab = load(folder)
    assert prose.minutes(lab) <= lab.facts["minutes"] <= 75
    assert sum(piece["minutes"] for piece in lab.pieces) <= lab.facts["minutes"]
