"""The order in which a learner sees the answers to a question: another for each learner, the same each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

KINDS = ("recall", "read", "judge")
"""Tasks whose answers are drawn. The answers to a prediction are steps of a scale and keep their order."""


def shuffled_options(
    options: Iterable[Mapping[str, Any]], learner: str, *question: str
) -> list[dict[str, Any]]:
    """Return `options` in the order that `learner` sees for `question` (lab, task, part).

    Example:
        >>> options = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
        >>> [one["id"] for one in shuffled_options(options, "amina", "a-lab", "j", "why")]
        ['c', 'a', 'b']
    """

    def place(option: Mapping[str, Any]) -> bytes:
        said = "\0".join((learner, *question, str(option["id"])))
        return hashlib.sha256(said.encode()).digest()

    return [dict(option) for option in sorted(options, key=place)]
