"""What can be said of a submitted notebook by reading it, never by running it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hub.campus.problems import Problem

ANSWERS = "answers.json"
MOST_ANSWERS = 256 * 1024


def read(content: bytes, name: str) -> dict[str, Any]:
    """The notebook as plain data. Raises Problem if it is none of nbformat 4."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Problem("not-a-notebook", {"file": name}) from error
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or found.get("nbformat") != 4:
        raise Problem("not-a-notebook", {"file": name})
    if not all(isinstance(cell, dict) for cell in cells):
        raise Problem("not-a-notebook", {"file": name})
    return found


def graded_cells(notebook: dict[str, Any]) -> list[str]:
    """Names of the cells that earn points or hold answers, in order, repeated where they are."""
    names = []
    for cell in notebook["cells"]:
        metadata = cell.get("metadata")
        about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(about, dict) and (about.get("grade") or about.get("solution")):
            names.append(str(about.get("grade_id")))
    return names


def answer_warnings(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """The same for `answers.json`, which holds what sliders and choices were set to."""
    content = files.get(ANSWERS)
    if content is None or (len(content) <= MOST_ANSWERS and _is_object(content)):
        return []
    return [{"code": "unreadable-answers", "cells": ANSWERS}]


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False


def warnings(submitted: dict[str, Any], released: dict[str, Any]) -> list[dict[str, str]]:
    """What a trainer and the learner should know: graded cells that are gone, or there twice."""
    wanted, found = set(graded_cells(released)), Counter(graded_cells(submitted))
    missing = sorted(wanted - set(found))
    doubled = sorted(name for name, times in found.items() if times > 1)
    lists = {"missing-graded-cells": missing, "duplicated-graded-cells": doubled}
    return [{"code": code, "cells": ", ".join(cells)} for code, cells in lists.items() if cells]
