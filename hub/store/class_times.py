"""Times at which classes meet: a usual one and single ones besides; the next meeting, and who comes to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, false, func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.class_management import LONGEST_NOTE, class_in
from hub.store.database_connections import Database
from hub.store.refused_change import RefusedChange
from hub.store.signed_receipts import utc_text

LATE = timedelta(minutes=10)
"""How long after its beginning a class still counts as one that people come to."""


MOST_MEETINGS = 100
"""Meetings of one class that are still to come, besides its usual time."""


@dataclass(frozen=True)
class Meeting:
    """Beginning and place of one meeting of a class."""

    class_id: int
    starts_at: datetime
    place: str


@dataclass(frozen=True)
class _Known:
    """A beginning as it is kept: once, or weekly from then on."""

    class_id: int
    starts_at: datetime
    weekly: bool
    place: str


class ClassTimes:
    """Meetings of classes: a usual time, once or weekly by the office's clock, and single meetings besides."""

    def __init__(self, database: Database, timezone: str) -> None:
        self._database, self._zone = database, ZoneInfo(timezone)

    def set_time(
        self,
        course: str,
        number: int,
        starts_at: datetime | None,
        *,
        weekly: bool = False,
        place: str = "",
    ) -> None:
        """Keep when a class of `course` meets; None forgets it. Raises RefusedChange if there is no such class."""
        with self._database.write() as session:
            class_in(session, course, number)
            known = session.get(table_models.ClassTime, number)
            if known is not None:
                session.delete(known)
                session.flush()
            if starts_at is not None:
                session.add(
                    table_models.ClassTime(
                        class_id=number,
                        starts_at=starts_at,
                        weekly=weekly,
                        place=" ".join(place.split())[:LONGEST_NOTE],
                    )
                )

    def get_time(self, number: int) -> table_models.ClassTime | None:
        """Return when a class meets; None if nobody said."""
        with self._database.read() as session:
            return session.get(table_models.ClassTime, number)

    def next_start(self, number: int, now: datetime) -> datetime | None:
        """Return the beginning of the meeting that comes next or has just begun; None if there is none."""
        found = self.next_meeting(number, now)
        return found.starts_at if found else None

    def next_meeting(self, number: int, now: datetime) -> Meeting | None:
        """Return the meeting that comes next or has just begun; None if there is none."""
        with self._database.read() as session:
            return min(self._coming(session, now, number), key=lambda each: each.starts_at, default=None)

    def planned(self, number: int, starts_at: datetime) -> Meeting | None:
        """Return the meeting of a class that begins at this moment; None if it was moved or removed."""
        now = starts_at + LATE
        with self._database.read() as session:
            coming = self._coming(session, now, number)
        return next((each for each in coming if utc_text(each.starts_at) == utc_text(starts_at)), None)

    def more_meetings(self, number: int, now: datetime) -> list[Meeting]:
        """Return the single meetings of a class that are not over, the next one first."""
        row = table_models.ClassMeeting
        query = select(row).where(row.class_id == number, row.starts_at >= now - LATE).order_by(row.starts_at)
        with self._database.read() as session:
            return [Meeting(each.class_id, each.starts_at, each.place) for each in session.scalars(query)]

    def add_meeting(self, course: str, number: int, starts_at: datetime, place: str = "") -> None:
        """Keep one more meeting of a class, or its new place. Raises RefusedChange for no such class, or too many."""
        with self._database.write() as session:
            class_in(session, course, number)
            session.merge(_row(number, starts_at, place))
            session.flush()
            _check_number(session, number)

    def remove_meeting(self, course: str, number: int, starts_at: datetime) -> bool:
        """Forget a single meeting; return whether there was one. Raises RefusedChange if there is no such class."""
        row = table_models.ClassMeeting
        with self._database.write() as session:
            class_in(session, course, number)
            wanted = (row.class_id == number, row.starts_at == starts_at)
            known = session.scalar(select(row).where(*wanted)) is not None
            session.execute(delete(row).where(*wanted))
            return known

    def set_meetings(self, course: str, number: int, places: Mapping[datetime, str], now: datetime) -> None:
        """Put these single meetings, by their beginning, in place of those to come. Raises RefusedChange."""
        row = table_models.ClassMeeting
        with self._database.write() as session:
            class_in(session, course, number)
            session.execute(delete(row).where(row.class_id == number, row.starts_at > now))
            for starts_at, place in places.items():
                session.merge(_row(number, starts_at, place))
            session.flush()
            _check_number(session, number)

    def expected(self, now: datetime, ahead: timedelta) -> list[str]:
        """Return the learners with an open account whose class begins within `ahead`, or has just begun."""
        with self._database.read() as session:
            soon = {each.class_id for each in self._coming(session, now) if each.starts_at <= now + ahead}
            query = (
                select(table_models.ClassMember.username)
                .join(table_models.Person, table_models.Person.username == table_models.ClassMember.username)
                .where(table_models.ClassMember.class_id.in_(soon), table_models.Person.disabled_at.is_(None))
                .distinct()
                .order_by(table_models.ClassMember.username)
            )
            return list(session.scalars(query)) if soon else []

    def meetings(self, now: datetime, ahead: timedelta) -> list[Meeting]:
        """Return the meetings that begin after `now` and within `ahead`, the first one first."""
        with self._database.read() as session:
            found = [each for each in self._coming(session, now) if now < each.starts_at <= now + ahead]
        return sorted(found, key=lambda each: each.starts_at)

    def _coming(self, session: Session, now: datetime, number: int | None = None) -> list[Meeting]:
        """Return meetings that are not over, of usual times the next one; of one class, or of all but archived ones."""
        found = []
        for known in _times(session, now, number):
            start = next_start(known.starts_at, now, self._zone, weekly=known.weekly)
            if start is not None:
                found.append(Meeting(known.class_id, start, known.place))
        return found


def _row(number: int, starts_at: datetime, place: str) -> table_models.ClassMeeting:
    short = " ".join(place.split())[:LONGEST_NOTE]
    # To the minute: a form shows minutes, and removing a meeting names its beginning.
    return table_models.ClassMeeting(
        class_id=number, starts_at=starts_at.astimezone(UTC).replace(second=0, microsecond=0), place=short
    )


def _check_number(session: Session, number: int) -> None:
    query = select(func.count()).select_from(table_models.ClassMeeting)
    if (session.scalar(query.where(table_models.ClassMeeting.class_id == number)) or 0) > MOST_MEETINGS:
        raise RefusedChange("too-many-meetings", most=MOST_MEETINGS)


def _times(session: Session, now: datetime, number: int | None) -> list[_Known]:
    usual, single, group = table_models.ClassTime, table_models.ClassMeeting, table_models.ClassGroup
    queries = (
        select(usual.class_id, usual.starts_at, usual.weekly, usual.place),
        select(single.class_id, single.starts_at, false(), single.place).where(
            single.starts_at >= now - LATE
        ),
    )
    found: list[_Known] = []
    tables: tuple[Any, ...] = (usual, single)
    for query, table in zip(queries, tables, strict=True):
        if number is not None:
            narrowed = query.where(table.class_id == number)
        else:
            narrowed = (
                query.join(group, group.id == table.class_id)
                .join(table_models.Course, table_models.Course.id == group.course)
                .where(group.archived_at.is_(None), table_models.Course.archived_at.is_(None))
            )
        found += [_Known(*row) for row in session.execute(narrowed)]
    return found


def next_start(starts_at: datetime, now: datetime, zone: ZoneInfo, *, weekly: bool) -> datetime | None:
    """Return the first meeting that is not over for LATE; weekly ones keep the hour of the clock in `zone`."""
    start = starts_at.astimezone(zone)
    if weekly and start + LATE < now:
        # Whole weeks on the wall clock: adding seconds would move the hour when the clock changes.
        start += timedelta(weeks=max(0, (now - LATE - start) // timedelta(weeks=1)))
        while start + LATE < now:
            start += timedelta(weeks=1)
    return start if start + LATE >= now else None
