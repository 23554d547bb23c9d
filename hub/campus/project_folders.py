"""A project's files as the campus sees them: versions that it takes in from the team, people that it tells the
application, and the figures that the application tells back.

The team writes its folder, so nothing in it is trusted: only ordinary files of known names and bounded size are
copied, no link is followed, and none of them is opened as anything but bytes.
"""

from __future__ import annotations

import json
import logging
import os
import re
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import home_images, home_limits
from hub.campus.foreign_folders import (
    inner_folder,
    names_in,
    new_file,
    new_folder,
    opened_file,
    opened_folder,
    remove_unfinished,
    write_file,
)
from hub.campus.problem_codes import Problem
from hub.isomo_settings import Settings
from hub.project_places import application_folder, team_folder
from hub.store import Store
from hub.store.disk_full import DiskFull, is_full
from hub.store.project_store import Project, ProjectMember

FILES = ("model.skops", "model.json", "contract.toml", "impact.toml", "prototype.toml", "version.json")
OPTIONAL = ("app.zip",)
"""A version with a page of the team's own brings this too."""
LARGEST_FILE = 500 * 1024 * 1024
LARGEST_USAGE = 1024 * 1024
LARGEST_PROJECT = 5 * 10**9
"""Bytes of all versions of a project together: a model of text or tables has a few megabytes."""
LEFT_FREE = 10**9
"""Bytes of the disk that stay free for everybody's work."""
LEFT_FOR_CASES = 10
"""Versions leave a tenth of the application's folder to its cases, if it has a limit."""
MOST_VERSIONS = 500
MOST_AT_ONCE = 3
"""Versions copied while a person waits for a page."""
NOTHING_TOLD: dict[str, Any] = {
    **{"live": 0, "cases": None, "to_person": 0, "contested": 0, "reviewed": 0, "overturned": 0},
    **{
        "visits": 0,
        "waiting": 0,
        "review_minutes": 0.0,
        "month": "",
        "review_on": "",
        "expires_on": "",
        "drift": [],
    },
}
"""Figures of an application that has told none yet."""

log = logging.getLogger("campus")


@dataclass(frozen=True)
class Room:
    """Bytes used and allowed of a folder with a limit."""

    used: int
    most: int

    @property
    def is_short(self) -> bool:
        """Return whether less than a tenth is left."""
        return 10 * self.used > 9 * self.most


def folder_room(settings: Settings, folder: Path) -> Room | None:
    """Return how full a project's folder is, None if nothing limits it."""
    if not home_limits.is_limited(settings, folder):
        return None
    # Of a folder with a project quota the kernel tells the quota here, and not the disk.
    found = os.statvfs(folder)
    return Room((found.f_blocks - found.f_bfree) * found.f_frsize, found.f_blocks * found.f_frsize)


@dataclass(frozen=True)
class Taken:
    """Versions that were taken in, and why another one was not."""

    numbers: list[int]
    trouble: Problem | None


def tell_application(state: Path, project: Project, members: list[ProjectMember]) -> None:
    """Write who takes part, and whether the application is off, for the application to read.

    An application whose image is not mounted does not run; it is told when it is opened.

    Raises:
        DiskFull: nothing more fits into the application's folder.
    """
    people: dict[str, list[str]] = {"team": [], "approver": [], "reviewer": [], "user": []}
    for each in members:
        people[each.part].append(each.username)
    told = {
        "team": people["team"],
        "approver": "".join(people["approver"]),
        "reviewers": people["reviewer"],
        "users": people["user"],
        "off": project.off_why if project.off_at else "",
    }
    folder = application_folder(state, project.name)
    if home_images.is_away(state, folder):
        log.warning("application-not-told project=%s reason=its-image-is-not-mounted", project.name)
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with opened_folder(folder) as opened:
            write_file(opened, "campus.json", (json.dumps(told, indent=1) + "\n").encode())
    except OSError as error:
        if is_full(error):
            raise DiskFull from error
        raise


def tell_applications(store: Store, username: str) -> None:
    """Tell the applications of a person's projects that their account was closed or opened."""
    for project, _parts in store.projects.projects_for(username):
        tell_application(store.settings.state, project, store.projects.present(project.name))


def application_usage(state: Path, project: str) -> dict[str, Any]:
    """Return the figures that the application wrote last; those that cannot be read are the usual ones."""
    try:
        place = application_folder(state, project)
        with opened_folder(place) as folder, opened_file(folder, "usage.json") as file:
            text = os.read(file, LARGEST_USAGE)
        found = json.loads(text)
    except (OSError, ValueError):
        found = {}
    told = found if isinstance(found, dict) else {}
    return {key: _fitting(told.get(key), usual) for key, usual in NOTHING_TOLD.items()}


def _fitting(value: Any, usual: Any) -> Any:
    """Return a figure of the kind that belongs there, else the usual one."""
    if isinstance(usual, list):
        return [str(each)[:80] for each in value][:50] if isinstance(value, list) else usual
    if isinstance(usual, str):
        return str(value or "")[:80]
    return value if isinstance(value, int | float) and not isinstance(value, bool) else usual


def version_numbers(root: Path, place: tuple[str, ...] = ()) -> list[int]:
    """Return the numbers of the versions in a folder below `root`, the first one first."""
    try:
        with opened_folder(root, (*place, "versions")) as versions:
            names = names_in(versions)
    except OSError:
        return []
    return sorted(int(name) for name in names if re.fullmatch("[1-9][0-9]{0,8}", name))[:MOST_VERSIONS]


def take_versions(state: Path, project: str) -> Taken:
    """Copy versions that the team has shared and the application does not have yet, a few in one call.

    A version that is there already is never written again. One that cannot be taken in keeps no other one back.
    """
    # The bench makes the project's folder inside of the one that the team shares.
    source, place = team_folder(state, project), (project, "service")
    target = application_folder(state, project)
    if any(home_images.is_away(state, each) for each in (source, target)):
        return Taken([], Problem("project-away"))
    have = set(version_numbers(target))
    new = [number for number in version_numbers(source, place) if number not in have]
    begun: list[int] = []
    taken: list[int] = []
    troubles: list[Problem] = []
    for n, number in enumerate(new):
        if len(begun) == MOST_AT_ONCE:
            troubles.append(Problem("versions-wait", {"left": len(new) - n}))
            break
        try:
            if _take(source, (*place, "versions", str(number)), target, begun):
                taken.append(number)
        except Problem as problem:
            troubles.append(problem)
    return Taken(taken, troubles[0] if troubles else None)


def _take(root: Path, place: tuple[str, ...], target: Path, begun: list[int]) -> bool:
    """Copy one version; return whether it was this call that did, and not another one at the same time.

    Its number goes to `begun` before the first byte is copied: what costs nothing is not counted. Raises Problem.
    """
    target.mkdir(parents=True, exist_ok=True)
    number = int(place[-1])
    try:
        with ExitStack() as stack:
            source = stack.enter_context(opened_folder(root, place))
            files = {name: stack.enter_context(opened_file(source, name)) for name in FILES}
            for name in OPTIONAL:
                with suppress(FileNotFoundError):
                    files[name] = stack.enter_context(opened_file(source, name))
            sizes = {name: os.fstat(file).st_size for name, file in files.items()}
            if max(sizes.values()) > LARGEST_FILE:
                raise OSError(0, "too large")
            folder = stack.enter_context(opened_folder(target))
            versions = stack.enter_context(inner_folder(folder, "versions"))
            remove_unfinished(versions)
            _must_have_room(target, versions, number, sum(sizes.values()))
            begun.append(number)
            copy = stack.enter_context(new_folder(versions, str(number)))
            for name, file in files.items():
                with new_file(copy, name) as out:
                    _copy(file, out, sizes[name])
    except FileExistsError:
        return False
    except OSError as error:
        facts: dict[str, object] = {"number": number, "reason": error.strerror or "?"}
        raise Problem("bad-version", facts) from error
    return True


def _must_have_room(target: Path, versions: int, number: int, size: int) -> None:
    """Raise Problem if a version of `size` bytes fits not into the project's share, the disk, or the folder's limit."""
    kept = sum(_size(versions, name) for name in names_in(versions))
    if kept + size > LARGEST_PROJECT:
        raise Problem("versions-full", {"number": number, "most": LARGEST_PROJECT // 10**9})
    disk, folder = os.statvfs(target.parent), os.fstatvfs(versions)
    if disk.f_bavail * disk.f_frsize < size + LEFT_FREE:
        raise Problem("versions-no-disk", {"number": number})
    # Without a limit this is the disk once more.
    left = min(LEFT_FREE, folder.f_blocks * folder.f_frsize // LEFT_FOR_CASES)
    if folder.f_bavail * folder.f_frsize < size + left:
        raise Problem("versions-no-room", {"number": number})


def _size(versions: int, name: str) -> int:
    """Return how many bytes a version that was taken in has."""
    found = 0
    for file in (*FILES, *OPTIONAL):
        with suppress(OSError):
            found += os.stat(f"{name}/{file}", dir_fd=versions, follow_symlinks=False).st_size
    return found


def _copy(file: int, out: int, size: int) -> None:
    copied = 0
    with os.fdopen(os.dup(out), "wb") as written:
        while block := os.read(file, 1 << 20):
            copied += len(block)
            if copied > size:
                raise OSError(0, "it grew while it was copied")
            written.write(block)
