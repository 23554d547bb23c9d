"""How a lab went for a whole course: each task's share of points, and what went wrong most often."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import StatisticsError, correlation
from typing import Any

from sqlalchemy import and_, select

from graders.contract.message_facts import sameness_key
from hub.store import table_models
from hub.store.counted_points import LabPoints, newest_marks
from hub.store.database_connections import Database
from hub.store.points_models import kept_work

MOST_MESSAGES = 3
MOST_KEPT = 64
"""Labs whose figures are kept in memory."""
LEAST_LEARNERS = 10
"""How many learners must have a task before its discrimination says anything."""
Mark, Verdict = table_models.Mark, table_models.Verdict


@dataclass
class TaskStatistics:
    """One task over all learners whose newest checked attempt has it; unchecked and unmarked ones do not count."""

    grade_id: str
    count: int = 0
    earned: float = 0.0
    possible: float = 0.0
    messages: Counter[str] = field(default_factory=Counter)
    samples: dict[str, tuple[str, Any]] = field(default_factory=dict)
    points: dict[int, float] = field(default_factory=dict)
    """Points by attempt."""
    discrimination: float | None = None
    """Correlation of the task's points with those of all other tasks (corrected item-total), -1 to 1; None if few
    learners did it, or all earned the same."""

    @property
    def share(self) -> float:
        """Points earned of those possible, from 0 to 1."""
        return self.earned / self.possible if self.possible else 0.0

    @property
    def commonest(self) -> list[tuple[str, Any, int]]:
        """What the checks said most often to learners who did not pass: in English, as data, how many read it."""
        return [(*self.samples[name], count) for name, count in self.messages.most_common(MOST_MESSAGES)]

    def count_message(self, message: str, said: Any) -> None:
        """Count one learner who read this; the same message in several languages is one."""
        name = message if said is None else sameness_key(said)
        self.messages[name] += 1
        self.samples.setdefault(name, (message, said))


class LabStatistics:
    """Keeps the tasks of labs until the points of their course change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[tuple[str, str], tuple[int, list[TaskStatistics]]] = OrderedDict()

    def tasks(self, course: str, lab: str, version: int) -> list[TaskStatistics]:
        """Return the tasks of a lab in their order; `version` is that of the course's points."""
        known = self._known.get((course, lab))
        if known is None or known[0] != version:
            known = self._known[course, lab] = version, task_statistics(self._database, course, lab)
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
        return known[1]


def task_statistics(database: Database, course: str, lab: str) -> list[TaskStatistics]:
    """Return the tasks of a lab in their order."""
    work, given = kept_work(course, lab), newest_marks(course, lab)
    query = (
        select(
            *(work.c.attempt, Verdict.grade_id, Verdict.outcome, Verdict.score, Verdict.max_score),
            *(Verdict.message, Verdict.said, Mark.score),
        )
        .select_from(work)
        .join(Verdict, Verdict.grading == work.c.grading)
        .outerjoin(given, and_(given.c.attempt == work.c.attempt, given.c.grade_id == Verdict.grade_id))
        .outerjoin(Mark, Mark.id == given.c.id)
        .order_by(Verdict.position)
    )
    found: dict[str, TaskStatistics] = {}
    with database.read() as session:
        for attempt, name, outcome, score, most, message, said, mark in session.execute(query):
            task = found.setdefault(name, TaskStatistics(name))
            points = mark if mark is not None else score
            if points is None or (outcome == "could-not-check" and mark is None):
                continue
            task.count += 1
            task.earned += points
            task.points[attempt] = points
            task.possible += most
            if outcome == "not-yet" and message:
                task.count_message(message, said)
    _add_discrimination(list(found.values()))
    return list(found.values())


def _add_discrimination(tasks: list[TaskStatistics]) -> None:
    totals: Counter[int] = Counter()
    for task in tasks:
        totals.update(task.points)
    for task in tasks:
        if len(task.points) >= LEAST_LEARNERS:
            task.discrimination = _correlation(
                [(own, totals[name] - own) for name, own in task.points.items()]
            )


def _correlation(pairs: list[tuple[float, float]]) -> float | None:
    try:
        return correlation([own for own, _rest in pairs], [rest for _own, rest in pairs])
    except StatisticsError:
        return None  # All earned the same: nothing to compare.


def hardest_task(tasks: Iterable[TaskStatistics]) -> TaskStatistics | None:
    """Return the task that earned the smallest share; None if every task earned all its points."""
    short = [each for each in tasks if each.count and each.share < 1]
    return min(short, key=lambda each: each.share, default=None)


def points_histogram(points: Iterable[LabPoints], bins: int = 10) -> list[int]:
    """Return how many learners earned each tenth of the points; full points belong to the last."""
    counted: dict[int, int] = defaultdict(int)
    for each in points:
        if each.score is not None and each.most > 0:
            share = min(max(each.score / each.most, 0.0), 1.0)
            counted[min(int(share * bins), bins - 1)] += 1
    return [counted[place] for place in range(bins)]
