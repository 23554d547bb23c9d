"""Reports of labs during a class: kept for some days, folded into counts without names, then removed."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from hub.store.course_notes import UnreadNote
from hub.store.database_connections import Database
from hub.store.live_models import HintCount, LiveChoice, LiveReport, LiveStanding
from hub.store.marking_models import CourseNote
from hub.store.table_models import Person, Release

CHECK, HINT = "check", "hint"
PASSED, NOT_YET = "passed", "not-yet"
NEXT_CHECKS = 2
"""How many checks after a hint may pass for the hint to count as one that helped."""
GROUPS_AT_ONCE = 200
MOST_KEPT = 64
"""Labs whose figures of hints are kept in memory."""


@dataclass(frozen=True)
class LiveEvent:
    """One check or hint, at a time of the server."""

    kind: str
    task: str
    at: datetime
    outcome: str = ""
    key: str = ""
    rung: int = 0


class Standing(NamedTuple):
    """Place of a learner in a lab, as LiveStanding keeps it."""

    lab: str
    task: str
    outcome: str
    key: str
    repeats: int
    rung: int
    passed: list[str]
    at: datetime


@dataclass
class HintFigure:
    """Learners who took one hint of a task, and those of them who passed within their next two checks."""

    task: str
    rung: int
    taken: int = 0
    passed: int = 0


class LiveReports:
    """Writes and reads reports."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hints: OrderedDict[tuple[str, str], tuple[object, list[HintFigure]]] = OrderedDict()

    def is_wanted(self, username: str) -> bool:
        """Return whether a person lets their labs report."""
        with self._database.read() as session:
            return session.get(LiveChoice, username) is None

    def wanted_and_notes(self, username: str) -> tuple[bool, list[UnreadNote]]:
        """Return whether a person lets their labs report, and their unread notes: all that a desk asks for."""
        note, writer = CourseNote, aliased(Person)
        # One query: each desk of a class asks this every minute.
        query = (
            select(LiveChoice.username, note, writer.display_name)
            .select_from(Person)
            .outerjoin(LiveChoice, LiveChoice.username == Person.username)
            .outerjoin(note, (note.learner == Person.username) & note.read_at.is_(None))
            .outerjoin(writer, writer.username == note.written_by)
            .where(Person.username == username)
            .order_by(note.id)
        )
        with self._database.read() as session:
            rows = session.execute(query).all()
        notes = [UnreadNote(each, name) for _chosen, each, name in rows if each is not None]
        return all(chosen is None for chosen, _note, _name in rows), notes

    def choose(self, username: str, *, wanted: bool) -> None:
        """Keep whether a person lets their labs report; if not, what was reported is removed at once."""
        self._hints.clear()  # A database may give the number of a removed report again.
        with self._database.write() as session:
            session.execute(delete(LiveChoice).where(LiveChoice.username == username))
            if wanted:
                return
            session.add(LiveChoice(username=username))
            for column in (LiveReport.learner, LiveStanding.learner):
                session.execute(delete(column.class_).where(column == username))

    def add(self, course: str, lab: str, learner: str, events: Sequence[LiveEvent]) -> None:
        """Keep events of a learner, the oldest first; nothing of people who do not want that, or of an unknown lab."""
        with self._database.write(upkeep=False) as session:
            if not events or session.get(LiveChoice, learner) is not None:
                return
            if session.get(Release, (course, lab)) is None:
                return
            row = session.get(LiveStanding, (course, lab, learner))
            if row is None:
                row = LiveStanding(course=course, lab=lab, learner=learner, passed=[], at=events[0].at)
                row.task, row.outcome, row.key, row.repeats, row.rung = "", "", "", 0, 0
                session.add(row)
            for each in events:
                _move(row, each)
            session.add_all(
                LiveReport(course=course, lab=lab, learner=learner, **vars(each)) for each in events
            )

    def standings(self, course: str, learners: Collection[str], since: datetime) -> dict[str, Standing]:
        """Return the newest standing of each learner who reported after `since`, in one query."""
        columns = [getattr(LiveStanding, name) for name in Standing._fields]
        query = (
            select(LiveStanding.learner, *columns)
            .where(LiveStanding.course == course, LiveStanding.at >= since)
            .order_by(LiveStanding.at)
        )
        wanted = set(learners)
        with self._database.read() as session:
            rows = session.execute(query)
            return {learner: Standing(*row) for learner, *row in rows if learner in wanted}

    def begun(self, course: str, lab: str) -> set[str]:
        """Return the learners who have checked a task of a lab or taken a hint, if they let their labs report."""
        query = select(LiveStanding.learner).where(LiveStanding.course == course, LiveStanding.lab == lab)
        with self._database.read() as session:
            return set(session.scalars(query))

    def of_learner(self, learner: str) -> list[LiveReport]:
        """Return every report that is kept of a learner, the oldest first."""
        query = select(LiveReport).where(LiveReport.learner == learner).order_by(LiveReport.id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def hint_figures(self, course: str, lab: str) -> list[HintFigure]:
        """Return for each task and hint how many took it and passed then, of all reports ever.

        Kept in memory until a report comes or goes: a course of two thousand makes tens of thousands at one lab.
        """
        here = (LiveReport.course == course, LiveReport.lab == lab)
        state = select(func.max(LiveReport.id), func.count()).where(*here)
        older = select(HintCount).where(HintCount.course == course, HintCount.lab == lab)
        with self._database.read() as session:
            counts = list(session.scalars(older))
            version = (*session.execute(state).one(), sum(row.taken for row in counts))
            known = self._hints.get((course, lab))
            if known is None or known[0] != version:
                known = self._hints[course, lab] = version, _hint_figures(session, here, counts)
                while len(self._hints) > MOST_KEPT:
                    self._hints.popitem(last=False)
        return known[1]

    def forget(self, before: datetime) -> int:
        """Fold reports of learners who were last at a task before then into counts; return how many reports went."""
        gone = 0
        while rows := self._fold_some(before):
            gone += rows
        with self._database.write() as session:
            session.execute(delete(LiveStanding).where(LiveStanding.at < before))
        return gone

    def _fold_some(self, before: datetime) -> int:
        """Fold some groups of reports, in a transaction that is short."""
        group = (LiveReport.course, LiveReport.lab, LiveReport.task, LiveReport.learner)
        old = select(*group).group_by(*group).having(func.max(LiveReport.at) < before).limit(GROUPS_AT_ONCE)
        with self._database.write() as session:
            groups = [tuple(row) for row in session.execute(old)]
            if not groups:
                return 0
            chosen = tuple_(*group).in_(groups)
            query = select(LiveReport).where(chosen).order_by(*group, LiveReport.at, LiveReport.id)
            rows = list(session.scalars(query))
            for (course, lab), part in groupby(rows, lambda row: (row.course, row.lab)):
                for figure in count_hints(part).values():
                    name = (course, lab, figure.task, figure.rung)
                    kept = session.get(HintCount, name)
                    if kept is None:
                        kept = HintCount(
                            course=course, lab=lab, task=figure.task, rung=figure.rung, taken=0, passed=0
                        )
                        session.add(kept)
                    kept.taken += figure.taken
                    kept.passed += figure.passed
            session.execute(delete(LiveReport).where(LiveReport.id.in_([row.id for row in rows])))
        return len(rows)

    def remove_course(self, course: str) -> None:
        """Remove all reports and counts of a course."""
        with self._database.write() as session:
            for table in (LiveReport, LiveStanding, HintCount):
                session.execute(delete(table).where(table.course == course))


def _hint_figures(session: Session, here: Sequence[Any], counts: Sequence[HintCount]) -> list[HintFigure]:
    query = (
        select(LiveReport.task, LiveReport.learner, LiveReport.kind, LiveReport.rung, LiveReport.outcome)
        .where(*here)
        .order_by(LiveReport.task, LiveReport.learner, LiveReport.at, LiveReport.id)
    )
    found = count_hints(session.execute(query))
    for row in counts:
        figure = found.setdefault((row.task, row.rung), HintFigure(row.task, row.rung))
        figure.taken += row.taken
        figure.passed += row.passed
    return [found[name] for name in sorted(found)]


def _move(row: LiveStanding, event: LiveEvent) -> None:
    """Bring a standing forward by one event."""
    if event.task != row.task:
        row.task, row.outcome, row.key, row.repeats, row.rung = event.task, "", "", 0, 0
    row.at = max(row.at, event.at)
    if event.kind == HINT:
        row.rung = max(row.rung, event.rung)
        return
    same = event.outcome == NOT_YET and (row.outcome, row.key) == (NOT_YET, event.key)
    row.repeats = row.repeats + 1 if same else int(event.outcome == NOT_YET)
    if event.outcome == NOT_YET and event.key != row.key:
        row.rung = 0  # Hints are aimed at one miss; another one begins at its first.
    row.outcome, row.key = event.outcome, event.key
    if event.outcome == PASSED and event.task not in row.passed:
        row.passed = [*row.passed, event.task]


def count_hints(reports: Iterable[Any]) -> dict[tuple[str, int], HintFigure]:
    """Return the figures of reports that come by task and learner, each learner's in their order.

    A hint that a learner took twice counts once: its first time.
    """
    found: dict[tuple[str, int], HintFigure] = {}
    for (task, _learner), rows in groupby(reports, lambda row: (row.task, row.learner)):
        open_hints: dict[int, int] = {}
        outcomes: dict[int, bool] = defaultdict(bool)
        for row in rows:
            if row.kind == HINT:
                if row.rung not in outcomes:
                    outcomes[row.rung], open_hints[row.rung] = False, NEXT_CHECKS
                continue
            for rung in [one for one, left in open_hints.items() if left > 0]:
                open_hints[rung] -= 1
                outcomes[rung] = outcomes[rung] or row.outcome == PASSED
        for rung, helped in outcomes.items():
            figure = found.setdefault((task, rung), HintFigure(task, rung))
            figure.taken += 1
            figure.passed += helped
    return found
