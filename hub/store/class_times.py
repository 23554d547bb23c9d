"""Times at which classes meet: the next meeting of each, and who comes to one that begins soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hub.store import models
from hub.store.classes import LONGEST_NOTE, class_in
from hub.store.database import Database

LATE = timedelta(minutes=10)
"""How long after its beginning a class still counts as one that people come to."""


class ClassTimes:
    """At most one time for each class: once, or every week at the same hour of the office's clock."""

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
            known = session.get(models.ClassTime, number)
            if known is not None:
                session.delete(known)
                session.flush()
            if starts_at is not None:
                session.add(
                    models.ClassTime(
                        class_id=number,
                        starts_at=starts_at,
                        weekly=weekly,
                        place=" ".join(place.split())[:LONGEST_NOTE],
                    )
                )

    def get_time(self, number: int) -> models.ClassTime | None:
        """Return when a class meets; None if nobody said."""
        with self._database.read() as session:
            return session.get(models.ClassTime, number)

    def next_start(self, number: int, now: datetime) -> datetime | None:
        """Return the beginning of the meeting that comes next or has just begun; None if there is none."""
        known = self.get_time(number)
        return next_start(known.starts_at, now, self._zone, weekly=known.weekly) if known else None

    def expected(self, now: datetime, ahead: timedelta) -> list[str]:
        """Return the learners with an open account whose class begins within `ahead`, or has just begun."""
        soon = [
            known.class_id
            for known in self._times()
            if (start := next_start(known.starts_at, now, self._zone, weekly=known.weekly)) is not None
            and start <= now + ahead
        ]
        query = (
            select(models.ClassMember.username)
            .join(models.Person, models.Person.username == models.ClassMember.username)
            .where(models.ClassMember.class_id.in_(soon), models.Person.disabled_at.is_(None))
            .distinct()
            .order_by(models.ClassMember.username)
        )
        with self._database.read() as session:
            return list(session.scalars(query)) if soon else []

    def meetings(self, now: datetime, ahead: timedelta) -> list[tuple[models.ClassTime, datetime]]:
        """Return the classes that begin after `now` and within `ahead`, with their beginning."""
        found = [
            (known, next_start(known.starts_at, now, self._zone, weekly=known.weekly))
            for known in self._times()
        ]
        return [(known, start) for known, start in found if start is not None and now < start <= now + ahead]

    def _times(self) -> list[models.ClassTime]:
        query = (
            select(models.ClassTime)
            .join(models.ClassGroup, models.ClassGroup.id == models.ClassTime.class_id)
            .join(models.Course, models.Course.id == models.ClassGroup.course)
            .where(models.ClassGroup.archived_at.is_(None), models.Course.archived_at.is_(None))
        )
        with self._database.read() as session:
            return list(session.scalars(query))


def next_start(starts_at: datetime, now: datetime, zone: ZoneInfo, *, weekly: bool) -> datetime | None:
    """Return the first meeting that is not over for LATE; weekly ones keep the hour of the clock in `zone`."""
    start = starts_at.astimezone(zone)
    if weekly and start + LATE < now:
        # Whole weeks on the wall clock: adding seconds would move the hour when the clock changes.
        start += timedelta(weeks=max(0, (now - LATE - start) // timedelta(weeks=1)))
        while start + LATE < now:
            start += timedelta(weeks=1)
    return start if start + LATE >= now else None
