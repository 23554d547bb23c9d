"""Builds of the learner's desk on this machine: the newest, and older ones that open tabs may still need."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from hub.isomo_settings import CHECKOUT

BUILDS = CHECKOUT / ".isomo"
NAME = re.compile(r"[A-Za-z0-9_-]+-[A-Z0-9]{8}\.(js|css|woff2)")
"""Names of files that change their name with their content."""


def built_names(folder: Path = BUILDS) -> dict[str, Any]:
    """Return the names of the newest build's files; empty if the desk was not built on this machine."""
    path = folder / "desk" / "names.json"
    try:
        return _names(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=4)
def _names(path: Path, _changed: int) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def find_file(name: str, folder: Path = BUILDS) -> Path | None:
    """Return a built file, of the newest build or of an older one; None if no build has it."""
    if not NAME.fullmatch(name):
        return None
    builds = [folder / "desk", *sorted(folder.glob("desk-[0-9a-f]*"))]
    return next((build / name for build in builds if (build / name).is_file()), None)
