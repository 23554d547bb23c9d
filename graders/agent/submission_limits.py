"""Limits of grading: how many submissions at once, and what each may use."""

from __future__ import annotations

import os

from graders.contract.work_contract import Limits
from hub.isomo_settings import Settings


def core_count(settings: Settings) -> int:
    """Return the number of cores that there are for it."""
    return max(1, min(len(os.sched_getaffinity(0)), round(settings.grading.cpu)))


def limits_of(settings: Settings) -> Limits:
    """Return what one submission may use, as `[grading]` in isomo.toml says it."""
    grading, usual = settings.grading, Limits()
    return Limits(
        wall=float(grading.submission_seconds),
        cpu=2.0 * grading.submission_seconds,
        task_wall=float(min(grading.cell_seconds, grading.submission_seconds)),
        memory=int(min(grading.submission_memory, grading.memory)),
        output=int(grading.cell_output),
        # The sandbox's own disk holds the lab's files and the learner's too.
        file_size=usual.file_size + int(grading.release_size) + int(grading.submission_size),
    )
