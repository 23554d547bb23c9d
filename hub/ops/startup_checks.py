"""Checks of this machine before anything is started: free ports, free disk."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
from pathlib import Path

import psutil

from hub.isomo_settings import Settings
from hub.ops import terminal_output
from hub.ops.process_list import UNIT
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

STATE_BYTES = 300 * 10**6
"""What databases and logs need before people's own work."""


def free_bytes(path: Path) -> int:
    """Free bytes where `path` is or will be."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def require_room(path: Path, needed: int, what: str) -> None:
    """Raise IsomoError unless `needed` bytes are free at `path` for `what`."""
    found = free_bytes(path)
    if found < needed:
        raise IsomoError(
            _("The disk is full: {path} has {free} free, and {what} needs {needed}.").format(
                path=path,
                free=terminal_output.bytes_text(found),
                what=what,
                needed=terminal_output.bytes_text(needed),
            ),
            _("Free some space, or name another folder: state in isomo.toml. Nothing was started."),
        )


def listening_addresses(settings: Settings) -> dict[str, list[tuple[str, int]]]:
    """Return the addresses on which each process will listen."""
    everywhere = settings.listen or "0.0.0.0"  # noqa: S104 - as the proxies do
    ports = settings.ports
    return {
        "proxy": [(everywhere, settings.port), ("127.0.0.1", ports.proxy_api)],
        "learner-proxy": [(everywhere, settings.learner_port), ("127.0.0.1", ports.learner_proxy_api)],
        "hub": [(settings.inner_host, ports.hub)],
        "campus": [(settings.inner_host, ports.campus)],
    }


def can_bind(host: str, port: int) -> bool:
    """Return whether a new process could listen there, or this machine does not have the address yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
    return True


def port_holder(port: int) -> psutil.Process | None:
    """Return the process that listens on `port`, if this user may know."""
    with contextlib.suppress(psutil.Error, OSError):
        for each in psutil.net_connections("inet"):
            address = each.laddr
            if each.status == psutil.CONN_LISTEN and address and address.port == port and each.pid:
                return psutil.Process(each.pid)
    return None


def process_words(process: psutil.Process | None) -> str:
    """Return a process in words."""
    if process is None:
        return _("another program")
    with contextlib.suppress(psutil.Error):
        return _("{name} (process {pid}): {command}").format(
            name=process.name(), pid=process.pid, command=" ".join(process.cmdline())[:80]
        )
    return _("another program")


def is_ours(process: psutil.Process | None, settings: Settings) -> bool:
    """Return whether a process belongs to this installation."""
    if process is None:
        return False
    with contextlib.suppress(psutil.Error):
        return process.environ().get(UNIT, "").endswith(f":{settings.state}")
    return False


def ports_free(settings: Settings, running: set[str]) -> None:
    """Raise IsomoError naming each port that one of the processes not `running` needs and another holds."""
    taken = []
    for name, places in listening_addresses(settings).items():
        for host, port in places if name not in running else []:
            if not can_bind(host, port) and not is_ours(found := port_holder(port), settings):
                taken.append(
                    _("Port {port} is taken by {holder}.").format(port=port, holder=process_words(found))
                )
    if taken:
        raise IsomoError(
            "\n".join(dict.fromkeys(taken)),
            _("Stop that program, or choose other ports in isomo.toml (address, learner_address, [ports])."),
        )


def require_privileges(settings: Settings) -> None:
    """Raise IsomoError if this user may not do what a full installation needs."""
    if os.geteuid() == 0 or settings.evaluate:
        return
    raise IsomoError(
        _("Isomo sets firewall rules around learners' containers, and only root may."),
        _("Run it as root: sudo ./isomo up. To look at it alone, without isolation: ./isomo up --evaluate"),
    )
