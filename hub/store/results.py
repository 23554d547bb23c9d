"""Results: what gradings found, a person's marks over the engine's scores, and what was returned to learners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.store import models
from hub.store.blobs import Blobs
from hub.store.database import Database
from hub.store.grading_queue import newest_of
from hub.store.marked_pages import GivenMark, with_marks

TO_BE_MARKED = "to-be-marked"
"""A person reads it and gives the points."""
MARKED = "marked"
"""A person gave points, not all of them."""


@dataclass(frozen=True)
class Result:
    """A grading of an attempt with its verdicts, marks applied."""

    grading: models.Grading
    verdicts: list[models.Verdict]
    marks: dict[str, models.Mark]
    score: float
    max_score: float
    returned: models.FeedbackReturn | None

    @property
    def outcomes(self) -> list[str]:
        """Return the outcome of each task, in order."""
        return [each.outcome for each in self.verdicts]

    @property
    def given(self) -> list[GivenMark]:
        """Return what persons gave; a score for a cell that is no task of this grading does not count, and is
        left out.
        """
        most = {each.grade_id: each.max_score for each in self.verdicts}
        return [
            GivenMark(name, mark.score if name in most else None, mark.comment, most.get(name, 0.0))
            for name, mark in self.marks.items()
        ]

    @property
    def other_comments(self) -> dict[str, str]:
        """Comments of persons on cells that have no verdict, by cell: answers whose test is another cell."""
        tasks = {each.grade_id for each in self.verdicts}
        return {name: mark.comment for name, mark in self.marks.items() if mark.comment and name not in tasks}

    def shown_outcome(self, verdict: models.Verdict) -> str:
        """Return the outcome of a task once persons' marks count; also `to-be-marked` and `marked`."""
        mark = self.marks.get(verdict.grade_id)
        if mark is not None and mark.score is not None:
            return "passed" if mark.score >= verdict.max_score else MARKED
        waits = verdict.score is None and verdict.outcome != "could-not-check"
        return TO_BE_MARKED if waits else verdict.outcome

    @property
    def flags(self) -> list[tuple[Any, float]]:
        """Return what a trainer should look at, in order: each flag, and the points of its task."""
        return [(flag, each.max_score) for each in self.verdicts for flag in each.flags]


class Results:
    """The reader's side of grading."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def results_for(self, attempts: Collection[int], *, returned_only: bool = False) -> dict[int, Result]:
        """Return the newest result of each attempt that has one; for learners only what was returned to them."""
        with self._database.read() as session:
            gradings = _newest_gradings(session, attempts, returned_only=returned_only)
            return _results(session, gradings) if gradings else {}

    def result_for(self, attempt: int, *, returned_only: bool = False) -> Result | None:
        """Return the newest result of one attempt."""
        return self.results_for([attempt], returned_only=returned_only).get(attempt)

    def troubles(self, attempts: Collection[int]) -> dict[int, str]:
        """Return the attempts that could not be checked so far, each with the reason."""
        lease = models.Lease
        query = select(lease.attempt, lease.reason).where(lease.attempt.in_(attempts), lease.failures > 0)
        with self._database.read() as session:
            return {row.attempt: row.reason for row in session.execute(query)}

    def newest(self, course: str, lab: str) -> list[models.Attempt]:
        """Return every learner's newest attempt at a lab."""
        with self._database.read() as session:
            return list(session.scalars(newest_of(course, lab)))

    def handed_in(self, course: str) -> dict[str, int]:
        """Return how many learners of a course, with open accounts, handed in at least once, by lab."""
        attempt, member, person = models.Attempt, models.CourseMember, models.Person
        query = (
            select(attempt.lab, func.count(attempt.learner.distinct()))
            .join(member, (member.course == attempt.course) & (member.username == attempt.learner))
            .join(person, person.username == attempt.learner)
            .where(member.role == "learner", person.disabled_at.is_(None))
        )
        with self._database.read() as session:
            rows = session.execute(query.where(attempt.course == course).group_by(attempt.lab))
            return {lab: count for lab, count in rows}  # noqa: C416 - rows are not plain pairs to a type checker

    def return_to(self, attempts: Iterable[int], who: str, feedback_html: bytes | None = None) -> list[int]:
        """Let learners see their newest grading, with the marks that persons gave; twice is as good as once.

        Attempts without a grading are left out. `feedback_html` is shown instead of the grader's page.
        """
        wanted = list(attempts)
        given = self._blobs.put(feedback_html) if feedback_html is not None else None
        marked = {} if given else self._marked_pages(self.results_for(wanted))
        with self._database.write() as session:
            gradings = _newest_gradings(session, wanted)
            before = _returns(session, [each.id for each in gradings.values()])
            for grading in gradings.values():
                earlier, blob = before.get(grading.id), given or marked.get(grading.id)
                if earlier is None or (blob and blob != earlier.feedback):
                    session.add(
                        models.FeedbackReturn(
                            grading=grading.id, feedback=blob, returned_by=who, returned_at=datetime.now(UTC)
                        )
                    )
        if not given:
            # A mark that was given while the pages were made is not lost.
            for attempt, result in self.results_for(gradings).items():
                if result.marks:
                    self._renew_page(attempt, who)
        return [attempt for attempt in wanted if attempt in gradings]

    def _marked_pages(self, results: Mapping[int, Result]) -> dict[int, str]:
        """Return, by grading, the name of the grader's page with marks in it; none if nobody gave any."""
        return {each.grading.id: self._marked_page(each) for each in results.values() if each.marks}

    def _marked_page(self, result: Result) -> str:
        return self._blobs.put(with_marks(self._blobs.get(result.grading.feedback), result.given))

    def _renew_page(self, attempt: int, who: str) -> None:
        """Let the page that a learner sees have the newest marks, where it was returned."""
        result = self.result_for(attempt, returned_only=True)
        if result is None or result.returned is None or not result.marks:
            return
        blob = self._marked_page(result)
        if blob != (result.returned.feedback or result.grading.feedback):
            row = models.FeedbackReturn(
                grading=result.grading.id, feedback=blob, returned_by=who, returned_at=datetime.now(UTC)
            )
            with self._database.write() as session:
                session.add(row)

    def page_name(self, result: Result) -> str:
        """The sha-256 of the feedback page of a result, with persons' marks in it."""
        if result.returned is not None and result.returned.feedback:
            return str(result.returned.feedback)
        return self._marked_page(result) if result.marks else str(result.grading.feedback)

    def feedback(self, attempt: int, *, returned_only: bool) -> bytes | None:
        """Return the feedback page of an attempt; for its learner only what was returned."""
        result = self.result_for(attempt, returned_only=returned_only)
        if result is None:
            return None
        return self._blobs.get(self.page_name(result))

    def mark(self, attempt: int, grade_id: str, score: float | None, comment: str, who: str) -> None:
        """Keep a person's score and comment for one task."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            session.add(
                models.Mark(
                    attempt=attempt,
                    grade_id=grade_id,
                    score=score,
                    comment=comment,
                    given_by=who,
                    given_at=now,
                )
            )
        self._renew_page(attempt, who)

    def change_mark(self, attempt: int, grade_id: str, given: Mapping[str, Any], who: str) -> models.Mark:
        """Keep a person's mark for one task; `score` and `comment` that are not in `given` stay as they were."""
        newest = (
            select(models.Mark)
            .filter_by(attempt=attempt, grade_id=grade_id)
            .order_by(models.Mark.id.desc())
            .limit(1)
        )
        with self._database.write() as session:
            # Two at once on PostgreSQL must not each forget what the other gave.
            session.get_one(models.Attempt, attempt, with_for_update=True)
            before = session.scalar(newest)
            row = models.Mark(
                attempt=attempt,
                grade_id=grade_id,
                score=given.get("score", before.score if before else None),
                comment=given.get("comment", before.comment if before else ""),
                given_by=who,
                given_at=datetime.now(UTC),
            )
            session.add(row)
        self._renew_page(attempt, who)
        return row


def _newest_gradings(
    session: Session, attempts: Collection[int], *, returned_only: bool = False
) -> dict[int, models.Grading]:
    grading = models.Grading
    query = select(grading).where(grading.attempt.in_(attempts)).order_by(grading.run)
    if returned_only:
        query = query.where(grading.id.in_(select(models.FeedbackReturn.grading)))
    return {each.attempt: each for each in session.scalars(query)}


def _returns(session: Session, gradings: Collection[int]) -> dict[int, models.FeedbackReturn]:
    table = models.FeedbackReturn
    query = select(table).where(table.grading.in_(gradings)).order_by(table.id)
    return {each.grading: each for each in session.scalars(query)}


def _results(session: Session, gradings: dict[int, models.Grading]) -> dict[int, Result]:
    ids = [each.id for each in gradings.values()]
    verdicts: dict[int, list[models.Verdict]] = defaultdict(list)
    table = models.Verdict
    for verdict in session.scalars(select(table).where(table.grading.in_(ids)).order_by(table.position)):
        verdicts[verdict.grading].append(verdict)
    marks: dict[int, dict[str, models.Mark]] = defaultdict(dict)
    mark = models.Mark
    for given in session.scalars(select(mark).where(mark.attempt.in_(gradings)).order_by(mark.id)):
        marks[given.attempt][given.grade_id] = given
    returns = _returns(session, ids)
    return {
        attempt: _result(grading, verdicts[grading.id], marks[attempt], returns.get(grading.id))
        for attempt, grading in gradings.items()
    }


def _result(
    grading: models.Grading,
    verdicts: list[models.Verdict],
    marks: dict[str, models.Mark],
    returned: models.FeedbackReturn | None,
) -> Result:
    def score(verdict: models.Verdict) -> float:
        mark = marks.get(verdict.grade_id)
        return (mark.score if mark and mark.score is not None else verdict.score) or 0.0

    def counts(verdict: models.Verdict) -> bool:
        mark = marks.get(verdict.grade_id)
        return verdict.outcome != "could-not-check" or (mark is not None and mark.score is not None)

    return Result(
        grading=grading,
        verdicts=verdicts,
        marks=marks,
        score=sum(score(each) for each in verdicts),
        # What could not be checked costs no marks: it counts on neither side until it can be, or a person marks it.
        max_score=sum(each.max_score for each in verdicts if counts(each)),
        returned=returned,
    )
