"""Retention: what `[retention]` asks for today, as a plan that changes nothing, and carried out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from hub.campus.hub_client import HubClient
from hub.campus.person_erasure import erase_person
from hub.store import Store, table_models
from hub.store.blob_sweep import sweep_blobs
from hub.store.person_rows import remove_work, rows_may_go

log = logging.getLogger("retention")
WHO = "isomo retention"
MONTH = timedelta(days=30.44)
LINKS_AND_MAILS = timedelta(days=30)
"""How long spent links and sent mails are kept; long enough to answer a question about one."""
CHUNK = 500


@dataclass(frozen=True)
class RetentionPlan:
    """Data that is older than it may be kept."""

    accounts: tuple[str, ...]
    """Accounts that were closed long enough ago: erased."""
    courses: tuple[str, ...]
    """Courses that were archived long enough ago: their work is removed, points and names of the course too."""
    attempts: int
    refusals: int
    links: int
    files: int
    """Files that nothing names already."""
    failed: tuple[str, ...] = ()
    """Accounts and courses whose removal failed."""

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be removed."""
        return not (
            self.accounts or self.attempts or self.refusals or self.links or self.files or self.failed
        )


def retention_plan(store: Store, now: datetime | None = None) -> RetentionPlan:
    """Return what the settings ask to be removed today."""
    moment, chosen = now or datetime.now(UTC), store.settings.retention
    person, course, attempt = table_models.Person, table_models.Course, table_models.Attempt
    refusal = table_models.Refusal
    accounts: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    number = 0
    with store.database.read() as session:
        if chosen.closed_account_months:
            before = moment - MONTH * chosen.closed_account_months
            accounts = tuple(session.scalars(select(person.username).where(person.disabled_at < before)))
        if chosen.archived_course_months:
            before = moment - MONTH * chosen.archived_course_months
            courses = tuple(session.scalars(select(course.id).where(course.archived_at < before)))
            number = session.scalar(select(func.count(attempt.id)).where(attempt.course.in_(courses))) or 0
        old = (moment - MONTH * chosen.refusal_months).date().isoformat()
        refusals = session.scalar(select(func.count()).select_from(refusal).where(refusal.day < old)) or 0
        links = (
            session.scalar(select(func.count()).select_from(table_models.Invitation).where(_spent(moment)))
            or 0
        )
    files, _later = sweep_blobs(store.database, store.blobs, dry_run=True)
    return RetentionPlan(accounts, courses, number, refusals, links, files)


def apply_retention(store: Store, hub: HubClient, now: datetime | None = None) -> RetentionPlan:
    """Remove what is older than it may be kept; return what that was. A line in the audit log has the counts.

    An account or a course whose removal fails is named in the log file and tried again the next night.
    """
    moment = now or datetime.now(UTC)
    plan = retention_plan(store, moment)
    accounts = _done_of("account", plan.accounts, lambda name: erase_person(store, hub, name, WHO))
    courses = _done_of("course", plan.courses, lambda course: _remove_work_of(store, course))
    failed = {*plan.accounts, *plan.courses} - {*accounts, *courses}
    plan = replace(plan, accounts=accounts, courses=courses, failed=tuple(sorted(failed)))
    old = (moment - MONTH * store.settings.retention.refusal_months).date().isoformat()
    with store.database.write() as session:
        session.execute(delete(table_models.Refusal).where(table_models.Refusal.day < old))
        session.execute(delete(table_models.Invitation).where(_spent(moment)))
    store.mails.forget(moment - LINKS_AND_MAILS)
    store.live_reports.forget(moment - timedelta(days=store.settings.retention.live_report_days))
    sweep_blobs(store.database, store.blobs)
    if not plan.is_empty:
        counts = f"accounts {len(plan.accounts)}, attempts {plan.attempts}, files {plan.files}"
        store.audit.add(WHO, "applied-retention", counts)
    return plan


def _done_of(kind: str, names: Iterable[str], remove: Callable[[str], object]) -> tuple[str, ...]:
    """Remove one after the other; return those that are removed."""
    done = []
    for name in names:
        try:
            remove(name)
        except Exception:
            # One that cannot be removed must not keep all others for ever.
            log.exception("not-removed %s=%s", kind, name)
        else:
            done.append(name)
    return tuple(done)


def _spent(moment: datetime) -> ColumnElement[bool]:
    return table_models.Invitation.expires_at < moment - LINKS_AND_MAILS


def _remove_work_of(store: Store, course: str) -> None:
    """Remove the work of a course in parts, so that nobody waits long for the database; its certificates stay."""
    while True:
        query = select(table_models.Attempt.id).where(table_models.Attempt.course == course).limit(CHUNK)
        with store.database.write() as session:
            if session.scalar(query) is None:
                break
            with rows_may_go(session):
                remove_work(session, query)
    store.live_reports.remove_course(course)
    with store.database.write() as session:
        session.execute(delete(table_models.MarksSignoff).where(table_models.MarksSignoff.course == course))
