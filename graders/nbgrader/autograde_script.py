"""Command `isomo-autograde LAB ...`: `nbgrader autograde LAB ...` with Isomo's engine, at once if a warm one is there.

A warm engine grades in a process that has imported nbgrader already. This client imports the standard library only,
lends that process its terminal and passes signals on. Without a warm engine it is `nbgrader autograde`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from graders.nbgrader import warm_socket

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def main() -> None:
    """Grade as `nbgrader autograde` would, with its options and exit code: entry point of `isomo-autograde`.

    Arguments come from `sys.argv`; a warm engine is used if one runs for this user.

    Raises:
        SystemExit: with the exit code of the run.

    Example:
        isomo-autograde lab1 --student=bitdiddle
    """
    words = sys.argv[1:]
    run_warm(words, installs=True)
    run_cold(words)


def run_warm(words: Sequence[str], *, installs: bool) -> None:
    """Have a warm engine grade, and end as it ends; return if there is none, or it broke off.

    Args:
        words: what follows `nbgrader autograde`.
        installs: whether the sandbox is used in a course without the line of the drop-in.

    Raises:
        SystemExit: the warm engine graded; with its exit code.
    """
    line = _warm_line()
    if line is None:
        return
    with line:
        is_begun = _run_warm(line, run_request(words, installs=installs))
    if is_begun:
        from graders.nbgrader.terminal_sentences import _

        said = _("The warm engine ended in the middle of its work. Grading starts again without it.")
        sys.stderr.write(f"{said}\n")


def _warm_line() -> socket.socket | None:
    """Return a line to a warm engine, if the three standard streams are there to be lent."""
    try:
        for number in range(3):
            os.fstat(number)
    except OSError:
        return None
    return warm_socket.connect_engine(os.environ)


def run_cold(words: Sequence[str]) -> None:
    """Grade in this process, and leave a warm engine behind.

    Args:
        words: what follows `nbgrader autograde`.
    """
    from graders.nbgrader import drop_in

    drop_in.install()
    from nbgrader.apps.nbgraderapp import main as start

    # By this name the command line is known, and leaves a warm engine behind.
    sys.argv = [str(Path(sys.executable).with_name("nbgrader")), "autograde", *words]
    start()


def run_request(words: Sequence[str], *, installs: bool) -> bytes:
    """Return all that tells one run from another, as the warm process reads it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return json.dumps(
        {
            "words": list(words),
            "installs": installs,
            "folder": str(Path.cwd()),
            "environment": dict(os.environ),
            "umask": mask,
            "streams": [
                [one.encoding, one.errors] if one else ["utf-8", "strict"]
                for one in (sys.stdin, sys.stdout, sys.stderr)
            ],
            "ignored": [int(one) for one in PASSED_ON if signal.getsignal(one) == signal.SIG_IGN],
        }
    ).encode()


def _run_warm(line: socket.socket, told: bytes) -> bool:
    """Have the warm process grade, and end as it ends; returns only if it broke off: whether it had begun."""
    passed: list[int] = []
    pid, ended = 0, {}
    with suppress(OSError, ValueError):
        line.sendall(warm_socket.RUN)
        socket.send_fds(line, [len(told).to_bytes(4, "big")], [0, 1, 2])
        line.sendall(told)
        with line.makefile("rb") as answers:
            pid = json.loads(answers.readline() or b"0")
            if pid:
                _pass_signals(pid, passed)
            ended = json.loads(answers.readline() or b"{}")
    if "code" in ended:
        sys.exit(ended["code"])
    by = ended.get("signal") or (passed[-1] if passed else 0)
    if by:
        signal.signal(by, signal.SIG_DFL)
        os.kill(os.getpid(), by)
    for one in PASSED_ON:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, signal.default_int_handler if one == signal.SIGINT else signal.SIG_DFL)
    return pid > 0


def _pass_signals(pid: int, passed: list[int]) -> None:
    """Send the warm process each signal that this one gets from now on, and note it in `passed`."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        passed.append(number)
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def stop(_number: int, _frame: FrameType | None) -> None:
        os.kill(pid, signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(pid, signal.SIGCONT)

    for one in PASSED_ON:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, pass_on)
    signal.signal(signal.SIGTSTP, stop)


if __name__ == "__main__":
    main()
