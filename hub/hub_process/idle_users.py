"""Forget people who left: JupyterHub keeps everybody who came since its start in memory, with their spawner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

IDLE = timedelta(minutes=30)
"""Long after any request of theirs has ended: JupyterHub notes activity at every request."""


def forget_idle(users: dict[int, Any], now: datetime | None = None) -> int:
    """Drop those who left and have no server from JupyterHub's users in memory; return how many.

    They stay in its database, and are read again when they come back.

    Args:
        users: `JupyterHub.users`, by number.
        now: the time, in UTC; today's if it is left out.
    """
    before = (now or datetime.now(UTC)).replace(tzinfo=None) - IDLE
    idle = [number for number, user in users.items() if not _is_here(user, before)]
    for number in idle:
        # Not `del users[…]`, which takes the person out of the database session as well.
        dict.pop(users, number)
    return len(idle)


def _is_here(user: Any, before: datetime) -> bool:
    seen = user.orm_user.last_activity or user.orm_user.created
    if seen is None or seen > before:
        return True
    return any(each.active or each.pending or each._check_pending for each in user.spawners.values())
