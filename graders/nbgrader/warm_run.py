"""One request of a warm engine, in a process that was forked for it and ends with it."""

from __future__ import annotations

import atexit
import io
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from graders.engine.lent_template import RETURNED
from graders.nbgrader import drop_in, warm_engine, warm_socket

GIVEN_BACK, BROKEN, TURNED_OFF = 0, 1, 2
"""How the process ends: the template can be lent again; it cannot; or a course turned warm engines off."""


def answer_client(line: socket.socket, control: socket.socket | None, first: int) -> NoReturn:
    """Do what the client at `line` asks for with the template at `control`, then end this process."""
    status = BROKEN
    try:
        asked = line.recv(1)
        if asked == warm_socket.RUN:
            status = _run(line, control, first)
        elif asked == warm_socket.TEMPLATE:
            status = _lend(line, control, first)
        else:
            status = TURNED_OFF if asked == warm_socket.END else GIVEN_BACK
    except OSError:
        # The client went away in the middle of its request.
        pass
    finally:
        os._exit(status)


def _lend(line: socket.socket, control: socket.socket | None, first: int) -> int:
    """Lend the template to the client's own process until that ends."""
    if control is None:
        line.sendall(warm_socket.NOTHING)
        return GIVEN_BACK
    socket.send_fds(line, [str(first).encode()], [control.fileno()])
    control.close()
    said = b""
    while more := line.recv(16):
        said += more
    return GIVEN_BACK if said == RETURNED else BROKEN


def _run(line: socket.socket, control: socket.socket | None, first: int) -> int:
    """Be `nbgrader autograde` with the client's words, folder, environment and streams."""
    size, streams, _, _ = socket.recv_fds(line, 4, 3)
    with line.makefile("rb") as file:
        request = json.loads(file.read(int.from_bytes(size, "big")))
    become_client(request, streams)
    if request["installs"]:
        drop_in.install()
    here = warm_engine.here
    here.is_warm_run, here.control, here.first = True, control, first
    line.sendall(f"{os.getpid()}\n".encode())
    is_done = threading.Event()
    threading.Thread(target=_end_with, args=(line, is_done), daemon=True).start()
    ended = _grade()
    atexit._run_exitfuncs()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    status = BROKEN if here.template and not here.template.is_returned else GIVEN_BACK
    is_done.set()
    with suppress(OSError):
        line.sendall(f"{json.dumps(ended)}\n".encode())
    return TURNED_OFF if here.is_turned_off else status


def become_client(request: dict[str, Any], streams: list[int]) -> None:
    """Take the client's place: its streams, folder, environment, umask and ignored signals."""
    # A new process group, no session: so no terminal becomes its controlling one.
    os.setpgid(0, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    os.umask(request["umask"])
    sys.argv = [str(Path(sys.executable).with_name("nbgrader")), "autograde", *request["words"]]
    for number, (name, (encoding, errors)) in enumerate(
        zip(("stdin", "stdout", "stderr"), request["streams"], strict=True)
    ):
        raw = open(number, "rb" if number == 0 else "wb", closefd=False)  # noqa: SIM115
        lines = number == 2 or os.isatty(number)
        opened = io.TextIOWrapper(raw, encoding, errors, line_buffering=lines)
        setattr(sys, name, opened)
        setattr(sys, f"__{name}__", opened)
    for one in request["ignored"]:
        signal.signal(one, signal.SIG_IGN)


def _end_with(line: socket.socket, is_done: threading.Event) -> None:
    """End this process at once if the client is gone: it was killed, or it would have passed a signal on."""
    with suppress(OSError):
        line.recv(1)
    if not is_done.is_set():
        os.kill(os.getpid(), signal.SIGKILL)


def _grade() -> dict[str, int]:
    """Return how Python would have ended: by exit code or by signal."""
    from nbgrader.apps.nbgraderapp import main

    try:
        main()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return {"code": ended.code or 0}
        sys.stderr.write(f"{ended.code}\n")
        return {"code": 1}
    except KeyboardInterrupt:
        sys.excepthook(*sys.exc_info())
        return {"signal": signal.SIGINT}
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return {"code": 1}
    return {"code": 0}
