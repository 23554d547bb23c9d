"""One gradebook for a whole batch: nbgrader opens thirteen and commits forty-five times for each submission."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import nbgrader.converters.autograde
import nbgrader.converters.base
import nbgrader.preprocessors.latesubmissions
import nbgrader.preprocessors.overwritecells
import nbgrader.preprocessors.overwritekernelspec
import nbgrader.preprocessors.saveautogrades
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files, parse_utc
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from graders.nbgrader.own_programs import check_own_programs
from graders.nbgrader.submission_batches import Batch

USERS = (
    nbgrader.converters.autograde,
    nbgrader.preprocessors.latesubmissions,
    nbgrader.preprocessors.overwritecells,
    nbgrader.preprocessors.overwritekernelspec,
    nbgrader.preprocessors.saveautogrades,
)


class SharedGradebook(Gradebook):
    """nbgrader's gradebook, whose commits wait for `save` and whose close waits for `end`.

    What a batch will need is asked for many submissions at a time (`expect`), and what it makes is written for many
    at a time. In between, rows are objects in memory that know each other.
    """

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        self.db_url = db_url
        self._known: dict[tuple[str, ...], Any] = {}
        self._students: dict[str, Student | None] = {}
        # Submissions on their way, by assignment and student; None if the gradebook has none.
        self._open: dict[tuple[str, str], SubmittedAssignment | None] = {}
        self._rows: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
        self._commit = self.db.commit
        self.db.commit = lambda: None
        # Assignments and cells do not change while a batch runs, so a commit need not make them be read again.
        self.db.registry().expire_on_commit = False
        # What is pending is written when it is saved: a row that is refused must not be blamed on who asks something.
        self.db.registry().autoflush = False

    def close(self) -> None:
        """Stay open for the next user."""

    def expect(self, assignment: str, students: Collection[str]) -> None:
        """Ask at once for what is there of these students' submissions."""
        unknown = set(students).difference(self._students)
        self._students |= dict.fromkeys(unknown)
        for student in self.db.scalars(select(Student).where(Student.id.in_(unknown))):
            self._students[student.id] = student
        new = [student for student in students if (assignment, student) not in self._open]
        self._open |= {(assignment, student): None for student in new}
        within = selectinload(SubmittedAssignment.notebooks)
        query = (
            select(SubmittedAssignment)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == assignment, SubmittedAssignment.student_id.in_(new))
            .options(
                within.selectinload(SubmittedNotebook.grades),
                within.selectinload(SubmittedNotebook.comments),
            )
        )
        for submission in self.db.scalars(query):
            self._open[assignment, submission.student_id] = submission

    def leave(self, assignment: str, student: str) -> None:
        """This student's submission is done."""
        self._open.pop((assignment, student), None)
        self._students.pop(student, None)
        for key in [key for key in self._rows if key[0] == assignment and key[2] == student]:
            del self._rows[key]

    def refresh(self) -> None:
        """Write what is pending and read scores afresh, as a commit would have it, because SQL computes them."""
        self.db.flush()
        for one in list(self.db.registry()):
            if isinstance(one, SubmittedAssignment | SubmittedNotebook | Grade):
                self.db.expire(one)

    def _remembered(self, find: Callable[..., Any], *names: str) -> Any:
        """Look up once what belongs to the assignment: it is the same for every learner of a batch."""
        key = (find.__name__, *names)
        if key not in self._known:
            self._known[key] = find(*names)
        return self._known[key]

    def find_assignment(self, name: str) -> Any:
        """As nbgrader's, asked once."""
        return self._remembered(super().find_assignment, name)

    def find_notebook(self, name: str, assignment: str) -> Any:
        """As nbgrader's, asked once."""
        return self._remembered(super().find_notebook, name, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """As nbgrader's, asked once."""
        return self._remembered(super().find_source_cell, name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """As nbgrader's, asked once."""
        return self._remembered(super().find_graded_cell, name, notebook, assignment)

    def find_student(self, student_id: str) -> Any:
        """As nbgrader's, asked once."""
        if student_id not in self._students:
            self._students[student_id] = super().find_student(student_id)
        found = self._students[student_id]
        if found is None:
            raise MissingEntry(f"No such student: {student_id}")
        return found

    def add_student(self, student_id: str, **kwargs: Any) -> Any:
        """As nbgrader's; whether another program added them meanwhile shows when it is saved."""
        self._students[student_id] = super().add_student(student_id, **kwargs)
        return self._students[student_id]

    def find_submission(self, assignment: str, student: str) -> Any:
        """As nbgrader's, asked once."""
        key = (assignment, student)
        if key not in self._open:
            self._open[key] = super().find_submission(assignment, student)
        found = self._open[key]
        if found is None:
            raise MissingEntry(f"No such submission: {assignment} for {student}")
        return found

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> Any:
        """As nbgrader's, from the submission's own list."""
        for one in self.find_submission(assignment, student).notebooks:
            if one.name == notebook:
                return one
        raise MissingEntry(f"No such submission: {assignment}/{notebook} for {student}")

    def add_submission(self, assignment: str, student: str, **kwargs: Any) -> Any:
        """As nbgrader's: a submission with a row for each notebook, grade and comment, written when it is saved."""
        if self._open.get((assignment, student)) is not None:
            raise InvalidEntry(f"{student} has a submission of {assignment} already")
        if "timestamp" in kwargs:
            kwargs["timestamp"] = parse_utc(kwargs["timestamp"])
        found, person = self.find_assignment(assignment), self.find_student(student)
        made = SubmittedAssignment(id=new_uuid(), assignment_id=found.id, student_id=student, **kwargs)
        _knows(made, assignment=found, student=person)
        for notebook in found.notebooks:
            place = SubmittedNotebook(id=new_uuid(), assignment=made, notebook_id=notebook.id)
            _knows(place, notebook=notebook)
            for kind, cells in (
                (Grade, [*notebook.grade_cells, *notebook.task_cells]),
                (Comment, [*notebook.solution_cells, *notebook.task_cells]),
            ):
                for cell in cells:
                    _knows(kind(id=new_uuid(), cell_id=cell.id, notebook=place), cell=cell)
        self.db.add(made)
        self._open[assignment, student] = made
        return made

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As nbgrader's, from the submission's own list instead of a join of seven tables."""
        return self._of_submission("grades", grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As nbgrader's, from the submission's own list instead of a join of seven tables."""
        return self._of_submission("comments", solution_cell, notebook, assignment, student)

    def _of_submission(self, kind: str, cell: str, notebook: str, assignment: str, student: str) -> Any:
        key = (assignment, notebook, student)
        if key not in self._rows:
            found = self.find_submission_notebook(notebook, assignment, student)
            lists = {name: {one.name: one for one in getattr(found, name)} for name in ("grades", "comments")}
            self._rows[key] = lists
        try:
            return self._rows[key][kind][cell]
        except KeyError:
            raise MissingEntry(f"No such {kind}: {assignment}/{notebook}/{cell} for {student}") from None

    def save(self) -> None:
        """Write all that is pending, and commit."""
        self._commit()

    def keep(self, failed: Iterable[Batch], *, add_students: bool) -> None:
        """Save rows without marks for submissions that were not graded, as stock does.

        A batch in which all fail has saved nothing yet, and a failed step may have taken its own rows back. Such rows
        are never worth ending a batch: if they are refused, the marks of all others are saved already.
        """
        with contextlib.suppress(SQLAlchemyError):
            try:
                self.save()
            except SQLAlchemyError:
                # Another program entered one of them meanwhile, for example: look again at what is there.
                self.undo()
            for one in failed:
                with contextlib.suppress(MissingEntry):
                    if add_students:
                        self.update_or_create_student(one.student)
                    self.update_or_create_submission(one.assignment, one.student)
            self.save()

    def undo(self) -> None:
        """Forget what is pending, and what was known of what is there."""
        self.db.rollback()
        for memory in (self._known, self._students, self._open, self._rows):
            memory.clear()

    def end(self) -> None:
        """Let go of the database."""
        super().close()


def _knows(one: Any, **others: Any) -> None:
    """Have a row know others that are there already, without their lists of all such rows being touched."""
    for name, other in others.items():
        set_committed_value(one, name, other)


def files_without_links(path: str, exclude: list[str] | None = None) -> list[str]:
    """Return nbgrader's list of files, without links: a submission must not make us copy what lies elsewhere."""
    return [name for name in find_all_files(path, exclude) if not _is_link(name, path)]


def _is_link(name: str, top: str) -> bool:
    inside = Path(os.path.relpath(name, top)).parts
    steps = [os.path.join(top, *inside[: count + 1]) for count in range(len(inside))]  # noqa: PTH118
    return any(os.path.islink(step) for step in steps)  # noqa: PTH114


@contextlib.contextmanager
def share_gradebook(db_url: str, course_id: str) -> Iterator[SharedGradebook]:
    """Within this block, nbgrader's converter and preprocessors all use one gradebook."""
    check_own_programs()
    gradebook = SharedGradebook(db_url, course_id)

    def opened(url: str, *_: Any, **__: Any) -> Gradebook:
        return gradebook if url == db_url else Gradebook(url)

    with contextlib.ExitStack() as stack:
        stack.callback(gradebook.end)
        for module in USERS:
            stack.enter_context(mock.patch.object(module, "Gradebook", opened))
        stack.enter_context(
            mock.patch.object(nbgrader.converters.base, "find_all_files", files_without_links)
        )
        yield gradebook


def reads_scores(step: Any, names: dict[str, str], gradebook: SharedGradebook) -> bool:
    """Return whether a step reads scores, which SQL computes: penalties do, a course's own steps may."""
    if isinstance(step, AssignLatePenalties):
        return bool(gradebook.find_submission(names["assignment"], names["student"]).total_seconds_late)
    return not type(step).__module__.startswith(("nbgrader.preprocessors.", "nbconvert.preprocessors."))
