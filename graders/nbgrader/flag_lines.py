"""A flag as one line of nbgrader's log."""

from __future__ import annotations

from typing import Any

from graders.contract.work_contract import Flag
from graders.nbgrader.terminal_sentences import _


def flag_line(data: Any) -> str:
    """Return where a line did what, and what the task would earn without it; `data` as it is in the notebook."""
    flag = Flag.from_data(data)
    ends = {
        "mark-differs": _("without it the task earns {without:g}"),
        "looked-at-test": _("it did so while the test ran"),
        "cannot-tell": _("what the task would earn without it could not be told"),
        "given-missing": _("a cell of the assignment that makes it is missing"),
    }
    place = _("cell {cell}, line {line}: {code}") if flag.line else _("cell {cell}") if flag.cell else ""
    parts = [place, (flag.what or flag.key).replace("{", "{{").replace("}", "}}"), ends.get(flag.key, "")]
    known = {"cell": flag.cell, "line": flag.line, "without": flag.without or 0.0}
    # The learner's line comes last: it may hold braces.
    return "; ".join(
        part.replace("{code}", "\0").format(**known).replace("\0", flag.code) for part in parts if part
    )
