"""A disk that is full: how it is recognised, and what a person is told."""

from __future__ import annotations

import errno
import sqlite3

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

DISK_FULL = N_(
    "The disk is full, so this was not finished. What was there before is untouched. Tell the administrator, and send it again later."
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error says that no more can be written.

    Example:
        >>> is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
        True
    """
    if isinstance(error, sqlite3.OperationalError):
        return "full" in str(error)
    return isinstance(error, OSError) and error.errno in FULL


def disk_full() -> PrototypeError:
    """Return the error that a person reads."""
    return PrototypeError(DISK_FULL)
