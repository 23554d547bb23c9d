"""Shortcut of `nbgrader autograde LAB ...`: a warm engine grades before this process has imported nbgrader.

The wheel's `isomo-warm-autograde.pth` calls `watch_imports` when Python starts with that command, and nothing for any
other. Whether a course uses Isomo's engine is decided by its configuration, which the warm process reads as ever.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

CONFIG = "nbgrader_config.py"
DROP_IN = b"drop_in"


def watch_imports() -> None:
    """Wait for the first import of nbgrader, if this process is `nbgrader autograde`."""
    words = autograde_words(sys.orig_argv)
    if words is not None:
        sys.meta_path.insert(0, FirstImport(words))


def autograde_words(command: Sequence[str]) -> list[str] | None:
    """Return the words after `nbgrader autograde`, as the operating system has the command; None for any other.

    >>> autograde_words(["python", "/env/bin/nbgrader", "autograde", "ps1"])
    ['ps1']
    >>> autograde_words(["python", "-m", "nbgrader", "autograde"])
    []
    >>> autograde_words(["python", "/env/bin/nbgrader", "list", "autograde"])
    """
    match list(command):
        case [_, "-m", "nbgrader", "autograde", *words]:
            return words
        case [_, script, "autograde", *words] if Path(script).name == "nbgrader":
            return words
    return None


class FirstImport:
    """A finder that finds no module: it only notices that nbgrader is about to be imported."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Have a warm engine grade and end this process as it ends; return if there is none."""
        if name != "nbgrader":
            return
        sys.meta_path.remove(self)
        if names_engine():
            from graders.nbgrader.autograde_script import run_warm

            run_warm(self._words, installs=False)


def names_engine() -> bool:
    """Return whether a configuration that nbgrader would read here has the drop-in's line, or a part of it.

    Without that line, a user of nbgrader's own engine never meets a warm one.
    """
    own = os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter"
    return any(_is_in(Path(folder) / CONFIG) for folder in (".", own))


def _is_in(path: Path) -> bool:
    try:
        return DROP_IN in path.read_bytes()
    except OSError:
        return False
