"""nbgrader's rule for what a test cell's outputs are worth, for outputs that are plain JSON.

The same rule as `nbgrader.utils.determine_grade`; a test compares the two on every kind of output.
"""

from __future__ import annotations

import hashlib
from typing import Any


def earned_points(outputs: list[dict[str, Any]], points: float) -> float:
    """An error, or any text on stderr, earns 0; a number shown as result is partial credit; else full marks.

    Raises:
        ValueError: the number is over `points`.
    """
    for output in outputs:
        if is_failure(output):
            return 0.0
        if output["output_type"] == "execute_result":
            return _partial(output.get("data", {}).get("text/plain"), points)
    return points


def is_failure(output: dict[str, Any]) -> bool:
    """Return whether one output says that the test did not pass."""
    return output["output_type"] == "error" or (
        output["output_type"] == "stream" and output.get("name") == "stderr"
    )


def _partial(shown: Any, points: float) -> float:
    if not shown:
        raise ValueError("the result has no text")
    if isinstance(shown, list):
        if len(shown) > 1:
            return points
        shown = shown[0]
    try:
        grade = float(shown)
    except (TypeError, ValueError):
        return points
    if grade > points:
        raise ValueError("partial credit cannot be greater than maximum points for cell")
    return grade if grade >= 0 else points


def shown_number(outputs: list[dict[str, Any]]) -> float | None:
    """Return the number that a test showed as its result, or None."""
    for output in outputs:
        if output["output_type"] == "execute_result":
            try:
                return float(output.get("data", {}).get("text/plain"))
            except (TypeError, ValueError):
                return None
    return None


def cell_checksum(source: str, cell_type: str, meta: dict[str, Any]) -> str:
    """Return nbgrader's checksum of a cell."""
    grade, solution = bool(meta.get("grade")), bool(meta.get("solution"))
    locked = False if solution else True if grade else bool(meta.get("locked"))
    parts = [source, cell_type, str(grade), str(solution), str(locked), str(meta["grade_id"])]
    if grade:
        parts.append(str(float(meta["points"])))
    return hashlib.md5("".join(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
