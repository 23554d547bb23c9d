"""A project's files as the campus sees them: versions that it takes in from the team, people that it tells the
application, and the figures that the application tells back.

The team writes its folder, so nothing in it is trusted: only ordinary files of known names and bounded size are
copied, no link is followed, and none of them is opened as anything but bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.campus.problems import Problem
from hub.project_places import application_folder, team_folder
from hub.store.projects import Project, ProjectMember

FILES = ("model.skops", "model.json", "contract.toml", "impact.toml", "prototype.toml", "version.json")
LARGEST_FILE = 500 * 1024 * 1024
LARGEST_USAGE = 1024 * 1024
MOST_VERSIONS = 500
NOTHING_TOLD: dict[str, Any] = {
    **{"live": 0, "cases": None, "to_person": 0, "contested": 0, "reviewed": 0, "overturned": 0},
    **{"waiting": 0, "review_minutes": 0.0, "month": "", "review_on": "", "expires_on": "", "drift": []},
}
"""Figures of an application that has told none yet."""


def tell_application(state: Path, project: Project, members: list[ProjectMember]) -> None:
    """Write who takes part, and whether the application is off, for the application to read."""
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
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / ".campus.json.new"
    aside.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    aside.chmod(0o644)
    aside.replace(folder / "campus.json")


def usage(state: Path, project: str) -> dict[str, Any]:
    """Return the figures that the application wrote last; those that cannot be read are the usual ones."""
    try:
        with _opened(application_folder(state, project), ("usage.json",)) as file:
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


def version_numbers(folder: Path) -> list[int]:
    """Return the numbers of the versions in `folder`, the first one first."""
    try:
        names = [each.name for each in (folder / "versions").iterdir()]
    except OSError:
        return []
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())[:MOST_VERSIONS]


def take_versions(state: Path, project: str) -> list[int]:
    """Copy versions that the team has shared and the application does not have yet; return their numbers.

    A version that is there already is never written again. Raises Problem for one that is not complete.
    """
    # The bench makes the project's folder inside of the one that the team shares.
    source = team_folder(state, project) / project / "service"
    target = application_folder(state, project)
    have = set(version_numbers(target))
    taken = []
    for number in version_numbers(source):
        if number not in have:
            _take(team_folder(state, project), (project, "service", "versions", str(number)), target, number)
            taken.append(number)
    return taken


def _take(root: Path, place: tuple[str, ...], target: Path, number: int) -> None:
    versions = target / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    aside = versions / f".{number}.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o755)
    try:
        for name in FILES:
            with _opened(root, (*place, name)) as file:
                _copy(file, aside / name)
        aside.rename(versions / str(number))
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        facts: dict[str, object] = {"number": number, "reason": error.strerror or "?"}
        raise Problem("bad-version", facts) from error


@contextlib.contextmanager
def _opened(root: Path, place: tuple[str, ...]) -> Iterator[int]:
    """Open an ordinary file below `root` without following a link on the way. Raises OSError."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in place[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        # Opening a pipe would wait for a writer.
        file = os.open(place[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(0, "not an ordinary file")
        yield file
    finally:
        os.close(file)


def _copy(file: int, target: Path) -> None:
    if os.fstat(file).st_size > LARGEST_FILE:
        raise OSError(0, "too large")
    copied = 0
    with target.open("wb") as out:
        while block := os.read(file, 1 << 20):
            copied += len(block)
            if copied > LARGEST_FILE:
                raise OSError(0, "too large")
            out.write(block)
    target.chmod(0o644)
