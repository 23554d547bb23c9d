"""Width of the column in which a learner reads results: the desk sends it with each run, and charts are drawn for it.

It comes in the metadata of the message that asks for the run, so no other message and no wait is needed. Who runs cells
without the desk (a grader, JupyterLab, a test) sends none, and charts are drawn as they always were.
"""

from __future__ import annotations

from typing import Any

KEY = "isomo_width"
"""`labs/desk/src/kernel.ts` sends it."""
CHART_WIDTH = 614
"""Pixels that a chart of the kit takes by itself: a column as wide as this one changes nothing."""
LEAST_WIDTH = 200
"""A chart is not drawn for less; it is moved sideways in its frame then."""


class Column:
    """What the desk said of its column when it asked for the cell that runs, or ran last."""

    def __init__(self) -> None:
        self.width: int | None = None

    def listen(self, shell: Any) -> None:
        """Be told of every cell from now on, and of the one that runs already."""
        shell.events.register("pre_run_cell", lambda _: self.note(shell))
        self.note(shell)

    def note(self, shell: Any) -> None:
        """Take the width from the message that asks for this run; None if it says none."""
        parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
        found = parent.get("metadata", {}).get(KEY)
        is_width = isinstance(found, int) and not isinstance(found, bool) and found > 0
        self.width = found if is_width else None

    @property
    def narrow(self) -> int | None:
        """Return the pixels to draw for; None if a chart has all the room that it takes by itself."""
        if self.width is None or self.width >= CHART_WIDTH:
            return None
        return max(self.width, LEAST_WIDTH)


COLUMN = Column()
"""The column of this process."""
