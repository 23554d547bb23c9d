"""`answers.json`: the learner's answers given with controls, kept at home at once and handed in next to the
notebook.

Two processes write it: the kernel, when a form's widget changes, and the server, when the desk sends answers. Each
change is made to the file as it is at that moment, under a lock, so that neither overwrites the other's.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labs.kit.home_files import as_json, read_json, write_aside
from labs.kit.lab_facts import ANSWERS, LARGEST_ANSWERS

SCHEMA = 1
"""Bytes that `answers.json` may have; a longer one is not taken by graders."""
LONGEST_TEXT = 20_000


class TooMuchError(Exception):
    """These answers would not fit."""


def plain_value(value: Any, depth: int = 4) -> Any:
    """`value` as JSON can hold it; anything else becomes its kind's name, so that a check can say what it got."""
    if value is None or isinstance(value, bool | int | float | str):
        return value[:LONGEST_TEXT] if isinstance(value, str) else value
    if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "size", 0) == 1:
        return plain_value(value.item(), depth)
    if depth and isinstance(value, list | tuple) and len(value) <= 200:
        return [plain_value(one, depth - 1) for one in value]
    if depth and isinstance(value, dict) and len(value) <= 200:
        return {str(key): plain_value(one, depth - 1) for key, one in value.items()}
    return None if value is ... else f"<{type(value).__name__}>"


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, so that one process at a time changes what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class AnswerBook:
    """The answers of one learner in one lab. Every change is on disk before the call returns."""

    def __init__(self, folder: Path, lab: str, language: str, version: str = "") -> None:
        self.path = folder / ANSWERS
        self._header = {"schema": SCHEMA, "lab": lab, "language": language, "version": version}
        self._seen = self._state_on_disk()
        self._kept = self._read() | self._header

    def _state_on_disk(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _refresh(self) -> None:
        """Take what another process wrote since; a file that is gone leaves what is known."""
        now = self._state_on_disk()
        if now is not None and now != self._seen:
            self._seen, self._kept = now, self._read() | self._header

    def _read(self) -> dict[str, Any]:
        kept = read_json(self.path)
        if not kept and self.path.is_file():
            # Nobody's work is thrown away, even if nobody can read it.
            self.path.replace(self.path.with_name(f"answers.damaged-{time.time_ns()}.json"))
        for part in ("answers", "checks"):
            if not isinstance(kept.get(part), dict):
                kept[part] = {}
        return kept

    @property
    def all(self) -> dict[str, dict[str, Any]]:
        """Every task's answers."""
        self._refresh()
        return dict(self._kept["answers"])

    def of(self, task: str) -> dict[str, Any]:
        """Return one task's answers, empty if there are none."""
        self._refresh()
        found = self._kept["answers"].get(task)
        return dict(found) if isinstance(found, dict) else {}

    def checks(self, task: str) -> dict[str, Any]:
        """Return what checking showed so far: outcome, key, tries, hints seen."""
        self._refresh()
        found = self._kept["checks"].get(task)
        return dict(found) if isinstance(found, dict) else {}

    def keep(self, task: str, answers: dict[str, Any]) -> None:
        """Keep a task's answers. Raises TooMuchError if the file would grow too large."""
        self._save("answers", task, {str(name): plain_value(value) for name, value in answers.items()})

    def keep_if(
        self, task: str, answers: dict[str, Any], allowed: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any] | None:
        """Keep a task's answers if those that are there are `allowed` to go; nobody can change them in between.

        Returns:
            None if they are kept, else the answers that are there.

        Raises TooMuchError if the file would grow too large.
        """
        with locked_folder(self.path.parent):
            there = self.of(task)
            if not allowed(there):
                return there
            self._write("answers", task, {str(name): plain_value(value) for name, value in answers.items()})
        return None

    def keep_check(self, task: str, **facts: Any) -> None:
        """Keep what a check or a hint showed."""
        self._save("checks", task, self.checks(task) | facts)

    def forget_checks(self) -> None:
        """Start over with what was checked; answers stay."""
        self._refresh()
        self._kept["checks"] = {}

    def _save(self, part: str, task: str, value: dict[str, Any]) -> None:
        with locked_folder(self.path.parent):
            self._write(part, task, value)

    def _write(self, part: str, task: str, value: dict[str, Any]) -> None:
        self._refresh()
        if self._kept[part].get(task) == value and self.path.is_file():
            return
        changed = {**self._kept, part: {**self._kept[part], task: value}}
        content = as_json(changed)
        if len(content) > LARGEST_ANSWERS:
            raise TooMuchError
        self._kept = changed
        write_aside(self.path, content)
        self._seen = self._state_on_disk()

    def as_bytes(self) -> bytes:
        """Return the file as it is handed in."""
        self._refresh()
        return as_json(self._kept)


def readable_answers(content: bytes) -> dict[str, Any] | None:
    """Return `answers.json` of a stranger, or None if it is not one."""
    if len(content) > LARGEST_ANSWERS:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("answers"), dict) else None
