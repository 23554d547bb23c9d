"""A batch asks the gradebook little and tells it much at a time, and loses nothing by it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.apps.autogradeapp import AutogradeApp
from sqlalchemy import event

from bench import bench_courses
from graders.engine.fork_engine import ForkEngine
from graders.nbgrader import shared_gradebook
from graders.nbgrader.fork_autograde import ForkAutograde
from graders.nbgrader.shared_gradebook import SharedGradebook
from tests.compat.test_generated_scores import mixed
from tests.support import generated_submissions

COUNT = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with some work handed in."""
    return mixed(tmp_path_factory.mktemp("batches"), range(COUNT))


@pytest.fixture(scope="module")
def engine():
    """One warm engine for all batches here."""
    with ForkEngine() as one, pytest.MonkeyPatch.context() as patch:
        patch.setattr(one, "close", lambda: None)
        yield one
    one._openings.close()


@pytest.fixture
def course(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which the test stands."""
    copied = bench_courses.copy_course(made, tmp_path / "copy", drop_in=False)
    monkeypatch.chdir(copied)
    return copied


def grade(engine: ForkEngine, *words: str) -> None:
    """`nbgrader autograde`, in this process."""
    app = AutogradeApp()
    app.initialize([generated_submissions.LAB, "--create", "--log-level=CRITICAL", *words])
    app.coursedir.assignment_id = generated_submissions.LAB
    converter = ForkAutograde(coursedir=app.coursedir, parent=app, engine=engine)
    converter.start()


def learners(course: Path) -> list[str]:
    return sorted(path.name for path in (course / "submitted").iterdir())


def test_a_submission_costs_the_gradebook_few_statements(course, engine, monkeypatch):
    asked: Counter[str] = Counter()
    original = SharedGradebook.__init__

    def counted(self: SharedGradebook, *words: str) -> None:
        original(self, *words)
        event.listen(
            self.engine, "before_cursor_execute", lambda _c, _cu, text, *_: asked.update([text.split()[0]])
        )

    monkeypatch.setattr(shared_gradebook.SharedGradebook, "__init__", counted)
    grade(engine)
    # Two for all of them, a few about the lab (its own cells among them), and five for each group that is put away.
    assert asked["SELECT"] < COUNT + 21
    assert asked["INSERT"] < 5 * COUNT
    assert asked["UPDATE"] < 5 * COUNT
    assert len(bench_courses.gradebook_scores(course)) == COUNT * len(generated_submissions.TASKS)


def test_work_that_another_program_entered_in_the_meantime_is_graded_like_all_other(
    course, engine, monkeypatch
):
    theirs = learners(course)[3]
    original = SharedGradebook.expect

    def overtaken(self: SharedGradebook, assignment: str, students: list[str]) -> None:
        original(self, assignment, students)
        self.db.rollback()
        with Gradebook(self.db_url) as other:
            other.add_student(theirs)
            other.add_submission(assignment, theirs)

    monkeypatch.setattr(SharedGradebook, "expect", overtaken)
    grade(engine)
    found = bench_courses.gradebook_scores(course)
    monkeypatch.undo()
    monkeypatch.chdir(course)
    assert len(found) == COUNT * len(generated_submissions.TASKS)
    (course / "gradebook.db").rename(course / "overtaken.db")
    bench_courses.run_nbgrader(["generate_assignment", generated_submissions.LAB, "--force"], course)
    grade(engine, "--force")
    assert bench_courses.gradebook_scores(course) == found


def test_a_second_run_over_the_same_work_changes_no_score_and_keeps_marks_by_hand(course, engine):
    grade(engine)
    before = bench_courses.gradebook_scores(course)
    amina = learners(course)[0]
    url = f"sqlite:///{course}/gradebook.db"
    with Gradebook(url) as book:
        submission = book.find_submission(generated_submissions.LAB, amina)
        mark = submission.notebooks[0].grades[0]
        mark.manual_score = 0.5
        name = mark.name
        book.db.commit()
    grade(engine, "--force")
    after = bench_courses.gradebook_scores(course)
    assert after.keys() == before.keys()
    changed = {key: after[key] for key in after if after[key] != before[key]}
    assert list(changed) == [(amina, name)]
    with Gradebook(url) as book:
        marks = {
            one.name: one
            for one in book.find_submission(generated_submissions.LAB, amina).notebooks[0].grades
        }
        assert (marks[name].manual_score, marks[name].needs_manual_grade) == (0.5, True)


def test_work_that_is_late_loses_what_the_penalty_says(course, engine):
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "from nbgrader.plugins import LateSubmissionPlugin\n"
        "class Half(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n"
        "c.AssignLatePenalties.plugin_class = Half\n"
    )
    late, early = learners(course)[:2]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.update_or_create_assignment(generated_submissions.LAB, duedate="2026-01-01 12:00:00")
    for name, moment in ((late, "2026-01-01 13:00:00 UTC"), (early, "2026-01-01 11:00:00 UTC")):
        (course / "submitted" / name / generated_submissions.LAB / "timestamp.txt").write_text(moment)
    grade(engine)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        one, other = (
            book.find_submission(generated_submissions.LAB, name).notebooks[0] for name in (late, early)
        )
        assert one.score > 0
        assert one.late_submission_penalty == one.score / 2
        assert other.late_submission_penalty is None


def test_a_submission_ends_at_the_courses_own_time_and_its_output_says_so(course, engine):
    amina = learners(course)[0]
    path = course / "submitted" / amina / generated_submissions.LAB / f"{generated_submissions.LAB}.ipynb"
    book = nbformat.read(path, 4)
    book.cells.append(new_code_cell("while True:\n    pass", id="loop"))
    nbformat.write(book, path)
    grade(engine, "--student", amina, "--ForkAutograde.submission_seconds=2")
    graded = nbformat.read(course / "autograded" / amina / generated_submissions.LAB / path.name, 4)
    assert "your whole notebook took more than 2 seconds" in graded.cells[-1].outputs[0].evalue
