"""A course as one plain record: who learns there, which labs are open, the newest graded work, and every mark.

nbgrader's gradebook is made from it, here on the server or, through the campus' API, in a formgrader's container.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.course_store import Courses
from hub.store.database_connections import Database
from hub.store.late_work import newest_late
from hub.store.marking_models import LateWork
from hub.store.signed_receipts import utc_text

Attempt, Grading, Mark, Verdict = (
    table_models.Attempt,
    table_models.Grading,
    table_models.Mark,
    table_models.Verdict,
)

FEW = 500
"""Up to so many people are named in a query; for more it is quicker to read everybody."""


@dataclass(frozen=True)
class Cursor:
    """The newest attempt, grading, mark and note about late work that a record knows."""

    attempt: int = 0
    grading: int = 0
    mark: int = 0
    late: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Return a cursor as it was written. Raises ValueError for what is none."""
        parts = [int(part) for part in text.split("-")] if text else []
        if any(part >= 1 << 62 for part in parts):
            raise ValueError(text)  # No database counts so far.
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.attempt}-{self.grading}-{self.mark}-{self.late}"


class CourseBook:
    """Reads one course in a handful of queries, however many handed in."""

    def __init__(self, database: Database, courses: Courses) -> None:
        self._database = database
        self._courses = courses

    def record(self, course: str, since: str = "") -> dict[str, Any]:
        """Return the course, its learners and labs, and each learner's newest graded attempt at each lab.

        With `since`, a cursor of an earlier record, only submissions that changed after it. Raises ValueError for
        what is no cursor.
        """
        known = Cursor.read(since)
        with self._database.read() as session:
            here = session.get_one(table_models.Course, course)
            changed = _changed(session, course, known)
            submissions = _submissions(session, course, changed if since else None)
            cursor = _cursor(session, course)
        learners = self._courses.learners(course)
        names = {each.username for each in learners}
        return {
            "course": course,
            "title": here.title,
            "cursor": str(cursor),
            "learners": [{"name": each.username, "display_name": each.display_name} for each in learners],
            "labs": [
                {
                    "lab": each.lab,
                    "version": each.version,
                    "source": each.source_bundle,
                    "closes_at": utc_text(each.closes_at) if each.closes_at else None,
                }
                for each in self._courses.labs(course)
            ],
            # People who left the course, or whose account was closed, are in no list of it.
            "submissions": [each for each in submissions if each["learner"] in names],
        }


def _cursor(session: Session, course: str) -> Cursor:
    newest = (
        select(func.max(Attempt.id), func.max(Grading.id), func.max(Mark.id), func.max(LateWork.id))
        .select_from(Attempt)
        .outerjoin(Grading, Grading.attempt == Attempt.id)
        .outerjoin(Mark, Mark.attempt == Attempt.id)
        .outerjoin(LateWork, LateWork.attempt == Attempt.id)
        .where(Attempt.course == course)
    )
    return Cursor(*(value or 0 for value in session.execute(newest).one()))


def _changed(session: Session, course: str, known: Cursor) -> set[tuple[str, str]]:
    """Lab and learner of whatever came after `known`."""
    pair = select(Attempt.lab, Attempt.learner).where(Attempt.course == course)
    queries = (
        pair.where(Attempt.id > known.attempt),
        pair.join(Grading, Grading.attempt == Attempt.id).where(Grading.id > known.grading),
        pair.join(Mark, Mark.attempt == Attempt.id).where(Mark.id > known.mark),
        pair.join(LateWork, LateWork.attempt == Attempt.id).where(LateWork.id > known.late),
    )
    return {(lab, learner) for query in queries for lab, learner in session.execute(query)}


def _newest(course: str, *, graded: bool) -> Select[Any]:
    """Return the ids of every learner's newest attempt at every lab of a course; of those with a result if `graded`."""
    numbers = select(Attempt.lab, Attempt.learner, func.max(Attempt.number).label("number"))
    if graded:
        numbers = numbers.join(Grading, Grading.attempt == Attempt.id)
    last = numbers.where(Attempt.course == course).group_by(Attempt.lab, Attempt.learner).subquery()
    same = and_(Attempt.lab == last.c.lab, Attempt.learner == last.c.learner, Attempt.number == last.c.number)
    return select(Attempt.id).join(last, same).where(Attempt.course == course)


def _submissions(session: Session, course: str, wanted: set[tuple[str, str]] | None) -> list[dict[str, Any]]:
    if wanted is not None and not wanted:
        return []
    graded, newest = _newest(course, graded=True), _newest(course, graded=False)
    if wanted is not None and len(wanted) < FEW:
        only = Attempt.learner.in_({learner for _, learner in wanted})
        graded, newest = graded.where(only), newest.where(only)
    results = _graded(session, graded)
    query = select(Attempt).where(Attempt.id.in_(newest))
    found = []
    for attempt in session.scalars(query.order_by(Attempt.lab, Attempt.learner)):
        if wanted is None or (attempt.lab, attempt.learner) in wanted:
            found.append({**_handed_in(attempt), "graded": results.get((attempt.lab, attempt.learner))})
    return found


def _handed_in(attempt: table_models.Attempt) -> dict[str, Any]:
    return {
        "lab": attempt.lab,
        "learner": attempt.learner,
        "receipt": attempt.receipt,
        "number": attempt.number,
        "received_at": utc_text(attempt.received_at),
    }


def _graded(session: Session, ids: Select[Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return, by lab and learner, the attempt whose newest grading counts, its verdicts, and its newest marks."""
    last = select(func.max(Grading.id)).where(Grading.attempt.in_(ids)).group_by(Grading.attempt)
    verdicts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for verdict in session.scalars(
        select(Verdict).where(Verdict.grading.in_(last)).order_by(Verdict.grading, Verdict.position)
    ):
        verdicts[verdict.grading].append(
            _plain(verdict, "grade_id", "outcome", "score", "max_score", "message", "said", "flags")
        )
    marks: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for mark in session.scalars(select(Mark).where(Mark.attempt.in_(ids)).order_by(Mark.id)):
        marks[mark.attempt][mark.grade_id] = _plain(mark, "score", "comment")
    late = newest_late(session, ids)
    rows = session.execute(
        select(Attempt, Grading).join(Grading, Grading.attempt == Attempt.id).where(Grading.id.in_(last))
    )
    return {
        (attempt.lab, attempt.learner): {
            **_handed_in(attempt),
            "notebook": grading.notebook,
            "problem": grading.problem,
            "said": grading.said,
            "verdicts": verdicts[grading.id],
            "marks": marks[attempt.id],
            "points_off": late[attempt.id].points_off if attempt.id in late else 0.0,
        }
        for attempt, grading in rows
    }


def _plain(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
