"""English sentences in results from before messages were data, in their reader's language.

Those rows have no key and no facts, so each sentence is found again by the catalogue's own English, with its blanks as
wildcards. Nothing that is recorded today passes through here; remove it when no such result is left to read.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from graders.contract.message_keys import SENTENCES
from graders.contract.message_words import message_catalogue

LONGEST_VALUE = 300
NEWER = ("in-file", "unknown")
"""Keys that no such row has; the first would match any text with a colon."""


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


def retell_sentences(text: str, language: str) -> str:
    """Return an old row's text with every sentence of the engine in `language`; the rest of it stays."""
    words = message_catalogue(language)

    def translated(one: str, many: str, count: int) -> str:
        return words.ngettext(one, many, count) if many else words.gettext(one)

    for sentence in _sentences():
        text = sentence.found_in(text, translated)
    return text


@lru_cache(maxsize=1)
def _sentences() -> tuple[Sentence, ...]:
    """Return the sentences of the catalogue, the longest first."""
    made = [Sentence(each.one, each.many) for key, each in SENTENCES.items() if key not in NEWER]
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
