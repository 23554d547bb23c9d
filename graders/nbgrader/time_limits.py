"""Time limits of cells, read from nbgrader's Execute preprocessor as nbclient reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor
from traitlets import HasTraits, Integer

from graders.contract.work_contract import Limits
from graders.engine.notebook_steps import Step

MOST_SECONDS = 7 * 24 * 3600
"""No limit is longer: sockets count their patience in milliseconds, in 32 bits."""

LARGE = 1 << 20
"""Bytes of files that a sandbox holds anyway."""


class WholeTime(HasTraits):
    """Settings of the drop-in for the time of a whole submission."""

    submission_seconds = Integer(
        0,
        min=0,
        help="Seconds that a whole submission may take. With 0, which is the default, ten times what its longest cell "
        "may take, and a minute at least.",
    ).tag(config=True)
    longest = Integer(
        3600,
        help="Seconds that a whole submission may take if its cells have no limit (timeout = -1, 0 or None).",
    ).tag(config=True)


def cell_seconds(execute: ExecutePreprocessor, cell: Any) -> float | None:
    """Return the seconds that a cell may take, or None if it has no limit.

    `timeout_func` is asked first; None, 0 and anything below mean no limit, as in nbclient.
    """
    timeout = execute.timeout if execute.timeout_func is None else execute.timeout_func(cell)
    return float(timeout) if timeout and timeout > 0 else None


def limits_for(steps: Sequence[Step], size: int, longest: float, whole: float = 0) -> Limits:
    """Return a submission's limits from those of its cells and from the bytes of files that it brings.

    `whole` is what the course says of a whole submission, 0 if nothing. Two cores may compute for all of the time:
    stock nbgrader counts no processor seconds, and a loop should be told the limit that the course sets.
    """
    seconds = max((step.seconds or longest for step in steps), default=Limits.task_wall)
    wall = min(
        max(Limits.wall, 10 * seconds) if seconds < longest else max(Limits.wall, seconds), MOST_SECONDS
    )
    wall = min(whole or wall, MOST_SECONDS)
    room = -(-size // LARGE) * LARGE if size > LARGE else 0
    return Limits(task_wall=min(seconds, wall), wall=wall, cpu=2 * wall, file_size=Limits.file_size + room)
