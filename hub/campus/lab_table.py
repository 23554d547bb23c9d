"""The trainer's table of one lab: a line for each learner, searched, filtered, sorted, in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from hub.campus.lab_views import Standing, attempt_standings
from hub.store import Store
from hub.store.counted_points import LabPoints
from hub.store.graded_results import Result
from hub.store.lab_statistics import TaskStatistics, hardest_task, points_histogram
from hub.store.marking_models import FlagRuling
from hub.store.marks_table import MarkedLearner

PAGE = 50
STATES = ("missing", "to-be-marked", "waiting", "passed", "marked")
SORTS = ("handed-in", "name", "received", "points")


@dataclass(frozen=True)
class LabWish:
    """A trainer's choice of lines to see; an unknown value changes nothing."""

    search: str = ""
    state: str = ""
    sort: str = "handed-in"
    page: int = 1

    def address(self, **changed: Any) -> str:
        """Return the query of a link that shows the same with something changed."""
        wanted = replace(self, **{"page": 1, **changed})
        named = {
            "q": wanted.search,
            "state": wanted.state,
            "sort": "" if wanted.sort == "handed-in" else wanted.sort,
            "page": wanted.page if wanted.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in named.items() if value})

    def sorted_by(self, column: str) -> str:
        """Return the query that sorts by a column; the other way round if it is sorted so already."""
        return self.address(sort=f"-{column}" if self.sort == column else column)

    def direction(self, column: str) -> str:
        """Return what `aria-sort` says of a column."""
        if self.sort.removeprefix("-") != column:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"


@dataclass(frozen=True)
class Row:
    """A learner's line in the trainer's table; `closes_at` is this learner's extension."""

    learner: MarkedLearner
    standing: Standing | None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Table:
    """One page of the trainer's table, and counts over the whole course."""

    rows: list[Row]
    learners: int
    handed_in: int
    to_mark: int
    late: int
    begun: int
    """Learners who have begun and not handed in; nobody who switched the reports of their labs off."""
    found: int
    pages: int
    wish: LabWish
    rulings: Mapping[tuple[int, str], FlagRuling]
    """Decisions about flags, by attempt and task."""

    def open_flags(self, result: Result) -> list[tuple[Any, float]]:
        """Return the flags of a result that nobody has decided about, each with the points of its task."""
        ruled = {task for attempt, task in self.rulings if attempt == result.grading.attempt}
        return [
            (flag, each.max_score)
            for each in result.verdicts
            if each.grade_id not in ruled
            for flag in each.flags
        ]

    @property
    def page(self) -> int:
        """The page's number, from 1."""
        return self.wish.page


def learner_table(
    store: Store, course: str, lab: str, wish: LabWish, points: Mapping[str, LabPoints]
) -> Table:
    """Return the learners that are wished for with their newest attempt; those who handed in come first.

    `points` are those of the lab.
    """
    newest = {name: each.newest for name, each in points.items()}
    learners = store.marks.learners(course)
    wanted = sorted(filter(_filter(points, wish), learners), key=lambda each: each.username)
    wanted.sort(key=_sort_key(newest, points, wish.sort), reverse=wish.sort.startswith("-"))
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(wish.page, 1), pages)
    shown = wanted[(page - 1) * PAGE : page * PAGE]
    handed_in = store.attempts.by_ids(newest[each.username] for each in shown if each.username in newest)
    standing = {each.attempt.learner: each for each in attempt_standings(store, handed_in)}
    later = store.extensions.lab(course, lab)
    begun = store.live_reports.begun(course, lab)
    return Table(
        rows=[Row(each, standing.get(each.username), later.get(each.username)) for each in shown],
        learners=len(learners),
        handed_in=sum(each.username in newest for each in learners),
        to_mark=sum(each.to_mark for each in points.values()),
        late=sum(each.late_days > 0 for each in points.values()),
        begun=sum(each.username in begun and each.username not in newest for each in learners),
        found=len(wanted),
        pages=pages,
        wish=replace(wish, page=page),
        rulings=store.flags.about([each.newest for each in standing.values() if each.newest]),
    )


def _filter(points: Mapping[str, LabPoints], wish: LabWish) -> Callable[[MarkedLearner], bool]:
    words = wish.search.casefold().split()

    def wanted(person: MarkedLearner) -> bool:
        name = f"{person.username} {person.display_name}".casefold()
        return all(word in name for word in words) and (wish.state not in STATES or has_state(person))

    def has_state(person: MarkedLearner) -> bool:
        each = points.get(person.username)
        return wish.state == (each.state if each else "missing")

    if not words:
        return has_state if wish.state in STATES else lambda _person: True
    return wanted


def _sort_key(
    newest: Mapping[str, int], points: Mapping[str, LabPoints], sort: str
) -> Callable[[MarkedLearner], Any]:
    column = sort.removeprefix("-")
    if column == "name":
        return lambda person: (person.display_name.casefold(), person.username)
    if column == "received":
        return lambda person: newest.get(person.username, 0)
    if column == "points":
        return lambda person: (points[person.username].score or 0.0) if person.username in points else -1.0
    return lambda person: person.username not in newest


@dataclass(frozen=True)
class LabFigures:
    """Figures of a lab: learners by tenth of the points, its tasks, and the one that earned least."""

    bars: list[int]
    tasks: list[TaskStatistics]
    hardest: TaskStatistics | None


def lab_figures(store: Store, course: str, lab: str, points: Mapping[str, LabPoints]) -> LabFigures:
    """Return how a lab went for the whole course; `points` are those of the lab."""
    tasks = store.lab_statistics.tasks(course, lab, store.marks.version(course))
    return LabFigures(points_histogram(points.values()), tasks, hardest_task(tasks))
