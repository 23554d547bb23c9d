"""Parts of a notebook that learners never got: hidden parts of tests, and how a task is marked.

If the released notebook is known it decides, whatever marks its author chose. Else nbgrader's own marks do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?(?:END HIDDEN TESTS[^\n]*\n?|\Z)", re.DOTALL | re.MULTILINE)
SCHEME = re.compile(r"^[^\n]*BEGIN MARK SCHEME.*?(?:END MARK SCHEME[^\n]*\n?|\Z)", re.DOTALL | re.MULTILINE)


def hides_part(source: str) -> bool:
    """Return whether nbgrader's own marks hide a part of a cell."""
    return bool(HIDDEN.search(source) or SCHEME.search(source))


def visible_text(source: str) -> str:
    """Return a cell's text without what nbgrader's own marks hide."""
    return SCHEME.sub("", HIDDEN.sub("", source)).rstrip("\n")


def withheld_cells(
    cells: Iterable[Mapping[str, Any]], released: Iterable[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the cells of a grader's notebook that learners got otherwise, each with the text that they got.

    Only what learners cannot edit is compared. With nothing released, nbgrader's own marks decide.

    Args:
        cells: of the grader's notebook, with `source` as text.
        released: of the learners' notebook, in any language.

    Example:
        >>> test = {"metadata": {"nbgrader": {"grade_id": "t", "grade": True}}}
        >>> withheld([{**test, "source": "assert x\\n# SECRET\\nassert x == 3"}], [{**test, "source": "assert x"}])
        {'t': 'assert x'}
    """
    got = {name: str(cell["source"]) for cell in released if (name := _locked_id(cell))}
    found: dict[str, str] = {}
    for cell in cells:
        name, source = _locked_id(cell), str(cell["source"])
        if not name:
            continue
        if not got:
            if hides_part(source):
                found[name] = visible_text(source)
        elif _lines(got.get(name, "")) != _lines(source) and (_is_test(cell) or hides_part(source)):
            found[name] = visible_text(got.get(name, ""))
    return found


def _about(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    about = cell.get("metadata", {}).get("nbgrader")
    return about if isinstance(about, Mapping) else {}


def _locked_id(cell: Mapping[str, Any]) -> str:
    about = _about(cell)
    locked = not about.get("solution") and (about.get("grade") or about.get("locked") or about.get("task"))
    return str(about.get("grade_id") or "") if locked else ""


def _is_test(cell: Mapping[str, Any]) -> bool:
    """Return whether the text is the same in every language, and so tells what was left out."""
    return bool(_about(cell).get("task")) or cell.get("cell_type", "code") == "code"


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in source.rstrip().splitlines()]
