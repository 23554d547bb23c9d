"""Sets of files as they travel: a zip, checked before a single byte of it is believed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import PurePosixPath

from hub.campus.problem_codes import Problem
from hub.memory_sizes import Size
from hub.shared_names import ANSWERS

MOST_FILES = 2000
LONGEST_NAME = 200
SMALL_SET = 1_000_000
"""Bytes of a set of files whose zip is remembered."""


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files`; equal sets give equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, date_time=(2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[path])
    return made.getvalue()


def pack_for_many(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files`, which many ask for in the same minute: that of a small set is remembered.

    It is found by the files themselves, so that a set that changed is packed again.
    """
    if sum(map(len, files.values())) > SMALL_SET:
        return pack_files(files)
    return _small_pack(tuple(sorted(files.items())))


@lru_cache(maxsize=16)
def _small_pack(files: tuple[tuple[str, bytes], ...]) -> bytes:
    return pack_files(dict(files))


def unpack_files(content: bytes, limit: Size) -> dict[str, bytes]:
    """Return the files in a zip. Raises Problem for what is no zip, too large, or names a place outside."""
    with _opened(content) as archive:
        entries = _entries(archive)
        for entry in entries:
            if not is_plain(entry.filename):
                raise Problem("bad-file-name", {"file": entry.filename[:80], "limit": LONGEST_NAME})
        files, left_out = _read(archive, entries, limit)
    if left_out:
        raise Problem("too-large", {"limit": limit})
    return files


def unpack_work(content: bytes, limit: Size) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a zip of work that fit into `limit` bytes, and the names of those that are left out.

    Notebooks come first, then the others from the smallest. A file whose name does not work everywhere is left out
    too. Raises Problem for what is no zip, names a place outside, or has notebooks that are too large themselves.
    """
    with _opened(content) as archive:
        entries = _entries(archive)
        files, left_out = _read(archive, [each for each in entries if is_plain(each.filename)], limit)
    return files, sorted(left_out + [each.filename for each in entries if not is_plain(each.filename)])


@contextmanager
def _opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a zip; whatever is wrong with it inside this block is a Problem."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
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


def _read(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], limit: Size
) -> tuple[dict[str, bytes], list[str]]:
    files: dict[str, bytes] = {}
    left, left_out = int(limit), []
    for entry in sorted(entries, key=lambda entry: (not _is_work(entry.filename), entry.file_size)):
        with archive.open(entry) as file:
            # The size that the zip claims is the sender's word; what is read is counted.
            content = file.read(left + 1)
        if len(content) <= left:
            left -= len(content)
            files[entry.filename] = content
        elif _is_work(entry.filename):
            raise Problem("too-large", {"limit": limit})
        else:
            left_out.append(entry.filename)
    return {name: files[name] for name in sorted(files)}, left_out


def _is_work(name: str) -> bool:
    """Return whether a file is what is graded, not a file next to it."""
    return name.endswith(".ipynb") or name == ANSWERS


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise Problem("too-many-files", {"limit": MOST_FILES})
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or any(map(_is_odd, entries)) or not all(map(_stays_inside, names)):
        raise Problem("bad-zip")
    return entries


def is_plain(name: str) -> bool:
    """Return whether `name` is a relative path that stays inside, and nothing else on any system."""
    parts = PurePosixPath(name).parts
    odd = any(ord(sign) < 32 or sign in '\\:*?"<>|' for sign in name)
    return bool(parts) and _stays_inside(name) and not odd and len(name) <= LONGEST_NAME


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not any(part in ("..", ".", "/") or part.startswith("/") for part in parts)


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    """Return whether it is a link, or packed in a way that nobody who packs for us uses."""
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
