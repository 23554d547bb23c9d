"""Reading notebooks: what was handed in is checked for shape, and put back into the form that was released."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.wire_frames import is_shallow
from graders.engine import cell_scores

LARGEST = 20_000_000
MOST_CELLS = 5_000
SOLUTION = re.compile(r"^([ \t]*)[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*", re.DOTALL | re.MULTILINE)
STUBS = {"code": "# YOUR CODE HERE\nraise NotImplementedError()", "markdown": "YOUR ANSWER HERE"}
Json = dict[str, Any]


class NotANotebookError(Exception):
    """A notebook cannot be graded; `message` is for learner and trainer."""

    def __init__(self, said: Message | str) -> None:
        super().__init__(str(said))
        self.message = said if isinstance(said, Message) else message_facts.text_message(said)


@dataclass
class Submission:
    """A submission after its locked cells were put back."""

    notebook: Json
    source: Json
    missing: list[str] = field(default_factory=list)
    duplicated: set[str] = field(default_factory=set)


def read_notebook(data: bytes) -> Json:
    """Parse a notebook and check its shape.

    Raises:
        NotANotebookError: it cannot be graded; the text says why.
    """
    if len(data) > LARGEST:
        raise NotANotebookError(message_facts.too_large(LARGEST))
    try:
        notebook = json.loads(data, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise NotANotebookError(Message("not-json")) from error
    if not isinstance(notebook, dict):
        raise NotANotebookError(Message("wrong-shape"))
    if not is_shallow(notebook):
        raise NotANotebookError(Message("wrong-shape"))
    if notebook.get("nbformat") != 4:
        raise NotANotebookError(message_facts.not_version_4(str(notebook.get("nbformat", "?"))[:10]))
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise NotANotebookError(Message("wrong-shape"))
    if len(cells) > MOST_CELLS:
        raise NotANotebookError(message_facts.too_many_cells(MOST_CELLS))
    notebook["metadata"] = notebook["metadata"] if isinstance(notebook.get("metadata"), dict) else {}
    for cell in cells:
        cell["source"] = _joined(cell["source"])
        cell["metadata"] = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    return notebook


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    source = cell.get("source")
    return isinstance(source, str) or (
        isinstance(source, list) and all(isinstance(line, str) for line in source)
    )


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def nbgrader_metadata(cell: Json) -> Json:
    """Return a cell's nbgrader metadata, empty if it has none."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def is_grade(cell: Json) -> bool:
    """Return whether marks hang on the cell."""
    return bool(nbgrader_metadata(cell).get("grade"))


def is_task(cell: Json) -> bool:
    """Return whether it is a task that only a person marks; the learner answers in new cells below it."""
    return bool(nbgrader_metadata(cell).get("task")) and not is_grade(cell) and not is_solution(cell)


def is_marked(cell: Json) -> bool:
    """Return whether points hang on the cell, given by a test or by a person."""
    return is_grade(cell) or is_task(cell)


def is_solution(cell: Json) -> bool:
    """Return whether the learner writes in it."""
    return bool(nbgrader_metadata(cell).get("solution"))


def is_test(cell: Json) -> bool:
    """Return whether its outputs decide a score."""
    return is_grade(cell) and not is_solution(cell) and cell["cell_type"] == "code"


def is_locked(cell: Json) -> bool:
    """Return whether the cell holds the teacher's text, whatever the learner did."""
    known = nbgrader_metadata(cell)
    return not known.get("solution") and bool(known.get("grade") or known.get("locked") or known.get("task"))


def cell_points(cell: Json) -> float:
    """Return the points that a graded cell is worth."""
    try:
        return float(nbgrader_metadata(cell).get("points") or 0)
    except (TypeError, ValueError):
        return 0.0


def restore_cells(submitted: Json, source: Json) -> Submission:
    """Clear outputs, drop copies of graded cells, and put the teacher's text and points back into place."""
    by_id = {
        nbgrader_metadata(cell)["grade_id"]: cell
        for cell in source["cells"]
        if nbgrader_metadata(cell).get("grade_id")
    }
    made = Submission(submitted, source)
    seen: set[str] = set()
    for cell in reversed(submitted["cells"]):
        _fit(cell)
        grade_id = nbgrader_metadata(cell).get("grade_id")
        original = by_id.get(grade_id) if isinstance(grade_id, str) else None
        if original is None or grade_id in seen:
            if original is not None:
                made.duplicated.add(str(grade_id))
            cell["metadata"].pop("nbgrader", None)
            continue
        seen.add(str(grade_id))
        _overwrite(cell, original)
    made.missing = [name for name, cell in by_id.items() if name not in seen and is_marked(cell)]
    submitted["metadata"]["kernelspec"] = source["metadata"].get("kernelspec", {"name": "python3"})
    return made


def _fit(cell: Json) -> None:
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _overwrite(cell: Json, original: Json) -> None:
    cell["cell_type"] = original["cell_type"]
    _fit(cell)
    kept = dict(nbgrader_metadata(original))
    cell["metadata"]["nbgrader"] = kept
    if is_locked(original):
        cell["source"] = original["source"]


def blank_solution(cell: Json) -> str:
    """Return a solution cell as learners receive it."""
    if not is_solution(cell):
        return str(cell["source"])
    stub = STUBS.get(cell["cell_type"], STUBS["markdown"])

    def stand_in(match: re.Match[str]) -> str:
        return "\n".join(match[1] + line for line in stub.split("\n"))

    text, count = SOLUTION.subn(stand_in, cell["source"])
    # Without marked solution the whole cell is replaced at release; where a checksum is, that was done already.
    return text if count or "checksum" in nbgrader_metadata(cell) else stub


def is_blank(cell: Json, original: Json) -> bool:
    """Return whether a solution cell is as it was released."""
    source = cell["source"].replace("\r\n", "\n")
    known = nbgrader_metadata(original).get("checksum")
    if isinstance(known, str) and known == cell_scores.cell_checksum(
        source, cell["cell_type"], nbgrader_metadata(original)
    ):
        return True
    return source.strip() in (blank_solution(original).replace("\r\n", "\n").strip(), "")
