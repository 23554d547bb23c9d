"""A project's files as the campus sees them: versions that it takes in from the team, people that it tells the
application, and the figures that the application tells back.

The team writes its folder, so nothing in it is trusted: only ordinary files of known names and bounded size are
copied, no link is followed, and none of them is opened as anything but bytes.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

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
    with opened_folder(folder) as opened:
        write_file(opened, "campus.json", (json.dumps(told, indent=1) + "\n").encode())


def usage(state: Path, project: str) -> dict[str, Any]:
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


def take_versions(state: Path, project: str) -> list[int]:
    """Copy versions that the team has shared and the application does not have yet; return their numbers.

    A version that is there already is never written again. Raises Problem for one that is not complete.
    """
    # The bench makes the project's folder inside of the one that the team shares.
    source, place = team_folder(state, project), (project, "service")
    target = application_folder(state, project)
    have = set(version_numbers(target))
    new = [number for number in version_numbers(source, place) if number not in have]
    return [number for number in new if _take(source, (*place, "versions", str(number)), target, number)]


def _take(root: Path, place: tuple[str, ...], target: Path, number: int) -> bool:
    """Copy one version; return whether it was this call that did, and not another one at the same time."""
    target.mkdir(parents=True, exist_ok=True)
    try:
        with (
            opened_folder(root, place) as source,
            opened_folder(target) as folder,
            inner_folder(folder, "versions") as versions,
            new_folder(versions, str(number)) as copy,
        ):
            remove_unfinished(versions)
            for name in FILES:
                with opened_file(source, name) as file, new_file(copy, name) as out:
                    _copy(file, out)
    except FileExistsError:
        return False
    except OSError as error:
        facts: dict[str, object] = {"number": number, "reason": error.strerror or "?"}
        raise Problem("bad-version", facts) from error
    return True


def _copy(file: int, out: int) -> None:
    copied = 0
    with os.fdopen(os.dup(out), "wb") as written:
        while block := os.read(file, 1 << 20):
            copied += len(block)
            if copied > LARGEST_FILE:
                raise OSError(0, "too large")
            written.write(block)
