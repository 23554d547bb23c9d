"""Closing times of single learners: an extension counts instead of the lab's own closing time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from hub.store import table_models
from hub.store.course_store import Lab
from hub.store.database_connections import Database


class Extensions:
    """Gives and takes back extensions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(
        self, course: str, lab: str, learners: Collection[str], closes_at: datetime | None, who: str
    ) -> None:
        """Let `learners` hand in until `closes_at`; None takes their extensions back."""
        with self._database.write() as session:
            for name in learners:
                row = session.get(table_models.Extension, (course, lab, name))
                if closes_at is None:
                    if row is not None:
                        session.delete(row)
                    continue
                row = row or table_models.Extension(course=course, lab=lab, learner=name)
                row.closes_at, row.given_by, row.given_at = closes_at, who, datetime.now(UTC)
                session.add(row)

    def lab(self, course: str, lab: str) -> dict[str, datetime]:
        """Return the extensions of one lab by learner."""
        query = select(table_models.Extension).filter_by(course=course, lab=lab)
        with self._database.read() as session:
            return {each.learner: each.closes_at for each in session.scalars(query)}

    def learner(self, course: str, learner: str) -> dict[str, datetime]:
        """Return the extensions of one learner by lab."""
        query = select(table_models.Extension).filter_by(course=course, learner=learner)
        with self._database.read() as session:
            return {each.lab: each.closes_at for each in session.scalars(query)}


def extended_lab(lab: Lab, closes_at: datetime | None) -> Lab:
    """Return a lab as a learner with an extension has it; the later of two times counts.

    An extension also outlasts a lab that was closed by hand.
    """
    if closes_at is None or (lab.closed_at is None and (lab.closes_at is None or lab.closes_at >= closes_at)):
        return lab
    return replace(lab, closes_at=closes_at, closed_at=None)
