"""From a course of nbgrader's own to the learner's page: what a person marks counts, and is shown with its comment."""

from __future__ import annotations

import itertools
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from bench import bench_courses
from graders.agent import grading_jobs
from graders.contract.message_facts import Message
from graders.contract.work_contract import Outcome
from graders.nbgrader.projection.gradebook_rows import gradebook_rows
from tests.support.pretended_campus import API, ROOT, Campus
from tests.support.small_stores import COURSE, TRAINER, cell, filled

AMINA, LAB = "amina.k", "circle"
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFElEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"
CONFIG = """c = get_config()
c.ClearHiddenTests.begin_test_delimeter = "SECRET START"
c.ClearHiddenTests.end_test_delimeter = "SECRET END"
"""
SCHEME = "Two points for axes, two for the curve."


def written(source, grade_id, **marks):
    made = nbformat.v4.new_markdown_cell(source)
    made.pop("id", None)
    if not grade_id:
        return made
    known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **marks}
    made.metadata["nbgrader"] = {"grade_id": grade_id, **known}
    return made


def circle():
    """A grader's notebook with a hidden test in marks of its author's own, a task, and a written answer."""
    secret = "assert x > 0\n# SECRET START\nassert x == 3, 'ibanga-4711'\n# SECRET END"
    scheme = f"Draw a circle below.\n\n=== BEGIN MARK SCHEME ===\n{SCHEME}\n=== END MARK SCHEME ==="
    cells = [
        cell("### BEGIN SOLUTION\nx = 3\n### END SOLUTION", "x", solution=True),
        cell(secret, "x_test", grade=True, points=4),
        written(scheme, "draw", task=True, locked=True, points=4),
        nbformat.v4.new_code_cell("print('a circle')"),
        written("Say why.", "why", grade=True, solution=True, points=2),
    ]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = nbformat.v4.new_notebook(cells=cells, metadata=about)
    made.nbformat_minor = 4
    for one in made.cells:
        one.pop("id", None)
    return made


class Course:
    """The lab as stock nbgrader releases it, on a campus."""

    def __init__(self, folder, campus_folder):
        source = folder / "source" / LAB / f"{LAB}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(nbformat.writes(circle()))
        (folder / "nbgrader_config.py").write_text(CONFIG)
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "generate_assignment", LAB],
            cwd=folder, env=bench_courses.nbgrader_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        self.source = source.read_bytes()
        self.released = (folder / "release" / LAB / f"{LAB}.ipynb").read_bytes()
        self.stock = f"sqlite:///{folder / 'gradebook.db'}"
        self.store = filled(campus_folder)
        self.numbers = itertools.count(1)
        self.campus = Campus(campus_folder, self.store)
        files = {f"{LAB}.ipynb": self.released}, {f"{LAB}.ipynb": self.source}
        self.store.courses.release(
            COURSE,
            LAB,
            version="1",
            title={"en": "Circle"},
            minutes=1,
            tasks=[],
            release=files[0],
            source=files[1],
        )

    def answered(self, **answers):
        """The released notebook with some answers in it, each time another attempt."""
        made = nbformat.reads(self.released.decode(), as_version=4)
        made.cells.append(written(f"Attempt {next(self.numbers)}", ""))
        for one in made.cells:
            name = one.metadata.get("nbgrader", {}).get("grade_id")
            if name in answers:
                one.source = answers[name]
            if name == "why":
                one.attachments = {"page.png": {"image/png": DOT}}
        return nbformat.writes(made).encode()

    def graded(self, engine, **answers):
        """One attempt at the lab, graded as the agent does it; also what the engine found, by task."""
        work = {f"{LAB}.ipynb": self.answered(**answers)}
        attempt, _new = self.store.attempts.submit(COURSE, LAB, AMINA, work)
        job = self.store.claim_ungraded("one", 60)
        graded = engine.grade(grading_jobs.work_of(job))
        self.store.record_grading(job, grading_jobs.record_of(job, grading_jobs.work_of(job), graded))
        return attempt, {one.grade_id: one for one in graded.tasks}

    def seen(self, attempt, who=AMINA):
        """The page of an attempt, and the notebook in it."""
        reader = self.campus.browser(who)
        return (
            reader.get(f"{ROOT}/attempts/{attempt.receipt}").text,
            reader.get(f"{API}/attempts/{attempt.receipt}/feedback").text,
        )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("campus"))


ANSWER = "Photo: ![page](attachment:page.png)\n\nBecause $x_1*y_1*z_1 < 2$, so\n\n| n | A |\n|---|---|\n| 6 | 2.6 |"


def test_the_most_is_what_stock_nbgrader_says(course, engine):
    attempt, found = course.graded(engine, x="x = 3", why=ANSWER)
    with Gradebook(course.stock) as book:
        most = book.find_assignment(LAB).max_score
    result = course.store.results.result_for(attempt.id)
    assert (result.score, result.max_score) == (4.0, most) == (4.0, 10.0)
    assert {name: one.score for name, one in found.items()} == {"x_test": 4.0, "draw": None, "why": None}


def test_a_released_notebook_that_nobody_touched_asks_no_person(course, engine):
    """Stock gives 0 for a written answer that is as it was released. A task has no answer cell to tell by."""
    _attempt, found = course.graded(engine)
    assert (found["why"].outcome, found["why"].score) == (Outcome.NOT_ATTEMPTED, 0.0)
    assert found["why"].message == Message("not-attempted")
    assert (found["x_test"].outcome, found["x_test"].score) == (Outcome.NOT_ATTEMPTED, 0.0)
    assert found["draw"].score is None


def test_an_answer_in_the_words_of_the_author_is_an_answer(course, engine):
    _attempt, found = course.graded(engine, why="Say why.")
    assert found["why"].score is None


def test_a_deleted_task_earns_nothing_and_counts_on_both_sides(course, engine):
    made = nbformat.reads(course.answered(x="x = 3").decode(), as_version=4)
    made.cells = [one for one in made.cells if one.metadata.get("nbgrader", {}).get("grade_id") != "draw"]
    course.store.attempts.submit(COURSE, LAB, AMINA, {f"{LAB}.ipynb": nbformat.writes(made).encode()})
    job = course.store.claim_ungraded("one", 60)
    graded = engine.grade(grading_jobs.work_of(job))
    course.store.record_grading(job, grading_jobs.record_of(job, grading_jobs.work_of(job), graded))
    (draw,) = [one for one in graded.tasks if one.grade_id == "draw"]
    assert (draw.outcome, draw.score, draw.max_score) == (Outcome.NOT_ATTEMPTED, 0.0, 4.0)


def test_hidden_tests_in_their_authors_marks_are_on_no_page(course, engine):
    attempt, _found = course.graded(engine, x="x = 1", why=ANSWER)
    course.store.results.return_to([attempt.id], TRAINER)
    for shown in course.seen(attempt):
        assert [secret for secret in ("ibanga-4711", "SECRET", "x == 3") if secret in shown] == []
        assert SCHEME not in shown
        assert "MARK SCHEME" not in shown
    notebook = course.seen(attempt)[1]
    assert "Further tests of this task are not shown." in notebook
    assert "Draw a circle below." in notebook


def test_a_written_answer_is_readable(course, engine):
    attempt, _found = course.graded(engine, why=ANSWER)
    _page, notebook = course.seen(attempt, TRAINER)
    assert f'src="data:image/png;base64,{DOT}"' in notebook
    assert "$x_1*y_1*z_1 &lt; 2$" in notebook
    assert "<td>2.6</td>" in notebook


def test_what_waits_for_a_person_has_a_sign_of_its_own(course, engine):
    attempt, _found = course.graded(engine, x="x = 1", why=ANSWER)
    listed = course.campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    assert listed.count('class="sign to-be-marked"') == 2
    assert listed.count('class="sign not-yet"') == 1
    assert "✎" in listed
    page, notebook = course.seen(attempt, TRAINER)
    assert "✎ To be marked" in page
    assert "✎ To be marked" in notebook


def test_after_return_the_learner_reads_mark_and_comment(course, engine):
    attempt, _found = course.graded(engine, x="x = 3", why=ANSWER)
    desk = course.campus.program(TRAINER)
    for name, score, comment in (
        ("draw", 3, "Axes <b>missing</b>."),
        ("why", 2, "Well seen."),
        ("x", None, "Short."),
    ):
        given = {"grade_id": name, "comment": comment} | ({} if score is None else {"score": score})
        assert desk.post(f"{API}/attempts/{attempt.receipt}/marks", json=given).status_code == 201
    course.store.results.return_to([attempt.id], TRAINER)
    page, notebook = course.seen(attempt)
    for shown in (page, notebook):
        assert "Axes &lt;b&gt;missing&lt;/b&gt;." in shown
        assert "Well seen." in shown
        assert "Short." in shown
        assert "To be marked" not in shown
        assert "to be marked" not in shown
    assert "9 / 10" in page
    assert "✎ Marked by your trainer</strong> <code>draw</code> · 3 of 4 points<br>Axes" in notebook
    assert "✓ Passed</strong> <code>x_test</code> · 4 of 4 points" in notebook


def test_a_mark_that_changes_after_return_is_on_the_page_once_it_is_returned(course, engine):
    attempt, _found = course.graded(engine, x="x = 3", why=ANSWER)
    course.store.results.change_mark(attempt.id, "why", {"score": 1.0, "comment": "Nearly."}, TRAINER)
    course.store.results.return_to([attempt.id], TRAINER)
    assert "1 of 2 points<br>Nearly." in course.seen(attempt)[1]
    before = course.campus.program(AMINA).get(f"{API}/attempts/{attempt.receipt}").json()["feedback"]
    course.store.results.change_mark(attempt.id, "why", {"score": 2.0, "comment": "Yes."}, TRAINER)
    assert "1 of 2 points<br>Nearly." in course.seen(attempt)[1]
    course.store.results.return_to([attempt.id], TRAINER)
    assert "2 of 2 points<br>Yes." in course.seen(attempt)[1]
    after = course.campus.program(AMINA).get(f"{API}/attempts/{attempt.receipt}").json()["feedback"]
    assert before != after, "a learner's own copy is known to be old"
    course.store.results.change_mark(attempt.id, "why", {"score": None, "comment": ""}, TRAINER)
    course.store.results.return_to([attempt.id], TRAINER)
    assert "To be marked" in course.seen(attempt)[1]


def test_the_gradebook_counts_a_marked_task_as_the_campus_does(course, engine):
    attempt, _found = course.graded(engine, x="x = 3", why=ANSWER)
    course.store.results.change_mark(attempt.id, "draw", {"score": 3.0}, TRAINER)
    record = course.store.coursebook.record(COURSE)
    made = gradebook_rows(record, lambda lab, _source: {f"{LAB}.ipynb": course.source} if lab == LAB else {})
    names = {one["id"]: one["name"] for one in made["base_cell"]}
    grades = {names[one["cell_id"]]: one for one in made["grade"]}
    assert (grades["draw"]["manual_score"], grades["draw"]["needs_manual_grade"]) == (3.0, False)
    assert grades["why"]["needs_manual_grade"] is True
    assert course.store.results.result_for(attempt.id).score == 7.0
