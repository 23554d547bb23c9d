"""Lines of a learning platform's gradebook: which learner's points at which lab it wants, and what it has been told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ForeignKey, Text, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.database_connections import Database
from hub.store.table_models import Attempt, Base, FeedbackReturn, Grading

SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
"""The right to write points into a platform's gradebook, as the standard names it."""
HOLD = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
LAST_TRY = 40
"""Tries after which a platform is left alone until something new is returned: about a week."""
OVERLAP = 1000
"""Numbers below the newest that are looked at again: on PostgreSQL a row may appear after one with a higher number."""


class LtiLine(Base):
    """One learner's line for one lab; `sent_return` is the newest return whose points the platform has."""

    __tablename__ = "lti_line"
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    line_item: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    sent_return: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    next_try: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    problem: Mapped[str] = mapped_column(Text, default="", server_default="")


@dataclass(frozen=True)
class DueLine:
    """A line to be told now: the attempt whose returned points it gets, and the number of that return."""

    line: LtiLine
    attempt: int
    returned: int


class LtiLines:
    """Keeps lines and hands out those that are due, one sender at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def link(self, username: str, course: str, lab: str, subject: str, line_item: str) -> None:
        """Keep a line; one with another address is told everything again."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            known = session.get(LtiLine, (username, course, lab))
            if known is None:
                known = LtiLine(username=username, course=course, lab=lab, sent_return=0, tries=0, problem="")
                session.add(known)
            elif (known.subject, known.line_item) == (subject, line_item):
                return
            known.subject, known.line_item, known.linked_at = subject, line_item, now
            known.sent_return, known.sent_at, known.next_try, known.tries = 0, None, now, 0

    def get(self, username: str, course: str, lab: str) -> LtiLine | None:
        """Return the line of a learner for a lab; None if no platform wants one."""
        with self._database.read() as session:
            return session.get(LtiLine, (username, course, lab))

    def mark_due(self, after: int, now: datetime | None = None) -> int:
        """Make lines due for which more was returned than they were told; return the newest return's number.

        Only returns with a number above `after` are read, less an overlap: a round asks with the answer of the last.
        """
        newest_seen, moment = after - OVERLAP, now or datetime.now(UTC)
        returned = FeedbackReturn
        query = (
            select(LtiLine, func.max(returned.id))
            .join(
                Attempt,
                (Attempt.learner == LtiLine.username)
                & (Attempt.course == LtiLine.course)
                & (Attempt.lab == LtiLine.lab),
            )
            .join(Grading, Grading.attempt == Attempt.id)
            .join(returned, returned.grading == Grading.id)
            .where(returned.id > newest_seen, returned.id > LtiLine.sent_return, LtiLine.next_try.is_(None))
            .group_by(LtiLine.username, LtiLine.course, LtiLine.lab)
        )
        with self._database.write() as session:
            newest = session.scalar(select(func.max(returned.id))) or 0
            for line, _newest in session.execute(query).all():
                line.next_try, line.tries = moment, 0
        return newest

    def claim(self, now: datetime | None = None) -> DueLine | None:
        """Return the line that waits longest, held for some minutes; lines with nothing to tell wait no more."""
        moment = now or datetime.now(UTC)
        with self._database.write() as session:
            while True:
                query = select(LtiLine).where(LtiLine.next_try <= moment).order_by(LtiLine.next_try).limit(1)
                line = session.scalar(query.with_for_update(skip_locked=True))
                if line is None:
                    return None
                newest = session.execute(
                    select(Grading.attempt, FeedbackReturn.id)
                    .join(FeedbackReturn, FeedbackReturn.grading == Grading.id)
                    .join(Attempt, Attempt.id == Grading.attempt)
                    .where(
                        Attempt.learner == line.username,
                        Attempt.course == line.course,
                        Attempt.lab == line.lab,
                    )
                    .order_by(FeedbackReturn.id.desc())
                    .limit(1)
                ).first()
                if newest is None or newest[1] <= line.sent_return:
                    line.next_try = None
                    session.flush()
                    continue
                line.next_try, line.tries = moment + HOLD, line.tries + 1
                return DueLine(line, newest[0], newest[1])

    def sent(self, due: DueLine) -> None:
        """Note that the platform took the points; what was returned meanwhile is told next."""
        self._note(
            due, next_try=None, sent_return=due.returned, sent_at=datetime.now(UTC), tries=0, problem=""
        )

    def put_off(self, due: DueLine, problem: str, now: datetime | None = None) -> None:
        """Try again after 1, 2, 4 … minutes, six hours at most; after forty tries only when something new comes."""
        moment = now or datetime.now(UTC)
        pause = min(timedelta(minutes=2 ** min(due.line.tries - 1, 10)), LONGEST_PAUSE)
        over = due.line.tries >= LAST_TRY
        self._note(due, next_try=None if over else moment + pause, problem=problem[:500])

    def _note(self, due: DueLine, **values: object) -> None:
        mine = (
            (LtiLine.username == due.line.username)
            & (LtiLine.course == due.line.course)
            & (LtiLine.lab == due.line.lab)
            & (LtiLine.line_item == due.line.line_item)  # A line that moved meanwhile is told by itself.
        )
        with self._database.write() as session:
            session.execute(update(LtiLine).where(mine).values(**values))
