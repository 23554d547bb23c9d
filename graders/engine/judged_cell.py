"""Reads a judged test cell: what learners see of it, what asks their code, and what judges what it answered.

A lab's builder writes both halves into one hidden test, so that the notebook stays in nbgrader's form and graders that
do not know the mark on its first line run it as an ordinary test cell.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from graders.pages.hidden_tests import HIDDEN as HIDDEN_TESTS
from graders.pages.hidden_tests import visible_text

HIDDEN = HIDDEN_TESTS
MARK = re.compile(r"^# isomo-judge: (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class JudgedCell:
    """One judged test cell. `probe` is empty if only `answers.json` counts.

    `visible` is the cell as learners know it, `probe` the source of `_probe(names, inputs) -> (named, probed)`, and
    `judge` that of `_judge() -> (drawn, verdict)`, which never goes near a learner's process.
    """

    task: str
    points: float
    visible: str
    probe: str
    judge: str
    draws: bool

    @property
    def is_of_controls(self) -> bool:
        """Return whether only answers given with controls count: these need no learner process."""
        return not self.probe


@lru_cache(maxsize=128)
def read_judged_cell(source: str) -> JudgedCell | None:
    """Return `source` as a judged cell, or None if it is an ordinary one.

    Kept, as every submission of a lab has the same ones: a judge with its data may take 50 ms to read.
    """
    mark = MARK.search(source)
    if mark is None:
        return None
    hidden = HIDDEN.search(source)
    try:
        header = json.loads(mark[1])
        functions = _functions(hidden[0] if hidden else "")
        return JudgedCell(
            task=str(header["task"]),
            points=float(header["points"]),
            visible=visible_text(source),
            probe=functions["_probe"] if header["probe"] else "",
            judge=functions["_judge"],
            draws=bool(header["draw"]),
        )
    except (ValueError, LookupError, TypeError, SyntaxError):
        return None


def _functions(hidden: str) -> dict[str, str]:
    """Source of each function at the top of the hidden part."""
    return {
        node.name: ast.get_source_segment(hidden, node) or ""
        for node in ast.parse(hidden).body
        if isinstance(node, ast.FunctionDef)
    }
