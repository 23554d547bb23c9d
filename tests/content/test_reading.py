"""English that a public servant reads in a second or third language, after a day's work."""

from __future__ import annotations

import re
from pathlib import Path

from labs.authoring import prose_findings
from labs.authoring.finding_report import Report
from labs.authoring.lab_sentences import lab_sentences
from labs.authoring.lab_spec import load_lab


def test_a_labs_english_is_within_reach_of_those_it_is_for(folder: Path) -> None:
    report = Report(folder)
    prose_findings.check_readability(load_lab(folder), report)
    assert [str(problem) for problem in report.problems] == []
    assert len(prose_findings.running_text(load_lab(folder)).split()) > 500


def test_a_lab_takes_as_long_as_it_says_and_at_most_a_third_less(folder: Path) -> None:
    lab = load_lab(folder)
    assert prose_findings.reading_minutes(lab) <= lab.facts["minutes"] <= 75
    assert lab.facts["minutes"] <= prose_findings.reading_minutes(lab) * prose_findings.MOST_SLACK
    assert sum(piece["minutes"] for piece in lab.pieces) <= lab.facts["minutes"]


def test_no_sentence_begins_with_a_who_that_asks_nothing(folder: Path) -> None:
    """“Who does not come is not in it” makes people search who read English as their second language."""
    said = [
        one for text, _, _ in lab_sentences(load_lab(folder)) for one in re.split(r"(?<=[.!?:])\s+|\n", text)
    ]
    assert [one for one in said if re.match(r"[-*“ ]*Who\b.*\.[”*]*$", one)] == []
