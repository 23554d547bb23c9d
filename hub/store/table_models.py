"""Tables. What people did (attempts, gradings, marks, audit) is only ever added to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

APPEND_ONLY = ("attempt", "grading", "verdict", "mark", "feedback_return", "audit")
"""Tables whose rows a trigger keeps from being changed or removed."""
UNCHECKED = text("outcome = 'could-not-check'")
"""Verdicts that are our fault: few, so an index holds these alone. Not a parameter: SQLite would not use the index."""

WITH_PROBLEM = text("problem IS NOT NULL")
"""Gradings that failed as a whole: few as well."""

CLOSED = text("disabled_at IS NOT NULL")
"""Closed accounts: few next to the open ones, so counts of people are counts of all without these."""


class Instant(TypeDecorator[datetime]):
    """A moment: always UTC and always aware, also on SQLite, which forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; store UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the store; constraints have names, so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, str: String(255), dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 - SQLAlchemy's own form


class Institution(Base):
    """A ministry, agency or district; `parent` is the institution that it belongs to."""

    __tablename__ = "institution"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("institution.id"), index=True)
    archived_at: Mapped[datetime | None]


class Person(Base):
    """Somebody with an account."""

    __tablename__ = "person"
    username: Mapped[str] = mapped_column(String(32), primary_key=True)
    display_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(8), default="en")
    institution: Mapped[str | None] = mapped_column(ForeignKey("institution.id"), index=True)
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_person_closed", "username", sqlite_where=CLOSED, postgresql_where=CLOSED),)


class PersonRole(Base):
    """A role in the hub: learner, trainer, data-team, coordinator or administrator."""

    __tablename__ = "person_role"
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    __table_args__ = (Index("ix_person_role_role", "role", "username"),)


class Invitation(Base):
    """A one-time link; only its hash is known."""

    __tablename__ = "invitation"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Course(Base):
    """One track for one intake of one institution."""

    __tablename__ = "course"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    title: Mapped[str]
    institution: Mapped[str | None] = mapped_column(ForeignKey("institution.id"), index=True)
    track: Mapped[str] = mapped_column(String(60), default="", server_default="")
    intake: Mapped[str] = mapped_column(String(60), default="", server_default="")
    archived_at: Mapped[datetime | None]


class CourseMember(Base):
    """Somebody's part in a course; `added_by` names the trainer who enrolled them, if a trainer did."""

    __tablename__ = "course_member"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    added_by: Mapped[str | None] = mapped_column(String(32))


class ClassGroup(Base):
    """A scheduled group inside a course."""

    __tablename__ = "class_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"))
    title: Mapped[str]
    schedule: Mapped[str] = mapped_column(default="", server_default="")
    archived_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("course", "title"),)


class ClassMember(Base):
    """Membership of a person in a class."""

    __tablename__ = "class_member"
    class_id: Mapped[int] = mapped_column(ForeignKey("class_group.id"), primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True, index=True)


class ClassTime(Base):
    """Beginning of a class' meeting: once, or weekly from then on."""

    __tablename__ = "class_time"
    class_id: Mapped[int] = mapped_column(ForeignKey("class_group.id"), primary_key=True)
    starts_at: Mapped[datetime]
    weekly: Mapped[bool]
    place: Mapped[str] = mapped_column(String(60), default="", server_default="")


class ClassMeeting(Base):
    """One more meeting of a class, besides its ClassTime."""

    __tablename__ = "class_meeting"
    class_id: Mapped[int] = mapped_column(ForeignKey("class_group.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    place: Mapped[str] = mapped_column(String(60), default="", server_default="")


class LabVersion(Base):
    """One state of a lab in a course: the learners' bundle and the grader's; `number` is its place in the path.

    `builds_on` names the labs that come before it: short name and, by language, title.
    """

    __tablename__ = "lab_version"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[dict[str, Any]]
    minutes: Mapped[int] = mapped_column(default=0)
    number: Mapped[int] = mapped_column(default=0, server_default="0")
    track: Mapped[str] = mapped_column(String(20), default="", server_default="")
    builds_on: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    tasks: Mapped[list[Any]]
    release_bundle: Mapped[str] = mapped_column(String(64))
    source_bundle: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]


class Release(Base):
    """A lab that learners of a course see, and until when they may hand it in.

    With `at_once` their feedback is returned by itself, as soon as there is any.
    """

    __tablename__ = "release"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    at_once: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime | None]
    grace_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    late_policy: Mapped[str] = mapped_column(String(16), default="refused", server_default="refused")
    points_per_day: Mapped[float] = mapped_column(default=0.0, server_default="0")
    late_days: Mapped[int] = mapped_column(default=0, server_default="0")
    own_title: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    own_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    withdrawn_at: Mapped[datetime | None]


class Attempt(Base):
    """Something a learner handed in, under the server's time.

    `moved_from` is the attempt that this one repeats in the course to which its learner was moved.
    """

    __tablename__ = "attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(32), unique=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"))
    lab: Mapped[str] = mapped_column(String(100))
    learner: Mapped[str] = mapped_column(ForeignKey("person.username"))
    number: Mapped[int]
    bundle: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    warnings: Mapped[list[Any]]
    moved_from: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    __table_args__ = (
        UniqueConstraint("course", "lab", "learner", "number"),
        Index("ix_attempt_learner", "learner"),
    )


class GradingRequest(Base):
    """That an attempt is to be graded: run 1 when it arrives, a further run for each regrade."""

    __tablename__ = "grading_request"
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    done: Mapped[bool] = mapped_column(default=False, index=True)


class Lease(Base):
    """Hold of a grader on an attempt, or how long to wait before it is tried again.

    `failures` counts how often it was put off, for whatever reason; `tries` only how often an engine that was
    there came to nothing with it, and `lost` how often a lease on it expired. `worker` is nobody while it
    waits for its next try.
    """

    __tablename__ = "lease"
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    worker: Mapped[str]
    until: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    lost: Mapped[int] = mapped_column(default=0, server_default="0")


class Grading(Base):
    """The result of grading one attempt once; `said` is `problem` as a key and facts."""

    __tablename__ = "grading"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    run: Mapped[int]
    lab_version: Mapped[str] = mapped_column(String(64))
    engine: Mapped[str]
    notebook: Mapped[str] = mapped_column(String(64))
    feedback: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cpu_seconds: Mapped[float]
    wall_seconds: Mapped[float]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("attempt", "run"),
        Index("ix_grading_problem", "attempt", sqlite_where=WITH_PROBLEM, postgresql_where=WITH_PROBLEM),
    )


class Verdict(Base):
    """Result of one task of one grading; no score if a person has to mark it.

    `said` is its message as a key and facts; pages word it. `message` is the same in English, for versions that lack
    the other; if `said` is null, as in rows of earlier versions, it is all that there is.
    """

    __tablename__ = "verdict"
    grading: Mapped[int] = mapped_column(ForeignKey("grading.id"), primary_key=True)
    grade_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    score: Mapped[float | None]
    max_score: Mapped[float]
    message: Mapped[str] = mapped_column(Text)
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    flags: Mapped[list[Any]]
    __table_args__ = (
        Index("ix_verdict_unchecked", "grading", sqlite_where=UNCHECKED, postgresql_where=UNCHECKED),
    )


class Mark(Base):
    """A score and a comment that a trainer gave one task; the newest counts."""

    __tablename__ = "mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    grade_id: Mapped[str]
    score: Mapped[float | None]
    comment: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str]
    given_at: Mapped[datetime]


class FeedbackReturn(Base):
    """That a grading's feedback was returned to its learner; `feedback` replaces the grader's own page.

    Of a person's marks the learner sees those up to `last_mark`, 0 for none. Where it is null, as in rows of earlier
    versions, those that were given until `returned_at`. The same holds for `last_late` and late work.
    """

    __tablename__ = "feedback_return"
    id: Mapped[int] = mapped_column(primary_key=True)
    grading: Mapped[int] = mapped_column(ForeignKey("grading.id"), index=True)
    feedback: Mapped[str | None] = mapped_column(String(64))
    returned_by: Mapped[str]
    returned_at: Mapped[datetime] = mapped_column(index=True)
    last_mark: Mapped[int | None]
    last_late: Mapped[int | None]


class MarksSignoff(Base):
    """That the marks of a course were called final; `table` is the file with the points of that moment."""

    __tablename__ = "marks_signoff"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    table: Mapped[str] = mapped_column(String(64))
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]


class Extension(Base):
    """That one learner may hand in a lab until another time than the others."""

    __tablename__ = "extension"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    learner: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True, index=True)
    closes_at: Mapped[datetime]
    given_by: Mapped[str]
    given_at: Mapped[datetime]


class Regrade(Base):
    """Regrade of a lab's newest attempts with another version of it: proposed, applied, taken back.

    With `wanted_at` a grading agent makes the proposal when it has nothing else to do.
    """

    __tablename__ = "regrade"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"))
    lab: Mapped[str] = mapped_column(String(100))
    lab_version: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    applied_by: Mapped[str | None]
    applied_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    wanted_at: Mapped[datetime | None]


class RegradeItem(Base):
    """Result that one attempt would have instead of the grading `base`; `made` is the grading that came of it."""

    __tablename__ = "regrade_item"
    regrade: Mapped[int] = mapped_column(ForeignKey("regrade.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    base: Mapped[int] = mapped_column(ForeignKey("grading.id"))
    engine: Mapped[str]
    notebook: Mapped[str] = mapped_column(String(64))
    feedback: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cpu_seconds: Mapped[float]
    wall_seconds: Mapped[float]
    verdicts: Mapped[list[Any]]
    made: Mapped[int | None] = mapped_column(ForeignKey("grading.id"))


class Audit(Base):
    """Entry of the audit log: who, what, when, from where; `seal` is the hash of this entry and of the seal
    before it.
    """

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(64), index=True)
    object: Mapped[str] = mapped_column(Text)
    address: Mapped[str]
    seal: Mapped[str] = mapped_column(String(64), default="", server_default="")


class AuditHead(Base):
    """The last seal of the audit log and the number of its entries: shows when the newest ones were removed."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))


class Refusal(Base):
    """Count of refusals to a person on one day; `about` is the newest example."""

    __tablename__ = "refusal"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    who: Mapped[str] = mapped_column(String(32), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    about: Mapped[str]
    times: Mapped[int]
    last_at: Mapped[datetime]


class RosterDraft(Base):
    """A roster between its dry run and its import; removed when it was imported, or after a day."""

    __tablename__ = "roster_draft"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(Text)


class WebSession(Base):
    """A signed-in browser of the campus; only the hash of its cookie is known."""

    __tablename__ = "web_session"
    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(String(32), index=True)
    hub_token: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
