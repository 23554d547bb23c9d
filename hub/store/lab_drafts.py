"""Drafts of labs that trainers write in the browser: files, the newest check of them, and the lab that it built."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.table_models import Base

EDITED, WAITING, GOOD, NOT_YET, FAILED = "edited", "waiting", "good", "not-yet", "failed"
"""States of a draft: changed since its check, being checked, in order, with findings, check could not be made."""
MOST_TRIES = 3
REMOVED = ".removed/"
"""Folder of removed files in a draft's bundle; no file of a lab has such a name."""
MOST_REMOVED, LARGEST_REMOVED = 20, 4_000_000
"""Removed files that a draft keeps, and their bytes together; the oldest goes first."""


class LabDraft(Base):
    """A draft of a course; `checked_bundle` names the files that the newest check read.

    `files_bundle` holds removed files too, below REMOVED, so that they can be put back.
    """

    __tablename__ = "lab_draft"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    lab: Mapped[str] = mapped_column(String(100), primary_key=True)
    files_bundle: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default=EDITED)
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]
    checked_bundle: Mapped[str] = mapped_column(String(64), default="")
    checked_at: Mapped[datetime | None]
    findings: Mapped[list[Any]]
    figures: Mapped[dict[str, Any]]
    built_bundle: Mapped[str] = mapped_column(String(64), default="")
    worker: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, order=True)
class DraftFinding:
    """One thing to correct; `line` counts from 1, 0 if it is about a whole file.

    `sentence` is English. `key` and `facts` are what it is made of, to be worded in the reader's language.
    """

    file: str
    line: int
    sentence: str
    key: str = ""
    facts: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class DraftJob:
    """A draft that an agent checks: these files, and no later ones."""

    course: str
    lab: str
    bundle: str
    files: dict[str, bytes]
    tries: int = 0


@dataclass(frozen=True)
class DraftResult:
    """Outcome of a check. `kept` are files that it made or brought up to date; `built` is empty with findings."""

    findings: list[DraftFinding]
    figures: dict[str, str] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    built: dict[str, bytes] = field(default_factory=dict)


class LabDrafts:
    """Drafts by course and name."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def list(self, course: str) -> list[LabDraft]:
        """Return the drafts of a course by name."""
        with self._database.read() as session:
            return list(session.scalars(select(LabDraft).filter_by(course=course).order_by(LabDraft.lab)))

    def get(self, course: str, lab: str) -> LabDraft | None:
        """Return one draft."""
        with self._database.read() as session:
            return session.get(LabDraft, (course, lab))

    def files(self, draft: LabDraft) -> dict[str, bytes]:
        """Return a draft's files by path."""
        return _parted(self._blobs.get_bundle(draft.files_bundle))[0]

    def removed_files(self, draft: LabDraft) -> dict[str, bytes]:
        """Return files that were removed from a draft and can be put back, the oldest first."""
        return _parted(self._blobs.get_bundle(draft.files_bundle))[1]

    def built_files(self, draft: LabDraft) -> dict[str, bytes]:
        """Return the files of the lab that the newest check built; none before a check that found nothing."""
        return self._blobs.get_bundle(draft.built_bundle) if draft.built_bundle else {}

    def add(self, course: str, lab: str, files: Mapping[str, bytes], who: str) -> bool:
        """Keep a draft and ask for its check; False if the course has one of this name."""
        bundle = self._blobs.put_bundle(files)
        with self._database.write() as session:
            if session.get(LabDraft, (course, lab)) is not None:
                return False
            session.add(
                LabDraft(
                    **{
                        "course": course,
                        "lab": lab,
                        "files_bundle": bundle,
                        "state": WAITING,
                        "saved_by": who,
                    },
                    **{"saved_at": datetime.now(UTC), "findings": [], "figures": {}},
                )
            )
        return True

    def change(
        self,
        course: str,
        lab: str,
        change: Callable[[dict[str, bytes]], Mapping[str, bytes]],
        who: str,
        *,
        checks: bool = False,
        keeps_removed: bool = False,
    ) -> bool:
        """Replace a draft's files by what `change` makes of them; False if there is no such draft.

        With `checks` it is checked again; with `keeps_removed` files that are gone afterwards can be put back. What
        `change` raises leaves the draft as it was.
        """

        def changed(files: dict[str, bytes], removed: dict[str, bytes]) -> dict[str, bytes]:
            after = change(dict(files))
            gone = {name: data for name, data in files.items() if keeps_removed and name not in after}
            return _joined(after, {**_without(removed, gone), **gone})

        return self._change(course, lab, changed, who, checks=checks)

    def put_back(
        self, course: str, lab: str, file: str, who: str, check: Callable[[Mapping[str, bytes]], None]
    ) -> bool:
        """Put a removed file back; False if it is not among the removed ones of such a draft.

        A file that has its name by now is removed in turn. What `check` raises leaves the draft as it was.
        """
        found = False

        def changed(files: dict[str, bytes], removed: dict[str, bytes]) -> dict[str, bytes]:
            nonlocal found
            found = file in removed
            if not found:
                return _joined(files, removed)
            made = {**files, file: removed[file]}
            check(made)
            in_turn = {name: data for name, data in files.items() if name == file}
            return _joined(made, {**_without(removed, {file}), **in_turn})

        return self._change(course, lab, changed, who, checks=False) and found

    def _change(
        self,
        course: str,
        lab: str,
        change: Callable[[dict[str, bytes], dict[str, bytes]], Mapping[str, bytes]],
        who: str,
        *,
        checks: bool,
    ) -> bool:
        with self._database.write() as session:
            row = session.get(LabDraft, (course, lab), with_for_update=True)
            if row is None:
                return False
            bundle = self._blobs.put_bundle(change(*_parted(self._blobs.get_bundle(row.files_bundle))))
            if bundle != row.files_bundle:
                row.files_bundle, row.saved_by, row.saved_at = bundle, who, datetime.now(UTC)
                row.state, row.lease_until, row.tries = EDITED, None, 0
            if checks:
                _ask(row)
            return True

    def ask_check(self, course: str, lab: str) -> bool:
        """Ask for a check; False if there is no such draft. One that waits keeps its place."""
        with self._database.write() as session:
            row = session.get(LabDraft, (course, lab), with_for_update=True)
            if row is not None and row.state != WAITING:
                _ask(row)
            return row is not None

    def remove(self, course: str, lab: str) -> bool:
        """Remove a draft; a lab that was released from it stays. False if there is none."""
        with self._database.write() as session:
            row = session.get(LabDraft, (course, lab))
            if row is not None:
                session.delete(row)
            return row is not None

    def claim(self, worker: str, seconds: float) -> DraftJob | None:
        """Return the draft that waits longest for its check, held for `seconds`; None if none waits."""
        now = datetime.now(UTC)
        is_free = or_(LabDraft.lease_until.is_(None), LabDraft.lease_until < now)
        query = (
            select(LabDraft).where(LabDraft.state == WAITING, is_free).order_by(LabDraft.saved_at).limit(1)
        )
        with self._database.read() as session:
            if session.scalar(query) is None:
                return None
        with self._database.write() as session:
            row = session.scalar(query.with_for_update(skip_locked=True))
            if row is None:
                return None
            if row.tries >= MOST_TRIES:
                row.state, row.lease_until = FAILED, None
                return None
            row.worker, row.lease_until, row.tries = worker, now + timedelta(seconds=seconds), row.tries + 1
            files, _removed = _parted(self._blobs.get_bundle(row.files_bundle))
            return DraftJob(row.course, row.lab, row.files_bundle, files, row.tries)

    def record(self, job: DraftJob, result: DraftResult) -> bool:
        """Keep the outcome of a check; False if the draft was changed or removed meanwhile."""
        built = self._blobs.put_bundle(result.built) if result.built else ""
        with self._database.write() as session:
            row = session.get(LabDraft, (job.course, job.lab), with_for_update=True)
            if row is None or row.files_bundle != job.bundle or row.state != WAITING:
                return False
            removed = _parted(self._blobs.get_bundle(job.bundle))[1]
            files = self._blobs.put_bundle(_joined({**job.files, **result.kept}, removed))
            row.files_bundle = row.checked_bundle = files
            row.findings = [list(vars(one).values()) for one in result.findings]
            row.figures, row.checked_at = dict(result.figures), datetime.now(UTC)
            row.built_bundle = built
            row.state, row.lease_until, row.tries = (NOT_YET if result.findings else GOOD), None, 0
            return True

    def give_back(self, job: DraftJob) -> None:
        """Let a draft wait again whose check could not be made; after MOST_TRIES it is told so."""
        with self._database.write() as session:
            row = session.get(LabDraft, (job.course, job.lab), with_for_update=True)
            if row is not None and row.files_bundle == job.bundle and row.state == WAITING:
                row.lease_until = None
                row.state = FAILED if row.tries >= MOST_TRIES else WAITING


def _parted(bundle: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return a bundle's files, and those that were removed by their old names, the oldest first."""
    files = {name: data for name, data in bundle.items() if not name.startswith(REMOVED)}
    removed = sorted(name for name in bundle if name.startswith(REMOVED))
    return files, {name.removeprefix(REMOVED).partition("/")[2]: bundle[name] for name in removed}


def _joined(files: Mapping[str, bytes], removed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the bundle of files and removed files; the names of these begin with their place."""
    newest = list(removed.items())[-MOST_REMOVED:]
    while sum(len(data) for _, data in newest) > LARGEST_REMOVED:
        del newest[0]
    return {**files, **{f"{REMOVED}{place:02}/{name}": data for place, (name, data) in enumerate(newest)}}


def _without(removed: Mapping[str, bytes], names: Collection[str]) -> dict[str, bytes]:
    return {name: data for name, data in removed.items() if name not in names}


def _ask(row: LabDraft) -> None:
    row.state, row.lease_until, row.tries = WAITING, None, 0


def findings_of(draft: LabDraft) -> list[DraftFinding]:
    """Return the findings of a draft's newest check; older ones have no key."""
    return [DraftFinding(*found) for found in draft.findings]
