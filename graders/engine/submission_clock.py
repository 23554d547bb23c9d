"""Time that is left for one submission, and the message for a cell that takes longer."""

from __future__ import annotations

import time

from graders.contract import messages
from graders.contract.work import Limits
from graders.engine.notebook_steps import Step

LEAST_SECONDS = 0.1


class SubmissionClock:
    """Counts down the time of one submission; `late` is said of a step that takes too long."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ends = time.monotonic() + limits.wall
        # Seconds that may still be added, because the machine did not run this submission.
        self.patience = limits.wall
        self._whole = messages.out_of_wall_time(limits.wall)
        # Which limit ends first is known before a step starts.
        self.late = self._whole

    def longest(self, step: Step) -> float:
        """Return the longest that one step may take, in seconds."""
        return self._limits.task_wall if step.seconds is None else step.seconds

    def seconds_for(self, step: Step) -> float:
        """Return how long a step that starts now may take; from here on `late` is its message."""
        left, longest = self._ends - time.monotonic(), self.longest(step)
        self.late = self._whole if left < longest else messages.stopped_after(longest)
        return max(LEAST_SECONDS, min(longest, left))

    def excuse(self, patience: float) -> None:
        """Add the time in which a crowded machine kept this submission waiting; `patience` is what is left of that."""
        self._ends += self.patience - patience
        self.patience = patience
