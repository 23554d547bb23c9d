"""From a course's record to the rows of nbgrader's gradebook: a pure function, so that a rebuild changes nothing.

Ids come from names, so that addresses in formgrader stay what they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Base

from labs.kit.lab_notebooks import joined_source

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Record = Mapping[str, Any]
Files = Callable[[str, str], Mapping[str, bytes]]
"""The grader's files of a lab, by the lab's name and its source's hash."""

ORDER = (
    *("course", "assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "task_cells"),
    *("source_cell", "student", "submitted_assignment", "submitted_notebook", "grade", "comment"),
)
TABLES = tuple(Base.metadata.tables[name] for name in ORDER)
"""In the order in which rows may be added."""


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader keeps a grade or a comment for. `kind` is the name of nbgrader's class."""

    notebook: str
    name: str
    kind: str
    points: float = 0.0
    cell_type: str = "code"
    answered: bool = False
    """Whether what is graded is an answer of the learner's own, which only a person can mark."""

    @property
    def id(self) -> str:
        """The row's id."""
        return nbgrader_id(self.notebook, self.kind, self.name)


def nbgrader_id(*names: str) -> str:
    """Return nbgrader's kind of id, the same for the same names."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:32]


def gradebook_moment(text: str | None) -> datetime | None:
    """Return a moment of a record as the gradebook keeps it: UTC without saying so."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None


def gradebook_rows(record: Record, files: Files) -> Rows:
    """Return every row of a course's gradebook, by table."""
    made: Rows = {name: [] for name in ORDER}
    made["course"].append({"id": record["course"]})
    made["student"] = [_student(*each) for each in sorted(_names(record).items())]
    graded: dict[str, list[Record]] = {lab["lab"]: [] for lab in record["labs"]}
    for each in record["submissions"]:
        if each["graded"] and each["lab"] in graded:
            graded[each["lab"]].append(each["graded"])
    for lab in record["labs"]:
        here = graded[lab["lab"]]
        cells = _lab(made, record["course"], lab, files(lab["lab"], lab["source"]), here)
        for each in here:
            _submission(made, record["course"], each, cells)
    return made


def _names(record: Record) -> dict[str, str]:
    """Return the names of all who learn here, and of those who left but handed in before."""
    names = {each["learner"]: "" for each in record["submissions"]}
    return names | {each["name"]: each["display_name"] for each in record["learners"]}


def _student(name: str, shown: str) -> Row:
    first, _, last = shown.strip().rpartition(" ")
    names = {"first_name": first[:128] or None, "last_name": last[:128] or None}
    return {"id": name, **names, "email": None, "lms_user_id": None}


def _lab(
    made: Rows, course: str, lab: Record, files: Mapping[str, bytes], graded: Iterable[Record]
) -> list[Cell]:
    name = lab["lab"]
    assignment, notebook = nbgrader_id(course, name), nbgrader_id(course, name, name)
    due = gradebook_moment(lab["closes_at"])
    made["assignment"].append({"id": assignment, "name": name, "duedate": due, "course_id": course})
    content = _source(files, name)
    kernel = json.dumps(content.get("metadata", {}).get("kernelspec", {}))[:1024]
    made["notebook"].append({"id": notebook, "name": name, "assignment_id": assignment, "kernelspec": kernel})
    named: dict[tuple[bool, str], Cell] = {}
    for cell in content.get("cells", []):
        made["source_cell"] += _source_cell(notebook, cell)
        for found in _cells(notebook, cell):
            named.setdefault((found.kind == "SolutionCell", found.name), found)
    # What an earlier version of the lab graded keeps its points, though the cell is gone.
    for verdict in (verdict for each in graded for verdict in each["verdicts"]):
        gone = Cell(notebook, verdict["grade_id"], "GradeCell", verdict["max_score"])
        named.setdefault((False, gone.name), gone)
    for cell in named.values():
        _add_cell(made, cell)
    return list(named.values())


def _source(files: Mapping[str, bytes], lab: str) -> Any:
    """Return the lab's notebook; several are shown as one."""
    try:
        return nbformat.reads(joined_source(files, lab).decode(), as_version=4)
    except Exception:
        # It was read when it was released; a gradebook without its cells is better than none.
        return {}


def _name(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))[:128]


def _kind(cell: NotebookNode) -> str:
    return "code" if cell.cell_type == "code" else "markdown"


def _source_cell(notebook: str, cell: NotebookNode) -> list[Row]:
    if not _name(cell) or not (utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell)):
        return []
    return [
        {
            "id": nbgrader_id(notebook, "source", _name(cell)),
            "name": _name(cell),
            "cell_type": _kind(cell),
            "locked": utils.is_locked(cell),
            "source": cell.source,
            "checksum": utils.compute_checksum(cell),
            "notebook_id": notebook,
        }
    ]


def _cells(notebook: str, cell: NotebookNode) -> list[Cell]:
    """A cell that is answered and graded in one is two of nbgrader's."""
    name, points = _name(cell), float(cell.metadata.get("nbgrader", {}).get("points") or 0)
    found = []
    if name and (utils.is_task(cell) or utils.is_grade(cell)):
        kind = "TaskCell" if utils.is_task(cell) else "GradeCell"
        found.append(Cell(notebook, name, kind, points, _kind(cell), utils.is_solution(cell)))
    if name and utils.is_solution(cell):
        found.append(Cell(notebook, name, "SolutionCell"))
    return found


def _add_cell(made: Rows, cell: Cell) -> None:
    made["base_cell"].append(
        {"id": cell.id, "name": cell.name, "notebook_id": cell.notebook, "type": cell.kind}
    )
    if cell.kind == "SolutionCell":
        made["solution_cells"].append({"id": cell.id})
        return
    table = "task_cells" if cell.kind == "TaskCell" else "grade_cells"
    made[table].append({"id": cell.id, "max_score": cell.points, "cell_type": cell.cell_type})


def submission_ids(course: str, lab: str, learner: str) -> tuple[str, str]:
    """Return the ids of one learner's submission of a lab: of the assignment, and of its notebook."""
    return nbgrader_id(course, lab, "by", learner), nbgrader_id(course, lab, lab, "by", learner)


def _submission(made: Rows, course: str, graded: Record, cells: Iterable[Cell]) -> None:
    """The rows of one graded attempt: a grade for each graded cell, a comment for each answer."""
    lab, learner = graded["lab"], graded["learner"]
    assignment, notebook = submission_ids(course, lab, learner)
    made["submitted_assignment"].append(
        {
            "id": assignment,
            "assignment_id": nbgrader_id(course, lab),
            "student_id": learner,
            "timestamp": gradebook_moment(graded["received_at"]),
            "extension": None,
        }
    )
    made["submitted_notebook"].append(
        {
            "id": notebook,
            "assignment_id": assignment,
            "notebook_id": nbgrader_id(course, lab, lab),
            "flagged": any(each["flags"] for each in graded["verdicts"]),
            "late_submission_penalty": graded.get("points_off") or None,
        }
    )
    verdicts = {each["grade_id"]: each for each in graded["verdicts"]}
    answered = {cell.name for cell in cells if cell.kind != "GradeCell"}
    for cell in cells:
        verdict, mark = verdicts.get(cell.name, {}), graded["marks"].get(cell.name, {})
        if cell.kind != "SolutionCell":
            made["grade"].append(_grade(notebook, cell, verdict, mark))
        if cell.kind != "GradeCell" or (cell.name not in answered and mark.get("comment")):
            made["comment"].append(_comment(notebook, cell, mark))


def _grade(notebook: str, cell: Cell, verdict: Record, mark: Record) -> Row:
    score, given = verdict.get("score"), mark.get("score")
    waits = (score is None and (bool(verdict) or cell.answered or cell.kind == "TaskCell")) or bool(
        verdict.get("flags")
    )
    return {
        "id": nbgrader_id(notebook, "grade", cell.name),
        "notebook_id": notebook,
        "cell_id": cell.id,
        "auto_score": score,
        "manual_score": given,
        "extra_credit": mark.get("extra_credit"),
        "needs_manual_grade": given is None and waits,
    }


def _comment(notebook: str, cell: Cell, mark: Record) -> Row:
    return {
        "id": nbgrader_id(notebook, "comment", cell.name),
        "notebook_id": notebook,
        "cell_id": cell.id,
        "auto_comment": None,
        "manual_comment": mark.get("comment") or None,
    }
