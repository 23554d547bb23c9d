"""`texts.json` next to a notebook: a lab's tasks and sentences in every language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.kit.home_files import read_json

NAME = "texts.json"


@dataclass(frozen=True)
class Lesson:
    """A lab as the kit knows it, in one language."""

    slug: str
    version: str
    language: str
    tasks: dict[str, Any]
    said: dict[str, Any]

    @classmethod
    def read(cls, folder: Path, slug: str, language: str) -> Lesson:
        """Return the lesson in `folder`; an empty one if its file is missing."""
        found = read_json(folder / NAME)
        languages = found.get("languages", {})
        said = languages.get(language) or languages.get("en") or {}
        return cls(found.get("slug", slug), found.get("version", ""), language, found.get("tasks", {}), said)

    @property
    def is_there(self) -> bool:
        """Return whether the lab's texts were found."""
        return bool(self.tasks)

    @property
    def title(self) -> str:
        """The lab's title."""
        return str(self.said.get("title", self.slug))

    @property
    def builds_on(self) -> list[str]:
        """Numbers and titles of the labs that come before this one."""
        return [str(title) for title in self.said.get("builds_on", []) if title]

    @property
    def pieces(self) -> list[dict[str, Any]]:
        """Parts of about ten minutes: title, minutes, tasks."""
        return list(self.said.get("pieces", []))

    def task(self, name: str) -> dict[str, Any]:
        """Return a task's question, parts, sentences and hints; empty if there is no such task."""
        kind = self.tasks.get(name, {})
        return {**kind, **self.said.get("tasks", {}).get(name, {})} if kind else {}

    def word(self, key: str) -> str:
        """Return one of the lab's own words, the key itself if there is none."""
        return str(self.said.get("words", {}).get(key, key))
