"""The gradebook that a whole batch shares holds what nbgrader's own would."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from graders.nbgrader.shared_gradebook import SharedGradebook

LAB, BOOK = "triage", "triage"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with one lab, of two notebooks with cells of every kind, and two learners."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        book = Gradebook(f"sqlite:///{path}", "course")
    with book:
        book.add_assignment(LAB, duedate="2026-01-01 12:00:00")
        for notebook in (BOOK, "second"):
            book.add_notebook(notebook, LAB)
            book.add_grade_cell("test", notebook, LAB, max_score=3, cell_type="code")
            book.add_solution_cell("answer", notebook, LAB)
            book.add_task_cell("essay", notebook, LAB, max_score=2, cell_type="markdown")
        for student in ("amina", "bosco"):
            book.add_student(student)
    return path


@pytest.fixture
def url(made: Path, tmp_path: Path) -> str:
    """A copy of that gradebook."""
    return f"sqlite:///{shutil.copy(made, tmp_path)}"


def rows(book: Gradebook, student: str) -> list[tuple[Any, ...]]:
    """All that a gradebook holds of one learner's submission, without the identifiers."""
    found = book.find_submission(LAB, student)
    lines: list[tuple[Any, ...]] = [
        (found.timestamp, found.extension, found.student.id, found.assignment.name)
    ]
    for notebook in sorted(found.notebooks, key=lambda one: str(one.name)):
        lines.append((notebook.name, notebook.flagged, notebook.late_submission_penalty))
        lines += sorted(
            (one.name, one.auto_score, one.manual_score, one.extra_credit, one.needs_manual_grade)
            for one in notebook.grades
        )
        lines += sorted((one.name, one.auto_comment, one.manual_comment) for one in notebook.comments)
    return lines


def test_a_new_submission_has_the_rows_that_nbgrader_makes(url: str) -> None:
    with Gradebook(url, "course") as book:
        book.add_submission(LAB, "amina", timestamp="2026-01-01 13:00:00")
    shared = SharedGradebook(url, "course")
    made = shared.add_submission(LAB, "bosco", timestamp="2026-01-01 13:00:00")
    assert made.total_seconds_late == 3600
    shared.save()
    shared.end()
    with Gradebook(url, "course") as book:
        wanted, found = rows(book, "amina"), rows(book, "bosco")
        assert [line for line in found if "bosco" not in line] == [
            line for line in wanted if "amina" not in line
        ]
        counts = [
            book.db.execute(text(f"select count(*) from {name}")).scalar() for name in ("grade", "comment")
        ]
        assert counts == [2 * 2 * 2, 2 * 2 * 2]


def test_a_second_submission_of_one_learner_is_refused_as_nbgrader_refuses_it(url: str) -> None:
    shared = SharedGradebook(url, "course")
    shared.add_submission(LAB, "amina")
    with pytest.raises(InvalidEntry):
        shared.add_submission(LAB, "amina")
    shared.end()


def test_who_is_not_there_is_missing(url: str) -> None:
    shared = SharedGradebook(url, "course")
    with pytest.raises(MissingEntry):
        shared.find_submission(LAB, "amina")
    shared.add_submission(LAB, "amina")
    assert shared.find_submission(LAB, "amina").student.id == "amina"
    with pytest.raises(MissingEntry):
        shared.add_submission(LAB, "nobody")
    shared.end()


def test_what_was_expected_is_asked_for_no_more(url: str) -> None:
    with Gradebook(url, "course") as book:
        book.add_submission(LAB, "amina")
    shared = SharedGradebook(url, "course")
    shared.find_assignment(LAB)
    shared.expect(LAB, ["amina", "bosco", "nobody"])
    asked: list[str] = []
    event.listen(shared.engine, "before_cursor_execute", lambda _c, _cu, said, *_: asked.append(said))
    assert shared.find_student("bosco").id == "bosco"
    with pytest.raises(MissingEntry):
        shared.find_student("nobody")
    with pytest.raises(MissingEntry):
        shared.find_submission(LAB, "bosco")
    assert shared.find_submission(LAB, "amina").student_id == "amina"
    assert len(shared.find_submission_notebook(BOOK, LAB, "amina").grades) == 2
    shared.find_grade("test", BOOK, LAB, "amina").auto_score = 1.0
    # What belongs to the lab is read once; of learners and their work nothing is asked.
    assert [said for said in asked if "FROM student" in said or "FROM submitted" in said] == []
    shared.save()
    shared.leave(LAB, "amina")
    assert shared.find_submission(LAB, "amina").score == 1.0
    shared.end()


def test_what_is_refused_when_it_is_saved_can_be_undone_and_is_found_then(url: str) -> None:
    shared = SharedGradebook(url, "course")
    shared.expect(LAB, ["carine"])
    with Gradebook(url, "course") as other:
        other.add_student("carine", first_name="Carine")
    shared.update_or_create_student("carine")
    shared.update_or_create_submission(LAB, "carine")
    with pytest.raises(IntegrityError):
        shared.save()
    shared.undo()
    assert shared.update_or_create_student("carine").first_name == "Carine"
    shared.end()


def test_marks_are_written_when_their_sum_is_asked_for(url: str) -> None:
    shared = SharedGradebook(url, "course")
    shared.add_submission(LAB, "amina")
    shared.find_grade("test", BOOK, LAB, "amina").auto_score = 2.5
    shared.db.commit()
    shared.refresh()
    assert shared.find_submission_notebook(BOOK, LAB, "amina").score == 2.5
    shared.find_grade("test", BOOK, LAB, "amina").auto_score = 1.0
    shared.refresh()
    assert shared.find_submission_notebook(BOOK, LAB, "amina").score == 1.0
    shared.save()
    shared.end()
    with Gradebook(url, "course") as book:
        assert book.find_submission(LAB, "amina").score == 1.0


def test_what_was_undone_is_not_there(url: str) -> None:
    shared = SharedGradebook(url, "course")
    shared.add_submission(LAB, "amina")
    shared.undo()
    with pytest.raises(MissingEntry):
        shared.find_submission(LAB, "amina")
    shared.end()
