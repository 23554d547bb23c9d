"""Comments that trainers keep for a task of a course: inserted by a key, edited, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.table_models import Base

Attempt, Mark = table_models.Attempt, table_models.Mark
KEYS = "abcdefghijklmnopqrst"
"""Keys that insert a comment while the points are typed; there are no more comments than keys."""


class SavedComment(Base):
    """A comment kept for one task; all trainers of the course see it."""

    __tablename__ = "saved_comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"))
    lab: Mapped[str] = mapped_column(String(100))
    grade_id: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]
    __table_args__ = (Index("ix_saved_comment_task", "course", "lab", "grade_id"),)


@dataclass(frozen=True)
class BankLine:
    """A kept comment, the key that inserts it, and to how many learners it was given."""

    comment: SavedComment
    key: str
    given: int


class SavedComments:
    """The comment bank."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self, course: str, lab: str, grade_id: str) -> list[BankLine]:
        """Return the comments of a task, the oldest first: a key keeps its comment while others are added."""
        given = (
            select(Mark.comment, func.count(Attempt.learner.distinct()))
            .join(Attempt, Attempt.id == Mark.attempt)
            .where(
                Attempt.course == course, Attempt.lab == lab, Mark.grade_id == grade_id, Mark.comment != ""
            )
            .group_by(Mark.comment)
        )
        with self._database.read() as session:
            rows = _of_task(session, course, lab, grade_id)
            counts = [(str(text), int(count)) for text, count in session.execute(given)] if rows else []
        return [
            BankLine(row, key, sum(count for text, count in counts if row.text in text))
            for key, row in zip(KEYS, rows, strict=False)
        ]

    def save(self, course: str, lab: str, grade_id: str, text: str, who: str) -> bool:
        """Keep a comment; False if the bank of the task is full. One that is there already is not kept twice."""
        with self._database.write() as session:
            rows = _of_task(session, course, lab, grade_id)
            if any(row.text == text for row in rows):
                return True
            if len(rows) >= len(KEYS):
                return False
            now = datetime.now(UTC)
            session.add(
                SavedComment(course=course, lab=lab, grade_id=grade_id, text=text, saved_by=who, saved_at=now)
            )
        return True

    def change(self, course: str, number: int, text: str, who: str) -> bool:
        """Change a comment, or remove it if the text is empty; False if the course has none of this number.

        Marks that were given keep their words.
        """
        with self._database.write() as session:
            row = session.get(SavedComment, number)
            if row is None or row.course != course:
                return False
            if text:
                row.text, row.saved_by, row.saved_at = text, who, datetime.now(UTC)
            else:
                session.delete(row)
        return True


def _of_task(session: Session, course: str, lab: str, grade_id: str) -> list[SavedComment]:
    query = select(SavedComment).filter_by(course=course, lab=lab, grade_id=grade_id)
    return list(session.scalars(query.order_by(SavedComment.id)))
