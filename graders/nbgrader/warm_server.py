"""The warm engine of one user: nbgrader imported, a template started; each request is a forked child.

This process reads nothing of a request. A client's words, environment, course and gradebook are in the child alone, and
are gone with it. The template was started by this process, before any request, and sees submissions never.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from graders.contract.work_contract import EngineError
from graders.engine.lent_template import KeptTemplate
from graders.nbgrader import warm_socket


def main(path: str, idle: float) -> None:
    """Answer clients at `path` until nobody asked for `idle` seconds."""
    os.chdir("/")
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with _only_one(path) as lock:
        if lock is None:
            return
        template = KeptTemplate()
        try:
            template.launch()
            answer = _import()
            template.await_ready()
        except EngineError:
            # This machine does not allow the sandbox; each run says so itself.
            return
        with _listening(path) as listener:
            Keeper(template, listener, idle, answer).serve()
        template.stop()


def _import() -> Any:
    """Import all that a run needs, while the template starts."""
    import nbgrader.apps.nbgraderapp  # noqa: F401

    # Imported and not installed: a run's own configuration says whether its course uses them.
    import graders.nbgrader.drop_in
    import graders.nbgrader.formgrader.safe_feedback  # noqa: F401
    from graders.nbgrader import warm_run
    from graders.nbgrader.fork_autograde import ForkAutograde

    ForkAutograde.prepare()
    return warm_run.answer_client


@contextmanager
def _only_one(path: str) -> Iterator[IO[bytes] | None]:
    """Hold the lock of this socket; None if another process holds it."""
    with Path(f"{path}.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if not _is_same(file.name, os.fstat(file.fileno())):
            # Its last holder removed it in between.
            yield None
            return
        yield file
        if _is_same(file.name, os.fstat(file.fileno())):
            Path(file.name).unlink()


@contextmanager
def _listening(path: str) -> Iterator[socket.socket]:
    """Listen at `path`, where a process that was killed may have left its socket."""
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        ours = Path(path).lstat()
        listener.listen(32)
        try:
            yield listener
        finally:
            if _is_same(path, ours):
                Path(path).unlink()


def _is_same(path: str, seen: os.stat_result) -> bool:
    with suppress(OSError):
        return os.path.samestat(Path(path).lstat(), seen)
    return False


class Keeper:
    """Forks a child for each client, and lends the template to one of them at a time."""

    def __init__(self, template: KeptTemplate, listener: socket.socket, idle: float, answer: Any) -> None:
        self._template = template
        self._listener = listener
        self._idle = idle
        self._answer = answer
        self._children: dict[int, int] = {}
        self._borrower: int | None = None
        self._is_warm = True
        self._is_ending = False

    def serve(self) -> None:
        """Until idle for too long, or until a course turned it off and the last child ended."""
        while self._children or not self._is_ending:
            watched: list[Any] = list(self._children)
            watched += [] if self._is_ending else [self._listener]
            watched += [] if self._is_warm else [self._template.control]
            ready, _, _ = select.select(watched, [], [], None if self._children else self._idle)
            if not ready:
                return
            for one in ready:
                if one is self._listener:
                    self._accept()
                elif isinstance(one, int):
                    self._reap(one)
                elif not self._warmed():
                    return

    def _accept(self) -> None:
        line, _ = self._listener.accept()
        with line:
            if warm_socket.peer_uid(line) != os.geteuid():
                return
            is_free = self._is_warm and self._borrower is None and self._template.is_alive()
            first = self._template.lend() if is_free else 0
            pid = os.fork()
            if pid == 0:
                self._become_child(line, first)
            child = os.pidfd_open(pid)
            self._children[child] = pid
            if is_free:
                self._borrower = child

    def _become_child(self, line: socket.socket, first: int) -> None:
        try:
            self._listener.close()
            for one in self._children:
                os.close(one)
            control = self._template.control
            if not first:
                control.close()
            self._answer(line, control if first else None, first)
        finally:
            os._exit(70)

    def _reap(self, child: int) -> None:
        from graders.nbgrader.warm_run import GIVEN_BACK, TURNED_OFF

        _, status = os.waitpid(self._children.pop(child), 0)
        os.close(child)
        code = os.waitstatus_to_exitcode(status)
        self._is_ending = self._is_ending or code == TURNED_OFF
        if child == self._borrower:
            self._borrower = None
            if not self._is_ending and (code != GIVEN_BACK or not self._template.is_alive()):
                self._template.stop()
                self._template = KeptTemplate()
                self._template.launch()
                self._is_warm = False

    def _warmed(self) -> bool:
        try:
            self._template.await_ready()
        except EngineError:
            return False
        self._is_warm = True
        return True
