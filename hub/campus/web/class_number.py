"""The number of a class, as a form or an address gives it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from hub.campus.problem_codes import Problem

MOST = 2**31 - 1
"""The largest number that a database keeps in its smaller whole numbers."""
ClassNumber = Annotated[int, Path(ge=1, le=MOST)]


def chosen_class(text: str) -> int | None:
    """Return the class chosen in a form, None for none. Raises Problem for what is no number."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) <= MOST:
        raise Problem("bad-request", {"fields": "group"})
    return int(text)
