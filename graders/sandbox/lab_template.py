"""Template of a lab: the process that ran the teacher's first cells, from which submissions are forked.

It is at the point that every learner's notebook of that lab reaches before the first line of the learner's
code. The code that ran in it came from the teacher's notebook, word for word; a learner's code runs in its
children only. The template checks that the cells left nothing but memory behind. If they left anything else
that a fork would not carry over, or would share, they run in each child as before.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import os
import random
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.contract import wire_frames
from graders.contract.work_contract import ANSWERS
from graders.sandbox import kernel_calls, sandbox_jail, submission_process
from graders.sandbox.fork_server import Server
from graders.sandbox.library_guard import LibrarySnapshot
from graders.sandbox.seccomp_filter import Programs
from graders.sandbox.submission_process import RandomDraws

NAMES_ONLY = ("comm", "ipywidgets", "IPython", "ipykernel", "sklearn.callback", "joblib.parallel")
"""Packages that ask for random bytes to name what they show or run: two notebooks may have the same names."""

SEEDING = {
    "sklearn.utils.validation": "check_random_state",
    "scipy._lib._util": "check_random_state",
    "pandas.core.common": "random_state",
}
"""Functions that make an older generator of numpy's from a number they were given: it asks first, then forgets."""


def serve_lab(
    sock: socket.socket,
    control: int,
    request: dict[str, Any],
    notebook: Any,
    pristine: LibrarySnapshot,
    programs: Programs,
) -> None:
    """Run the cells that are sent, say whether a fork would carry over all that they did, and then fork."""
    limits = request["limits"]
    try:
        sandbox_jail.make_namespaces(limits["disk"], programs.template)
        submission_process.finish_setup(sock, limits, notebook, pristine.watch)
    except OSError as error:
        wire_frames.send_frame(sock, {"t": "failed", "why": f"{type(error).__name__}: {error}"})
        return
    wire_frames.send_frame(sock, {"t": "hello"})
    submission_process.answer_orders(sock, notebook, pristine).close()
    wire_frames.send_frame(sock, {"t": "done"})
    before = sandbox_jail.set_resource_limits(limits, for_good=False)
    stand = LabState()
    pristine.watch.withhold(submission_process.WORK, ANSWERS)
    loop = submission_process.answer_orders(sock, notebook, pristine)
    for kind, value in before:
        resource.setrlimit(kind, value)
    with pristine.watch.ours():
        left = stand.left(loop, notebook, pristine)
    wire_frames.send_frame(sock, {"t": "done", "left": left, "drawn": stand.has_drawn})
    if left is None:
        _serve(sock, control, stand, notebook, pristine, programs)


def _serve(
    sock: socket.socket,
    control: int,
    stand: LabState,
    notebook: Any,
    pristine: LibrarySnapshot,
    programs: Programs,
) -> None:
    kernel_calls.take_up_capabilities()
    notebook.channel.sock = None
    pristine.watch.rest()
    sock.close()
    gc.collect()
    gc.freeze()
    gc.disable()
    born = (
        functools.partial(submission_process.serve_submission, drawn=RandomDraws.now())
        if stand.has_drawn
        else submission_process.serve_submission
    )
    Server(
        socket.socket(fileno=control), sandbox_jail.ChildForker(), notebook, pristine, programs, born
    ).serve()


class LabState:
    """State of this process before the cells ran."""

    def __init__(self) -> None:
        self._open = _descriptors()
        self._files = sorted(_files())
        self._drawn = _plain(RandomDraws.now())
        self._asked = False
        self._system = os.urandom
        # Where numpy's generators and Python's UUIDs get what nobody can repeat.
        os.urandom = random._urandom = self._noticed  # type: ignore[attr-defined]

    def _noticed(self, count: int, /) -> bytes:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_globals.get("__name__") in ("uuid", "random", "secrets"):
            frame = frame.f_back
        asks = str(frame.f_globals.get("__name__"))
        is_seeded = SEEDING.get(asks) == frame.f_code.co_name
        if not is_seeded and not f"{asks}.".startswith(tuple(f"{one}." for one in NAMES_ONLY)):
            self._asked = True
        return self._system(count)

    @property
    def has_drawn(self) -> bool:
        """Return whether a generator of random numbers that is there from the start has changed its state."""
        return _plain(RandomDraws.now()) != self._drawn

    def left(self, loop: asyncio.AbstractEventLoop, notebook: Any, pristine: LibrarySnapshot) -> str | None:
        """Return what the cells left that a fork does not carry over, or shares; None if there is nothing."""
        os.urandom = random._urandom = self._system  # type: ignore[attr-defined]
        waiting = bool(asyncio.all_tasks(loop)) or any(one is loop for one in notebook.shell.user_ns.values())
        loop.close()
        if waiting:
            return "tasks of an event loop"
        return next((what for what, found in self._found(pristine) if found), None)

    def _found(self, pristine: LibrarySnapshot) -> Iterator[tuple[str, bool]]:
        yield "threads", len(threading.enumerate()) > 1
        yield "processes", _has_children()
        yield "open files", _descriptors() != self._open
        yield "mapped files", _maps_files()
        yield "files", sorted(_files()) != self._files
        yield "another folder", os.getcwd() != submission_process.WORK  # noqa: PTH109
        yield "a timer", bool(signal.getitimer(signal.ITIMER_REAL)[0])
        yield "chance", self._asked
        yield "changed libraries", bool(pristine.restore())


def _descriptors() -> list[str]:
    """Return the open descriptors of a process forked from here: there, matplotlib closes its fonts."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(theirs, " ".join(sorted(os.listdir("/proc/self/fd"))).encode())  # noqa: PTH208
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:  # noqa: PTH123
        found = pipe.read().decode().split()
    os.waitpid(pid, 0)
    return found


def _files() -> Iterator[tuple[str, int, int]]:
    """Everything in this notebook's own folders: path, size, and when it was changed."""
    for path in Path("/tmp").rglob("*"):
        seen = path.lstat()
        # A folder that holds a compiled import changes its time; what is in it is looked at by itself.
        yield str(path), seen.st_size if path.is_file() else 0, seen.st_mtime_ns if path.is_file() else 0


def _has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _maps_files() -> bool:
    with open("/proc/self/maps") as file:  # noqa: PTH123 - as elsewhere in the sandbox
        return any(" /tmp/" in line for line in file)


def _plain(drawn: RandomDraws) -> Any:
    numpy = drawn.numpy and (
        drawn.numpy["state"]["pos"],
        drawn.numpy["state"]["key"].tobytes(),
        drawn.numpy["gauss"],
    )
    return drawn.python, numpy
