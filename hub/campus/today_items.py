"""The beginning of a person's first page: a learner's next step, and the work that waits for a trainer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.campus.lab_views import LearnerLab
from hub.store import Store
from hub.store.course_store import Lab
from hub.store.table_models import Course

SOON = timedelta(days=3)
"""How long before its closing time a lab is told of."""


def next_step(labs: Iterable[LearnerLab]) -> LearnerLab | None:
    """Return the first open lab of a path in which nothing is handed in yet; None if there is none."""
    return next((each for each in labs if each.lab.state() == "released" and not each.standings), None)


@dataclass(frozen=True)
class ClosingSoon:
    """An open lab that closes soon, and how many learners have not handed it in."""

    lab: Lab
    missing: int


@dataclass(frozen=True)
class CourseToday:
    """Work that waits for the trainers of a course."""

    course: Course
    to_mark: int
    closing: list[ClosingSoon]
    unchecked: int
    """Attempts that could not be checked, for now or at all."""
    appeals: int = 0
    """Appeals that wait for an answer."""
    flags: int = 0
    """Tasks with flags that no trainer has decided about."""

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing waits."""
        return not (self.to_mark or self.closing or self.unchecked or self.appeals or self.flags)


def course_today(store: Store, course: Course, now: datetime | None = None) -> CourseToday:
    """Return what waits in one course."""
    moment = now or datetime.now(UTC)
    labs = store.courses.labs(course.id)
    counts, learners = store.marks.counts(course.id), store.marks.learner_count(course.id)
    closing = [
        ClosingSoon(lab, learners - (counts[lab.lab].handed_in if lab.lab in counts else 0))
        for lab in labs
        if lab.state(moment) == "released" and lab.closes_at and moment < lab.closes_at <= moment + SOON
    ]
    return CourseToday(
        course,
        to_mark=sum(each.to_mark for each in counts.values()),
        closing=closing,
        unchecked=store.gradings.troubled(course.id),
        appeals=store.appeals.counts(course.id).get(None, 0),
        flags=sum(each.flags for each in counts.values()),
    )
