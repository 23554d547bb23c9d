"""Place of a user's warm engine, and the check that it is the right one. Standard library only, for quick
starts.

The socket's name is a fingerprint of all that a warm process took over when it started; a process that
differs in any of it finds no socket, and grades from a cold start.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import stat
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

GRADERS = Path(__file__).resolve().parents[1]
INSTALLED = (".dist-info", ".pth", ".egg-link")
PACKAGES = ("site-packages", "dist-packages")
LONGEST_PATH = 107
"""Bytes of a UNIX socket's path on Linux."""
NAMESPACES = ("mnt", "pid", "user", "net")
TEMPLATE, RUN, END = b"T", b"R", b"E"
"""What a client asks for: the warm template, a whole run, or that the engine ends after what it has to do."""
NOTHING = b"-"
"""The answer if no template is free."""


def socket_folder(environment: Mapping[str, str]) -> Path | None:
    """Return this user's private folder for the socket, made if it is missing; None if there is no safe one."""
    for name, below in (("XDG_RUNTIME_DIR", "isomo"), ("HOME", ".cache/isomo")):
        above = Path(environment.get(name, ""))
        # With sudo, both may be another user's.
        try:
            if above.is_absolute() and above.stat().st_uid == os.geteuid():
                path = above / below
                path.mkdir(0o700, parents=True, exist_ok=True)
                if _is_private(path.lstat()):
                    return path
        except OSError:
            continue
    return None


def _is_private(found: os.stat_result) -> bool:
    is_closed = stat.S_IMODE(found.st_mode) == 0o700
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and is_closed


def socket_address(environment: Mapping[str, str]) -> str | None:
    """Return the path of the socket for this user, Python, packages and process; None if there can be none."""
    if sys.platform != "linux" or acts_for_another(environment):
        return None
    place = socket_folder(environment)
    path = f"{place}/{start_fingerprint(environment)}.sock" if place else ""
    return path if 0 < len(os.fsencode(path)) <= LONGEST_PATH else None


def acts_for_another(environment: Mapping[str, str]) -> bool:
    """Return whether this process has another user's rights, as with sudo."""
    before = {environment.get(name, "") for name in ("SUDO_UID", "PKEXEC_UID")} - {"", str(os.geteuid())}
    return bool(before) or os.getuid() != os.geteuid() or os.getgid() != os.getegid()


def start_fingerprint(environment: Mapping[str, str]) -> str:
    """Return the same for two processes whose runs could be told apart by nothing but their start.

    The versions of packages and the time of their folder's last change; our own files and their times; Python; and
    what a child takes over from its parent: groups, limits, priority, processors, namespaces.
    """
    told = [
        *(str(Path(sys.executable).resolve()), sys.prefix, sys.version),
        sorted(one for one in environment.items() if one[0].startswith(("PYTHON", "LD_"))),
        sorted(map(_packages, {one for one in sys.path if Path(one).name in PACKAGES})),
        sorted(_files(GRADERS)),
        *(os.geteuid(), os.getegid(), sorted(os.getgroups())),
        [resource.getrlimit(getattr(resource, name)) for name in sorted(vars(resource)) if name.startswith("RLIMIT_")],
        *(os.getpriority(os.PRIO_PROCESS, 0), sorted(os.sched_getaffinity(0))),
        [str(Path(f"/proc/self/ns/{name}").readlink()) for name in NAMESPACES],
        Path("/proc/sys/kernel/random/boot_id").read_text(),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]


def _packages(path: str) -> list[object]:
    try:
        names = [one.name for one in Path(path).iterdir()]
        return [path, Path(path).stat().st_mtime_ns, sorted(one for one in names if one.endswith(INSTALLED))]
    except OSError:
        return [path, 0, []]


def _files(path: str | Path) -> Iterator[tuple[str, int]]:
    """Yield every module of ours below a folder, with the time of its last change."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path) if entry.name != "__pycache__" else ()
            elif entry.name.endswith((".py", ".po", ".toml")):
                yield entry.path, entry.stat().st_mtime_ns


def connect_engine(environment: Mapping[str, str]) -> socket.socket | None:
    """Return a line to this user's warm engine; None if there is none, or another user answers."""
    path = socket_address(environment)
    if path is None:
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(5)
        line.connect(path)
        if peer_uid(line) == os.geteuid():
            line.settimeout(None)
            return line
    except OSError:
        pass
    line.close()
    return None


def peer_uid(line: socket.socket) -> int:
    """Return the user at the other end."""
    size = struct.calcsize("3i")
    uid = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[1]
    return int(uid)
