"""Jail of the sandbox: a separate root for the template, and fresh namespaces for each submission.

The template is put into a small read-only root once, before it imports anything; it never sees a course, a home or a
database. Each child then needs only the cheap rest: its own namespaces, /tmp, /proc, and no privilege at all.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Sequence
from pathlib import Path

from graders.sandbox import kernel_calls

INSIDE = 1000
NEW_ROOT = "/tmp"
DEVICES = ("null", "zero", "full", "random", "urandom")
ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "fonts",
    "mime.types",
    "alternatives",
    "debian_version",
)
PASSWD = "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nlearner:x:1000:1000:learner:/tmp/home:/bin/sh\n"  # noqa: S105
GROUP = "root:x:0:\nlearner:x:1000:\n"
FRESH = kernel_calls.NEWNS | kernel_calls.NEWNET | kernel_calls.NEWIPC | kernel_calls.NEWUTS
HOSTS = "127.0.0.1 localhost\n"


def drop_root(user: int) -> None:
    """Become the unprivileged `user` if we are root: files of root must not be ours inside."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        kernel_calls.prctl(kernel_calls.PR_SET_DUMPABLE, 1)


def pivot_root(binds: Sequence[tuple[str, str]], user: int) -> None:
    """Put this process into namespaces and a read-only root that shows the system's programs and `binds` only.

    Returns in the child that is first process of the new PID namespace; the calling process waits for it and exits
    with its status.

    Raises:
        OSError: the kernel forbids one of the steps.
    """
    root = os.geteuid() == 0
    if root:
        # As root first, because Python itself may lie below a folder that the unprivileged user cannot pass.
        kernel_calls.unshare(kernel_calls.NEWNS)
        _enter_root(binds)
        drop_root(user)
    uid, gid = os.getuid(), os.getgid()
    fresh = (
        kernel_calls.NEWUSER
        | kernel_calls.NEWNS
        | kernel_calls.NEWPID
        | kernel_calls.NEWNET
        | kernel_calls.NEWIPC
        | kernel_calls.NEWUTS
    )
    kernel_calls.unshare(fresh)
    kernel_calls.map_ids(INSIDE, uid, gid)
    child = os.fork()
    if child:
        _stand_by(child)
    kernel_calls.prctl(kernel_calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if not root:
        _enter_root(binds)
    _mount_proc("/proc")
    # Each child mounts its own over this one.
    kernel_calls.mount(
        "tmpfs", "/tmp", "tmpfs", kernel_calls.MS_NOSUID | kernel_calls.MS_NODEV, "size=64m,mode=1777"
    )


def _mount_proc(target: str) -> None:
    kernel_calls.mount(
        "proc", target, "proc", kernel_calls.MS_NOSUID | kernel_calls.MS_NODEV | kernel_calls.MS_NOEXEC
    )


def _enter_root(binds: Sequence[tuple[str, str]]) -> None:
    """Build the small root and make it ours."""
    kernel_calls.mount("none", "/", None, kernel_calls.MS_REC | kernel_calls.MS_PRIVATE)
    _build_root([*_system(), *binds])
    # A whole /proc has to stay in sight, or the kernel refuses to make fresh ones later.
    _mount_proc(f"{NEW_ROOT}/proc")
    kernel_calls.pivot_root(NEW_ROOT)
    kernel_calls.read_only("/")
    kernel_calls.remount_writable("/proc")


def _stand_by(child: int) -> None:
    """Hold nothing open (the other side must see the end of the stream) and end when the template ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.closerange(3, 1024)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _build_root(binds: Sequence[tuple[str, str]]) -> None:
    # Sources are opened first: the new root is mounted over /tmp, which may hold one of them.
    sources = [(os.open(source, os.O_PATH), target) for source, target in binds]
    kernel_calls.mount("tmpfs", NEW_ROOT, "tmpfs", kernel_calls.MS_NOSUID, "size=1m,mode=755")
    root = Path(NEW_ROOT)
    for name in ("proc", "tmp", "dev", "etc"):
        (root / name).mkdir()
    for name in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink(f"/{name}"):  # noqa: PTH114
            (root / name).symlink_to(os.readlink(f"/{name}"))  # noqa: PTH115
    for descriptor, target in sources:
        _bind(f"/proc/self/fd/{descriptor}", root / target.lstrip("/"))
        os.close(descriptor)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP)
    (root / "etc/hosts").write_text(HOSTS)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (root / "dev" / name).symlink_to(f"/proc/self/fd/{number}")
    (root / "dev/pts").mkdir()
    (root / "dev/ptmx").symlink_to("pts/ptmx")
    (root / "dev/fd").symlink_to("/proc/self/fd")
    (root / "dev/shm").symlink_to("/tmp")


def _system() -> list[tuple[str, str]]:
    found = [(f"/dev/{name}", f"/dev/{name}") for name in DEVICES]
    found += [(f"/etc/{name}", f"/etc/{name}") for name in ETC if Path(f"/etc/{name}").exists()]
    for name in ("usr", "bin", "sbin", "lib", "lib64"):
        path = Path(f"/{name}")
        if path.is_dir() and not path.is_symlink():
            found.append((str(path), str(path)))
    return found


def _bind(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if Path(source).is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    kernel_calls.bind_mount(source, str(target))


class ChildForker:
    """Forks children into fresh PID namespaces without an extra process in between."""

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def fork(self) -> int:
        """fork(2), the child being the first process of a new PID namespace."""
        kernel_calls.unshare(kernel_calls.NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                kernel_calls.setns(self._own, kernel_calls.NEWPID)
        return pid

    def leave(self) -> None:
        """In a child: it has no business with the namespace in which it was made."""
        os.close(self._own)


def drop_privileges(limits: dict[str, int], program: bytes) -> None:
    """Finish a child's confinement: namespaces, own /tmp and /proc, limits, no capability, system call filter."""
    _leave()
    kernel_calls.unshare(FRESH)
    _mount_own(limits["disk"])
    kernel_calls.unshare(kernel_calls.NEWUSER)
    kernel_calls.map_ids(INSIDE, INSIDE, INSIDE)
    set_resource_limits(limits)
    kernel_calls.drop_capabilities()
    # A program that a notebook starts must not read or write the notebook's own memory, where a test will be.
    kernel_calls.prctl(kernel_calls.PR_SET_DUMPABLE, 0)
    kernel_calls.load_filter(program)


def make_namespaces(disk: int, program: bytes) -> None:
    """Make this process the first of namespaces that are wholly its own, in which it may confine children in turn.

    Returns in a child, with its capabilities put down; the calling process waits for it and exits with its status.
    """
    _leave()
    kernel_calls.unshare(kernel_calls.NEWUSER)
    kernel_calls.map_ids(INSIDE, INSIDE, INSIDE)
    kernel_calls.unshare(FRESH | kernel_calls.NEWPID)
    child = os.fork()
    if child:
        _stand_by(child)
    kernel_calls.prctl(kernel_calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    _mount_own(disk)
    kernel_calls.prctl(kernel_calls.PR_SET_NO_NEW_PRIVS, 1)
    kernel_calls.load_filter(program)
    kernel_calls.put_down_capabilities()


def _leave() -> None:
    kernel_calls.prctl(kernel_calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    # A process group crosses PID namespaces: a signal to one's own group would reach the template and every neighbour.
    os.setsid()


def _mount_own(disk: int) -> None:
    _mount_proc("/proc")
    size = f"size={disk},nr_inodes=10000,mode=1777"
    kernel_calls.mount("tmpfs", "/tmp", "tmpfs", kernel_calls.MS_NOSUID | kernel_calls.MS_NODEV, size)
    kernel_calls.mount(
        "devpts",
        "/dev/pts",
        "devpts",
        kernel_calls.MS_NOSUID | kernel_calls.MS_NOEXEC,
        "newinstance,ptmxmode=0666,max=8",
    )


def set_resource_limits(
    limits: dict[str, int], *, for_good: bool = True
) -> list[tuple[int, tuple[int, int]]]:
    """Set resource limits, or only lower them until they are put back; returns what they were."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - a Path touches a hundred pages, each copied after a fork
        pages = int(file.read().split()[0])
    memory = pages * os.sysconf("SC_PAGE_SIZE") + limits["memory"]
    before = []
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CPU, limits["cpu"]),
    ):
        was, most = resource.getrlimit(kind)
        least = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (least, least if for_good else most))
        before.append((kind, (was, most)))
    return before
