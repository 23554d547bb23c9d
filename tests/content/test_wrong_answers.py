"""Wrong answers that a lab's author did not think of: each meets a sentence that fits it, from check and judge alike.

Somebody other than the author wrote them down, in `wrong_answers/`, in the words of a lab's `mutants.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.authoring import ci, mutants
from labs.authoring.problems import Report
from labs.authoring.spec import folders, load
from tests.support.lab_work import Edition

HERE = Path(__file__).with_name("wrong_answers")
SLOW = {"clean-it-dont-leak-it", "how-many-days", "next-months-queue", "same-citizen-twice"}
"""Their answers are models and forecasts, which take long to ask."""


def answers_of(slug: str) -> list[mutants.Case]:
    return mutants.read_cases(HERE / f"{slug.replace('-', '_')}.py")


def name_of(folder: Path) -> str:
    return folder.name.partition("-")[2]


@pytest.mark.parametrize(
    "lab_edition",
    [
        pytest.param((folder, ""), id=folder.name, marks=[pytest.mark.full] * (name_of(folder) in SLOW))
        for folder in folders()
    ],
    indirect=True,
)
def test_a_wrong_answer_nobody_planned_for_meets_a_sentence_that_fits_it(lab_edition: Edition) -> None:
    report = Report(lab_edition.folder)
    ci.cases_hold(lab_edition.lab, lab_edition.files, answers_of(lab_edition.lab.slug), report)
    assert [str(problem) for problem in report.problems] == []


def test_each_lab_has_ten_wrong_answers_of_somebody_else(folder: Path) -> None:
    written = (HERE / f"{load(folder).slug.replace('-', '_')}.py").read_text("utf-8")
    assert sum(line.startswith(("mutant(", "here.mutant(")) for line in written.splitlines()) >= 10
