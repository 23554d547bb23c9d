"""Project quotas of ext4 and XFS: a folder and all below it are counted by a number, and the kernel keeps a limit.

Nothing but the kernel is needed. A number is taken if it has a limit or holds files: the quota file is the list of
those that are in use.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

GET_ATTRIBUTES, SET_ATTRIBUTES = 0x801C581F, 0x401C5820
"""FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR of ioctl(2)."""
ATTRIBUTES = "=5I8s"
INHERIT = 0x200
QUOTACTL_FD = 443
GET_QUOTA, SET_QUOTA, OF_PROJECTS = 0x800007, 0x800008, 2
BLOCK_LIMITS, FILE_LIMITS = 1, 4
BLOCK = 1024
BYTES_A_FILE = 16 * 1024
"""A home may have one file for so many bytes, as ext4 plans it."""
LOWEST = 1 << 24
"""Numbers below are left to the administrator (/etc/projid)."""
ENFORCED = {"ext4": {"prjquota"}, "xfs": {"prjquota", "pquota"}}
"""Options of a mount whose project quotas are kept, by the kind of file system."""


class _Quota(ctypes.Structure):
    """`struct if_dqblk` of quotactl(2)."""

    _fields_ = (
        *((name, ctypes.c_uint64) for name in ("most_blocks", "_soft_blocks", "bytes")),
        *((name, ctypes.c_uint64) for name in ("most_files", "_soft_files", "files", "_time", "_file_time")),
        ("valid", ctypes.c_uint32),
    )


_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Mount:
    """A mounted file system: its kind, such as ext4, what is mounted, and its options."""

    kind: str
    source: str
    options: frozenset[str]

    @property
    def keeps_projects(self) -> bool:
        """Return whether the kernel keeps limits of projects here."""
        return bool(ENFORCED.get(self.kind, set()) & self.options)


def mount_of(folder: Path, text: str | None = None) -> Mount | None:
    """Return the mount that holds a folder; `text` is what /proc/self/mountinfo says."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    found = None
    for line in (Path("/proc/self/mountinfo").read_text() if text is None else text).splitlines():
        before, _dash, after = line.partition(" - ")
        if before.split()[2] == wanted:
            kind, source, options = after.split()[:3]
            found = Mount(kind, source, frozenset(options.split(",")))
    return found


def _quota_call(place: int, command: int, number: int, quota: _Quota) -> None:
    call = ctypes.c_uint(command << 8 | OF_PROJECTS)
    done = _libc.syscall(
        ctypes.c_long(QUOTACTL_FD), ctypes.c_uint(place), call, ctypes.c_int(number), ctypes.byref(quota)
    )
    if done:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _attributes(place: int) -> list[int | bytes]:
    return list(struct.unpack(ATTRIBUTES, fcntl.ioctl(place, GET_ATTRIBUTES, bytes(28))))


def _mark(place: int, number: int) -> None:
    """Count a file or folder by `number`; what is made in a folder later follows it."""
    found = _attributes(place)
    if stat.S_ISDIR(os.fstat(place).st_mode):
        found[0] = int(found[0]) | INHERIT
    found[3] = number
    fcntl.ioctl(place, SET_ATTRIBUTES, struct.pack(ATTRIBUTES, *found))


def project_of(folder: Path) -> int:
    """Return the number that a folder is counted by; 0 is none. Raises OSError if the file system has no numbers."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return int(_attributes(place)[3])
    finally:
        os.close(place)


def _free_number(place: int, name: str) -> int:
    for turn in range(1000):
        digest = hashlib.sha256(f"{name} {turn}".encode()).digest()
        number = LOWEST + int.from_bytes(digest[:4]) % ((1 << 31) - LOWEST)
        quota = _Quota()
        try:
            _quota_call(place, GET_QUOTA, number, quota)
        except FileNotFoundError:  # XFS: nobody has it.
            return number
        if not (quota.most_blocks or quota.most_files or quota.bytes or quota.files):
            return number
    raise OSError("no free project number")


def limit_folder(folder: Path, limit: int) -> None:
    """Have the kernel refuse what makes a folder larger than `limit` bytes.

    What is in the folder already is counted too. The folder itself gets its number last: a run that was cut off
    begins again. Needs root.

    Raises:
        OSError: the file system keeps no limits of projects, or the kernel does not let this process set them.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        number = int(_attributes(place)[3]) or _free_number(place, str(folder))
        quota = _Quota(
            most_blocks=limit // BLOCK,
            most_files=max(1000, limit // BYTES_A_FILE),
            valid=BLOCK_LIMITS | FILE_LIMITS,
        )
        _quota_call(place, SET_QUOTA, number, quota)
        if _attributes(place)[3] != number:
            _mark_all_below(place, number)
            _mark(place, number)
    finally:
        os.close(place)


def forget_folder(folder: Path) -> None:
    """Give a folder's number back, as it is about to be removed. Raises OSError if that is not possible."""
    number = project_of(folder)
    if number:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _quota_call(place, SET_QUOTA, number, _Quota(valid=BLOCK_LIMITS | FILE_LIMITS))
        finally:
            os.close(place)


def _mark_all_below(place: int, number: int) -> None:
    """Mark folders and files in a tree that its owner made: no link is followed, no pipe is waited for."""
    for _path, _folders, files, inside in os.fwalk(".", dir_fd=place):
        for name in files:
            try:
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
            except OSError:  # A link, a socket, or it has gone.
                continue
            try:
                if stat.S_ISREG(os.fstat(file).st_mode):
                    _mark(file, number)
            finally:
                os.close(file)
        _mark(inside, number)
