"""Users of a project's folder at this moment: servers that have it mounted, and processes locked into it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from hub.project_places import APPLICATION_PLACE, TEAM_PLACE

Identity = tuple[int, int]
"""Device and number of a folder: the same in each process that sees it, whatever engine mounted it there."""


def is_used(folder: Path | int) -> bool:
    """Return whether a folder, or an open handle of one, is in use on this machine. Needs root."""
    wanted = _identity(os.fstat(folder) if isinstance(folder, int) else folder.stat())
    seen: set[tuple[Path, Identity]] = set()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):  # It has ended meanwhile.
            view = (process / "ns" / "mnt").readlink(), _identity((process / "root").stat())
            if view[1] == wanted:  # The hub's keeper deletes old cases so.
                return True
            if view not in seen:
                seen.add(view)
                if wanted in _mounted_in(process / "root"):
                    return True
    return False


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def _mounted_in(root: Path) -> set[Identity]:
    """Return what is at the places of projects' folders, as a process with this root sees it; no link is followed."""
    found = set()
    for place in (TEAM_PLACE, APPLICATION_PLACE):
        with suppress(OSError):
            found.add(_identity(os.lstat(f"{root}{place}")))
    return found
