"""Titles and sentences of labs, in memory by the bundle that has them: a bundle never changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from graders.contract.message_facts import Says
from hub.store.content_files import Blobs
from hub.store.verdict_messages import TEXTS, task_sentences, task_titles

MOST_KEPT = 1000
"""Texts that are kept; a course of thirteen labs has 26 in each language. Reading them was half of a trainer's page."""


class LabTexts:
    """Reads texts of labs. Example: `LabTexts(blobs).titles(lab.source_bundle, "fr")`"""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._kept = lru_cache(maxsize=MOST_KEPT)(self._read)

    def titles(self, bundle: str | None, language: str) -> Mapping[str, str]:
        """Return the titles of a lab's tasks; none for a lab without texts, or whose files are gone."""
        return self._found(task_titles, bundle, language)

    def sentences(self, bundle: str | None, language: str) -> Says:
        """Return the sentences for what a lab's judges find, by task and verdict; none as above."""
        return self._found(task_sentences, bundle, language)

    def _found(self, kind: Callable[[bytes, str], Any], bundle: str | None, language: str) -> Any:
        try:
            return self._kept(kind, bundle, language) if bundle else {}
        except (OSError, ValueError, LookupError):
            return {}  # Not kept: what is missing may come back with a backup.

    def _read(self, kind: Callable[[bytes, str], Any], bundle: str, language: str) -> Any:
        return kind(self._blobs.get(self._blobs.manifest(bundle)[TEXTS]), language)
