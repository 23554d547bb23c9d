"""Files that only their owner may read: databases, gradebooks, keys and logs of an installation."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
# Below the state folder. Homes and labs are left out: containers read them under another uid.
PRIVATE = (
    *("isomo.sqlite*", "jupyterhub.sqlite*"),
    *("gradebooks/*/gradebook.db*", "keys/*", "keys/*/*", "logs/*.log*"),
)


def make_private_folder(path: Path) -> Path:
    """Make `path` if it is missing and close it to everybody else, whatever the umask."""
    path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    with contextlib.suppress(PermissionError):  # Another user's folder: `doctor` names it.
        path.chmod(FOLDER_MODE)
    return path


def make_private_file(path: Path) -> Path:
    """Make an empty file at `path` if it is missing and close it to everybody else, whatever the umask.

    SQLite gives its journals the mode of the database file, so this holds for them too.
    """
    # An existing database is not opened: closing it would drop SQLite's locks in this process.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    with contextlib.suppress(PermissionError):
        path.chmod(FILE_MODE)
    return path


def private_files(state: Path) -> Iterator[Path]:
    """Yield every file of the installation in `state` that only its owner may read."""
    for pattern in PRIVATE:
        yield from sorted(path for path in state.glob(pattern) if path.is_file() and not path.is_symlink())


def readable_by_others(state: Path) -> list[Path]:
    """Return the state folder and its private files as far as others on this machine may open them."""
    there = [state, *private_files(state)] if state.exists() else []
    return [path for path in there if path.stat().st_mode & 0o077]


def close_to_others(state: Path) -> None:
    """Close the state folder and its private files to everybody but their owner."""
    make_private_folder(state)
    for path in private_files(state):
        make_private_file(path)
