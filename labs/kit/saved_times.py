"""When each text and each task's answers were saved at the desk: the box of a conflict says which is newer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labs.kit.home_files import as_json, read_json, write_aside

NAME = "saved-times.json"


class SavedTimes:
    """Times of one lab, in seconds. JupyterLab saves too and tells no time: a time holds for its own content only.

    Example:
        >>> import tempfile
        >>> times = SavedTimes(Path(tempfile.mkdtemp()))
        >>> times.keep({"cell c": "bar = 0.1"}, 1800.0)
        >>> times.of({"cell c": "bar = 0.1"}), times.of({"cell c": "bar = 0.2"})
        ({'cell c': 1800.0}, {})
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._kept = read_json(self.path)

    def of(self, contents: Mapping[str, Any]) -> dict[str, float]:
        """Return when these contents were saved; those of which that is not known are left out."""
        known = {name: self._known(name) for name in contents}
        return {
            name: found[1] for name, found in known.items() if found and found[0] == _mark(contents[name])
        }

    def _known(self, name: str) -> tuple[str, float] | None:
        """Return a content's mark and its time; None if none is kept, or what is kept is damaged."""
        kept = self._kept.get(name)
        if isinstance(kept, list) and len(kept) == 2 and isinstance(kept[1], int | float):
            return str(kept[0]), float(kept[1])
        return None

    def keep(self, contents: Mapping[str, Any], at: float) -> None:
        """Note that these contents were saved, unless they were there before."""
        known = self.of(contents)
        new = {name: [_mark(content), at] for name, content in contents.items() if name not in known}
        if new:
            self._kept = {**self._kept, **new}
            write_aside(self.path, as_json(self._kept))


def _mark(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
