"""Run a command that sees little: `python -m labs.prototype_kit.application.confined_command PORT READ:… WRITE -- COMMAND`.

A team's own page runs under the application's user, next to its cases and its token of the hub. Landlock, which any
process may lay upon itself, keeps it from both: it reads programs and its own files, writes one folder, looks into no
other process, signals none, and opens no connection; it listens on one port.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_RULE, PORT_RULE, NO_NEW_PRIVS = 1, 1, 2, 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
FILES_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Rights on files that a kernel knows, by the first version of its interface that does."""
NETWORK_ABI, SCOPE_ABI = 4, 6
BIND, CONNECT = 1, 2
SOCKETS_AND_SIGNALS = 3
READ_ONLY = EXECUTE | READ_FILE | READ_DIR
PROGRAMS = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/sys/fs/cgroup")
OWN_PROCESS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
"""Never all of /proc: on Linux 6.18, /proc/PID/environ of another process was readable although Landlock should refuse it."""
DEVICES = ("/dev/null", "/dev/urandom", "/dev/zero", "/dev/random")

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _PortRule(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def kernel_version() -> int:
    """Return the version of Landlock that this kernel has, 0 if it has none."""
    return max(0, int(_libc.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)))


def confine_process(port: int, readable: Iterable[str], writable: str) -> None:
    """Confine this process, and all that it starts, for good. Raises OSError if the kernel cannot."""
    abi = kernel_version()
    if not abi:
        raise OSError("this kernel has no Landlock")
    files = FILES_BY_ABI[max(first for first in FILES_BY_ABI if first <= abi)]
    network = BIND | CONNECT if abi >= NETWORK_ABI else 0
    scope = SOCKETS_AND_SIGNALS if abi >= SCOPE_ABI else 0
    size = 24 if scope else 16 if network else 8
    rules = _checked(_libc.syscall(CREATE_RULESET, ctypes.byref(_Ruleset(files, network, scope)), size, 0))
    for path in (*PROGRAMS, *OWN_PROCESS, *readable):
        _allow(rules, path, READ_ONLY)
    for path in DEVICES:
        _allow(rules, path, (READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEVICE) & files)
    _allow(rules, writable, files & ~IOCTL_DEVICE)
    if network:
        _checked(_libc.syscall(ADD_RULE, rules, PORT_RULE, ctypes.byref(_PortRule(BIND, port)), 0))
    _checked(_libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(_libc.syscall(RESTRICT_SELF, rules, 0))
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not Path(path).is_dir():
        rights &= EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEVICE
    _checked(_libc.syscall(ADD_RULE, rules, PATH_RULE, ctypes.byref(_PathRule(rights, folder)), 0))
    os.close(folder)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def main(words: list[str]) -> None:
    """Read the command line, confine this process, and become the command."""
    port, readable, writable = words[:3]
    command = words[words.index("--") + 1 :]
    confine_process(int(port), filter(None, readable.split(":")), writable)
    os.execvp(command[0], command)  # noqa: S606 - the approved command, as a list of words


if __name__ == "__main__":
    main(sys.argv[1:])
