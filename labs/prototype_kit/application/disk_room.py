"""A disk or a folder's limit that is full: how it is recognised, what a person is told, and the room that is kept."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
from pathlib import Path

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

DISK_FULL = N_(
    "The disk is full, so this was not finished. What was there before is untouched. Tell the administrator, and send it again later."
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


KEPT_FREE = 64 * 1024 * 1024
"""Bytes that no further case takes. What people decide, deletion after its time, the off switch and a start need some."""
KEPT_SHARE = 4
"""In a small folder it is this part of it, so a quarter."""


def has_room(folder: Path, more: int = 0, file: Path | None = None) -> bool:
    """Return whether a case, or `more` bytes, fit into a folder so that what is kept free stays free.

    With `file`, they must fit into that one too: a container limits the size of a single file.
    """
    found = os.statvfs(folder)
    kept = min(KEPT_FREE, found.f_blocks * found.f_frsize // KEPT_SHARE)
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if file is not None and largest != resource.RLIM_INFINITY:
        if file.stat().st_size + min(KEPT_FREE, largest // KEPT_SHARE) + more > largest:
            return False
    return found.f_bavail * found.f_frsize >= kept + more


def must_have_room(folder: Path, more: int = 0, file: Path | None = None) -> None:
    """Raise OSError, as a full disk does, if no further case fits into a folder, or not so many bytes more."""
    if not has_room(folder, more, file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def is_disk_full(error: BaseException, folder: Path | None = None) -> bool:
    """Return whether an error says that no more can be written, with `folder` to one of SQLite's files in it.

    Example:
        >>> is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
        True
    """
    if isinstance(error, sqlite3.OperationalError):
        # A quota that is full is no full disk for SQLite, but a write that failed.
        if "disk I/O error" in str(error) and folder is not None:
            return not has_room(folder)
        return "full" in str(error)
    return isinstance(error, OSError) and error.errno in FULL


def disk_full() -> PrototypeError:
    """Return the error that a person reads."""
    return PrototypeError(DISK_FULL)
