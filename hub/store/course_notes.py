"""Notes: what a trainer writes to learners about a lab, shown on their first page until they have read it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.marking_models import CourseNote


@dataclass(frozen=True)
class UnreadNote:
    """A note that its learner has not read, and how its writer is called: None if they were erased since."""

    note: CourseNote
    writer: str | None


class CourseNotes:
    """Writes and reads notes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, course: str, lab: str, learners: Collection[str], text: str, who: str) -> None:
        """Write the same note to several learners."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            session.add_all(
                CourseNote(course=course, lab=lab, learner=name, text=text, written_by=who, written_at=now)
                for name in learners
            )

    def unread(self, learner: str) -> list[UnreadNote]:
        """Return the notes that a learner has not read, the oldest first."""
        query = (
            select(CourseNote, table_models.Person.display_name)
            .outerjoin(table_models.Person, table_models.Person.username == CourseNote.written_by)
            .where(CourseNote.learner == learner, CourseNote.read_at.is_(None))
            .order_by(CourseNote.id)
        )
        with self._database.read() as session:
            return [UnreadNote(*row) for row in session.execute(query)]

    def of_learner(self, learner: str) -> list[CourseNote]:
        """Return every note to a learner, the oldest first."""
        query = select(CourseNote).where(CourseNote.learner == learner).order_by(CourseNote.id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def mark_read(self, number: int, learner: str) -> None:
        """Note that a learner has read one of their notes."""
        with self._database.write() as session:
            row = session.get(CourseNote, number)
            if row is not None and row.learner == learner:
                row.read_at = row.read_at or datetime.now(UTC)
