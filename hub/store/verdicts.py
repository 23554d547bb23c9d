"""Messages of graded work and titles of its tasks, in their reader's language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from graders.contract.message_words import worded
from graders.contract.messages import Message
from hub.store.older_sentences import retold

TEXTS = "texts.json"
"""A built lab's sentences in every language, among the grader's files and the learners'."""


def message_text(english: str | None, said: Any, language: str) -> str:
    """Return a message of graded work as its reader sees it.

    Args:
        english: the sentence as it is kept for older versions, empty or None for no message.
        said: the message as data; None in a row from before there was any, which has only its sentence.
        language: the reader's.
    """
    if said is None:
        return retold(english, language) if english else ""
    try:
        return worded(Message.from_data(said), language)
    except ValueError:
        return english or ""


def task_titles(texts: bytes | None, language: str) -> dict[str, str]:
    """Tasks of a built lab by id, called after the part of the lab that they are in: `4 · Count the people found`.

    `texts` is the lab's `texts.json`. What has none, or another shape, has no titles.
    """
    try:
        said = json.loads(texts or b"{}")["languages"]
        return dict(_titles((said.get(language) or said["en"])["pieces"]))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return {}


def _titles(pieces: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for number, piece in enumerate(pieces, 1):
        tasks = piece.get("tasks", [])
        for place, task in enumerate(tasks, 1):
            of = f" ({place}/{len(tasks)})" if len(tasks) > 1 else ""
            yield str(task), f"{number} · {piece['title']}{of}"
