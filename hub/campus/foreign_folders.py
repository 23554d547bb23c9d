"""Files in folders that a team or an application can write: no link is followed, and no name is trusted.

Every step holds the folder it works in open, so that nobody can put a link in its place meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
LEFT_SECONDS = 3600
"""An unfinished folder this old was left by a process that was killed."""


@contextlib.contextmanager
def opened_folder(root: Path, place: tuple[str, ...] = ()) -> Iterator[int]:
    """Open a folder below `root`. Raises OSError if it is none, or a link is on the way."""
    folder = os.open(root, FOLDER)
    try:
        for part in place:
            inner = os.open(part, FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


@contextlib.contextmanager
def opened_file(folder: int, name: str) -> Iterator[int]:
    """Open an ordinary file. Raises OSError if it is none."""
    # Opening a pipe would wait for a writer.
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(0, "not an ordinary file")
        yield file
    finally:
        os.close(file)


def write_file(folder: int, name: str, content: bytes) -> None:
    """Write a file that everybody may read; what has its name, a link or a folder too, gives way."""
    aside = _unused(name)
    try:
        with new_file(folder, aside) as file, os.fdopen(os.dup(file), "wb") as out:
            out.write(content)
        try:
            os.replace(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
        except IsADirectoryError:
            os.rename(name, _unused(name), src_dir_fd=folder, dst_dir_fd=folder)
            os.replace(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(aside, dir_fd=folder)
        raise


@contextlib.contextmanager
def new_file(folder: int, name: str) -> Iterator[int]:
    """Make a file that everybody may read, and have it on the disk at the end. Raises OSError if it is there."""
    file = os.open(name, NEW_FILE, 0o600, dir_fd=folder)
    try:
        yield file
        os.fchmod(file, 0o644)
        os.fsync(file)
    finally:
        os.close(file)


@contextlib.contextmanager
def inner_folder(folder: int, name: str) -> Iterator[int]:
    """Open a folder in another one, making it if it is missing. Raises OSError if something else has its name."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=folder)
    inner = os.open(name, FOLDER, dir_fd=folder)
    try:
        if os.fstat(inner).st_uid == os.geteuid():
            os.fchmod(inner, 0o755)  # Whatever the umask: its reader is another user.
        yield inner
    finally:
        os.close(inner)


@contextlib.contextmanager
def new_folder(folder: int, name: str) -> Iterator[int]:
    """Fill a folder aside, and give it its name at the end; nothing is left of one that was not finished.

    Raises OSError; FileExistsError if somebody else finished one of that name meanwhile.
    """
    aside = _unused(name)
    try:
        with inner_folder(folder, aside) as inner:
            yield inner
            os.fsync(inner)
        _rename(folder, aside, name)
        os.fsync(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True, dir_fd=folder)


def _rename(folder: int, aside: str, name: str) -> None:
    try:
        os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            raise FileExistsError(name) from None
        raise


def names_in(folder: int) -> list[str]:
    """Return the names in an open folder."""
    return os.listdir(folder)


def remove_unfinished(folder: int) -> None:
    """Remove what `new_folder` left when its process was killed."""
    for name in names_in(folder):
        with contextlib.suppress(OSError):
            made = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime
            if name.startswith(".") and name.endswith(".new") and time.time() - made > LEFT_SECONDS:
                shutil.rmtree(name, ignore_errors=True, dir_fd=folder)


def _unused(name: str) -> str:
    return f".{name}.{secrets.token_hex(8)}.new"
