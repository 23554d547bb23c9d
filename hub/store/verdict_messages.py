"""Messages of graded work and titles of its tasks, in their reader's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from graders.contract.message_facts import Message, Says, lab_sentence
from graders.contract.message_words import worded_message
from hub.store.older_sentences import retell_sentences

TEXTS = "texts.json"
"""A built lab's sentences in every language, among the grader's files and the learners'."""


MARKS = (r"\*\*(.+?)\*\*", r"(?<![\w*])\*(?!\s)([^*]+?)\*(?![\w*])", r"`([^`]+)`")
"""Marks of emphasis and code in a lab's sentences; the builder leaves them out of what a judge says."""


def without_marks(text: str) -> str:
    """Return a lab's sentence without its marks, as its judge says it."""
    for mark in MARKS:
        text = re.sub(mark, r"\1", text)
    return text


def message_text(english: str | None, said: Any, language: str, says: Says | None = None) -> str:
    """Return a message of graded work as its reader sees it.

    Args:
        english: the sentence as it is kept for older versions, empty or None for no message.
        said: the message as data; None in a row from before there was any, which has only its sentence.
        language: the reader's.
        says: the lab's own sentences in that language, from `task_sentences`, for what its judges found.
    """
    if said is None:
        return retell_sentences(english, language) if english else ""
    try:
        return worded_message(lab_sentence(Message.from_data(said), says or {}, language), language)
    except ValueError:
        return english or ""


def task_sentences(texts: bytes | None, language: str) -> Says:
    """Return the sentences of a built lab's verdicts in a language, by task and verdict.

    `texts` is the lab's `texts.json`. What has none, or another shape, has no sentences.
    """
    try:
        said = json.loads(texts or b"{}")["languages"]
        tasks = (said.get(language) or said["en"])["tasks"]
        return {
            (str(task), str(key)): without_marks(str(words))
            for task, each in tasks.items()
            for key, words in each["says"].items()
        }
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return {}


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
