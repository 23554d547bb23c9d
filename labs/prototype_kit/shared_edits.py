"""Files that two people of a team edit at once: nobody's work is overwritten, and the later one sees what changed.

A command that runs for long remembers the files that it was told to work from. Before it writes, it compares: if
somebody changed one, it writes nothing and shows the lines. What a command makes and a person edited is set aside.
"""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

MOST_LINES = 20
MARK = "<!-- isomo prototype made this file: "


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold the folder against other commands; it is let go when the process ends too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class SeenFiles:
    """Small text files and large data files of a project, as they were when a command began."""

    def __init__(self, project: Path, texts: Iterable[str], data: Iterable[str] = ()) -> None:
        self.project = project
        self.texts = {name: _text(project / name) for name in texts}
        self.data = {name: _state(project / name) for name in data}

    def must_be_same(self) -> None:
        """Raise PrototypeError, with the changed lines, if somebody changed one of the files since."""
        changed = [name for name, text in self.texts.items() if _text(self.project / name) != text]
        replaced = [name for name, state in self.data.items() if _state(self.project / name) != state]
        if changed or replaced:
            lines = [line for name in changed for line in self._changes(name)]
            raise PrototypeError(
                N_(
                    "Somebody changed {files} while this ran, so nothing was written:\n{changes}\nRead the change, then type the command again."
                ),
                files=", ".join([*changed, *replaced]),
                changes="\n".join(lines[:MOST_LINES]) or "…",
            )

    def _changes(self, name: str) -> list[str]:
        return changed_lines(self.texts[name], _text(self.project / name))


def changed_lines(before: str, now: str) -> list[str]:
    """Return the lines that went (-) and came (+).

    Example:
        >>> changed_lines("a\\nb\\n", "a\\nc\\n")
        ['- b', '+ c']
    """
    told = difflib.ndiff(before.splitlines(), now.splitlines())
    return [line for line in told if line.startswith(("- ", "+ "))]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def set_aside(path: Path) -> Path:
    """Rename a file to the next free name next to it, such as `intake-1.toml`; return that name."""
    number = 1
    while (free := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    path.rename(free)
    return free


def write_made(path: Path, text: str) -> Path | None:
    """Write a file that a command makes. One that a person edited since is set aside first: return its new name."""
    with hold_folder(path.parent):
        kept = set_aside(path) if _was_edited(path) else None
        body = text.rstrip("\n") + "\n"
        path.write_text(f"{body}{MARK}{_digest(body)} -->\n", "utf-8")
    return kept


def _was_edited(path: Path) -> bool:
    body, mark, rest = _text(path).rpartition(MARK)
    return bool(mark) and not rest.startswith(_digest(body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
