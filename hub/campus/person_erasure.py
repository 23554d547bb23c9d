"""Erasure of a person (law 058/2021): account, work, files, home, hub. Its outcome says what stays, and why."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hub import home_limits
from hub.campus.hub_client import HubClient
from hub.campus.project_folders import tell_application
from hub.isomo_settings import Settings
from hub.secret_keys import Secrets
from hub.shared_names import formgrader_server, opaque_name
from hub.store import Store
from hub.store.blob_sweep import blobs_in_bundle, sweep_blobs
from hub.store.monitoring_counts import read_figures
from hub.store.person_rows import erase_rows
from hub.store.signed_receipts import ALPHABET

MANY = 20_000
"""Attempts up to which a page waits for the removal of files: reading their references takes about a second."""


@dataclass(frozen=True)
class Erased:
    """Outcome of an erasure. `number` names it in the audit log, without the person."""

    number: str
    attempts: int
    files: int
    files_later: int
    """Files that the next night removes, or `isomo retention apply`: those written within the hour, or all."""
    hub_knows: bool
    """Whether the hub did not answer, and still has the account's name."""
    backups_until: date | None


def backups_until(settings: Settings, today: date | None = None) -> date | None:
    """Return until when the last backup that holds a person erased today is kept; None without backups."""
    chosen = settings.backup
    if chosen.repository is None:
        return None
    days = max(chosen.keep_daily, 7 * chosen.keep_weekly, 31 * chosen.keep_monthly)
    return (today or datetime.now(UTC).date()) + timedelta(days=days)


def erase_person(
    store: Store, hub: HubClient, username: str, who: str, address: str = "", *, files_now: bool = False
) -> Erased:
    """Erase a person; run again, it finishes what a crash or a hub that was away left undone.

    To know that nobody else has a file, all references are read. In an installation with many attempts that takes
    minutes, so the files wait for the night unless `files_now`.
    """
    settings, keys = store.settings, Secrets.load(store.settings)
    number = "E-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
    person = store.people.get(username)
    if person is not None and person.disabled_at is None:
        # Nothing of theirs may begin again between the first step and the last.
        store.people.set_disabled(username, True)
    store.sessions.end_all(username)
    stopped = hub.stop_servers(username, keys.campus_token)
    removed = hub.delete_user(username, keys.campus_token) if stopped else False
    store.refusals.write()
    courses = [course.id for course in store.courses.all()]
    trainers = {name for course in courses for name in store.courses.trainers(course)}
    files, attempts = erase_rows(store.database, store.blobs, username, number)
    for project in store.projects.all():
        # All of them: after a crash nothing says any more in which ones the person took part.
        tell_application(settings.state, project, store.projects.present(project.name))
    wanted = files | {name for bundle in files for name in blobs_in_bundle(store.blobs, bundle)}
    if files_now or read_figures(store.database).attempts <= MANY:
        gone, later = sweep_blobs(store.database, store.blobs, wanted)
    else:
        gone, later = 0, len(wanted)
    for folder in _folders(settings, keys.names_key, username, courses, trainers):
        home_limits.forget_home(settings, folder)
        shutil.rmtree(folder, ignore_errors=True)
    store.audit.add(who, "erased-person", number, address)
    return Erased(number, attempts, gone, later, not removed, backups_until(settings))


def _folders(
    settings: Settings, key: bytes, username: str, courses: list[str], trainers: set[str]
) -> Iterator[Path]:
    """Yield a person's home, their formgraders' homes, and the copies of their work in other formgraders' homes."""
    homes = settings.state / "homes"
    yield homes / opaque_name(key, username)
    for course in courses:
        server = formgrader_server(course)
        yield homes / opaque_name(key, f"{username}/{server}")
        yield (
            settings.state / "gradebooks" / course
        )  # A projection of the store: it is made again when asked for.
        for trainer in trainers:
            desk = homes / opaque_name(key, f"{trainer}/{server}")
            for part in ("submitted", "autograded", "feedback"):
                yield from (found for found in desk.glob(f"**/{part}/{username}") if found.is_dir())
