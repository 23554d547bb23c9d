"""Finds the decision that holds for the flags of a task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.store.marking_models import FlagRuling


def flags_digest(flags: Collection[Any]) -> str:
    """Return a name for these flags: a decision about them holds for no others."""
    return hashlib.sha256(json.dumps(list(flags), sort_keys=True).encode()).hexdigest()


def newest_rulings(session: Session, attempts: Any) -> dict[tuple[int, str], FlagRuling]:
    """Return the newest decision about each task; `attempts` are ids, or a query for ids."""
    query = select(FlagRuling).where(FlagRuling.attempt.in_(attempts)).order_by(FlagRuling.id)
    return {(each.attempt, each.grade_id): each for each in session.scalars(query)}


def valid_ruling(
    rulings: dict[tuple[int, str], FlagRuling], attempt: int, grade_id: str, flags: Collection[Any]
) -> FlagRuling | None:
    """Return the decision about these very flags; None if there is none."""
    known = rulings.get((attempt, grade_id))
    return known if known is not None and known.flags_sha256 == flags_digest(flags) else None
