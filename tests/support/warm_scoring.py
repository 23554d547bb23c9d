"""Scoring processes of a prototype for tests: forked from one that has scikit-learn imported, which takes seconds."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

from labs.prototype_kit.application.scoring_client import THREADS

ROOT = Path(__file__).resolve().parents[2]
_one_at_a_time = threading.Lock()


class WarmChild:
    """The part of `subprocess.Popen` that the application uses, for a process that is forked instead of started."""

    def __init__(self, command: list[str], **_pipes: object) -> None:
        asked, self_asks = os.pipe()
        self_reads, answered = os.pipe()
        with _one_at_a_time:
            link = _template()
            socket.send_fds(link, [command[-1].encode()], [asked, answered])
            self.pid = int(link.recv(64))
        os.close(asked)
        os.close(answered)
        self.stdin, self.stdout = os.fdopen(self_asks, "wb"), os.fdopen(self_reads, "rb")

    def poll(self) -> int | None:
        """Return None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        """Wait for its end."""
        while self.poll() is None:
            time.sleep(0.002)
        return 0

    def terminate(self) -> None:
        """End it."""
        self.kill()

    def kill(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@cache
def _template() -> socket.socket:
    """Start the process from which others are forked; it ends when this process closes its socket."""
    ours, theirs = socket.socketpair()
    env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **THREADS}
    command = [sys.executable, "-m", "tests.support.warm_scoring", str(theirs.fileno())]
    process = subprocess.Popen(
        command, env=env, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def serve(link: socket.socket) -> None:
    """Fork a scoring process for each folder that is named on `link`, with the two pipes that come along."""
    import pandas  # noqa: F401
    import sklearn.compose
    import sklearn.linear_model
    import sklearn.pipeline  # noqa: F401
    import skops.io  # noqa: F401

    from labs.prototype_kit.application import column_checks, decisions, model_file, scoring_process  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        folder, pipes, _flags, _sender = socket.recv_fds(link, 65536, 2)
        if not folder:
            return
        pid = os.fork()
        if pid == 0:
            link.close()
            os.dup2(pipes[0], 0)
            os.dup2(pipes[1], 1)
            for pipe in pipes:
                os.close(pipe)
            scoring_process.main(Path(folder.decode()))
            os._exit(0)
        for pipe in pipes:
            os.close(pipe)
        link.send(str(pid).encode())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
