"""The few Linux calls that Python 3.11 does not have: namespaces, mounts, capabilities, seccomp."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_char_p, c_int, c_ulong, c_void_p

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522
PROT_READ_AND_WRITE, PROT_ALL = 3, 7
MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS = 0x02, 0x10, 0x20
HUGE, MADV_COLLAPSE = 2 << 20, 25
# The same numbers on x86-64 and arm64.
SYS_MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID = 1, 2
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (c_char_p, c_char_p, c_char_p, c_ulong, c_char_p)
_libc.prctl.argtypes = (c_int, c_ulong, c_ulong, c_ulong, c_ulong)
_libc.madvise.argtypes = (c_void_p, ctypes.c_size_t, c_int)
_libc.mmap.argtypes = (c_void_p, ctypes.c_size_t, c_int, c_int, c_int, ctypes.c_long)
_libc.mmap.restype = c_void_p
_libc.syscall.restype = ctypes.c_long


class _MountAttr(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", c_void_p)]


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Enter fresh namespaces (for NEWPID: the next child does)."""
    _checked(_libc.unshare(c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Go back to the namespace behind `descriptor`."""
    _checked(_libc.setns(c_int(descriptor), c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    done = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        flags,
        data.encode() if data else None,
    )
    _checked(done, f"mount {target}")


def bind_mount(source: str, target: str) -> None:
    """Show `source` at `target`, with what is mounted below it."""
    mount(source, target, None, MS_BIND | MS_REC)


def read_only(path: str) -> None:
    """Make `path` and every mount below it read-only, without set-user-id programs."""
    _mount_setattr(path, AT_RECURSIVE, _MountAttr(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, 0))


def remount_writable(path: str) -> None:
    """Take read-only back from the one mount at `path`."""
    _mount_setattr(path, 0, _MountAttr(0, MOUNT_ATTR_RDONLY, 0, 0))


def _mount_setattr(path: str, flags: int, attributes: _MountAttr) -> None:
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    done = _libc.syscall(
        c_int(SYS_MOUNT_SETATTR), c_int(AT_FDCWD), path.encode(), c_int(flags), ctypes.byref(attributes), size
    )
    _checked(done, "mount_setattr")


def pivot_root(new: str) -> None:
    """Make `new` the root and let go of the old one."""
    os.chdir(new)
    number = SYS_PIVOT_ROOT[os.uname().machine]
    _checked(_libc.syscall(c_int(number), b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", c_int(MNT_DETACH)), "umount")
    os.chdir("/")


def prctl(option: int, value: int, second: int = 0) -> None:
    """prctl(2)."""
    _checked(_libc.prctl(option, value, second, 0, 0), f"prctl {option}")


def map_ids(inside: int, user: int, group: int) -> None:
    """Give the one user of a fresh user namespace the name `inside`."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside} {user} 1"),
        ("gid_map", f"{inside} {group} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def drop_capabilities() -> None:
    """Empty every capability set, for this process and whatever it starts."""
    for number in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    _set_capabilities(0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def put_down_capabilities() -> None:
    """Have none in effect until they are taken up again."""
    effective, permitted, inheritable = _capabilities()
    del effective
    _set_capabilities(0, permitted, inheritable)


def take_up_capabilities() -> None:
    """Have all in effect that this process may have."""
    _, permitted, inheritable = _capabilities()
    _set_capabilities(permitted, permitted, inheritable)


def _capabilities() -> tuple[int, int, int]:
    low_and_high = (ctypes.c_uint32 * 6)()
    _checked(_libc.capget((ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), low_and_high), "capget")
    effective, permitted, inheritable = (
        low_and_high[place] | low_and_high[place + 3] << 32 for place in range(3)
    )
    return effective, permitted, inheritable


def _set_capabilities(*sets: int) -> None:
    low_and_high = [one >> shift & 0xFFFFFFFF for shift in (0, 32) for one in sets]
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)(*low_and_high)), "capset")


def load_filter(program: bytes) -> None:
    """Load a compiled seccomp filter; needs no_new_privs."""
    buffer = ctypes.create_string_buffer(program, len(program))
    wrapped = _Program(len(program) // 8, ctypes.cast(buffer, c_void_p))
    _checked(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(wrapped), 0, 0), "seccomp")


def make_writable(start: int, length: int) -> None:
    """Allow writing to a part of this process's own memory; if the kernel does not, it stays as it is."""
    _libc.mprotect(c_void_p(start), ctypes.c_size_t(length), PROT_READ_AND_WRITE)


def replace_mapping(start: int, length: int) -> None:
    """Put memory without a file, of the same content, in the place of a mapped file; nothing in it may be running.

    If the kernel allows no memory that can be both written and run, it stays as it is.
    """
    content = ctypes.string_at(start, length)
    flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
    if _libc.mmap(start, length, PROT_ALL, flags, -1, 0) == start:
        ctypes.memmove(start, content, length)


def collapse_page(page: int) -> None:
    """Make one large page of the small ones at this address, if the kernel can (Linux 6.1)."""
    _libc.madvise(page, HUGE, MADV_COLLAPSE)
