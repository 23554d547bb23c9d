"""Copies of the cases of data teams' applications for a backup, and their way back.

An application writes its cases into a SQLite file while a backup is made. A file that is copied meanwhile may hold half
of a change, so SQLite copies it, and the backup leaves the file itself out.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from hub.ops.database_copies import copy_sqlite, is_whole
from hub.private_files import make_private_folder
from hub.verb_errors import IsomoError

FOLDER = "cases"
"""Folder of the copies in a snapshot: `cases/PROJECT/FILE`."""
PATTERN = "projects/*/application/*.sqlite"

log = logging.getLogger("backup")


def case_files(state: Path) -> Iterator[Path]:
    """Yield the case files of all applications. A link is none: an application could have it lead anywhere."""
    for path in sorted(state.glob(PATTERN)):
        if path.is_file() and not any(each.is_symlink() for each in (path, path.parent, path.parent.parent)):
            yield path


def copy_cases(state: Path, staging: Path) -> tuple[list[Path], list[str]]:
    """Copy each application's cases into `staging`, each file as of one moment.

    Returns:
        The files that were copied, and the projects with a file that SQLite cannot read. Such a file is no reason to
        back up nothing: the backup takes it as it is.
    """
    copied, unread = [], []
    for path in case_files(state):
        project = path.parent.parent.name
        target = make_private_folder(staging / FOLDER / project) / path.name
        try:
            before = path.lstat()
            copy_sqlite(path, target)
            if path.lstat().st_ino != before.st_ino:
                raise OSError("it was replaced meanwhile")
        except (IsomoError, OSError) as error:
            log.error("cases-not-copied project=%s reason=%s", project, error)
            target.unlink(missing_ok=True)
            unread.append(project)
            continue
        target.chmod(stat.S_IMODE(before.st_mode))
        if os.geteuid() == 0:
            os.chown(target, before.st_uid, before.st_gid)
        copied.append(path)
    return copied, unread


def place_cases(part: Path, staging: Path) -> list[str]:
    """Put the copies of a snapshot where applications look for them; return the projects whose copy is damaged."""
    damaged = []
    for copy in sorted((staging / FOLDER).glob("*/*.sqlite")):
        project = copy.parent.name
        if not is_whole(copy):
            damaged.append(project)
        folder = part / "projects" / project / "application"
        folder.mkdir(parents=True, exist_ok=True)
        copy.replace(folder / copy.name)
    return damaged
