"""Answers that a check would see as they were before, because a cell that makes them stopped with an error."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from labs.kit.kit_sentences import N_
from labs.kit.run_cells import Recorder

CELL_STOPPED = N_(
    "**Not checked yet.** Your cell above was run and stopped with an error, so what would be checked is an older "
    "answer. Put the cell right, run it, then run this check again."
)
CELL_BETWEEN_STOPPED = N_(
    "**Not checked yet.** A cell above that this check needs was run and stopped with an error, so what would be "
    "checked is older. Do what it says there, run it, then run this check again."
)


def current_cell(shell: Any) -> str:
    """Return the id of the cell that runs now, empty if nobody says it."""
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    return str(parent.get("metadata", {}).get("cellId", ""))


def why_stale(task: str, shell: Any, recorder: Recorder, notebook: Callable[[], dict[str, Any]]) -> str:
    """Return the sentence for a check that would see an older answer, empty if it would not.

    Besides the learner's own cell that is one between it and the check, which makes a name that the check uses.
    """
    if recorder.has_failed(f"{task}-answer"):
        return CELL_STOPPED
    check = recorder.ran.get(current_cell(shell))
    if not check or not recorder.failed:
        return ""
    cells = recorder.as_run(notebook().get("cells", []))
    return CELL_BETWEEN_STOPPED if _uses_what_failed(check.source, cells, recorder.failed) else ""


def _uses_what_failed(source: str, cells: list[dict[str, Any]], failed: set[str]) -> bool:
    from labs.kit.beginner_errors import made_in

    try:
        used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError, RecursionError):
        return False
    return not used.isdisjoint(made_in([cell for cell in cells if cell.get("id") in failed]))
