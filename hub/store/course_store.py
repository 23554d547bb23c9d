"""Institutions, courses, classes, and the labs released in them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from graders.contract.message_facts import Says
from hub.store import table_models
from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.lab_texts import LabTexts
from hub.store.verdict_messages import TEXTS

NUMBERED = re.compile(r"\d+ *·")
"""Beginning of a title that has a number."""


@dataclass(frozen=True)
class Before:
    """A lab that another one builds on, as it was called when that one was released."""

    lab: str
    title: dict[str, str]

    def named(self, language: str, released: Mapping[str, Lab] | None = None) -> str:
        """Return its title; in a course that released it, the title it has there."""
        here = (released or {}).get(self.lab)
        return here.named(language) if here else self.title.get(language) or self.title.get("en") or self.lab


@dataclass(frozen=True)
class Lab:
    """A lab as released in a course."""

    course: str
    lab: str
    version: str
    title: dict[str, str]
    minutes: int
    tasks: list[Any]
    release_bundle: str
    source_bundle: str
    opened_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None
    at_once: bool = False
    number: int = 0
    """Its place in the path; 0 for a lab without one."""
    opens_at: datetime | None = None
    grace_minutes: int = 0
    """Minutes after closing in which work still counts as in time."""
    late_policy: str = "refused"
    """One of refused, accepted, points: what becomes of late work."""
    points_per_day: float = 0.0
    late_days: int = 0
    """Days for which late work is taken; 0 for as long as the lab is not closed by hand."""
    withdrawn_at: datetime | None = None
    """When a trainer took it off the lists; what was handed in and marked stays."""
    track: str = ""
    """One of everyone, technical, capstone; empty for a lab that says none."""
    builds_on: tuple[Before, ...] = ()
    """The labs that come before it."""

    def state(self, now: datetime | None = None) -> str:
        """Return `planned` before the lab opens, `released` while work is taken, `closed` after."""
        moment = now or datetime.now(UTC)
        if self.opens_at is not None and moment < self.opens_at:
            return "planned"
        end = self.takes_until
        is_shut = self.closed_at is not None or self.withdrawn_at is not None
        return "closed" if is_shut or (end is not None and end <= moment) else "released"

    @property
    def in_time_until(self) -> datetime | None:
        """Until when work counts as in time; None for a lab with no closing time."""
        return self.closes_at and self.closes_at + timedelta(minutes=self.grace_minutes)

    @property
    def takes_until(self) -> datetime | None:
        """Until when work is taken at all, late work included; None for no end."""
        end = self.in_time_until
        if end is None or self.late_policy == "refused":
            return end
        return end + timedelta(days=self.late_days) if self.late_days else None

    def is_late(self, now: datetime | None = None) -> bool:
        """Return whether work that arrives now is taken as late work."""
        moment, end = now or datetime.now(UTC), self.in_time_until
        return end is not None and end <= moment and self.state(moment) == "released"

    @property
    def points(self) -> float:
        """What its author says it is worth; 0 where nothing is said."""
        return sum(float(task.get("points", 0)) for task in self.tasks if isinstance(task, dict))

    def named(self, language: str) -> str:
        """Return the title in `language`, else in English, else the lab's short name."""
        return self.title.get(language) or self.title.get("en") or self.lab

    def names_before(self, language: str, released: Mapping[str, Lab] | None = None) -> list[str]:
        """Return the titles of the labs that it builds on; `released` has a course's labs by short name."""
        return [each.named(language, released) for each in self.builds_on]


class Courses:
    """Courses, in which people and labs meet."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self.texts = LabTexts(blobs)

    def add_institution(self, name: str, title: str) -> None:
        """Make an institution, or give it a new title."""
        with self._database.write() as session:
            session.merge(table_models.Institution(id=name, title=title))

    def add(self, course: str, title: str, institution: str | None = None) -> None:
        """Make a course, or give it a new title."""
        with self._database.write() as session:
            session.merge(table_models.Course(id=course, title=title, institution=institution))

    def add_member(self, course: str, username: str, role: str) -> None:
        """Give somebody a part in a course; once is as good as twice."""
        with self._database.write() as session:
            session.merge(table_models.CourseMember(course=course, username=username, role=role))

    def add_class(self, course: str, title: str, members: tuple[str, ...] = ()) -> None:
        """Make a class of a course with these members, or add them to it."""
        with self._database.write() as session:
            query = select(table_models.ClassGroup).filter_by(course=course, title=title)
            group = session.scalar(query) or table_models.ClassGroup(course=course, title=title)
            session.add(group)
            session.flush()
            for name in members:
                session.merge(table_models.ClassMember(class_id=group.id, username=name))

    def get(self, course: str) -> table_models.Course | None:
        """Return the course called `course`."""
        with self._database.read() as session:
            return session.get(table_models.Course, course)

    def courses_for(self, username: str) -> list[tuple[table_models.Course, str]]:
        """Return the courses that `username` has a part in, each with the role; archived ones are left out."""
        query = (
            select(table_models.Course, table_models.CourseMember.role)
            .join(table_models.CourseMember, table_models.CourseMember.course == table_models.Course.id)
            .where(table_models.CourseMember.username == username, table_models.Course.archived_at.is_(None))
            .order_by(table_models.Course.id)
        )
        with self._database.read() as session:
            return [(course, role) for course, role in session.execute(query)]

    def all(self) -> list[table_models.Course]:
        """Return every course."""
        with self._database.read() as session:
            return list(session.scalars(select(table_models.Course).order_by(table_models.Course.id)))

    def open_ones(self) -> list[table_models.Course]:
        """Return every course that is not archived, by title."""
        course = table_models.Course
        query = select(course).where(course.archived_at.is_(None)).order_by(course.title, course.id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def roles(self, course: str, username: str) -> set[str]:
        """Return the parts that `username` has in `course`."""
        query = select(table_models.CourseMember.role).filter_by(course=course, username=username)
        with self._database.read() as session:
            return set(session.scalars(query))

    def trainers(self, course: str) -> list[str]:
        """Return the user names of those who train in `course`."""
        query = select(table_models.CourseMember.username).filter_by(course=course, role="trainer")
        with self._database.read() as session:
            return sorted(session.scalars(query))

    def learners(self, course: str, names: Collection[str] | None = None) -> list[table_models.Person]:
        """Everybody who learns in `course` and whose account is open; with `names` only those of them."""
        query = (
            select(table_models.Person)
            .join(
                table_models.CourseMember, table_models.CourseMember.username == table_models.Person.username
            )
            .where(
                table_models.CourseMember.course == course,
                table_models.CourseMember.role == "learner",
                table_models.Person.disabled_at.is_(None),
            )
            .order_by(table_models.Person.username)
        )
        query = query if names is None else query.where(table_models.Person.username.in_(names))
        with self._database.read() as session:
            return list(session.scalars(query))

    def release(
        self,
        course: str,
        lab: str,
        *,
        version: str,
        title: Mapping[str, str],
        minutes: int,
        tasks: list[Any],
        release: Mapping[str, bytes],
        source: Mapping[str, bytes],
        closes_at: datetime | None = None,
        reopen: bool = False,
        number: int = 0,
        track: str = "",
        builds_on: Collection[Before] = (),
    ) -> None:
        """Show a lab to the learners of a course, or a corrected version of it; the files are kept first.

        A lab that was released before keeps its closing time unless another one is given, and if it was closed by
        hand it stays closed unless `reopen` is true.
        """
        bundles = self._blobs.put_bundle(release), self._blobs.put_bundle(source)
        now = datetime.now(UTC)
        with self._database.write() as session:
            known = session.get(table_models.LabVersion, (course, lab, version))
            if known is not None:
                known.number, known.track = number or known.number, track or known.track
                known.builds_on = [asdict(each) for each in builds_on] or known.builds_on
            else:
                session.add(
                    table_models.LabVersion(
                        course=course,
                        lab=lab,
                        version=version,
                        title=dict(title),
                        minutes=minutes,
                        number=number,
                        track=track,
                        builds_on=[asdict(each) for each in builds_on],
                        tasks=tasks,
                        release_bundle=bundles[0],
                        source_bundle=bundles[1],
                        added_at=now,
                    )
                )
            row = session.get(table_models.Release, (course, lab))
            row = row or table_models.Release(course=course, lab=lab, opened_at=now)
            row.version, row.closes_at = version, closes_at or row.closes_at
            row.closed_at = None if reopen else row.closed_at
            row.withdrawn_at = None
            session.add(row)

    def open_until(self, course: str, lab: str, closes_at: datetime | None) -> None:
        """Take work for a released lab until `closes_at`, or without end."""
        with self._database.write() as session:
            row = session.get(table_models.Release, (course, lab))
            if row is not None:
                row.closes_at, row.closed_at = closes_at, None

    def close(self, course: str, lab: str) -> None:
        """Take no more work for a lab."""
        with self._database.write() as session:
            row = session.get(table_models.Release, (course, lab))
            if row is not None and row.closed_at is None:
                row.closed_at = datetime.now(UTC)

    def rename(self, course: str, lab: str, title: Mapping[str, str], minutes: int) -> None:
        """Show another title (by language) and other minutes in this course; empty and 0 for the author's own."""
        with self._database.write() as session:
            row = session.get(table_models.Release, (course, lab))
            if row is not None:
                row.own_title, row.own_minutes = dict(title), minutes

    def withdraw(self, course: str, lab: str, *, withdrawn: bool) -> None:
        """Take a lab off the learners' lists, or put it back."""
        with self._database.write() as session:
            row = session.get(table_models.Release, (course, lab))
            if row is not None:
                row.withdrawn_at = (row.withdrawn_at or datetime.now(UTC)) if withdrawn else None

    def return_at_once(self, course: str, lab: str, *, at_once: bool) -> None:
        """Let feedback return by itself from now on, or wait for a trainer again."""
        with self._database.write() as session:
            row = session.get(table_models.Release, (course, lab))
            if row is not None:
                row.at_once = at_once

    def task_titles(self, course: str, lab: str, version: str, language: str) -> Mapping[str, str]:
        """Return the titles of the tasks of one version of a lab; empty for a lab that has none."""
        return self.texts.titles(self._source_bundle(course, lab, version), language)

    def task_sentences(self, course: str, lab: str, version: str, language: str) -> Says:
        """Return the sentences of one version of a lab for what its judges find, by task and verdict."""
        return self.texts.sentences(self._source_bundle(course, lab, version), language)

    def _source_bundle(self, course: str, lab: str, version: str) -> str | None:
        table = table_models.LabVersion
        query = select(table.source_bundle).filter_by(course=course, lab=lab, version=version)
        with self._database.read() as session:
            return session.scalar(query)

    def lab_texts(self, course: str, lab: str, version: str) -> dict[str, Any]:
        """Return the sentences of one version of a built lab; empty for a lab that has none."""
        with self._database.read() as session:
            row = session.get(table_models.LabVersion, (course, lab, version))
        try:
            texts = self._blobs.manifest(row.source_bundle).get(TEXTS) if row else None
            found = json.loads(self._blobs.get(texts)) if texts else {}
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def source_files(self, course: str, lab: str, version: str) -> dict[str, bytes]:
        """Return the grader's files of one version of a lab; none where they cannot be read."""
        with self._database.read() as session:
            row = session.get(table_models.LabVersion, (course, lab, version))
        try:
            return self._blobs.get_bundle(row.source_bundle) if row else {}
        except (OSError, ValueError):
            return {}

    def without_track(self) -> set[str]:
        """Return the short names of labs that a course has a version of without a track."""
        with self._database.read() as session:
            return set(
                session.scalars(
                    select(table_models.LabVersion.lab).where(table_models.LabVersion.track == "")
                )
            )

    def complete(self, lab: str, *, number: int, track: str, builds_on: Collection[Before]) -> None:
        """Tell versions of a lab without a track what they do not say: those released before tracks were kept."""
        which = (table_models.LabVersion.lab == lab) & (table_models.LabVersion.track == "")
        with self._database.write() as session:
            for version in session.scalars(select(table_models.LabVersion).where(which)):
                version.number, version.track = version.number or number, track
                version.builds_on = version.builds_on or [asdict(each) for each in builds_on]

    def labs(self, course: str) -> list[Lab]:
        """Labs released in `course`: by number, then those without one in the order they were opened."""
        with self._database.read() as session:
            rows = session.execute(_labs().where(table_models.Release.course == course))
            labs = [_lab(release, version) for release, version in rows]
        return sorted(labs, key=lambda lab: (lab.number == 0, lab.number))

    def labs_of(self, courses: Collection[str]) -> dict[str, list[Lab]]:
        """Return the labs released in several courses, in one query."""
        found: dict[str, list[Lab]] = {course: [] for course in courses}
        with self._database.read() as session:
            for release, version in session.execute(_labs().where(table_models.Release.course.in_(courses))):
                found[release.course].append(_lab(release, version))
        return found

    def lab(self, course: str, lab: str) -> Lab | None:
        """Return one released lab."""
        query = _labs().where(table_models.Release.course == course, table_models.Release.lab == lab)
        with self._database.read() as session:
            row = session.execute(query).first()
            return _lab(*row) if row else None


def _labs() -> Any:
    return (
        select(table_models.Release, table_models.LabVersion)
        .join(
            table_models.LabVersion,
            (table_models.LabVersion.course == table_models.Release.course)
            & (table_models.LabVersion.lab == table_models.Release.lab)
            & (table_models.LabVersion.version == table_models.Release.version),
        )
        .order_by(table_models.Release.opened_at, table_models.Release.lab)
    )


def _lab(release: table_models.Release, version: table_models.LabVersion) -> Lab:
    return Lab(
        course=release.course,
        lab=release.lab,
        version=release.version,
        title={**version.title, **_with_number(release.own_title or {}, version.number)},
        minutes=release.own_minutes or version.minutes,
        tasks=list(version.tasks),
        release_bundle=version.release_bundle,
        source_bundle=version.source_bundle,
        opened_at=release.opened_at,
        closes_at=release.closes_at,
        closed_at=release.closed_at,
        at_once=release.at_once,
        number=version.number,
        opens_at=release.opens_at,
        grace_minutes=release.grace_minutes,
        late_policy=release.late_policy,
        points_per_day=release.points_per_day,
        late_days=release.late_days,
        withdrawn_at=release.withdrawn_at,
        track=version.track,
        builds_on=tuple(Before(each["lab"], each["title"]) for each in version.builds_on),
    )


def _with_number(title: Mapping[str, str], number: int) -> dict[str, str]:
    """Return a trainer's own titles with the lab's number before those that have none."""
    if not number:
        return dict(title)
    return {
        code: text if NUMBERED.match(text) else f"{number} · {text}" for code, text in title.items() if text
    }
