"""Errors in a lab's source, always with the file and line where its author can fix it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


def N_(text: str) -> str:  # noqa: N802 - the usual gettext name for "translate later"
    """Mark the key of a finding that is worded elsewhere."""
    return text


class Finding(str):
    """A sentence about a lab's source, with the data that it was made of, so that it can be said in another language.

    Attributes:
        key: the English sentence with `{names}` in it, which the catalogues in `locale/` translate.
        facts: what the names stand for, as texts.
    """

    __slots__ = ("facts", "key")
    key: str
    facts: dict[str, str]


def english_finding(key: str, /, **facts: object) -> Finding:
    """Return a finding worded in English.

    Example: `english_finding("Task {task} has no solution(…).", task="t1")`
    """
    said = {name: str(value) for name, value in facts.items()}
    made = Finding(key.format(**said))
    made.key, made.facts = key, said
    return made


@dataclass(frozen=True, order=True)
class Problem:
    """One error to fix. `line` counts from 1; 0 if it is about a whole file."""

    path: str
    line: int
    message: str
    """Said in English; a Finding if it can be said in other languages."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class LabError(Exception):
    """A lab cannot be built; the text lists every problem found, one per line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Report:
    """Collects problems, so that an author sees all of them at once."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, message: str) -> None:
        """Note a problem in `file` of the lab."""
        self.problems.append(Problem(f"{self.folder.name}/{file}", line, message))

    def stop(self) -> None:
        """Raise LabError if anything was noted."""
        if self.problems:
            raise LabError(self.problems)
