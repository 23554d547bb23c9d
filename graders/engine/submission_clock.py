"""Time that is left for one submission, and the message for a cell that takes longer."""

from __future__ import annotations

import time

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.work_contract import Limits
from graders.engine.notebook_steps import Step

LEAST_SECONDS = 0.1
AFTER_STOP = 60.0
"""Seconds for a submission from the start of its first cell that was stopped; twice that cell's limit if it is more."""


class SubmissionClock:
    """Counts down the time of one submission; `late` is said of a step that takes too long."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._began = time.monotonic()
        self._ends = self._began + limits.wall
        # Seconds that may still be added, because the machine did not run this submission.
        self.patience = limits.wall
        self._whole = message_facts.out_of_wall_time(limits.wall)
        # Which limit ends first is known before a step starts.
        self.late = self._whole

    def longest(self, step: Step) -> float:
        """Return the longest that one step may take, in seconds."""
        return self._limits.task_wall if step.seconds is None else step.seconds

    def seconds_for(self, step: Step) -> float:
        """Return how long a step that starts now may take; from here on `late` is its message."""
        self._began = time.monotonic()
        left, longest = self._ends - self._began, self.longest(step)
        self.late = self._whole if left < longest else message_facts.stopped_after(longest)
        return max(LEAST_SECONDS, min(longest, left))

    def excuse(self, patience: float) -> None:
        """Add the time in which a crowded machine kept this submission waiting; `patience` is what is left of that."""
        self._began += self.patience - patience
        self._ends += self.patience - patience
        self.patience = patience

    def shorten_rest(self, step: Step, said: Message) -> None:
        """After a step that its own limit stopped, leave the submission no more than `AFTER_STOP` from its start."""
        if said != message_facts.stopped_after(self.longest(step)):
            return
        whole = max(AFTER_STOP, 2 * self.longest(step))
        if self._began + whole < self._ends:
            self._ends = self._began + whole
            self._whole = message_facts.out_of_time_after_stop(whole)
