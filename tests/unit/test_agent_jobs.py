"""From an attempt to work, and from a result to a record."""

from __future__ import annotations

import json

import pytest

from graders.agent import grading_jobs
from graders.contract.message_facts import text_message
from graders.contract.work_contract import EngineError, Flag, Graded, Outcome, TaskResult
from graders.engine import notebook_reading
from hub.store import GradingJob
from tests.support.small_stores import LAB, RIGHT, SOURCE

MAIN = f"{LAB}.ipynb"


def job(submitted: dict[str, bytes] | None = None, **source: bytes) -> GradingJob:
    files = {
        MAIN: SOURCE,
        "checks.py": b"public",
        **{name.replace("__", "."): data for name, data in source.items()},
    }
    return GradingJob(
        attempt_id=1, run=1, receipt="R-1", course="c", lab=LAB, lab_version="1", learner="amina.k", number=1,
        source=files, submitted=submitted or {MAIN: RIGHT}, released=frozenset({MAIN, "checks.py"}),
    )  # fmt: skip


def test_a_sandbox_gets_the_learners_files_and_the_labs_over_them() -> None:
    work = grading_jobs.work_of(
        job({MAIN: RIGHT, "checks.py": b"mine", "notes.csv": b"1", "answers.json": b"{}"})
    )
    assert work.files == {"checks.py": b"public", "notes.csv": b"1"}
    assert (work.notebook, work.source, work.answers) == (RIGHT, SOURCE, b"{}")


def test_a_sandbox_is_told_which_files_the_learner_brought() -> None:
    """A program among them that runs is looked at; the lab's own is nobody's trick."""
    work = grading_jobs.work_of(job({MAIN: RIGHT, "checks.py": b"mine", "notes.csv": b"1"}))
    assert work.own == {"notes.csv"}


def test_what_learners_do_not_have_never_reaches_a_sandbox() -> None:
    """Judges and labels lie beside the grader's notebook; only what was released may be seen."""
    work = grading_jobs.work_of(job(judge__py=b"labels", hidden__json=b"labels"))
    assert b"labels" not in b"".join(work.files.values())


def test_answers_without_end_are_left_out() -> None:
    answers = json.dumps(["x"] * 200_000).encode()
    assert grading_jobs.work_of(job({MAIN: RIGHT, "answers.json": answers})).answers is None


def test_a_lab_without_a_notebook_is_our_fault() -> None:
    broken = job()
    broken.source.pop(MAIN)
    with pytest.raises(EngineError, match="has no notebook for the grader"):
        grading_jobs.work_of(broken)


def test_a_hundred_megabytes_are_refused_without_being_read() -> None:
    work = grading_jobs.work_of(job({MAIN: b" " * 100_000_000}))
    graded = grading_jobs.refused_result(grading_jobs.Part(MAIN, work))
    assert graded is not None
    assert str(graded.problem).startswith("This notebook is over 20 MB.")
    assert [(one.outcome, one.score) for one in graded.tasks] == [(Outcome.NOT_ATTEMPTED, 0.0)]
    record = grading_jobs.record_of(job(), work, graded)
    assert str(graded.problem).encode()[:20] in record.feedback_html
    assert (
        grading_jobs.refused_result(
            grading_jobs.Part(MAIN, grading_jobs.work_of(job({MAIN: b" " * notebook_reading.LARGEST})))
        )
        is None
    )


def test_a_second_verdict_on_a_task_is_dropped_and_odd_text_made_plain() -> None:
    tasks = (
        TaskResult(
            "t",
            Outcome.PASSED,
            2.0,
            2.0,
            text_message("half \ud83d and \0 none"),
            (Flag("odd\0", without=0.0),),
        ),
        TaskResult("t", Outcome.NOT_YET, 0.0, 2.0),
    )
    record = grading_jobs.record_of(job(), grading_jobs.work_of(job()), Graded(tasks, RIGHT, "fork-1"))
    assert record.tasks == [
        {"grade_id": "t", "outcome": "passed", "score": 2.0, "max_score": 2.0, "message": "half ? and  none",
         "said": {"key": "text", "facts": {"text": "half ? and  none"}},
         "flags": [{"key": "odd", "without": 0.0}]}
    ]  # fmt: skip
