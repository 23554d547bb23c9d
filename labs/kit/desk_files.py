"""The desk's own files: built once, compressed once, named by their content."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2]
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".woff2": "font/woff2",
}
A_YEAR = "public, max-age=31536000, immutable"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""What a browser may accept, the shortest first, and how such a file's name ends."""


@dataclass(frozen=True)
class Built:
    """The built desk: its folder, and the names of its first files."""

    folder: Path
    script: str
    style: str
    worker: str
    version: str
    first: tuple[str, ...] = ()
    """All files that a page needs before it shows a lab; they are fetched side by side."""

    def content(self, name: str, accepted: str) -> tuple[bytes, str, str] | None:
        """Return a file's bytes, its kind and its encoding; None if there is no such file."""
        path = self.folder / name
        if "/" in name or name.startswith(".") or path.suffix not in KINDS or not path.is_file():
            return None
        for encoding, ending in ENCODINGS:
            packed = path.with_name(name + ending)
            if encoding in accepted and packed.is_file():
                return packed.read_bytes(), KINDS[path.suffix], encoding
        return path.read_bytes(), KINDS[path.suffix], ""


def desk_folders() -> list[Path]:
    """Return where the built desk may be: where the environment says, in the image, in a checkout."""
    named = os.environ.get("ISOMO_DESK")
    return [*([Path(named)] if named else []), PLACE / "desk", PLACE / ".isomo" / "desk"]


@lru_cache(maxsize=1)
def built_desk() -> Built | None:
    """Return the built desk, None if it was not built: then labs open in JupyterLab."""
    for folder in desk_folders():
        try:
            names = json.loads((folder / "names.json").read_text("utf-8"))
            return Built(
                folder,
                names["script"],
                names["style"],
                names["worker"],
                names["version"],
                tuple(names["first"]),
            )
        except (OSError, ValueError, LookupError):
            continue
    return None
