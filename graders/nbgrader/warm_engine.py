"""Warm engine that `nbgrader autograde` leaves running and finds again: one per user, for ten idle minutes."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from traitlets import Bool, default

from graders.engine.fork_engine import ForkEngine
from graders.engine.lent_template import LentTemplate
from graders.engine.sandbox_supervisor import ROOT
from graders.nbgrader import warm_socket

IDLE_SECONDS = 600
START = (
    "import sys; sys.path += {sys.argv.pop()} - set(sys.path); "
    "from graders.nbgrader.warm_server import main; main(sys.argv[1], float(sys.argv[2]))"
)
TAKEN_ALONG = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR")
"""Of the environment; the rest may hold tokens, and comes with each request."""


class Here:
    """Facts that this process has of a warm engine."""

    is_warm_run = False
    """Whether this process was forked by a warm engine, to be a run of `nbgrader autograde`."""
    is_turned_off = False
    control: socket.socket | None = None
    first = 0
    template: LentTemplate | None = None


here = Here()


class WarmAutograde(Autograde):
    """Autograde that leaves a warm engine behind on the command line."""

    keep_warm = Bool(
        help="Whether `nbgrader autograde` leaves a warm engine behind for ten idle minutes. "
        "The next run then starts sooner. Off by default where CI is set.",
    ).tag(config=True)

    @default("keep_warm")
    def _keep_warm_default(self) -> bool:
        return not os.environ.get("CI")

    def start(self) -> None:
        """Grade, then leave a warm engine behind."""
        try:
            super().start()
        except NbGraderException:
            self._leave_behind()
            raise
        self._leave_behind()

    def lent_engine(self) -> ForkEngine | None:
        """Return an engine with a template that is warm already; None if there is none."""
        here.is_turned_off = not self.keep_warm
        if not self.keep_warm or not self._is_command():
            return None
        here.template = borrow_template()
        return ForkEngine(template=here.template) if here.template is not None else None

    def _leave_behind(self) -> None:
        if self.keep_warm and not here.is_warm_run and self._is_command():
            leave_behind(os.environ)

    def _is_command(self) -> bool:
        return isinstance(self.parent, AutogradeApp) and is_command(sys.argv)


def is_command(words: list[str]) -> bool:
    """Return whether this process is `nbgrader autograde`, and no server or test that grades in its own process.

    >>> is_command(["/usr/bin/nbgrader", "autograde", "ps1"]), is_command(["/usr/bin/pytest", "autograde"])
    (True, False)
    """
    program = Path(words[0])
    is_module = program.parts[-2:] == ("nbgrader", "__main__.py")
    return (is_module or program.name == "nbgrader") and words[1:2] == ["autograde"]


def borrow_template() -> LentTemplate | None:
    """Return this user's warm template, until this process ends; None if there is none or it is at work."""
    if here.is_warm_run:
        return LentTemplate(here.control, here.first) if here.control is not None else None
    line = warm_socket.connect_engine(os.environ)
    if line is None:
        return None
    try:
        line.sendall(warm_socket.TEMPLATE)
        told, lent, _, _ = socket.recv_fds(line, 64, 1)
        if lent:
            return LentTemplate(socket.socket(fileno=lent[0]), int(told), line)
    except OSError:
        pass
    line.close()
    return None


def leave_behind(environment: Mapping[str, str], idle: float = IDLE_SECONDS) -> None:
    """Start a warm engine in the background, unless one is there."""
    path = warm_socket.socket_address(environment)
    if path is None or is_kept(path):
        return
    taken = {
        name: value
        for name, value in environment.items()
        if name in TAKEN_ALONG or name.startswith(("PYTHON", "LD_", "LC_", "LANG"))
    }
    nothing: list[Any] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 0, 1),
        (os.POSIX_SPAWN_DUP2, 0, 2),
    ]
    words = [sys.executable, "-P", "-c", START, path, str(idle), str(ROOT)]
    os.posix_spawn(sys.executable, words, taken, file_actions=nothing, setsid=True)


def end_engine(environment: Mapping[str, str]) -> None:
    """Have this user's warm engine end, after the runs that it has begun."""
    line = warm_socket.connect_engine(environment)
    if line is not None:
        with line:
            line.sendall(warm_socket.END)
            line.recv(1)


def is_kept(path: str) -> bool:
    """Return whether a warm engine holds this socket, or is about to."""
    try:
        with Path(f"{path}.lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
