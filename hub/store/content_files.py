"""Files by content: named by the sha-256 of their bytes, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from hub.store.disk_full import DiskFull, is_full
from hub.store.store_sentences import _
from hub.verb_errors import IsomoError


class Blobs:
    """A folder of immutable files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return the path of the content called `sha256`. Raises ValueError if that is no such name."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(sha256)
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Keep `content` and return its name. It is on disk, synced, when this returns.

        Raises IsomoError if it cannot be kept; nothing is left half-written.
        """
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        try:
            os.utime(path)  # Known already; the time tells the sweep that it is in use again.
        except FileNotFoundError:
            pass
        except OSError:
            return name  # Another owner's file is there; only its time cannot be set.
        else:
            return name
        draft = path.with_name(f".{name}.{secrets.token_hex(6)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(draft, content)
            draft.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            draft.unlink(missing_ok=True)
            if is_full(error):
                raise DiskFull from error
            raise IsomoError(
                _("The work could not be kept: {reason}.").format(reason=error.strerror),
                _("See to the disk that holds Isomo's state; nothing was lost that had a receipt."),
            ) from error
        return name

    def get(self, sha256: str) -> bytes:
        """Return the content called `sha256`. Raises FileNotFoundError if there is none."""
        return self.path(sha256).read_bytes()

    def put_bundle(self, files: Mapping[str, bytes]) -> str:
        """Keep a set of files; the name is that of their manifest, so equal sets have equal names."""
        manifest = {path: self.put(content) for path, content in files.items()}
        return self.put(manifest_bytes(manifest))

    def get_bundle(self, sha256: str) -> dict[str, bytes]:
        """Return the files of a bundle, by relative path."""
        return {path: self.get(name) for path, name in self.manifest(sha256).items()}

    def manifest(self, sha256: str) -> dict[str, str]:
        """Return names of a bundle's files, each with that of its content."""
        found: dict[str, str] = json.loads(self.get(sha256))
        return found


def manifest_bytes(manifest: Mapping[str, str]) -> bytes:
    """Return `{path: sha256}` in its one canonical form."""
    return json.dumps(dict(sorted(manifest.items())), separators=(",", ":"), ensure_ascii=False).encode()


def bundle_name(files: Mapping[str, bytes]) -> str:
    """Return the name that a set of files has, without keeping it."""
    manifest = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return hashlib.sha256(manifest_bytes(manifest)).hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
