"""Queue of ungraded attempts, which is a query; a result is recorded once, whichever worker brings it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from hub.store import table_models
from hub.store.content_files import Blobs
from hub.store.database_connections import Database

LONGEST_LEASE = timedelta(days=1)
AT_ONCE = "at-once"
"""Who returned feedback that returned by itself."""
UNREADABLE_SECONDS = 600.0
"""How long an attempt waits whose files, or whose lab's, cannot be read."""


@dataclass(frozen=True)
class GradingJob:
    """One attempt to grade: the grader's files and the learner's."""

    attempt_id: int
    run: int
    receipt: str
    course: str
    lab: str
    lab_version: str
    learner: str
    number: int
    source: dict[str, bytes]
    submitted: dict[str, bytes]
    failures: int = 0
    tries: int = 0
    """How often an engine that was there came to nothing with this attempt."""
    lost: int = 0
    """How often a worker that held this attempt was never heard of again."""
    released: frozenset[str] = frozenset()
    """Names of the files that learners of this lab have; whatever else is in `source` is the grader's alone."""
    language: str = "en"
    """The learner's language, for the feedback."""
    handed_out: dict[str, bytes] = field(default_factory=dict)
    """The lab's notebook as learners got it: what it lacks of a test stays hidden from them."""


@dataclass(frozen=True)
class GradedRecord:
    """Findings of an engine.

    `tasks` are dicts: grade_id, outcome, score, max_score, message, said, flags. `message` and `problem` are in
    English; `said` has the same as a key and facts, None in results of older agents.
    """

    tasks: list[dict[str, Any]]
    notebook: bytes
    feedback_html: bytes
    engine: str
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    problem: str | None = None
    said: dict[str, Any] | None = None


def result_columns(blobs: Blobs, graded: GradedRecord) -> dict[str, Any]:
    """Keep the files of a result; return the columns that a result and a proposed one have in common."""
    return {
        "engine": graded.engine,
        "notebook": blobs.put(graded.notebook),
        "feedback": blobs.put(graded.feedback_html),
        "problem": graded.problem,
        "said": graded.said,
        "cpu_seconds": graded.cpu_seconds,
        "wall_seconds": graded.wall_seconds,
    }


@dataclass(frozen=True)
class Progress:
    """Progress of the grading of a lab, counted in attempts.

    `could_not_check` wait for another try; in the newest result of `unchecked` something was given up.
    """

    total: int
    graded: int
    failed: int
    could_not_check: int
    unchecked: int = 0


@dataclass(frozen=True)
class Only:
    """Filter of waiting attempts: all, or those of a lab, of a learner, or one attempt."""

    lab: str = ""
    learner: str = ""
    attempt: int = 0


class Gradings:
    """The grading agent's side of the store."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def claim(
        self,
        worker: str,
        lease_seconds: float,
        *,
        now: datetime | None = None,
        lab: str = "",
        learner: str = "",
        attempt: int = 0,
    ) -> GradingJob | None:
        """Take the oldest attempt that waits, for `lease_seconds`; None if nothing waits.

        Only attempts at `lab`, of `learner`, or the one `attempt`, if they are named. An attempt whose files
        cannot be read is put off, and blocks no other.
        """
        moment = now or datetime.now(UTC)
        while True:
            only = Only(lab, learner, attempt)
            with self._database.write() as session:
                taken = self._take(session, worker, moment, timedelta(seconds=lease_seconds), only)
            if taken is None:
                return None
            request, found, lease = taken
            try:
                return self.job_of(found, request.run, lease)
            except (LookupError, OSError, ValueError) as error:
                self._put_off(found.id, UNREADABLE_SECONDS, f"{type(error).__name__}: {error}")

    def _take(
        self, session: Session, worker: str, moment: datetime, held: timedelta, only: Only
    ) -> tuple[table_models.GradingRequest, table_models.Attempt, table_models.Lease] | None:
        row = session.execute(self._waiting(moment, only).limit(1)).first()
        if row is None:
            return None
        request, attempt = row
        lease = session.get(table_models.Lease, attempt.id, with_for_update=True)
        if lease is not None and moment < lease.until <= moment + LONGEST_LEASE:
            return None  # Another worker took it between our look and our lock; the next call finds more.
        lease = lease or table_models.Lease(
            attempt=attempt.id, failures=0, tries=0, lost=0, reason="", worker=""
        )
        # Who gives an attempt back, or puts it off, takes its name from it.
        lease.lost += bool(lease.worker)
        lease.worker, lease.until = worker, moment + held
        session.add(lease)
        return request, attempt, lease

    def job_of(
        self, attempt: table_models.Attempt, run: int, lease: table_models.Lease | None = None
    ) -> GradingJob:
        """Return what a grader needs for one run of an attempt.

        Raises:
            LookupError, OSError, ValueError: the lab was never released, or files cannot be read.
        """
        with self._database.read() as session:
            version = self._version(session, attempt)
            learner = session.get(table_models.Person, attempt.learner)
        language = learner.language if learner else "en"
        release = self._blobs.manifest(version.release_bundle)
        return GradingJob(
            attempt_id=attempt.id,
            run=run,
            receipt=attempt.receipt,
            course=attempt.course,
            lab=attempt.lab,
            lab_version=version.version,
            learner=attempt.learner,
            number=attempt.number,
            failures=lease.failures if lease else 0,
            tries=lease.tries if lease else 0,
            lost=lease.lost if lease else 0,
            language=language,
            released=_names(release),
            handed_out=self._handed_out(release, f"{attempt.lab}.ipynb", language),
            source=self._blobs.get_bundle(version.source_bundle),
            submitted=self._blobs.get_bundle(attempt.bundle),
        )

    def _handed_out(self, release: Mapping[str, str], main: str, language: str) -> dict[str, bytes]:
        paths = (f"{language}/{main}", f"en/{main}", main)
        found = next((release[path] for path in paths if path in release), None)
        return {main: self._blobs.get(found)} if found else {}

    def is_waiting(
        self, *, now: datetime | None = None, lab: str = "", learner: str = "", attempt: int = 0
    ) -> bool:
        """Return whether an attempt waits that nobody holds. Takes no lock, so it may be asked often."""
        query = self._free(now or datetime.now(UTC), Only(lab, learner, attempt)).limit(1)
        with self._database.read() as session:
            return session.execute(query).first() is not None

    def waiting(self, most: int, *, now: datetime | None = None) -> list[tuple[int, int]]:
        """Attempt and run of what waits that nobody holds, the oldest first."""
        query = self._free(now or datetime.now(UTC), Only()).limit(most)
        with self._database.read() as session:
            return [(request.attempt, request.run) for request, _attempt in session.execute(query)]

    def _waiting(self, moment: datetime, only: Only) -> Any:
        query = self._free(moment, only)
        request = table_models.GradingRequest
        return query if self._database.is_sqlite else query.with_for_update(of=request, skip_locked=True)

    def _free(self, moment: datetime, only: Only) -> Any:
        request, attempt, lease = table_models.GradingRequest, table_models.Attempt, table_models.Lease
        # A lease from the far future was made while the clock was wrong, and would hold the work for ever.
        believed = lease.until <= moment + LONGEST_LEASE
        held = exists().where(lease.attempt == attempt.id, lease.until > moment, believed)
        query = (
            select(request, attempt)
            .join(attempt, attempt.id == request.attempt)
            .where(request.done.is_(False), ~held)
            .order_by(request.asked_at, attempt.id)
        )
        query = query.where(attempt.lab == only.lab) if only.lab else query
        query = query.where(attempt.id == only.attempt) if only.attempt else query
        return query.where(attempt.learner == only.learner) if only.learner else query

    def _version(self, session: Session, attempt: table_models.Attempt) -> table_models.LabVersion:
        release = session.get(table_models.Release, (attempt.course, attempt.lab))
        name = (attempt.course, attempt.lab, release.version) if release else None
        version = session.get(table_models.LabVersion, name) if name else None
        if version is None:
            raise LookupError(f"{attempt.course}/{attempt.lab} was never released")
        return version

    def record(self, job: GradingJob, graded: GradedRecord) -> bool:
        """Keep a result, once; False if this run of this attempt was recorded before."""
        columns = result_columns(self._blobs, graded)
        with self._database.write() as session:
            request = session.get(
                table_models.GradingRequest, (job.attempt_id, job.run), with_for_update=True
            )
            if request is None or request.done:
                return False
            row = table_models.Grading(
                attempt=job.attempt_id,
                run=job.run,
                lab_version=job.lab_version,
                **columns,
                recorded_at=datetime.now(UTC),
            )
            session.add(row)
            session.flush()
            session.add_all(
                table_models.Verdict(grading=row.id, position=position, **task)
                for position, task in enumerate(graded.tasks)
            )
            request.done = True
            return_at_once(session, job.course, job.lab, row)
            lease = session.get(table_models.Lease, job.attempt_id)
            if lease is not None:
                session.delete(lease)
        return True

    def renew(self, worker: str, attempts: Collection[int], lease_seconds: float) -> None:
        """Hold what `worker` is still grading for another `lease_seconds`."""
        until = datetime.now(UTC) + timedelta(seconds=lease_seconds)
        mine = table_models.Lease.attempt.in_(attempts), table_models.Lease.worker == worker
        with self._database.write() as session:
            session.execute(update(table_models.Lease).where(*mine).values(until=until))

    def abandon(self, worker: str) -> int:
        """Give back all that `worker` held when it was killed; what waits for its next try goes on waiting."""
        held = table_models.Lease.worker == worker, table_models.Lease.reason == ""
        with self._database.write() as session:
            done = session.execute(update(table_models.Lease).where(*held).values(until=datetime.now(UTC)))
        return int(getattr(done, "rowcount", 0))

    def release(self, job: GradingJob) -> None:
        """Give an attempt back, untried."""
        with self._database.write() as session:
            session.execute(
                update(table_models.Lease)
                .where(table_models.Lease.attempt == job.attempt_id)
                .values(until=datetime.now(UTC), worker="")
            )

    def postpone(self, job: GradingJob, seconds: float, reason: str, *, tried: bool = False) -> None:
        """It could not be checked, through our fault: try again after `seconds`. `tried`: an engine was there."""
        self._put_off(job.attempt_id, seconds, reason, tried=tried)

    def _put_off(self, attempt: int, seconds: float, reason: str, *, tried: bool = False) -> None:
        with self._database.write() as session:
            lease = session.get(table_models.Lease, attempt)
            if lease is not None:
                lease.until = datetime.now(UTC) + timedelta(seconds=seconds)
                lease.failures, lease.reason, lease.worker = lease.failures + 1, reason, ""
                lease.tries += tried

    def ask_again(
        self, course: str, lab: str, who: str, learner: str | None = None, *, unchecked: bool = False
    ) -> int:
        """Ask for every learner's newest attempt to be graded once more; returns how many.

        With `unchecked`, only if something in its newest result could not be checked.
        """
        now, request = datetime.now(UTC), table_models.GradingRequest
        newest = newest_of(course, lab).with_only_columns(table_models.Attempt.id).order_by(None)
        if learner:
            newest = newest.where(table_models.Attempt.learner == learner)
        if unchecked:
            newest = newest.where(table_models.Attempt.id.in_(unchecked_attempts()))
        waiting = func.count(case((request.done.is_(False), 1)))
        idle = (
            select(request.attempt, func.max(request.run))
            .where(request.attempt.in_(newest))
            .group_by(request.attempt)
            .having(waiting == 0)
        )
        with self._database.write() as session:
            rows = [
                {"attempt": attempt, "run": run + 1, "asked_by": who, "asked_at": now, "done": False}
                for attempt, run in session.execute(idle)
            ]
            if rows:
                session.execute(insert(request), rows)
        return len(rows)

    def progress(self, course: str, lab: str, learner: str = "") -> Progress:
        """Return how far the grading of a lab is, or of what one learner handed in for it."""
        request, attempt, lease = table_models.GradingRequest, table_models.Attempt, table_models.Lease
        here = [
            attempt.course == course,
            attempt.lab == lab,
            *([attempt.learner == learner] if learner else []),
        ]
        joined = {
            table: select(func.count())
            .select_from(attempt)
            .join(table, table.attempt == attempt.id)
            .where(*here)
            for table in (request, lease, table_models.Grading)
        }
        done = func.count(case((request.done.is_(True), 1)))
        with self._database.read() as session:
            total, graded = session.execute(joined[request].add_columns(done)).one()
            troubled = session.scalar(joined[lease].where(lease.failures > 0))
            failed = session.scalar(
                joined[table_models.Grading].where(
                    table_models.Grading.problem.is_not(None),
                    table_models.Grading.id.not_in(_unchecked_gradings()),
                )
            )
            given_up = session.scalar(
                select(func.count()).select_from(attempt).where(*here, attempt.id.in_(unchecked_attempts()))
            )
        return Progress(total, graded, failed or 0, troubled or 0, given_up or 0)

    def troubled(self, course: str) -> int:
        """Return how many attempts of a course could not be checked, for now or at all.

        Few ever are: they are looked for first, and then counted for the course.
        """
        attempt, lease = table_models.Attempt, table_models.Lease
        waiting = select(func.count()).select_from(lease).join(attempt, attempt.id == lease.attempt)
        unchecked = select(func.count()).select_from(attempt).where(attempt.id.in_(unchecked_attempts()))
        with self._database.read() as session:
            counts = [
                session.scalar(waiting.where(lease.failures > 0, attempt.course == course)),
                session.scalar(unchecked.where(attempt.course == course)),
            ]
        return sum(each or 0 for each in counts)


def _names(manifest: Mapping[str, str]) -> frozenset[str]:
    """Return names in a release as its learner sees them, and as they are kept: below a folder for each language."""
    return frozenset(manifest) | {path.partition("/")[2] for path in manifest if "/" in path}


def _unchecked_gradings() -> Any:
    return select(table_models.Verdict.grading).where(table_models.UNCHECKED)


def unchecked_attempts() -> Any:
    """Query for attempts in whose newest result something could not be checked."""
    grading, later = table_models.Grading, aliased(table_models.Grading)
    is_newest = ~exists().where(later.attempt == grading.attempt, later.run > grading.run)
    return select(grading.attempt).where(grading.id.in_(_unchecked_gradings()), is_newest)


def return_at_once(session: Session, course: str, lab: str, grading: table_models.Grading) -> None:
    """Let its learner see a new result, if the lab's trainer said so beforehand, or if there is nothing in it
    but that the fault is ours.
    """
    release = session.get(table_models.Release, (course, lab))
    outcomes = set(session.scalars(select(table_models.Verdict.outcome).filter_by(grading=grading.id)))
    if (release is not None and release.at_once) or outcomes == {"could-not-check"}:
        row = table_models.FeedbackReturn(
            grading=grading.id, returned_by=AT_ONCE, returned_at=grading.recorded_at
        )
        session.add(row)


def newest_of(course: str, lab: str) -> Any:
    """Query for every learner's newest attempt at a lab."""
    last = (
        select(table_models.Attempt.learner, func.max(table_models.Attempt.number).label("number"))
        .where(table_models.Attempt.course == course, table_models.Attempt.lab == lab)
        .group_by(table_models.Attempt.learner)
        .subquery()
    )
    return (
        select(table_models.Attempt)
        .join(
            last,
            and_(
                table_models.Attempt.learner == last.c.learner, table_models.Attempt.number == last.c.number
            ),
        )
        .where(table_models.Attempt.course == course, table_models.Attempt.lab == lab)
        .order_by(table_models.Attempt.learner)
    )
