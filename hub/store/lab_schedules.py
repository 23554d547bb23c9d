"""When a lab opens and closes: for a course, for a class, and for a person with more time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from hub.store import table_models
from hub.store.course_store import Lab
from hub.store.database_connections import Database
from hub.store.extension_store import extended_lab
from hub.store.marking_models import ClassSchedule, ExtraTime

LATE_POLICIES = ("refused", "accepted", "points")
"""What becomes of late work: refused, taken and marked late, or taken for points off."""
MOST_MINUTES, MOST_DAYS, MOST_POINTS, MOST_PERCENT = 7 * 24 * 60, 366, 1000, 400


@dataclass(frozen=True)
class Schedule:
    """What a trainer sets for a lab: when it opens and closes, and what becomes of late work."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    grace_minutes: int = 0
    late_policy: str = "refused"
    points_per_day: float = 0.0
    late_days: int = 0

    @classmethod
    def of_lab(cls, lab: Lab) -> Schedule:
        """Return the schedule of a released lab."""
        return cls(
            lab.opens_at,
            lab.closes_at,
            lab.grace_minutes,
            lab.late_policy,
            lab.points_per_day,
            lab.late_days,
        )


@dataclass(frozen=True)
class ClassTimes:
    """Times of one class for one lab; None where the lab's own count."""

    class_id: int
    title: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None


class Schedules:
    """Reads and sets the times of labs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, course: str, lab: str, schedule: Schedule) -> None:
        """Set the schedule of a released lab; a lab that was closed by hand stays closed."""
        with self._database.write() as session:
            row = session.get_one(table_models.Release, (course, lab))
            for name in Schedule.__dataclass_fields__:
                setattr(row, name, getattr(schedule, name))

    def class_times(self, course: str, lab: str) -> list[ClassTimes]:
        """Return the classes of a course that are not archived, with their times for a lab."""
        group, times = table_models.ClassGroup, ClassSchedule
        query = (
            select(group.id, group.title, times.opens_at, times.closes_at)
            .outerjoin(times, (times.class_id == group.id) & (times.lab == lab))
            .where(group.course == course, group.archived_at.is_(None))
            .order_by(group.title)
        )
        with self._database.read() as session:
            return [ClassTimes(*row) for row in session.execute(query)]

    def set_class_times(
        self, class_id: int, lab: str, opens_at: datetime | None, closes_at: datetime | None
    ) -> None:
        """Give a class times for a lab; with None for both the lab's own count again."""
        with self._database.write() as session:
            row = session.get(ClassSchedule, (class_id, lab))
            if opens_at is None and closes_at is None:
                if row is not None:
                    session.delete(row)
                return
            row = row or ClassSchedule(class_id=class_id, lab=lab)
            row.opens_at, row.closes_at = opens_at, closes_at
            session.add(row)

    def extra_times(self, learners: Collection[str]) -> dict[str, int]:
        """Return the extra time in percent of those who have some."""
        query = select(ExtraTime.username, ExtraTime.percent).where(ExtraTime.username.in_(learners))
        with self._database.read() as session:
            return {name: percent for name, percent in session.execute(query)}  # noqa: C416 - rows are no pairs

    def extra_times_in(self, course: str) -> dict[str, int]:
        """Return the extra time in percent of the learners of a course who have some."""
        member = table_models.CourseMember
        query = select(ExtraTime.username, ExtraTime.percent)
        query = query.join(member, member.username == ExtraTime.username)
        query = query.where(member.course == course, member.role == "learner")
        with self._database.read() as session:
            return {name: percent for name, percent in session.execute(query)}  # noqa: C416 - rows are no pairs

    def set_extra_time(self, learner: str, percent: int, who: str) -> None:
        """Give a person extra time in every lab; 0 ends it."""
        with self._database.write() as session:
            row = session.get(ExtraTime, learner)
            if not percent:
                if row is not None:
                    session.delete(row)
                return
            row = row or ExtraTime(username=learner)
            row.percent, row.given_by, row.given_at = percent, who, datetime.now(UTC)
            session.add(row)

    def own_labs(self, course: str, learner: str, labs: Iterable[Lab]) -> list[Lab]:
        """Return labs of a course with the times that count for one learner."""
        group, member, extension = table_models.ClassGroup, table_models.ClassMember, table_models.Extension
        of_class = (
            select(ClassSchedule)
            .join(member, member.class_id == ClassSchedule.class_id)
            .join(group, group.id == ClassSchedule.class_id)
            .where(group.course == course, group.archived_at.is_(None), member.username == learner)
        )
        with self._database.read() as session:
            times = list(session.scalars(of_class))
            extra = session.get(ExtraTime, learner)
            later = session.scalars(select(extension).filter_by(course=course, learner=learner))
            own = {each.lab: each.closes_at for each in later}
        percent = extra.percent if extra else 0
        return [
            own_times(lab, [each for each in times if each.lab == lab.lab], percent, own.get(lab.lab))
            for lab in labs
        ]

    def learners_of(self, class_id: int) -> list[str]:
        """Return the members of a class."""
        query = select(table_models.ClassMember.username).filter_by(class_id=class_id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def class_count(self, course: str, lab: str) -> int:
        """Return how many classes have times for a lab that differ from the lab's own."""
        group = table_models.ClassGroup
        query = (
            select(func.count()).select_from(ClassSchedule).join(group, group.id == ClassSchedule.class_id)
        )
        with self._database.read() as session:
            return session.scalar(query.where(group.course == course, ClassSchedule.lab == lab)) or 0


def own_times(lab: Lab, classes: Collection[ClassSchedule], percent: int, extension: datetime | None) -> Lab:
    """Return a lab with one learner's times: those of the class, then extra time, then an extension.

    Of several classes the earliest opening and the latest closing count. Extra time is a share of the time between
    opening and closing.
    """
    opens = [each.opens_at for each in classes if each.opens_at]
    closes = [each.closes_at for each in classes if each.closes_at]
    found = replace(
        lab, opens_at=min(opens, default=lab.opens_at), closes_at=max(closes, default=lab.closes_at)
    )
    if percent and found.closes_at:
        window = found.closes_at - (found.opens_at or found.opened_at)
        more = max(window * percent / 100, window * 0)
        found = replace(found, closes_at=found.closes_at + more)
    return extended_lab(found, extension)
