"""One gradebook for a whole batch: nbgrader opens thirteen and commits forty-five times for each submission."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import nbgrader.converters.autograde
import nbgrader.converters.base
import nbgrader.preprocessors.latesubmissions
import nbgrader.preprocessors.overwritecells
import nbgrader.preprocessors.overwritekernelspec
import nbgrader.preprocessors.saveautogrades
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.utils import find_all_files, parse_utc
from sqlalchemy import event, insert
from sqlalchemy.exc import StatementError

validate = jsonschema.validate
MOST_VALID = 10_000

USERS = (
    nbgrader.converters.autograde,
    nbgrader.preprocessors.latesubmissions,
    nbgrader.preprocessors.overwritecells,
    nbgrader.preprocessors.overwritekernelspec,
    nbgrader.preprocessors.saveautogrades,
)


class SharedGradebook(Gradebook):
    """nbgrader's gradebook, whose commits wait for `save` and whose close waits for `end`."""

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        self.db_url = db_url
        self._known: dict[tuple[str, ...], Any] = {}
        self._open: dict[tuple[str, ...], Any] = {}
        self._submission: tuple[tuple[str, str, str], dict[str, dict[str, Any]]] | None = None
        self._commit = self.db.commit
        self.db.commit = self._note
        self._is_stale = False
        event.listen(self.db.registry(), "after_flush", self._flushed)
        # Assignments and cells do not change while a batch runs, so a commit need not make them be read again.
        self.db.registry().expire_on_commit = False

    def close(self) -> None:
        """Stay open for the next user."""

    def _note(self) -> None:
        """What nbgrader calls a commit: rows that are new or gone may be refused, and that shows here.

        Changed marks cannot be; they are written together, when somebody asks for what SQL makes of them.
        """
        if self.db.registry().new or self.db.registry().deleted:
            self.db.flush()

    def _flushed(self, *_: Any) -> None:
        self._is_stale = True

    def refresh(self) -> None:
        """Write what is pending and read scores afresh, as a commit would have it, because SQL computes them."""
        self.db.flush()
        if not self._is_stale:
            return
        self._is_stale = False
        for one in list(self.db.registry()):
            if isinstance(one, SubmittedAssignment | SubmittedNotebook | Grade):
                self.db.expire(one)

    def _remembered(self, find: Callable[..., Any], *names: str) -> Any:
        """What belongs to the assignment is the same for every learner of a batch."""
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

    def find_submission(self, assignment: str, student: str) -> Any:
        """As nbgrader's, asked once for each submission on its way."""
        return self._on_its_way(super().find_submission, assignment, student)

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> Any:
        """As nbgrader's, asked once for each submission on its way."""
        return self._on_its_way(super().find_submission_notebook, notebook, assignment, student)

    def _on_its_way(self, find: Callable[..., Any], *names: str) -> Any:
        key = (find.__name__, *names)
        if key not in self._open:
            self._open[key] = find(*names)
        return self._open[key]

    def add_submission(self, assignment: str, student: str, **kwargs: Any) -> Any:
        """As nbgrader's: a submission with a row for each notebook, grade and comment, written table by table."""
        if "timestamp" in kwargs:
            kwargs["timestamp"] = parse_utc(kwargs["timestamp"])
        found = self.find_assignment(assignment)
        own = {"id": new_uuid(), "assignment_id": found.id, "student_id": self.find_student(student).id}
        rows: dict[Any, list[dict[str, Any]]] = {SubmittedAssignment: [{**own, **kwargs}]}
        for notebook in found.notebooks:
            place = {"id": new_uuid(), "assignment_id": own["id"], "notebook_id": notebook.id}
            rows.setdefault(SubmittedNotebook, []).append(place)
            for kind, cells in (
                (Grade, [*notebook.grade_cells, *notebook.task_cells]),
                (Comment, [*notebook.solution_cells, *notebook.task_cells]),
            ):
                new = [{"id": new_uuid(), "cell_id": cell.id, "notebook_id": place["id"]} for cell in cells]
                rows.setdefault(kind, []).extend(new)
        try:
            for kind, lines in rows.items():
                if lines:
                    self.db.execute(insert(kind), lines)
        except StatementError as error:
            self.db.rollback()
            raise InvalidEntry(*error.args) from error
        return self.find_submission(assignment, student)

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As nbgrader's, from the submission's own list instead of a join of seven tables."""
        return self._of_submission("grades", grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As nbgrader's, from the submission's own list instead of a join of seven tables."""
        return self._of_submission("comments", solution_cell, notebook, assignment, student)

    def _of_submission(self, kind: str, cell: str, notebook: str, assignment: str, student: str) -> Any:
        key = (assignment, notebook, student)
        if self._submission is None or self._submission[0] != key:
            found = self.find_submission_notebook(notebook, assignment, student)
            lists = {name: {one.name: one for one in getattr(found, name)} for name in ("grades", "comments")}
            self._submission = (key, lists)
        try:
            return self._submission[1][kind][cell]
        except KeyError:
            raise MissingEntry(f"No such {kind}: {assignment}/{notebook}/{cell} for {student}") from None

    def save(self) -> None:
        """Commit, once for a submission."""
        self._commit()
        self._open.clear()
        self._submission = None

    def undo(self) -> None:
        """Forget what is pending."""
        self.db.rollback()
        self._known.clear()
        self._open.clear()
        self._submission = None

    def end(self) -> None:
        """Let go of the database."""
        super().close()


class Validators:
    """jsonschema.validate, once for what is the same in every learner's notebook: the cells' metadata."""

    def __init__(self) -> None:
        self._valid: set[tuple[str, str]] = set()

    def validate(self, instance: Any, schema: Any, *_: Any, **__: Any) -> None:
        """Raise the error that matters most, as jsonschema does."""
        key = (json.dumps(schema, sort_keys=True), json.dumps(instance, sort_keys=True))
        if key in self._valid:
            return
        validate(instance, schema)
        if len(self._valid) < MOST_VALID:
            self._valid.add(key)


def files_without_links(path: str, exclude: list[str] | None = None) -> list[str]:
    """nbgrader's list of files, without links: a submission must not make us copy what lies elsewhere."""
    return [name for name in find_all_files(path, exclude) if not _is_link(name, path)]


def _is_link(name: str, top: str) -> bool:
    inside = Path(os.path.relpath(name, top)).parts
    steps = [os.path.join(top, *inside[: count + 1]) for count in range(len(inside))]  # noqa: PTH118
    return any(os.path.islink(step) for step in steps)  # noqa: PTH114


@contextlib.contextmanager
def shared(db_url: str, course_id: str) -> Iterator[SharedGradebook]:
    """Within this block, nbgrader's converter and preprocessors all use one gradebook."""
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
        stack.enter_context(mock.patch.object(jsonschema, "validate", Validators().validate))
        yield gradebook
