"""Images that an office's own configuration of JupyterHub names: learners' servers may start from them too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hub.hub_process.office_config import config_files
from hub.isomo_settings import Settings

IMAGE = re.compile(
    r"[a-z0-9][A-Za-z0-9_./:-]{0,199}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})"
)
"""A name with its tag or digest; one without is named in `[engine] images`."""


def trusted_files(settings: Settings) -> list[Path]:
    """Return the configuration's files outside the state folder, which the hub itself could write."""
    state = settings.state.resolve()
    return [path for path in config_files(settings) if not path.resolve().is_relative_to(state)]


def named_images(settings: Settings) -> frozenset[str]:
    """Return the texts in those files that read as an image's name; the files are read, never run."""
    return frozenset(name for path in trusted_files(settings) for name in _names(path))


def _names(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):  # The hub names file and line when it starts.
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IMAGE.fullmatch(node.value):
            yield node.value
