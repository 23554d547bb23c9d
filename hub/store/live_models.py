"""Tables of the live class: what labs report of their learners, who does not want that, and counts of hints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.table_models import Base


class LiveReport(Base):
    """One check or one hint of a learner: its task and how it went, never an answer.

    `key` names what a check misses, one of the sentences of the lab; `rung` counts hints from 1.
    """

    __tablename__ = "live_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"))
    lab: Mapped[str] = mapped_column(String(100))
    learner: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    task: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(60))
    rung: Mapped[int]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_live_report_course_lab", "course", "lab"),)


class LiveStanding(Base):
    """Place of a learner in a lab by their newest reports; `repeats` counts the same miss in a row."""

    __tablename__ = "live_standing"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    learner: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True, index=True)
    task: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(60))
    repeats: Mapped[int]
    rung: Mapped[int]
    passed: Mapped[list[Any]]
    at: Mapped[datetime]


class LiveChoice(Base):
    """That a person does not want their labs to report; without a row they do."""

    __tablename__ = "live_choice"
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)


class HintCount(Base):
    """Learners who took a hint, and those who passed within their next two checks, of reports removed since."""

    __tablename__ = "hint_count"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    task: Mapped[str] = mapped_column(String(80), primary_key=True)
    rung: Mapped[int] = mapped_column(primary_key=True)
    taken: Mapped[int]
    passed: Mapped[int]
