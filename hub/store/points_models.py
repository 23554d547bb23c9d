"""Tables of kept points: one row for each learner at each lab, so that no page adds up a course's verdicts again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.table_models import Base


class KeptPoints(Base):
    """Points of a learner at a lab, as `counted_points` counts them from attempts, gradings and marks.

    `attempt` and `grading` are the newest checked attempt and its newest grading, null before anything is checked;
    `newest` is the newest attempt. `changed` is the version of the course's points that last changed the row.
    """

    __tablename__ = "kept_points"
    course: Mapped[str] = mapped_column(String(60), primary_key=True)
    learner: Mapped[str] = mapped_column(String(32), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    receipt: Mapped[str] = mapped_column(String(32))
    newest: Mapped[int]
    attempt: Mapped[int | None]
    grading: Mapped[int | None]
    score: Mapped[float | None]
    most: Mapped[float]
    to_mark: Mapped[int]
    waits: Mapped[bool]
    late_days: Mapped[int]
    points_off: Mapped[float]
    flags: Mapped[int]
    first_at: Mapped[datetime]
    changed: Mapped[int]
    __table_args__ = (
        # What a trainer's first page adds up is in the index: looking up each row takes five times as long.
        Index("ix_kept_points_course_lab", "course", "lab", "to_mark", "flags"),
        Index("ix_kept_points_course_changed", "course", "changed"),
        # Clustered by its key: a course's rows lie together, and the key is not kept twice.
        {"sqlite_with_rowid": False},
    )


class PointsVersion(Base):
    """Version of the points of a course: it grows in each transaction that changes any.

    `removed` is the version in which rows last went: a reader of an earlier one reads all of them again.
    """

    __tablename__ = "points_version"
    course: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int]
    removed: Mapped[int]


class PointsChange(Base):
    """That points of a learner at a lab may have changed; triggers write it, and the same transaction reads it.

    Rows stay only if something wrote past the store, and then until the next change through it.
    """

    __tablename__ = "points_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(String(60))
    lab: Mapped[str] = mapped_column(String(100))
    learner: Mapped[str] = mapped_column(String(32))


def kept_work(course: str, lab: str = "", learners: Collection[str] | None = None) -> Any:
    """Subquery of every learner's newest checked attempt at every lab, with its newest grading, as points were kept.

    Of one lab, or of some learners, if they are named. Found among all attempts and gradings, as points are counted,
    PostgreSQL did so again for each row of a larger query: minutes for a country's marking desk.
    """
    kept = KeptPoints
    query = select(kept.attempt, kept.lab, kept.learner, kept.receipt, kept.grading)
    query = query.where(kept.course == course, kept.attempt.is_not(None))
    if lab:
        query = query.where(kept.lab == lab)
    if learners is not None:
        query = query.where(kept.learner.in_(learners))
    return query.subquery()
