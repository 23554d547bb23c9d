"""What gradings found, a person's marks over the engine's scores, and what was returned to learners."""

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
from hub.store.grading import newest_of


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
        """How each task ended, in order."""
        return [each.outcome for each in self.verdicts]

    @property
    def flags(self) -> list[str]:
        """What a trainer should look at, each once."""
        return sorted({str(flag) for each in self.verdicts for flag in each.flags})


class Results:
    """The reader's side of grading."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def of(self, attempts: Collection[int], *, returned_only: bool = False) -> dict[int, Result]:
        """The newest result of each attempt that has one; for learners only what was returned to them."""
        with self._database.read() as session:
            gradings = _newest_gradings(session, attempts, returned_only=returned_only)
            return _results(session, gradings) if gradings else {}

    def one(self, attempt: int, *, returned_only: bool = False) -> Result | None:
        """The newest result of one attempt."""
        return self.of([attempt], returned_only=returned_only).get(attempt)

    def troubles(self, attempts: Collection[int]) -> dict[int, str]:
        """Attempts that could not be checked so far, each with the reason."""
        lease = models.Lease
        query = select(lease.attempt, lease.reason).where(lease.attempt.in_(attempts), lease.failures > 0)
        with self._database.read() as session:
            return {row.attempt: row.reason for row in session.execute(query)}

    def newest(self, course: str, lab: str) -> list[models.Attempt]:
        """Every learner's newest attempt at a lab."""
        with self._database.read() as session:
            return list(session.scalars(newest_of(course, lab)))

    def handed_in(self, course: str) -> dict[str, int]:
        """How many learners handed in at least once, by lab."""
        attempt = models.Attempt
        query = select(attempt.lab, func.count(attempt.learner.distinct()))
        with self._database.read() as session:
            rows = session.execute(query.where(attempt.course == course).group_by(attempt.lab))
            return {lab: count for lab, count in rows}  # noqa: C416 - rows are not plain pairs to a type checker

    def return_to(self, attempts: Iterable[int], who: str, feedback_html: bytes | None = None) -> list[int]:
        """Let learners see their newest grading; twice is as good as once. Attempts without one are left out."""
        wanted = list(attempts)
        blob = self._blobs.put(feedback_html) if feedback_html is not None else None
        with self._database.write() as session:
            gradings = _newest_gradings(session, wanted)
            before = _returns(session, [each.id for each in gradings.values()])
            for grading in gradings.values():
                earlier = before.get(grading.id)
                if earlier is None or (blob and blob != earlier.feedback):
                    session.add(
                        models.FeedbackReturn(
                            grading=grading.id, feedback=blob, returned_by=who, returned_at=datetime.now(UTC)
                        )
                    )
            return [attempt for attempt in wanted if attempt in gradings]

    def feedback(self, attempt: int, *, returned_only: bool) -> bytes | None:
        """The feedback page of an attempt; for its learner only what was returned."""
        result = self.one(attempt, returned_only=returned_only)
        if result is None:
            return None
        page = (result.returned.feedback if result.returned else None) or result.grading.feedback
        return self._blobs.get(page)

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


@dataclass(frozen=True)
class ClassCount:
    """How far a class is with one lab: people in it, who handed in, whose newest attempt is graded."""

    group: str
    people: int
    handed_in: int
    graded: int


def count_classes(database: Database, course: str, lab: str) -> list[ClassCount]:
    """The same for every class of a course; numbers only, nobody's name and nobody's work."""
    group, member, attempt = models.ClassGroup, models.ClassMember, models.Attempt
    here: Any = (
        select(attempt.learner, func.max(models.Grading.id).label("grading"))
        .outerjoin(models.Grading, models.Grading.attempt == attempt.id)
        .where(attempt.course == course, attempt.lab == lab)
        .group_by(attempt.learner)
        .subquery()
    )
    query = (
        select(
            group.title, func.count(member.username), func.count(here.c.learner), func.count(here.c.grading)
        )
        .join(member, member.class_id == group.id)
        .outerjoin(here, here.c.learner == member.username)
        .where(group.course == course)
        .group_by(group.title)
        .order_by(group.title)
    )
    with database.read() as session:
        return [ClassCount(*row) for row in session.execute(query)]
