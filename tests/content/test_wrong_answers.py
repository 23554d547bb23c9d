"""Wrong answers that a lab's author did not think of: each meets a sentence that fits it, from check and judge alike.

Somebody other than the author wrote them down, in `wrong_answers/`, in the words of a lab's `lab_mutants.py`.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from labs.authoring import content_checks, lab_mutants
from labs.authoring.finding_report import Report
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import LABS, lab_folders, load_lab
from labs.kit.lab_progress import lab_checks
from tests.support.lab_work import Edition

HERE = Path(__file__).with_name("wrong_answers")
QUICK = 3
"""So many answers of each lab are tried in the normal run; models and forecasts take long to ask."""


def answers_of(slug: str) -> list[lab_mutants.Case]:
    return lab_mutants.read_cases(HERE / f"{slug.replace('-', '_')}.py")


def editions(*marks: pytest.MarkDecorator) -> pytest.MarkDecorator:
    """Return the mark that runs a test once for each lab, on the learners' own data."""
    labs = [pytest.param((folder, ""), id=folder.name, marks=marks) for folder in lab_folders()]
    return pytest.mark.parametrize("lab_edition", labs, indirect=True)


def unfitting(edition: Edition, answers: list[lab_mutants.Case]) -> list[str]:
    """Return what check or judge says otherwise than the answers expect."""
    report = Report(edition.folder)
    content_checks.cases_hold(edition.lab, edition.files, answers, report)
    return [str(problem) for problem in report.problems]


@editions()
def test_a_wrong_answer_nobody_planned_for_meets_a_sentence_that_fits_it(lab_edition: Edition) -> None:
    assert unfitting(lab_edition, answers_of(lab_edition.lab.slug)[:QUICK]) == []


@editions(pytest.mark.full)
def test_every_wrong_answer_nobody_planned_for_meets_a_sentence_that_fits_it(lab_edition: Edition) -> None:
    assert unfitting(lab_edition, answers_of(lab_edition.lab.slug)) == []


def test_each_lab_has_ten_wrong_answers_of_somebody_else(folder: Path) -> None:
    written = (HERE / f"{load_lab(folder).slug.replace('-', '_')}.py").read_text("utf-8")
    assert sum(line.startswith(("mutant(", "here.mutant(")) for line in written.splitlines()) >= 10


@pytest.mark.parametrize(
    ("name", "function", "other"),
    [
        ("01-who-is-in-the-data", "try_word", "land"),
        ("02-sort-the-letters", "measure", 3000),
        ("05-fair-to-rural-districts", "call_back", 2),
    ],
)
def test_a_cell_that_is_given_a_whole_column_says_what_to_write(
    name: str, function: str, other: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content_checks.lay_out(built_files(LABS / name)[1], tmp_path)
    desk = lab_checks(tmp_path, load_lab(LABS / name).slug)
    assert desk
    monkeypatch.setattr(desk.lab, "say", lambda key, **_facts: key)
    assert getattr(desk, function)(pd.Series(["self", "phone"]), other).text == "write_first"
