"""Places in a learner's home, and writing to them so that no file is ever half there."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_JSON = 16 << 20


def is_full(error: BaseException) -> bool:
    """Return whether nothing more fits: on the disk, in a home's quota, or in one file."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_aside(path: Path, content: bytes) -> None:
    """Write a file aside, sync it, then give it its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        # On a full disk, half a file would only take the room of the next one.
        aside.unlink(missing_ok=True)
        raise


def read_json(path: Path, most: int = LARGEST_JSON) -> dict[str, Any]:
    """A JSON object from a file of at most `most` bytes; empty if there is none, or none that can be read."""
    try:
        if path.stat().st_size > most:
            return {}
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def as_json(content: Any) -> bytes:
    """Plain data as JSON that people can read too; equal data gives equal bytes."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@dataclass(frozen=True)
class Home:
    """A learner's home: `labs/<slug>/` is theirs, `.isomo/` is the kit's."""

    root: Path

    @classmethod
    def own(cls) -> Home:
        """Return the home of the user who runs this."""
        return cls(Path(os.environ.get("HOME") or Path.home()))

    @property
    def learner(self) -> str:
        """Return what tells this learner from others: the name on the server, else the home folder."""
        return os.environ.get("JUPYTERHUB_USER", "") or str(self.root)

    def lab(self, slug: str) -> Path:
        """Return the folder a learner works in."""
        return self.root / "labs" / slug

    def notebook(self, slug: str) -> Path:
        """Return the notebook a learner works in."""
        return self.lab(slug) / f"{slug}.ipynb"

    @property
    def kept(self) -> Path:
        """Return the folder of what the kit keeps."""
        return self.root / ".isomo"

    @property
    def outbox(self) -> Path:
        """Work that waits for the campus."""
        return self.kept / "outbox"

    @property
    def receipts(self) -> Path:
        """Receipts of work that arrived."""
        return self.kept / "receipts"

    def place(self, slug: str) -> Path:
        """Return the folder of what the kit knows of one lab: `place.json`, the released files, earlier copies."""
        return self.kept / "labs" / slug
