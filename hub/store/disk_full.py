"""Recognition of a full disk: one error whether a file or a row did not fit."""

from __future__ import annotations

import errno

from sqlalchemy.exc import OperationalError

from hub.store.store_sentences import _
from hub.verb_errors import IsomoError


class DiskFull(IsomoError):  # noqa: N818 - a state of the disk, named as people name it
    """Nothing more fits on the disk that holds the state, or into a quota on it."""

    def __init__(self) -> None:
        super().__init__(
            _("Nothing more can be kept: the disk is full."),
            _("Free space on the disk that holds Isomo's state; nothing was lost that had a receipt."),
        )


def is_full(error: OSError | OperationalError) -> bool:
    """Return whether this error of a file or of a database means that nothing more fits."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    # SQLite tells by a sentence, PostgreSQL by its code 53100 (disk_full).
    return "disk is full" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "53100"
