"""Sets of files as they travel: a zip, checked before a single byte of it is believed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from hub.campus.problems import Problem

LIMIT = 10 * 1000 * 1000
"""Bytes that one submission may have, packed or unpacked."""
MOST_FILES = 200
LONGEST_NAME = 200


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files`; equal sets give equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, date_time=(2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[path])
    return made.getvalue()


def unpack(content: bytes, limit: int = LIMIT) -> dict[str, bytes]:
    """The files in a zip. Raises Problem for what is no zip, too large, or names a place outside."""
    if len(content) > limit:
        raise Problem("too-large", {"limit": limit // 1_000_000})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive, limit)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        IndexError,
        struct.error,
    ) as error:
        raise Problem("bad-zip") from error


def _read(archive: zipfile.ZipFile, limit: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = limit
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise Problem("bad-zip")
    for entry in entries:
        if not is_plain(entry.filename) or entry.filename in files or _is_odd(entry):
            raise Problem("bad-zip")
        with archive.open(entry) as file:
            # The size that the zip claims is the sender's word; what is read is counted.
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise Problem("too-large", {"limit": limit // 1_000_000})
        files[entry.filename] = content
    return files


def is_plain(name: str) -> bool:
    """Whether `name` is a relative path that stays inside, and nothing else on any system."""
    parts = PurePosixPath(name).parts
    bad = any(part in ("..", ".", "/") or part.startswith("/") for part in parts)
    odd = any(ord(sign) < 32 or sign in '\\:*?"<>|' for sign in name)
    return bool(parts) and not bad and not odd and not name.startswith("/") and len(name) <= LONGEST_NAME


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a link, or packed in a way that nobody who packs for us uses."""
    is_link = (entry.external_attr >> 28) == 0xA
    return is_link or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def for_language(files: Mapping[str, bytes], language: str, languages: Iterable[str]) -> dict[str, bytes]:
    """A lab's files for one reader: the folder of their language (else English) moved to the top."""
    known = set(languages) | {"en"}
    folders = {path.split("/", 1)[0] for path in files if "/" in path} & known
    chosen = language if language in folders else "en"
    plain = {path: content for path, content in files.items() if path.split("/", 1)[0] not in folders}
    own = {path.split("/", 1)[1]: content for path, content in files.items() if path.startswith(f"{chosen}/")}
    return {**plain, **own}
