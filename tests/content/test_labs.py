"""For every lab: good answers earn everything, none earns nothing, each wrong idea meets its own hint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from graders.contract.work_contract import Outcome
from graders.engine.fork_engine import ForkEngine
from labs.authoring import content_checks
from labs.authoring.finding_report import Report
from labs.authoring.lab_preview import ROOT
from tests.support.lab_work import Edition, errors

CPU_SECONDS = 60


def test_the_solution_earns_full_marks_in_the_real_engine(lab_edition: Edition, engine: ForkEngine) -> None:
    graded = engine.grade(lab_edition.solved())
    assert errors(graded) == []
    wrong = {
        one.grade_id: (one.outcome, one.score, one.message, one.flags)
        for one in graded.tasks
        if one.score != one.max_score and not lab_edition.lab.tasks[one.grade_id].is_manual
    }
    assert wrong == {}
    assert graded.cpu_seconds < CPU_SECONDS


def test_the_blank_lab_is_not_attempted_and_shows_no_traceback(
    lab_edition: Edition, engine: ForkEngine
) -> None:
    graded = engine.grade(lab_edition.blank())
    assert errors(graded) == []
    found = {one.grade_id: (one.outcome, one.score) for one in graded.tasks}
    assert found == dict.fromkeys(found, (Outcome.NOT_ATTEMPTED, 0.0))


def test_each_wrong_idea_draws_its_own_hint_and_cheating_passes_nowhere(lab_edition: Edition) -> None:
    report = Report(lab_edition.folder)
    content_checks.check_coverage(lab_edition.lab, lab_edition.cases, report)
    content_checks.cases_hold(lab_edition.lab, lab_edition.files, lab_edition.everywhere(), report)
    assert [str(problem) for problem in report.problems] == []


def test_a_learner_may_run_the_blank_lab_to_its_end_within_its_ceilings(folder: Path) -> None:
    """In a real kernel; the solved one as stock nbgrader would run it, with the same marks; as an author calls it."""
    words = [sys.executable, "-m", "labs.authoring", "check", folder.name]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[0] == f"{folder.name}: good", done.stdout
    assert not content_checks.load_lab(folder).is_draft, (
        "French is complete only where a lab says that it is no draft"
    )
