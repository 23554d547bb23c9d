"""`python -m hub.ops.hub_confinement COMMAND…`: start the hub so that being root gives it little beyond its own state.

The hub needs root for one thing: to give a new home to the number under which learners' servers run. In a mount
namespace it sees the machine read-only but for the state folder, without the engine's socket, disks and other
services; of root's capabilities it keeps those that concern files. Mounts cannot be undone without the others.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from pathlib import Path

from hub import home_images
from hub.isomo_settings import Settings, load_settings
from hub.ops.docker_daemon import SOCKET
from hub.ops.process_list import supervisor_socket

KEPT = {"chown": 0, "dac_override": 1, "fowner": 3, "fsetid": 4, "net_bind_service": 10}
"""Numbers of the capabilities that the hub keeps (capability.h)."""
LAST_CAPABILITY = 63

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_SLAVE, MS_NOSUID, MS_NODEV = 4096, 16384, 1 << 19, 2, 4
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY, ATTR_NOSUID = 442, -100, 0x8000, 1, 2
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38

SERVICES = ("postgresql", "systemd/resolve", "resolvconf", "nscd")
"""Folders of /run that the hub may need: a database, and what turns names into addresses."""
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ENGINE_FOLDERS = ("/var/lib/docker", "/var/lib/containerd")

log = logging.getLogger("confinement")


class _Attributes(ctypes.Structure):
    """`struct mount_attr` of mount_setattr(2)."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns"))


_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _mount(source: str, target: Path, kind: str | None, flags: int, options: str | None = None) -> None:
    words = [None if each is None else os.fsencode(each) for each in (source, str(target), kind, options)]
    _checked(_libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]), str(target))


def _attributes(target: Path, put: int, clear: int) -> None:
    told = _Attributes(put, clear, 0, 0)
    path = os.fsencode(str(target))
    size = ctypes.c_size_t(ctypes.sizeof(told))
    flags = ctypes.c_uint(AT_RECURSIVE)
    _checked(
        _libc.syscall(ctypes.c_long(MOUNT_SETATTR), AT_FDCWD, path, flags, ctypes.byref(told), size),
        str(target),
    )


def hidden_sockets(settings: Settings) -> list[Path]:
    """Return the sockets that lead to more rights, as far as they are not in /run, of which nothing is seen."""
    found = [SOCKET, Path("/run/docker.sock"), supervisor_socket(settings)]
    return [path.resolve() for path in found if path.exists() and not path.resolve().is_relative_to("/run")]


def enclose_process(settings: Settings) -> None:
    """Enter a mount namespace in which this process can change the state folder only.

    Raises:
        OSError: the kernel, or the container that Isomo runs in, does not allow it.
    """
    state = settings.state.resolve()
    memory = state / "run"
    memory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _checked(_libc.unshare(CLONE_NEWNS), "unshare")
    # What the engine and the system unmount goes here too; nothing of ours goes out.
    _mount("none", Path("/"), None, MS_REC | MS_SLAVE)
    _mount(str(state), state, None, MS_BIND | MS_REC)
    _attributes(Path("/"), ATTR_RDONLY | ATTR_NOSUID, 0)
    _attributes(state, 0, ATTR_RDONLY)
    logs = state / "logs"
    if logs.is_dir():  # Else a link in the place of a log would have other processes write elsewhere.
        _mount(str(logs), logs, None, MS_BIND)
        _attributes(logs, ATTR_RDONLY, 0)
    for path in hidden_sockets(settings):
        _mount("/dev/null", path, None, MS_BIND)
    for folder in map(Path, ENGINE_FOLDERS):
        # Else the roots of containers that start later would appear here, to be written.
        if folder.is_dir() and not state.is_relative_to(folder.resolve()):
            _empty(folder.resolve(), [])
    _empty(Path("/run"), [Path("/run") / name for name in SERVICES])
    _empty(memory, [])
    images = state / home_images.FOLDER
    images.mkdir(mode=0o700, exist_ok=True)
    _empty(images, [])  # Else it could have the kernel read an image of its making.
    _empty(Path("/dev"), [Path("/dev") / name for name in DEVICES])
    Path("/dev/shm").mkdir()  # noqa: S108
    os.chdir(state)


def can_enclose(settings: Settings) -> bool:
    """Try it in a child, so that a failure half-way leaves this process as it was."""
    child = os.fork()
    if child == 0:
        try:
            enclose_process(settings)
        except OSError as error:
            log.error("hub-not-confined reason=%s at=%s", error.strerror, error.filename)
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _empty(folder: Path, kept: list[Path]) -> None:
    """Put an empty folder in memory over `folder`, and show in it what is kept."""
    opened = [(path, os.open(path, os.O_PATH), path.is_dir()) for path in kept if path.exists()]
    _mount("tmpfs", folder, "tmpfs", MS_NOSUID, "mode=700,size=64m")
    for path, handle, is_folder in opened:
        (path if is_folder else path.parent).mkdir(parents=True, exist_ok=True)
        if not is_folder:
            path.touch()
        _mount(f"/proc/self/fd/{handle}", path, None, MS_BIND | MS_REC)
        os.close(handle)


def drop_rights() -> None:
    """Give up all capabilities of root but those in KEPT, for this process and all that it starts."""
    for number in range(LAST_CAPABILITY + 1):
        if number not in KEPT.values():
            _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)  # Those that the kernel does not know fail.
    _checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def is_confined(status: str) -> bool:
    """Return whether the text of a process' /proc/PID/status shows no capability beyond KEPT."""
    bounds = [line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")]
    allowed = sum(1 << number for number in KEPT.values())
    return bool(bounds) and not int(bounds[0], 16) & ~allowed


def main(argv: list[str]) -> int:
    """Confine this process if it can be, then become the command."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = load_settings()
    # People's work goes first: if it cannot be, the hub starts all the same, and `doctor` says so.
    if os.geteuid() == 0 and can_enclose(settings):
        enclose_process(settings)
        drop_rights()
        os.environ["TMPDIR"] = str(settings.state.resolve() / "run")
    os.execvp(argv[0], argv)  # noqa: S606 - our own command line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
