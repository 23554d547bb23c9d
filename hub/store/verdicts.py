"""Sentences of the grading engine and titles of its tasks, in their reader's language.

The engine says and the store keeps its sentences in English, whosever work it was: the trainer may read another
language than the learner. They are found again by the catalogue's own English, with its blanks as wildcards.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hub.store.words import LOCALE
from hub.words import catalogue

DOMAIN = "engine"
TEXTS = "texts.json"
"""A built lab's sentences in every language, among the grader's files and the learners'."""
LONGEST_VALUE = 300


@dataclass(frozen=True)
class Sentence:
    """One sentence of the engine's as the catalogue has it; `many` is its plural, empty if it has none."""

    one: str
    many: str = ""

    def found_in(self, text: str, translated: Callable[[str, str, int], str]) -> str:
        """Return `text` with this sentence translated wherever it occurs in it."""
        for pattern in map(_pattern, filter(None, (self.many, self.one))):
            text = pattern.sub(lambda match: self._said(match, translated), text)
        return text

    def _said(self, match: re.Match[str], translated: Callable[[str, str, int], str]) -> str:
        values = match.groupdict()
        return translated(self.one, self.many, int(values["n"]) if self.many else 1).format(**values)


def retold(text: str, language: str) -> str:
    """`text` with every sentence of the engine's in `language`; what else is in it stays, or has no translation."""
    words = catalogue(DOMAIN, language, LOCALE)

    def translated(one: str, many: str, count: int) -> str:
        return words.ngettext(one, many, count) if many else words.gettext(one)

    for sentence in _sentences(language):
        text = sentence.found_in(text, translated)
    return text


@lru_cache(maxsize=8)
def _sentences(language: str) -> tuple[Sentence, ...]:
    """Return the sentences that the catalogue translates, the longest first."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return ()
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        ids = [each.id for each in read_po(file, locale=language) if each.id and each.string]
    made = [Sentence(*each) if isinstance(each, tuple) else Sentence(str(each)) for each in ids]
    return tuple(sorted(made, key=lambda each: -len(each.one)))


@lru_cache(maxsize=256)
def _pattern(english: str) -> re.Pattern[str]:
    parts = [
        re.escape(literal) + (_wildcard(name) if name else "")
        for literal, name, *_ in string.Formatter().parse(english)
    ]
    return re.compile("".join(parts), re.DOTALL)


def _wildcard(name: str) -> str:
    return r"(?P<n>\d{1,9})" if name == "n" else f"(?P<{name}>.{{1,{LONGEST_VALUE}}}?)"


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
