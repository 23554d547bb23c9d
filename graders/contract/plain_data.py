"""Plain data within limits: what may pass between a probe, a judge and the engine."""

from __future__ import annotations

import json
from typing import Any

LARGEST = 4 << 20
"""Bytes of JSON that a draw may send and a probe may answer."""


DEEPEST = 32
"""Lists within lists that are taken."""


class NotPlainError(ValueError):
    """Something is too large, or no data."""


def as_plain(value: Any) -> Any:
    """Return `value` after a round trip through JSON. Raises NotPlainError."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotPlainError("no plain data") from error
    if len(text) > LARGEST:
        raise NotPlainError("too large")
    return json.loads(text)


LARGEST_NUMBER = 1 << 63
"""A judge's arithmetic must not stop at a whole number that no float holds."""


def is_small(value: Any) -> bool:
    """Return whether plain data is within the limits of size, depth and range."""
    try:
        as_plain(value)
    except NotPlainError:
        return False
    level = [value]
    for _ in range(DEEPEST):
        level = [one for each in level if isinstance(each, list | dict) for one in _parts(each)]
        if any(type(one) is int and abs(one) >= LARGEST_NUMBER for one in level):
            return False
        if not level:
            return True
    return False


def _parts(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
