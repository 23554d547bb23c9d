"""Regrades after a changed test or judge: proposed first, applied in one transaction, and taken back in one.

A proposal holds what every learner's newest attempt would earn with another version of the lab. Until it is applied
nobody sees any of it. Applying adds gradings, and taking back adds the earlier ones once more: nothing is removed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.grading_queue import (
    GradedRecord,
    GradingJob,
    Gradings,
    newest_of,
    result_columns,
    return_at_once,
    unchecked_attempts,
)
from hub.store.store_sentences import _
from hub.verb_errors import IsomoError

log = logging.getLogger("regrades")


@dataclass(frozen=True)
class Change:
    """Result that one learner would have instead of the present one. Scores are without what a person marked."""

    attempt: int
    learner: str
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    score_before: float
    score_after: float

    @property
    def tasks(self) -> list[str]:
        """Tasks whose result is another one."""
        old, new = ({each["grade_id"]: _result(each) for each in side} for side in (self.before, self.after))
        return [name for name in {**old, **new} if old.get(name) != new.get(name)]


class Regrades:
    """Proposals to grade a lab again."""

    def __init__(self, database: Database, blobs: Blobs, gradings: Gradings) -> None:
        self._database = database
        self._blobs = blobs
        self._gradings = gradings

    def begin(self, course: str, lab: str, who: str) -> table_models.Regrade:
        """Return the proposal for the released version of a lab: the one that was begun, else a new one."""
        with self._database.write() as session:
            release = session.get(table_models.Release, (course, lab))
            if release is None:
                raise LookupError(f"{course}/{lab} was never released")
            known = select(table_models.Regrade).filter_by(
                course=course, lab=lab, lab_version=release.version, applied_at=None
            )
            found = session.scalar(known.order_by(table_models.Regrade.id.desc()).limit(1))
            if found is None:
                now = datetime.now(UTC)
                found = table_models.Regrade(
                    course=course, lab=lab, lab_version=release.version, asked_by=who, asked_at=now
                )
                session.add(found)
            return found

    def jobs(
        self, regrade: table_models.Regrade, unreadable: Callable[[str], object] = lambda _learner: None
    ) -> Iterable[GradingJob]:
        """Return what is still to be graded for a proposal.

        These are newest attempts whose newest result is of another version, or in which something could not
        be checked. An attempt whose files cannot be read blocks no other: `unreadable` is told its learner.
        """
        for attempt, grading in self._due(regrade):
            try:
                job = self._gradings.job_of(attempt, grading.run)
            except (LookupError, OSError, ValueError) as error:
                log.warning("unreadable receipt=%s reason=%r", attempt.receipt, str(error)[:300])
                unreadable(attempt.learner)
                continue
            if job.lab_version != regrade.lab_version:
                return  # Another version was released meanwhile: this proposal is of no more use.
            yield job

    def due(self, regrade: table_models.Regrade) -> int:
        """Return how many attempts are still to be graded for a proposal."""
        return len(self._due(regrade))

    def _due(self, regrade: table_models.Regrade) -> list[tuple[table_models.Attempt, table_models.Grading]]:
        with self._database.read() as session:
            known = _known(session, regrade)
            newest = _newest(session, regrade.course, regrade.lab)
            unchecked = set(session.scalars(unchecked_attempts()))
        return [
            (attempt, grading)
            for attempt, grading in newest
            if (grading.lab_version != regrade.lab_version or attempt.id in unchecked)
            and grading.id not in known
        ]

    def propose(self, regrade: table_models.Regrade, job: GradingJob, graded: GradedRecord) -> None:
        """Keep what an attempt would earn; `job.run` is the run that it would replace.

        A result of another version than the proposal's is dropped: the other one was released meanwhile.
        """
        if job.lab_version != regrade.lab_version:
            return
        columns = result_columns(self._blobs, graded)
        with self._database.write() as session:
            base = session.scalar(select(table_models.Grading).filter_by(attempt=job.attempt_id, run=job.run))
            if base is None:
                raise LookupError(f"run {job.run} of attempt {job.attempt_id} was never recorded")
            item = table_models.RegradeItem(
                regrade=regrade.id,
                attempt=job.attempt_id,
                base=base.id,
                **columns,
                verdicts=graded.tasks,
            )
            session.merge(item)

    def changes(self, regrade: table_models.Regrade) -> list[Change]:
        """Return the learners for whom a proposal would change anything, by name."""
        with self._database.read() as session:
            return _changes(session, regrade)

    def counted(self, regrade: table_models.Regrade) -> int:
        """Return how many attempts a proposal holds."""
        items = select(func.count()).select_from(table_models.RegradeItem).filter_by(regrade=regrade.id)
        with self._database.read() as session:
            return session.scalar(items) or 0

    def apply(self, regrade: table_models.Regrade, who: str) -> list[Change]:
        """Make a proposal's changes count, all in one transaction. Returns those that were made."""
        with self._database.write() as session:
            row = session.get(table_models.Regrade, regrade.id, with_for_update=True)
            if row is None or row.applied_at is not None:
                return []
            made = _changes(session, row)
            items, now = _items(session, row.id), datetime.now(UTC)
            for change in made:
                item = items[change.attempt]
                facts = {name: getattr(item, name) for name in KEPT}
                facts |= {"lab_version": row.lab_version, "recorded_at": now}
                item.made = _add(session, change.attempt, who, facts, item.verdicts)
            row.applied_at, row.applied_by = now, who
            about = f"{row.course}/{row.lab} version {row.lab_version}: {len(made)} changed, number {row.id}"
            session.add(table_models.Audit(at=now, who=who, what="regraded", object=about, address=""))
        return made

    def undo(self, number: int, who: str) -> tuple[table_models.Regrade, list[str], list[str]]:
        """Give back the results from before a regrade, in one transaction.

        Returns the regrade, the learners who have their earlier result again, and those who keep what they have
        because their work was graded once more since.

        Raises:
            IsomoError: there is no such regrade, or it was not applied, or was taken back already.
        """
        with self._database.write() as session:
            row = session.get(table_models.Regrade, number, with_for_update=True)
            if row is None or row.applied_at is None:
                raise IsomoError(
                    _("There is no regrade number {number} that was applied.").format(number=number),
                    _("./isomo regrade list shows them."),
                )
            if row.undone_at is not None:
                raise IsomoError(
                    _("Regrade number {number} was taken back already.").format(number=number),
                    _("To apply it again: ./isomo regrade {lab} --yes").format(lab=row.lab),
                )
            now = datetime.now(UTC)
            back, kept = _take_back(session, row, who, now)
            row.undone_at, row.undone_by = now, who
            about = f"{row.course}/{row.lab} number {row.id}: {len(back)} given back, {len(kept)} kept"
            session.add(table_models.Audit(at=now, who=who, what="regrade-undone", object=about, address=""))
        return row, back, kept

    def all(self, lab: str = "") -> list[table_models.Regrade]:
        """Return the regrades that were applied, the newest first."""
        query = select(table_models.Regrade).where(table_models.Regrade.applied_at.is_not(None))
        query = query.where(table_models.Regrade.lab == lab) if lab else query
        with self._database.read() as session:
            return list(session.scalars(query.order_by(table_models.Regrade.id.desc())))

    def sources(self, regrade: table_models.Regrade) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Return the grader's files as most results were made with, and those of the proposal."""
        with self._database.read() as session:
            versions = [
                grading.lab_version for _attempt, grading in _newest(session, regrade.course, regrade.lab)
            ]
            older = [version for version in versions if version != regrade.lab_version]
            usual = max(set(older), key=older.count) if older else regrade.lab_version
            rows = [
                session.get(table_models.LabVersion, (regrade.course, regrade.lab, version))
                for version in (usual, regrade.lab_version)
            ]
        before, after = (self._blobs.get_bundle(row.source_bundle) if row else {} for row in rows)
        return before, after


KEPT = ("engine", "notebook", "feedback", "problem", "said", "cpu_seconds", "wall_seconds")


def _items(session: Session, regrade: int) -> dict[int, table_models.RegradeItem]:
    found = session.scalars(select(table_models.RegradeItem).filter_by(regrade=regrade))
    return {each.attempt: each for each in found}


def _known(session: Session, regrade: table_models.Regrade) -> set[int]:
    """Return the gradings of which it is known what this version of the lab would make of them."""
    item = table_models.RegradeItem
    query = (
        select(item)
        .join(table_models.Regrade, table_models.Regrade.id == item.regrade)
        .where(table_models.Regrade.course == regrade.course, table_models.Regrade.lab == regrade.lab)
        .where(table_models.Regrade.lab_version == regrade.lab_version)
    )
    return {each.base for each in session.scalars(query) if not _unknown(each.verdicts)}


def _newest(
    session: Session, course: str, lab: str
) -> list[tuple[table_models.Attempt, table_models.Grading]]:
    """Return every learner's newest attempt that has a result, with its newest one."""
    attempts = {each.id: each for each in session.scalars(newest_of(course, lab))}
    query = (
        select(table_models.Grading)
        .where(table_models.Grading.attempt.in_(attempts))
        .order_by(table_models.Grading.run)
    )
    newest = {each.attempt: each for each in session.scalars(query)}
    return [(attempts[attempt], grading) for attempt, grading in newest.items()]


def _changes(session: Session, regrade: table_models.Regrade) -> list[Change]:
    items = _items(session, regrade.id)
    made = []
    for attempt, grading in _newest(session, regrade.course, regrade.lab):
        item = items.get(attempt.id)
        if item is None or item.base != grading.id:
            continue  # Handed in, or graded, since the proposal was made.
        change = _change(session, attempt, grading, item)
        if change.tasks and not _unknown(item.verdicts):
            made.append(change)
    return sorted(made, key=lambda each: each.learner)


def _change(
    session: Session,
    attempt: table_models.Attempt,
    grading: table_models.Grading,
    item: table_models.RegradeItem,
) -> Change:
    before = [_plain(each) for each in _verdicts(session, grading.id)]
    marks = _marks(session, attempt.id)
    totals = [sum(marks.get(each["grade_id"], each["score"] or 0.0) for each in side)
              for side in (before, item.verdicts)]  # fmt: skip
    return Change(attempt.id, attempt.learner, before, list(item.verdicts), totals[0], totals[1])


def _unknown(verdicts: list[Any]) -> bool:
    """Return whether our own fault prevented a result: that is no reason to take one away."""
    return any(each["outcome"] == "could-not-check" for each in verdicts)


def _verdicts(session: Session, grading: int) -> list[table_models.Verdict]:
    query = select(table_models.Verdict).filter_by(grading=grading).order_by(table_models.Verdict.position)
    return list(session.scalars(query))


def _marks(session: Session, attempt: int) -> dict[str, float]:
    """Return what a person marked; it stays, whatever the engine finds."""
    query = select(table_models.Mark).filter_by(attempt=attempt).order_by(table_models.Mark.id)
    return {each.grade_id: each.score for each in session.scalars(query) if each.score is not None}


def _plain(verdict: table_models.Verdict) -> dict[str, Any]:
    names = ("grade_id", "outcome", "score", "max_score", "message", "said", "flags")
    return {name: getattr(verdict, name) for name in names}


def _result(verdict: dict[str, Any]) -> tuple[Any, ...]:
    return verdict["outcome"], verdict["score"], verdict["max_score"]


def _add(session: Session, attempt: int, who: str, facts: dict[str, Any], verdicts: list[Any]) -> int:
    """Add a result as the attempt's newest run; returns its id."""
    run = (
        session.scalar(select(func.max(table_models.GradingRequest.run)).filter_by(attempt=attempt)) or 0
    ) + 1
    asked = {"asked_by": who, "asked_at": facts["recorded_at"]}
    session.add(table_models.GradingRequest(attempt=attempt, run=run, done=True, **asked))
    row = table_models.Grading(attempt=attempt, run=run, **facts)
    session.add(row)
    session.flush()
    session.add_all(
        table_models.Verdict(grading=row.id, position=position, **each)
        for position, each in enumerate(verdicts)
    )
    about = session.get_one(table_models.Attempt, attempt)
    return_at_once(session, about.course, about.lab, row)
    return row.id


def _take_back(
    session: Session, regrade: table_models.Regrade, who: str, now: datetime
) -> tuple[list[str], list[str]]:
    back, kept = [], []
    newest = dict(_by_attempt(session, regrade))
    for item in _items(session, regrade.id).values():
        if item.made is None:
            continue
        attempt = session.get_one(table_models.Attempt, item.attempt)
        if newest.get(item.attempt) != item.made:
            kept.append(attempt.learner)
            continue
        base = session.get_one(table_models.Grading, item.base)
        facts = {name: getattr(base, name) for name in (*KEPT, "lab_version")} | {"recorded_at": now}
        _add(session, item.attempt, who, facts, [_plain(each) for each in _verdicts(session, base.id)])
        back.append(attempt.learner)
    return sorted(back), sorted(kept)


def _by_attempt(session: Session, regrade: table_models.Regrade) -> Iterable[tuple[int, int]]:
    """Yield the newest result of each attempt that a regrade knows of."""
    query = (
        select(table_models.Grading)
        .join(table_models.RegradeItem, table_models.RegradeItem.attempt == table_models.Grading.attempt)
        .where(table_models.RegradeItem.regrade == regrade.id)
        .order_by(table_models.Grading.run)
    )
    return ((each.attempt, each.id) for each in session.scalars(query))
