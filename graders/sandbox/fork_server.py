"""The fork server: forks a child on request, minds its limits, reports how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from typing import Any, NamedTuple

WATCH_SECONDS = 0.2


MOST_COPIES = max(8, (os.cpu_count() or 1) + 4)
"""For so many processes of one notebook, memory that they have from the template is not counted as theirs."""


class Server:
    """Forks on request and reports how each child ended."""

    def __init__(
        self, control: socket.socket, nursery: Any, notebook: Any, pristine: Any, programs: Any, live: Any,
        paid: float = 0.0,
    ) -> None:  # fmt: skip
        self._control = control
        self._nursery = nursery
        self._notebook = notebook
        self._pristine = pristine
        self._programs = programs
        self._live = live
        self._running: dict[int, int] = {}
        self._most: dict[int, dict[str, int]] = {}
        self._over: set[int] = set()
        self._out: set[int] = set()
        self._base = _held(_rows(os.getpid()))
        self._paid = paid
        self._wake, other = socket.socketpair()
        self._wake.setblocking(False)
        other.setblocking(False)
        self._other = other

    def serve(self) -> None:
        """Until the supervisor goes away."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._other.fileno(), warn_on_full_buffer=False)
        while True:
            patience = WATCH_SECONDS if self._most else None
            readable, _, _ = select.select([self._control, self._wake], [], [], patience)
            if not readable:
                self._watch()
            if self._wake in readable:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
                self._reap()
            if self._control in readable and not self._request():
                return

    def _request(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 2)
        if not data:
            return False
        request = json.loads(data)
        if "kill" in request:
            for pid, number in self._running.items():
                if number == request["kill"]:
                    os.kill(pid, request["signal"])
            return True
        if "waited" in request:
            self._tell({"id": request["waited"], "waited": self._waited(request["waited"])})
            return True
        pid = -1
        try:
            pid = self._nursery.fork()
        except OSError as error:
            self._tell({"id": request["id"], "failed": str(error)})
            return True
        finally:
            if pid != 0:
                for one in descriptors:
                    os.close(one)
        if pid == 0:
            self._become_child(descriptors, request)
        self._running[pid] = request["id"]
        if len(descriptors) == 1:
            self._most[request["id"]] = request["limits"]
        return True

    def _become_child(self, descriptors: list[int], request: dict[str, Any]) -> None:
        status = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for sock in (self._control, self._wake, self._other):
                sock.close()
            self._nursery.leave()
            self._live(descriptors, request, self._notebook, self._pristine, self._programs)
            status = 0
        finally:
            os._exit(status)

    def _waited(self, number: int) -> float:
        """Return seconds that a notebook's own process was ready to run and had no processor.

        Others that the learner's code started do not count: one that is nice to all would wait all the time.
        """
        seen = _processes()
        found = 0.0
        for top in (pid for pid, one in self._running.items() if one == number):
            below = [one for one in seen if one != top and _is_below(one, top, seen)]
            found = max([found, _waited(top), *(_waited(one) for one in sorted(below)[:1])])
        return found

    def _reap(self) -> None:
        while self._running:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self._running.pop(pid, None)
            if number is not None:
                self._most.pop(number, None)
                self._tell(
                    {
                        "id": number,
                        "status": os.waitstatus_to_exitcode(status),
                        "over": number in self._over,
                        "out": number in self._out,
                        "cpu": usage.ru_utime + usage.ru_stime,
                        "peak": usage.ru_maxrss * 1024,
                        "forking": self._spent(),
                    }
                )

    def _spent(self) -> float:
        """Processor seconds of this process since it was last asked: what forking costs is paid on this side."""
        before, self._paid = self._paid, time.process_time()
        return self._paid - before

    def _watch(self) -> None:
        """End a child whose processes together hold more memory, or have computed longer, than it may."""
        seen = _processes()
        for pid, number in list(self._running.items()):
            if number not in self._most:
                # A lab's template, which minds its own.
                continue
            family = [one for one in seen if _is_below(one, pid, seen)]
            limits = self._most[number]
            most = limits["memory"]
            # The quick sum counts pages that processes share once for each of them; the slow one is exact.
            if sum(seen[one].held for one in family) > most and self._is_over(
                [seen[one] for one in family], family, most
            ):
                self._over.add(number)
                os.kill(pid, signal.SIGKILL)
            if sum(seen[one].cpu for one in family) > limits["cpu"]:
                self._out.add(number)
                os.kill(pid, signal.SIGKILL)

    def _is_over(self, seen: list[Seen], family: list[int], most: int) -> bool:
        """Return whether processes hold more than `most` bytes besides the memory they share with this one.

        Nobody may read how much of that memory a notebook's own process and its copies share: each may hold all.
        """
        exact = [_exact(one) for one in family]
        held = sum(one.held if bytes_ is None else bytes_ for one, bytes_ in zip(seen, exact, strict=True))
        return held > most + self._base * min(max(1, exact.count(None)), MOST_COPIES)

    def _tell(self, message: dict[str, Any]) -> None:
        self._control.send(json.dumps(message).encode())


class Seen(NamedTuple):
    """One process: its parent, the bytes that only it holds, and processor seconds (its ended children's too)."""

    parent: int
    held: int
    cpu: float


def _processes() -> dict[int, Seen]:
    """Return every process in sight."""
    found = {}
    tick = os.sysconf("SC_CLK_TCK")
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{name}/stat") as file:  # noqa: PTH123
                fields = file.read().rpartition(")")[2].split()
            found[int(name)] = Seen(
                int(fields[1]), _held(_rows(int(name))), sum(map(int, fields[11:15])) / tick
            )
    return found


def _waited(pid: int) -> float:
    """Return seconds that a process waited for a processor, as the kernel counts them; 0 if it does not."""
    try:
        with open(f"/proc/{pid}/schedstat") as file:  # noqa: PTH123
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _rows(pid: int) -> dict[str, str]:
    with open(f"/proc/{pid}/status") as file:  # noqa: PTH123
        return dict(line.split(":", 1) for line in file)


def _held(rows: dict[str, str]) -> int:
    """Return bytes of memory without a file, shared maps (RssShmem) too. Who has ended has neither."""
    return sum(int(rows.get(kind, "0").split()[0]) for kind in ("RssAnon", "RssShmem")) * 1024


def _is_below(pid: int, top: int, seen: dict[int, Seen]) -> bool:
    for _ in range(200):
        if pid == top:
            return True
        if pid not in seen:
            return False
        pid = seen[pid].parent
    return False


def _exact(pid: int) -> int | None:
    """Return bytes a process holds, shared pages divided among those who share them; None if nobody may look."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:  # noqa: PTH123
            rows = dict(line.split(":", 1) for line in file if line.startswith("Pss_"))
    except PermissionError:
        return None
    except OSError:
        # It has just ended.
        return 0
    return sum(int(rows[kind].split()[0]) for kind in ("Pss_Anon", "Pss_Shmem") if kind in rows) * 1024
