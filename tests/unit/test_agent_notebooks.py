"""Labs of several notebooks, kernels of every name, helpers and data: from an attempt to one result."""

from __future__ import annotations

import json
from pathlib import Path

from graders.agent import grading_jobs
from graders.agent.regrade_verb import changed_files
from graders.agent.submission_limits import limits_of
from graders.contract.message_words import worded_message
from graders.contract.work_contract import Graded, Limits, Outcome, TaskResult, Work
from graders.engine import notebook_reading
from hub.isomo_settings import parse_settings
from hub.store import GradingJob
from tests.support.course_labs import as_notebook, plain_cell, problem

SOURCE = {"problem1.ipynb": problem("a"), "problem2.ipynb": problem("b")}
R = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}


def job(submitted: dict[str, bytes], source: dict[str, bytes] | None = None) -> GradingJob:
    files = SOURCE if source is None else source
    return GradingJob(
        attempt_id=1, run=1, receipt="R-1", course="c", lab="ps1", lab_version="1", learner="amina.k", number=1,
        source=files, submitted=submitted, released=frozenset(files) - {"judge.py"},
    )  # fmt: skip


def full_marks(work: Work) -> Graded:
    """Grade as an engine does that is content with everything that can be read."""
    tasks = grading_jobs.graded_cells(work.source)
    try:
        notebook_reading.read_notebook(work.notebook)
    except notebook_reading.NotANotebookError as error:
        lost = tuple(TaskResult(name, Outcome.NOT_ATTEMPTED, 0.0, most) for name, most in tasks)
        return Graded(lost, b"", "fake", problem=error.message)
    earned = 0.0 if b"<-" in work.notebook else 1.0
    won = tuple(TaskResult(name, Outcome.PASSED, earned * most, most) for name, most in tasks)
    return Graded(won, work.notebook, "fake", cpu_seconds=1.0)


def graded(attempt: GradingJob) -> tuple[Work, Graded]:
    whole = grading_jobs.work_of(attempt)
    return whole, grading_jobs.grade_parts(grading_jobs.parts_of(attempt, whole), full_marks)


def test_the_marks_of_all_notebooks_count_though_their_tasks_have_equal_names() -> None:
    whole, result = graded(job(SOURCE))
    assert [(one.grade_id, one.score) for one in result.tasks] == [
        ("problem1/task", 2.0),
        ("problem2/task", 2.0),
    ]
    assert grading_jobs.graded_cells(whole.source) == (("problem1/task", 2.0), ("problem2/task", 2.0))
    assert (result.cpu_seconds, result.problem) == (2.0, None)


def test_the_feedback_shows_each_notebook_under_its_name() -> None:
    attempt = job({"problem1.ipynb": problem("a", "a = 1"), "problem2.ipynb": problem("b", "b = 1")})
    page = grading_jobs.record_of(attempt, *graded(attempt)).feedback_html.decode()
    assert page.index("problem1") < page.index("problem2")
    assert page.count("Passed") >= 2


def test_a_notebook_that_cannot_be_graded_costs_the_others_nothing_and_is_named() -> None:
    for bad, sentence in (
        (b"{", "problem2.ipynb: This file is not a notebook, or only part of it arrived."),
        (
            problem("b", "b <- 1", R),
            "problem2.ipynb is written in R (its kernel is ir), and this lab is graded in",
        ),
        (None, "problem2.ipynb was not handed in."),
    ):
        handed_in = {"problem1.ipynb": problem("a", "a = 1"), "problem2.ipynb": bad}
        attempt = job({name: content for name, content in handed_in.items() if content is not None})
        whole, result = graded(attempt)
        assert [one.score for one in result.tasks] == [2.0, 0.0]
        assert result.problem is None
        assert str(result.tasks[1].message).startswith(sentence)
        assert sentence.encode()[:20] in grading_jobs.record_of(attempt, whole, result).feedback_html


def test_work_of_which_nothing_can_be_graded_says_so_of_each() -> None:
    _whole, result = graded(job({"problem1.ipynb": b"{", "problem2.ipynb": problem("b", "b <- 1", R)}))
    assert [one.score for one in result.tasks] == [0.0, 0.0]
    assert "problem1.ipynb: This file" in str(result.problem)
    assert "problem2.ipynb is written in R" in str(result.problem)


def test_a_named_notebook_is_named_in_the_learners_language_too() -> None:
    _whole, result = graded(job({"problem1.ipynb": problem("a"), "problem2.ipynb": b"{"}))
    message = result.tasks[1].message
    assert message is not None
    assert worded_message(message, "fr").startswith("problem2.ipynb\u00a0: Ce fichier n’est pas un notebook")


def test_python_that_earns_marks_is_python_though_its_notebook_names_another_kernel() -> None:
    attempt = job({"ps1.ipynb": problem("a", "a = 1", R)}, {"ps1.ipynb": problem("a")})
    _whole, result = graded(attempt)
    assert ([one.score for one in result.tasks], result.problem) == ([2.0], None)


def test_r_handed_in_for_python_gets_a_sentence() -> None:
    attempt = job({"ps1.ipynb": problem("a", "a <- 1", R)}, {"ps1.ipynb": problem("a")})
    _whole, result = graded(attempt)
    assert str(result.problem) == (
        "ps1.ipynb is written in R (its kernel is ir), and this lab is graded in Python. "
        "Choose a Python kernel, save the notebook, then hand in again."
    )
    assert [(one.grade_id, one.outcome) for one in result.tasks] == [("task", Outcome.NOT_ATTEMPTED)]


def test_a_kernel_of_somebodys_own_is_graded_as_python() -> None:
    own = {"kernelspec": {"name": "python 3.12 (venv)", "display_name": "venv"}}
    _whole, result = graded(job({"ps1.ipynb": problem("a", "a = 1", own)}, {"ps1.ipynb": problem("a")}))
    assert [one.score for one in result.tasks] == [2.0]


def test_a_lab_with_one_notebook_of_another_name_keeps_its_tasks_names() -> None:
    whole, result = graded(job({"hw.ipynb": problem("a", "a = 1")}, {"hw.ipynb": problem("a")}))
    assert [one.grade_id for one in result.tasks] == ["task"]
    assert whole.source == problem("a")


def test_helpers_and_data_of_the_lab_reach_the_sandbox_as_they_were_released() -> None:
    helper = as_notebook([plain_cell("def helped(): return 1")])
    source = {**SOURCE, "helpers.ipynb": helper, "data/été 2024.csv": b"1", "judge.py": b"labels"}
    attempt = job({**SOURCE, "helpers.ipynb": b"changed", "own.ipynb": helper, "notes.csv": b"2"}, source)
    whole = grading_jobs.work_of(attempt)
    assert whole.files == {
        "helpers.ipynb": helper, "data/été 2024.csv": b"1", "own.ipynb": helper, "notes.csv": b"2"
    }  # fmt: skip
    assert whole.own == {"own.ipynb", "notes.csv"}


def test_a_notebook_finds_the_learners_other_notebook_if_it_names_it() -> None:
    second = problem("b", "%run problem1.ipynb")
    attempt = job({"problem1.ipynb": problem("a", "a = 1"), "problem2.ipynb": second})
    first, last = grading_jobs.parts_of(attempt, grading_jobs.work_of(attempt))
    assert last.work.files == {"problem1.ipynb": problem("a", "a = 1")}
    assert first.work.files == {}


def test_files_of_thirty_megabytes_and_more_are_not_dropped() -> None:
    data = bytes(40_000_000)
    assert grading_jobs.work_of(job({**SOURCE, "own.bin": data}, {**SOURCE, "data.bin": data})).files == {
        "own.bin": data,
        "data.bin": data,
    }


def test_a_regrade_tells_which_task_of_which_notebook_changed() -> None:
    after = {**SOURCE, "problem2.ipynb": problem("c")}
    lines = changed_files(SOURCE, after, "ps1", {"problem2/task": 3})
    assert lines[0] == "problem2/task changed; 3 results with it:"
    assert not [line for line in lines if "problem1" in line]


def test_limits_of_the_settings_file_reach_the_engine(tmp_path: Path) -> None:
    chosen = {
        "submission_seconds": 90,
        "cell_seconds": 20,
        "submission_memory": "512 MiB",
        "cell_output": "2 MiB",
        "release_size": "200 MB",
        "submission_size": "50 MB",
    }
    limits = limits_of(parse_settings({"state": str(tmp_path), "grading": chosen}))
    assert (limits.wall, limits.task_wall, limits.memory, limits.output) == (90.0, 20.0, 512 << 20, 2 << 20)
    assert limits.cpu == 180.0
    assert limits.file_size == Limits().file_size + 250_000_000
    assert grading_jobs.work_of(job(SOURCE), limits).limits == limits
    part = grading_jobs.parts_of(job(SOURCE), grading_jobs.work_of(job(SOURCE), limits))[1]
    assert part.work.limits == limits


def test_without_a_settings_file_a_submission_has_a_minute_and_a_cell_half_of_it(tmp_path: Path) -> None:
    limits = limits_of(parse_settings({"state": str(tmp_path)}))
    assert (limits.wall, limits.task_wall, limits.memory, limits.output) == (60.0, 30.0, 1 << 30, 1 << 20)


def test_a_smaller_container_has_smaller_submissions(tmp_path: Path) -> None:
    less = {"memory": "512 MiB", "submission_seconds": 10}
    limits = limits_of(parse_settings({"state": str(tmp_path), "grading": less}))
    assert (limits.memory, limits.task_wall) == (512 << 20, 10.0)


def test_a_notebook_of_several_is_valid_in_the_format_that_it_names() -> None:
    whole, _result = graded(job(SOURCE))
    made = json.loads(whole.source)
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 4)
    assert not any("id" in cell for cell in made["cells"])
