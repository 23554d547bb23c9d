"""Surroundings of an engine that grades a hostile notebook: things to reach, to read, and to leave traces on."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

from bench.hostile_notebooks import MARKS

PORT = 47114
ABSTRACT = "\0isomo-attack"
# A fixed place that attacks know: what a curious learner would find on a grader's machine.
PLACE = Path(tempfile.gettempdir()) / "isomo-attack"
TRACE = "isomo-trace"
SHM_KEY = 0x4711


class Scene:
    """A listener, a secret in the environment, a peer's file; afterwards says what was reached and what was left."""

    def __init__(self, *, listens: bool = True) -> None:
        self._listens = listens
        self.connected = False
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Scene:
        PLACE.mkdir(exist_ok=True)
        PLACE.chmod(0o777)
        peer = PLACE / "peer.txt"
        peer.write_text(MARKS["peer"])
        peer.chmod(0o666)
        os.environ["ISOMO_ATTACK_SECRET"] = MARKS["environment"]
        if self._listens:
            self._listen(socket.AF_INET, ("127.0.0.1", PORT))
            self._listen(socket.AF_UNIX, ABSTRACT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _listen(self, family: int, address: object) -> None:
        made = socket.socket(family)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for _ in range(100):
            with contextlib.suppress(OSError):
                made.bind(address)  # type: ignore[arg-type]
                made.listen()
                break
            time.sleep(0.1)
        self._sockets.append(made)
        threading.Thread(target=self._accept, args=(made,), daemon=True).start()

    def _accept(self, made: socket.socket) -> None:
        while True:
            try:
                made.accept()[0].close()
            except OSError:
                return
            self.connected = True

    def traces(self) -> tuple[str, ...]:
        """Return what is left: marked files, a changed peer's file, marked processes, shared memory."""
        found = []
        for folder in (tempfile.gettempdir(), "/dev/shm", "/var/tmp", str(PLACE)):
            found += [f"file {path}" for path in Path(folder).glob(f"{TRACE}*")]
        if (PLACE / "peer.txt").read_text(errors="replace") != MARKS["peer"]:
            found.append("a peer's file was changed")
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if TRACE.encode() in entry.read_bytes():
                    found.append(f"process {entry.parent.name}")
        with contextlib.suppress(OSError):
            rows = [row.split() for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
            found += [f"shared memory {row[1]}" for row in rows if int(row[0]) == SHM_KEY]
        return tuple(found)

    def clean(self) -> None:
        """Remove marked files, so that one attack's traces are not another's."""
        for folder in (tempfile.gettempdir(), "/dev/shm", "/var/tmp", str(PLACE)):
            for path in Path(folder).glob(f"{TRACE}*"):
                with contextlib.suppress(OSError):
                    path.unlink()
