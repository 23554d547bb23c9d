"""Results: what gradings found, a person's marks over the engine's scores, and what was returned to learners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.grading_queue import newest_of
from hub.store.late_work import newest_late
from hub.store.marked_pages import GivenMark, with_marks
from hub.store.marking_models import LateWork

TO_BE_MARKED = "to-be-marked"
"""A person reads it and gives the points."""
MARKED = "marked"
"""A person gave points, not all of them."""


@dataclass(frozen=True)
class Result:
    """A grading of an attempt with its verdicts, marks applied."""

    grading: table_models.Grading
    verdicts: list[table_models.Verdict]
    marks: dict[str, table_models.Mark]
    score: float
    max_score: float
    returned: table_models.FeedbackReturn | None
    late: LateWork | None = None
    """By how much the work was late; None if it came in time."""

    @property
    def points_off(self) -> float:
        """Points that lateness took: never more than were earned."""
        return self.earned - self.score

    @property
    def earned(self) -> float:
        """Points of all tasks together, before anything is taken off."""
        return sum(_points(each, self.marks) for each in self.verdicts)

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

    def shown_outcome(self, verdict: table_models.Verdict) -> str:
        """Return the outcome of a task once persons' marks count; also `to-be-marked` and `marked`."""
        mark = self.marks.get(verdict.grade_id)
        if mark is not None and mark.score is not None:
            return "passed" if mark.score >= verdict.max_score else MARKED
        waits = verdict.score is None and verdict.outcome != "could-not-check"
        return TO_BE_MARKED if waits else verdict.outcome

    @property
    def changed_since_return(self) -> bool:
        """Whether a person gave marks that its learner has not seen, because they were not returned yet."""
        returned = self.returned
        if returned is None:
            return False
        unseen_late = self.late is not None and not _late_shown(self.late, returned)
        return unseen_late or any(not _shown(mark, returned) for mark in self.marks.values())

    @property
    def last_mark(self) -> int:
        """Number of the newest mark; 0 if there is none."""
        return max((mark.id for mark in self.marks.values()), default=0)

    @property
    def said(self) -> tuple[Any, ...]:
        """What a reader learns of it, to tell whether two results differ."""
        tasks = [(each.grade_id, self.shown_outcome(each), each.max_score) for each in self.verdicts]
        comments = sorted((name, mark.score, mark.comment) for name, mark in self.marks.items())
        return self.score, self.max_score, tasks, comments, self.late.days if self.late else 0

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
            return _results(session, gradings, returned_only=returned_only) if gradings else {}

    def result_for(self, attempt: int, *, returned_only: bool = False) -> Result | None:
        """Return the newest result of one attempt."""
        return self.results_for([attempt], returned_only=returned_only).get(attempt)

    def troubles(self, attempts: Collection[int]) -> dict[int, str]:
        """Return the attempts that could not be checked so far, each with the reason."""
        lease = table_models.Lease
        query = select(lease.attempt, lease.reason).where(lease.attempt.in_(attempts), lease.failures > 0)
        with self._database.read() as session:
            return {row.attempt: row.reason for row in session.execute(query)}

    def newest(self, course: str, lab: str) -> list[table_models.Attempt]:
        """Return every learner's newest attempt at a lab."""
        with self._database.read() as session:
            return list(session.scalars(newest_of(course, lab)))

    def latest(self, course: str, lab: str, most: int) -> list[table_models.Attempt]:
        """Return the same of the learners who handed in last, the latest first."""
        query = newest_of(course, lab).order_by(None).order_by(table_models.Attempt.id.desc()).limit(most)
        with self._database.read() as session:
            return list(session.scalars(query))

    def return_to(self, attempts: Iterable[int], who: str, feedback_html: bytes | None = None) -> list[int]:
        """Let learners see their newest grading, with the marks that persons gave so far; twice is as good as once.

        Attempts without a grading are left out. `feedback_html` is shown instead of the grader's page.
        """
        wanted = list(attempts)
        given = self._blobs.put(feedback_html) if feedback_html is not None else None
        results = self.results_for(wanted)
        marked = {} if given else self._marked_pages(results)
        with self._database.write() as session:
            gradings = _newest_gradings(session, wanted)
            before = _returns(session, [each.id for each in gradings.values()])
            for grading in gradings.values():
                earlier, blob = before.get(grading.id), given or marked.get(grading.id)
                known = results.get(grading.attempt)
                is_news = earlier is None or (known is not None and known.changed_since_return)
                if is_news or (blob and earlier and blob != earlier.feedback):
                    session.add(_return(grading.id, blob, who, known))
        return [attempt for attempt in wanted if attempt in gradings]

    def _marked_pages(self, results: Mapping[int, Result]) -> dict[int, str]:
        """Return, by grading, the name of the grader's page with marks in it; none if nobody gave any."""
        return {each.grading.id: self._marked_page(each) for each in results.values() if each.marks}

    def _marked_page(self, result: Result) -> str:
        return self._blobs.put(with_marks(self._blobs.get(result.grading.feedback), result.given))

    def return_changes_at_once(self, attempt: int, who: str) -> None:
        """Return new marks where feedback returns by itself and their learner has seen the result already."""
        with self._database.read() as session:
            about = session.get_one(table_models.Attempt, attempt)
            release = session.get(table_models.Release, (about.course, about.lab))
        if release is None or not release.at_once:
            return
        result = self.result_for(attempt)
        if result is None or not result.changed_since_return:
            return
        with self._database.write() as session:
            page = self._marked_page(result) if result.marks else None
            session.add(_return(result.grading.id, page, who, result))

    def changes_for(self, attempts: Collection[int]) -> dict[int, tuple[datetime, Result]]:
        """Return, for attempts whose learner first saw another result, when it changed and the result before."""
        table = table_models.FeedbackReturn
        query = select(table, table_models.Grading).join(
            table_models.Grading, table_models.Grading.id == table.grading
        )
        query = query.where(table_models.Grading.attempt.in_(attempts)).order_by(table.id)
        rounds: dict[int, list[tuple[table_models.FeedbackReturn, table_models.Grading]]] = defaultdict(list)
        with self._database.read() as session:
            for returned, grading in session.execute(query):
                rounds[grading.attempt].append((returned, grading))
            several = {attempt: rows for attempt, rows in rounds.items() if len(rows) > 1}
            return {
                attempt: found
                for attempt, rows in several.items()
                if (found := _last_change([_returned_result(session, *row) for row in rows]))
            }

    def older_unseen(self, course: str, lab: str, learners: Collection[str]) -> list[int]:
        """Return checked attempts of `learners` that are not their newest and were never returned."""
        attempt = table_models.Attempt
        newest = newest_of(course, lab).with_only_columns(attempt.id).order_by(None)
        checked = exists().where(table_models.Grading.attempt == attempt.id)
        seen = checked.where(table_models.FeedbackReturn.grading == table_models.Grading.id)
        query = (
            select(attempt.id, attempt.learner)
            .where(attempt.course == course, attempt.lab == lab)
            .where(attempt.id.not_in(newest), ~seen, checked)
        )
        with self._database.read() as session:
            return [number for number, name in session.execute(query) if name in learners]

    def page_name(self, result: Result) -> str:
        """The sha-256 of the feedback page of a result, with persons' marks in it."""
        if result.returned is not None and result.returned.feedback and not result.changed_since_return:
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
                table_models.Mark(
                    attempt=attempt,
                    grade_id=grade_id,
                    score=score,
                    comment=comment,
                    given_by=who,
                    given_at=now,
                )
            )
        self.return_changes_at_once(attempt, who)

    def change_mark(
        self, attempt: int, grade_id: str, given: Mapping[str, Any], who: str
    ) -> table_models.Mark:
        """Keep a person's mark for one task; `score` and `comment` that are not in `given` stay as they were."""
        newest = (
            select(table_models.Mark)
            .filter_by(attempt=attempt, grade_id=grade_id)
            .order_by(table_models.Mark.id.desc())
            .limit(1)
        )
        with self._database.write() as session:
            # Two at once on PostgreSQL must not each forget what the other gave.
            session.get_one(table_models.Attempt, attempt, with_for_update=True)
            before = session.scalar(newest)
            row = table_models.Mark(
                attempt=attempt,
                grade_id=grade_id,
                score=given.get("score", before.score if before else None),
                comment=given.get("comment", before.comment if before else ""),
                given_by=who,
                given_at=datetime.now(UTC),
            )
            session.add(row)
        self.return_changes_at_once(attempt, who)
        return row


def _return(grading: int, page: str | None, who: str, known: Result | None) -> table_models.FeedbackReturn:
    now = datetime.now(UTC)
    return table_models.FeedbackReturn(
        grading=grading,
        feedback=page,
        returned_by=who,
        returned_at=now,
        last_mark=known.last_mark if known else 0,
        last_late=known.late.id if known and known.late else 0,
    )


def _shown(mark: table_models.Mark, returned: table_models.FeedbackReturn) -> bool:
    """Whether a learner to whom `returned` was returned sees a mark."""
    if returned.last_mark is None:
        return mark.given_at <= returned.returned_at
    return mark.id <= returned.last_mark


def _late_shown(late: LateWork, returned: table_models.FeedbackReturn) -> bool:
    """Return whether a learner to whom `returned` was returned sees a note about late work."""
    if returned.last_late is None:
        return late.given_at <= returned.returned_at
    return late.id <= returned.last_late


def _late_seen(
    session: Session, attempts: Collection[int], returns: Mapping[int, table_models.FeedbackReturn]
) -> dict[int, LateWork]:
    """Return what learners see of their late work; `returns` by attempt. What is unseen counts as in time."""
    query = select(LateWork).where(LateWork.attempt.in_(attempts)).order_by(LateWork.id)
    return {
        each.attempt: each
        for each in session.scalars(query)
        if each.attempt in returns and _late_shown(each, returns[each.attempt])
    }


def _returned_result(
    session: Session, returned: table_models.FeedbackReturn, grading: table_models.Grading
) -> Result:
    """What a learner saw after one return."""
    verdict, mark = table_models.Verdict, table_models.Mark
    verdicts = session.scalars(select(verdict).filter_by(grading=grading.id).order_by(verdict.position))
    marks = session.scalars(select(mark).filter_by(attempt=grading.attempt).order_by(mark.id))
    seen = {each.grade_id: each for each in marks if _shown(each, returned)}
    late = _late_seen(session, [grading.attempt], {grading.attempt: returned})
    return _result(grading, list(verdicts), seen, returned, late.get(grading.attempt))


def _last_change(results: list[Result]) -> tuple[datetime, Result] | None:
    """When what was seen last differed from what was seen before, and the result before."""
    for before, after in reversed(list(pairwise(results))):
        if before.said != after.said and after.returned is not None:
            return after.returned.returned_at, before
    return None


def _newest_gradings(
    session: Session, attempts: Collection[int], *, returned_only: bool = False
) -> dict[int, table_models.Grading]:
    grading = table_models.Grading
    query = select(grading).where(grading.attempt.in_(attempts)).order_by(grading.run)
    if returned_only:
        # Asked for each grading: with IN, SQLite reads every return of the installation first.
        query = query.where(exists().where(table_models.FeedbackReturn.grading == grading.id))
    return {each.attempt: each for each in session.scalars(query)}


def _returns(session: Session, gradings: Collection[int]) -> dict[int, table_models.FeedbackReturn]:
    table = table_models.FeedbackReturn
    query = select(table).where(table.grading.in_(gradings)).order_by(table.id)
    return {each.grading: each for each in session.scalars(query)}


def _results(
    session: Session, gradings: dict[int, table_models.Grading], *, returned_only: bool = False
) -> dict[int, Result]:
    ids = [each.id for each in gradings.values()]
    verdicts: dict[int, list[table_models.Verdict]] = defaultdict(list)
    table = table_models.Verdict
    for verdict in session.scalars(select(table).where(table.grading.in_(ids)).order_by(table.position)):
        verdicts[verdict.grading].append(verdict)
    returns = _returns(session, ids)
    marks: dict[int, dict[str, table_models.Mark]] = defaultdict(dict)
    mark = table_models.Mark
    for given in session.scalars(select(mark).where(mark.attempt.in_(gradings)).order_by(mark.id)):
        returned = returns.get(gradings[given.attempt].id)
        if not returned_only or (returned is not None and _shown(given, returned)):
            marks[given.attempt][given.grade_id] = given
    late = newest_late(session, gradings)
    if returned_only:
        by_attempt = {name: returns[each.id] for name, each in gradings.items() if each.id in returns}
        late = _late_seen(session, late, by_attempt)
    return {
        attempt: _result(
            grading, verdicts[grading.id], marks[attempt], returns.get(grading.id), late.get(attempt)
        )
        for attempt, grading in gradings.items()
    }


def _result(
    grading: table_models.Grading,
    verdicts: list[table_models.Verdict],
    marks: dict[str, table_models.Mark],
    returned: table_models.FeedbackReturn | None,
    late: LateWork | None = None,
) -> Result:
    def counts(verdict: table_models.Verdict) -> bool:
        mark = marks.get(verdict.grade_id)
        return verdict.outcome != "could-not-check" or (mark is not None and mark.score is not None)

    return Result(
        grading=grading,
        verdicts=verdicts,
        marks=marks,
        score=max(sum(_points(each, marks) for each in verdicts) - (late.points_off if late else 0.0), 0.0),
        # What could not be checked costs no marks: it counts on neither side until it can be, or a person marks it.
        max_score=sum(each.max_score for each in verdicts if counts(each)),
        returned=returned,
        late=late,
    )


def _points(verdict: table_models.Verdict, marks: Mapping[str, table_models.Mark]) -> float:
    mark = marks.get(verdict.grade_id)
    return (mark.score if mark and mark.score is not None else verdict.score) or 0.0
