"""Seals of the audit log: each is the hash of its entry and of the seal before, so that no entry can be edited."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Protocol


class Entry(Protocol):
    """Sealed content of an entry."""

    @property
    def at(self) -> datetime:
        """Return the time of the entry."""

    @property
    def who(self) -> str:
        """User name."""

    @property
    def what(self) -> str:
        """Code of the action."""

    @property
    def object(self) -> str:
        """To what."""

    @property
    def address(self) -> str:
        """Network address."""


def entry_seal(before: str, entry: Entry) -> str:
    """Return the seal of `entry`, which follows the entry whose seal is `before` ("" for the first)."""
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    covered = [before, moment, entry.who, entry.what, entry.object, entry.address]
    return hashlib.sha256(json.dumps(covered, ensure_ascii=True).encode()).hexdigest()
