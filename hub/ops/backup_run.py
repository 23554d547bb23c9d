"""One backup of a running installation, and the report that it leaves for `status` and `doctor`."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import create_engine, func, select

from hub import home_images, home_limits
from hub.isomo_settings import CHECKOUT, Settings
from hub.ops.application_cases import copy_cases
from hub.ops.database_copies import copy_databases
from hub.ops.restic_backups import SOME_UNREADABLE, Repository, repository_of, restic_error
from hub.ops.verb_sentences import _
from hub.private_files import make_private_folder
from hub.store import table_models
from hub.store.database_connections import Database
from hub.store.signed_receipts import public_keys
from hub.verb_errors import IsomoError

STAGING = "snapshot"
"""Folder in the state with the copies of the databases and a description; only there while a backup is made."""
PARTS = (STAGING, "blobs", "homes", "projects", "keys", "jupyterhub_config.d")
LEFT_OUT = ("homes/*/.cache", "homes/*/.local/share/Trash", "blobs/*/.*", "projects/*/*/.cache")
LATE = timedelta(hours=26)
"""A nightly backup that is older than this was missed."""


@dataclass(frozen=True)
class Report:
    """Outcome of the last backup. `well` is false if it failed, and `problem` says why.

    A backup that is well may have a problem too: old ones were not removed.
    """

    at: str
    well: bool
    seconds: float = 0.0
    snapshot: str = ""
    files: int = 0
    size: int = 0
    added: int = 0
    unreadable: int = 0
    attempts: int = 0
    problem: str = ""

    @property
    def age(self) -> timedelta:
        """Return how long ago it was."""
        return datetime.now(UTC) - datetime.fromisoformat(self.at)


def report_file(settings: Settings) -> Path:
    """Return where the last backup's report is."""
    return settings.state / "run" / "backup.json"


def last_report(settings: Settings) -> Report | None:
    """Return the report of the last backup; None if there was none, or it cannot be read."""
    try:
        return Report(**json.loads(report_file(settings).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def keep_report(settings: Settings, report: Report) -> None:
    """Write a report down, whole or not at all."""
    file = make_private_folder(settings.state / "run") / "backup.json"
    draft = file.with_suffix(".part")
    draft.write_text(json.dumps(asdict(report)), "utf-8")
    draft.chmod(0o600)
    draft.replace(file)


def snapshot_tag(settings: Settings) -> str:
    """Return the tag of this installation's snapshots in a repository that several may share."""
    return f"isomo-{settings.project}"


def make_backup(settings: Settings) -> Report:
    """Back up databases, submissions, homes, projects and keys; remove old backups; keep the report and return it.

    Raises IsomoError if it fails; the report of the failure is kept as well.
    """
    started, now = time.monotonic(), datetime.now(UTC)
    try:
        with _alone(settings):
            found = _snapshot(settings, repository_of(settings))
    except IsomoError as error:
        if settings.backup.repository is not None:
            keep_report(settings, Report(now.isoformat(), well=False, problem=error.message))
        raise
    report = Report(now.isoformat(), well=True, seconds=round(time.monotonic() - started, 1), **found)
    keep_report(settings, report)
    return report


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold a lock while a backup is made. Raises IsomoError if another one is being made."""
    with (make_private_folder(settings.state / "run") / "backup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IsomoError(
                _("Another backup is being made."), _("Wait for its end; ./isomo status shows it.")
            ) from None
        yield


def _snapshot(settings: Settings, repository: Repository) -> dict[str, Any]:
    _mount_images(settings)
    repository.ensure()
    # A backup that was killed leaves a lock; restic removes those whose process is gone, or that are half an hour old.
    repository.run("unlock")
    staging = make_private_folder(settings.state / STAGING)
    try:
        # Databases first: a row is written after the files it names, so what is copied later holds them all.
        copy_databases(settings, staging)
        copied, unread = copy_cases(settings.state, staging)
        attempts = describe_backup(settings, staging)
        found = {**_send(settings, repository, copied), "attempts": attempts}
        if unread:
            said = _("Cases of applications that are damaged, and were backed up as they are: {names}.")
            found["problem"] = " ".join([found["problem"], said.format(names=", ".join(unread))]).strip()
        return found
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _mount_images(settings: Settings) -> None:
    """Mount images; raise IsomoError if one cannot be: its files would be missing in the backup, with nothing said."""
    if home_limits.may_set_limits() and (lost := home_images.mount_all(settings)):
        raise IsomoError(
            _("Homes and projects' folders whose image cannot be mounted: {names}.").format(
                names=", ".join(lost)
            ),
            _("Look why: ./isomo logs guard"),
        )


def describe_backup(settings: Settings, staging: Path) -> int:
    """Write down what the backup is of, and a copy of the settings; return how many attempts it holds."""
    url = settings.database_url
    if settings.database == "sqlite":
        url = f"sqlite:///{staging / 'isomo.sqlite'}"
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            attempts = int(connection.scalar(select(func.count()).select_from(table_models.Attempt)) or 0)
            people = int(connection.scalar(select(func.count()).select_from(table_models.Person)) or 0)
    finally:
        engine.dispose()
    about = {
        "project": settings.project,
        "database": "sqlite" if settings.database == "sqlite" else "postgresql",
        "revision": Database(settings.database_url).revision(),
        "attempts": attempts,
        "people": people,
        "receipt_keys": sorted(public_keys(settings)),
    }
    (staging / "about.json").write_text(json.dumps(about), "utf-8")
    file = Path(os.environ.get("ISOMO_SETTINGS") or CHECKOUT / "isomo.toml")
    with contextlib.suppress(OSError):
        shutil.copy(file, staging / "isomo.toml")
    return attempts


def _send(settings: Settings, repository: Repository, copied: Iterable[Path]) -> dict[str, Any]:
    parts = [name for name in PARTS if (settings.state / name).exists()]
    logs = [f"{path}{end}" for path in copied for end in ("", "-wal", "-shm", "-journal")]
    # Relative names, so that a backup can be restored into any folder.
    left_out = [*(str(settings.state / name) for name in LEFT_OUT), *logs]
    words = [word for name in left_out for word in ("--exclude", name)]
    done = repository.run(
        "backup", "--json", "--tag", snapshot_tag(settings), *words, *parts, cwd=settings.state
    )
    if done.returncode not in (0, SOME_UNREADABLE):
        raise restic_error("backup", done)
    summary = _summary(done.stdout)
    kept = settings.backup
    old = repository.run(
        *("forget", "--prune", "--tag", snapshot_tag(settings), "--group-by", "tags"),
        *("--keep-daily", str(kept.keep_daily), "--keep-weekly", str(kept.keep_weekly)),
        *("--keep-monthly", str(kept.keep_monthly), "--keep-last", "2"),
    )
    return {
        "snapshot": str(summary.get("snapshot_id", ""))[:8],
        "files": int(summary.get("total_files_processed", 0)),
        "size": int(summary.get("total_bytes_processed", 0)),
        "added": int(summary.get("data_added", 0)),
        # What was kept is kept: that old backups could not be removed today is no reason to call it a failure.
        "problem": restic_error("forget", old).message if old.returncode else "",
        "unreadable": sum('"message_type":"error"' in line for line in done.stderr.splitlines()),
    }


def _summary(said: str) -> dict[str, Any]:
    """Return the last line of restic's report."""
    for line in reversed(said.splitlines()):
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if found.get("message_type") == "summary":
                return cast("dict[str, Any]", found)
    return {}
