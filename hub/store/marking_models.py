"""Tables of release schedules, late work, flags, second marks and appeals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.table_models import Base

MARKING_APPEND_ONLY = ("late_work", "flag_ruling", "second_mark")
"""Tables of this module whose rows a trigger keeps from being changed or removed."""


class ClassSchedule(Base):
    """Opening and closing times of a lab for one class; a time of null is the lab's own."""

    __tablename__ = "class_schedule"
    class_id: Mapped[int] = mapped_column(ForeignKey("class_group.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]


class ExtraTime(Base):
    """Extra time that a person always gets, in percent of the time between opening and closing."""

    __tablename__ = "extra_time"
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)
    percent: Mapped[int]
    given_by: Mapped[str]
    given_at: Mapped[datetime]


class LateWork(Base):
    """That an attempt arrived after its closing time, and the points that it costs; the newest row counts.

    `days` of 0 means that the attempt counts as in time after all.
    """

    __tablename__ = "late_work"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    due_at: Mapped[datetime]
    days: Mapped[int]
    points_off: Mapped[float]
    given_by: Mapped[str]
    given_at: Mapped[datetime]


class FlagRuling(Base):
    """A trainer's decision about the flags of one task; holds while the flags are those of `flags_sha256`."""

    __tablename__ = "flag_ruling"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    grade_id: Mapped[str]
    flags_sha256: Mapped[str] = mapped_column(String(64))
    ruling: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str]
    given_at: Mapped[datetime]


class SecondMark(Base):
    """Points that a second trainer would give; they measure agreement and never count for the learner."""

    __tablename__ = "second_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    grade_id: Mapped[str]
    score: Mapped[float]
    given_by: Mapped[str]
    given_at: Mapped[datetime]


class Appeal(Base):
    """A learner's request to look at one task of a returned result again, and the answer."""

    __tablename__ = "appeal"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    grade_id: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(16))
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class CourseNote(Base):
    """What a trainer wrote to one learner about a lab."""

    __tablename__ = "course_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"))
    lab: Mapped[str] = mapped_column(String(100))
    learner: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
