"""The trusted side of the sandbox: starts the template, asks it for children, and stops what runs too long."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from graders.contract import message_facts, wire_frames
from graders.contract.message_facts import Message
from graders.contract.sandbox_settings import QUIET, path_inside
from graders.contract.work_contract import EngineError, Limits
from graders.engine import sandbox_refusal

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; sys.path.insert(0, sys.argv.pop()); from graders.sandbox.template_process import main; main()"
PRELOAD = (
    "numpy", "pandas", "sklearn.linear_model", "sklearn.feature_extraction.text", "sklearn.pipeline",
    "sklearn.model_selection", "sklearn.metrics", "sklearn.tree", "sklearn.ensemble", "sklearn.cluster",
    "sklearn.preprocessing", "sklearn.compose", "sklearn.neighbors", "sklearn.naive_bayes", "sklearn.dummy",
    "matplotlib.pyplot", "matplotlib_inline.backend_inline", "ipywidgets",
)  # fmt: skip
START_SECONDS = 180.0
GRACE_SECONDS = 3.0
MOST_PATIENCE = 3
"""How many times its limit a cell gets on top, at most, if the machine does not run it."""
LEAST_PATIENCE = 0.2
MOST_NOTES = 100
"""So much of what a sandbox tells about a learner's code is kept."""
UNPRIVILEGED = 64999


@dataclass(frozen=True)
class Room:
    """Contents of one lab image's sandbox: libraries to import beforehand, and folders to show read-only.

    `shown` are (path outside, path inside); `sys_path` are folders inside from which notebooks may import.
    """

    preload: Sequence[str] = PRELOAD
    shown: Sequence[tuple[str, str]] = ()
    sys_path: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable
    user: int = UNPRIVILEGED
    warm: bool = True
    """Whether to try the libraries out beforehand and to pack memory: 1 s that a few submissions do not earn back."""


@dataclass(frozen=True)
class Ended:
    """End of a child: exit status (negative: signal), processor seconds, and peak memory in bytes."""

    status: int
    cpu: float
    peak: int
    over_memory: bool = False
    out_of_time: bool = False
    forking: float = 0.0
    """Processor seconds that the template spent since it last reported an end."""


class StoppedError(Exception):
    """A child is gone or had to be stopped; `message` is for the learner."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class Template:
    """The warm process that submissions are forked from. Safe to use from several threads."""

    def __init__(self, room: Room | None = None) -> None:
        self.room = room or Room()
        self.missing: list[str] = []
        self._lock = threading.Lock()
        self._next = 0
        self._waiting: dict[int, _Fate] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Template:
        """Start and warm the template.

        Raises:
            EngineError: the kernel forbids the sandbox, or Python could not start.
        """
        self.launch()
        self.await_ready()
        return self.listen()

    def launch(self) -> Template:
        """Start the template's process; it answers when it is warm."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - read and closed when the template answers
        with theirs:
            command = [self.room.python, "-I", "-c", START, str(theirs.fileno()), str(ROOT)]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=_environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=self._log, cwd="/", start_new_session=True,
                # A strict one of the caller's would hide the jail's own folders from the user inside.
                umask=0o022,
            )  # fmt: skip
        self._control.send(json.dumps(self._settings()).encode())
        return self

    def await_ready(self) -> None:
        """Wait until the template is warm.

        Raises:
            EngineError: the kernel forbids the sandbox, or Python could not start.
        """
        self._control.settimeout(START_SECONDS)
        try:
            answer = json.loads(self._control.recv(1 << 16) or b"{}")
        except OSError:
            answer = {}
        with self._log as log:
            log.seek(0)
            said = log.read()[-800:].decode("utf-8", "replace").strip()
        if "ready" not in answer:
            self.stop()
            raise EngineError(sandbox_refusal.explain_refusal(answer.get("refused") or said or "no answer"))
        self.missing = answer["missing"]
        self._control.settimeout(None)

    def listen(self) -> Template:
        """Hear in a thread how children end."""
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def _settings(self) -> dict[str, Any]:
        prefixes = {sys.prefix, sys.base_prefix} if self.room.python == sys.executable else set()
        prefixes |= {str(Path(self.room.python).parents[1])}
        ours = [str(ROOT / "graders" / name) for name in ("contract", "sandbox")]
        own = [*(prefix for prefix in sorted(prefixes) if not _is_system(prefix)), *ours]
        shown = [(path, inside if inside != path else path_inside(path)) for path, inside in self.room.shown]
        return {
            "binds": [*((path, path_inside(path)) for path in own), *shown],
            "user": self.room.user,
            "preload": list(self.room.preload),
            "warm": self.room.warm,
            "sys_path": [path_inside(path) for path in self.room.sys_path],
            "environment": self.room.environment,
            "path": f"{path_inside(str(Path(self.room.python).parent))}:/usr/local/bin:/usr/bin:/bin",
        }

    @property
    def pid(self) -> int:
        """The process that keeps the template's namespaces, as seen from here."""
        return self._process.pid if self._process else 0

    def spawn(self, limits: Limits, control: socket.socket | None = None) -> Child:
        """Fork a fresh child; with `control` it can become a template itself, and is asked for children there.

        Raises:
            EngineError: the template is gone or cannot fork.
        """
        ours, theirs = socket.socketpair()
        fate = _Fate()
        with self._lock:
            self._next += 1
            number = self._next
            self._waiting[number] = fate
            request = {"id": number, "limits": _plain(limits)}
            try:
                lines = [one.fileno() for one in (theirs, control) if one is not None]
                socket.send_fds(self._control, [json.dumps(request).encode()], lines)
            except OSError as error:
                raise EngineError(f"the template is gone: {error}") from error
            finally:
                theirs.close()
        child = Child(
            ours,
            limits,
            fate,
            lambda kind: self._signal(number, kind),
            lambda: self._tell(number, {"waited": number}),
        )
        try:
            hello, _ = wire_frames.receive_frame(ours, wire_frames.Deadline(20))
        except wire_frames.WireError as error:
            child.kill()
            raise EngineError(f"a sandbox did not start: {fate.problem or error}") from error
        if hello.get("t") != "hello":
            raise EngineError(f"a sandbox did not start: {hello.get('why')}")
        return child

    def _signal(self, number: int, kind: int) -> None:
        self._tell(number, {"kill": number, "signal": kind})

    def _tell(self, number: int, request: dict[str, int]) -> None:
        # A template that is gone took its children with it.
        with self._lock, contextlib.suppress(OSError):
            if number in self._waiting:
                self._control.send(json.dumps(request).encode())

    def _listen(self) -> None:
        while True:
            try:
                data = self._control.recv(1 << 16)
            except OSError:
                data = b""
            if not data:
                break
            message = json.loads(data)
            if "waited" in message:
                if asked := self._waiting.get(message["id"]):
                    asked.waited.put(message["waited"])
                continue
            with self._lock:
                fate = self._waiting.pop(message["id"], None)
            if fate:
                fate.decide(message)
        with self._lock:
            for fate in self._waiting.values():
                fate.decide({"failed": "the template ended"})
            self._waiting.clear()

    def stop(self) -> None:
        """End the template and every child with it."""
        if self._process is None:
            return
        self._control.shutdown(socket.SHUT_RDWR) if self._control.fileno() >= 0 else None
        self._control.close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Template:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Fate:
    """End of a child, once it has ended."""

    def __init__(self) -> None:
        self._done = threading.Event()
        # What the template said of the seconds that the child waited for a processor, each time it was asked.
        self.waited: SimpleQueue[float] = SimpleQueue()
        self.ended: Ended | None = None
        self.problem: str | None = None

    def decide(self, message: dict[str, Any]) -> None:
        if "status" in message:
            self.ended = Ended(
                message["status"],
                message["cpu"],
                message["peak"],
                message["over"],
                message["out"],
                message["forking"],
            )
        self.problem = message.get("failed")
        self._done.set()

    def wait(self, seconds: float) -> Ended | None:
        self._done.wait(seconds)
        return self.ended


class Child:
    """One submission's sandbox, driven cell by cell."""

    def __init__(
        self,
        sock: socket.socket,
        limits: Limits,
        fate: _Fate,
        send_signal: Callable[[int], None],
        ask_waited: Callable[[], None] = lambda: None,
    ) -> None:
        self._sock = sock
        self._limits = limits
        self._fate = fate
        self._send_signal = send_signal
        self._ask_waited = ask_waited
        # Seconds by which cells were given more time, because the machine did not run them meanwhile.
        self.excused = 0.0
        self.patience = limits.wall
        """How many seconds more of that there may be, for all its cells together."""
        # What the learner's code was seen to do, told before it happened, with cell and line.
        self.notes: dict[str, tuple[str, int]] = {}
        # What a guarded run refused: what, cell, line, and the cell that was running.
        self.refusals: dict[tuple[str, str, int, str], None] = {}
        # Reads text that becomes code; whether it may, asked in a guarded run.
        self.read_text: Callable[[wire_frames.Frame], bool] | None = None
        self.is_guarded = False

    def ask(
        self,
        order: wire_frames.Frame,
        seconds: float,
        take: Callable[[Any, Any, int], None] | None = None,
        late: Message | None = None,
    ) -> wire_frames.Frame:
        """Send one order and wait for its answer; `take(kind, content, size)` gets what the cell shows meanwhile.

        `late` is said of an order that took too long, instead of the seconds that it had.

        Raises:
            StoppedError: the child ended or was stopped; the text says so to the learner.
            EngineError: the template ended, and the child with it.
        """
        deadline = wire_frames.Deadline(seconds, Patience(self, seconds).more)
        try:
            self._sock.settimeout(seconds)
            wire_frames.send_frame(self._sock, order)
            most = wire_frames.LARGEST if order.get("large") else 8 * self._limits.output + (1 << 20)
            return self._answer(order, deadline, take, most)
        except wire_frames.WireTimeoutError:
            return self._interrupt(order, take, late or message_facts.stopped_after(seconds))
        except wire_frames.WireError as error:
            raise StoppedError(self._why(str(error))) from error

    def waited(self) -> float:
        """Return seconds that this child was ready to run and no processor was free; 0 if nobody can tell."""
        with contextlib.suppress(Empty):
            while True:
                self._fate.waited.get_nowait()
        self._ask_waited()
        try:
            return self._fate.waited.get(timeout=GRACE_SECONDS)
        except Empty:
            return 0.0

    def _answer(
        self,
        order: wire_frames.Frame,
        deadline: wire_frames.Deadline,
        take: Callable[[Any, Any, int], None] | None,
        most: int,
    ) -> wire_frames.Frame:
        while True:
            frame, size = wire_frames.receive_frame(self._sock, deadline)
            most -= size
            if most < 0:
                self.kill()
                raise StoppedError(Message("too-much-output"))
            self._told(frame)
            if frame.get("t") == "done":
                if order.get("aside"):
                    self._copy_ended(deadline)
                return frame
            if frame.get("t") == "aside":
                raise StoppedInCopyError(Message("ended-itself"))
            if take is not None and frame.get("t") == "msg":
                take(frame.get("type"), frame.get("content"), size)

    def _told(self, frame: wire_frames.Frame) -> None:
        """Keep what the sandbox tells of the learner's code; all of it is a claim."""
        kind, what = frame.get("t"), str(frame.get("what"))[:80]
        if kind == "note" and len(self.notes) < MOST_NOTES:
            self.notes.setdefault(what, (str(frame.get("cell"))[:20], _line(frame)))
        elif kind == "refused" and len(self.refusals) < MOST_NOTES:
            cell, during = str(frame.get("cell"))[:20], str(frame.get("during"))[:20]
            self.refusals[(what, cell, _line(frame), during)] = None
        elif kind == "text":
            is_plain = self.read_text is not None and self.read_text(frame)
            if self.is_guarded:
                wire_frames.send_frame(self._sock, {"plain": is_plain})

    def _copy_ended(self, deadline: wire_frames.Deadline) -> None:
        late = deadline.left() < GRACE_SECONDS
        frame, _ = wire_frames.receive_frame(
            self._sock, wire_frames.Deadline(GRACE_SECONDS) if late else deadline
        )
        if frame.get("t") != "aside":
            raise wire_frames.WireError("out of turn")

    def _interrupt(
        self, order: wire_frames.Frame, take: Callable[[Any, Any, int], None] | None, late: Message
    ) -> wire_frames.Frame:
        """Ask the cell to stop, as a kernel's interrupt does; what it does not hear ends it."""
        self._send_signal(signal.SIGINT)
        try:
            frame = self._answer(order, wire_frames.Deadline(GRACE_SECONDS), take, 1 << 20)
        except StoppedInCopyError as error:
            raise StoppedInCopyError(late) from error
        except wire_frames.WireError as error:
            self.kill()
            raise StoppedError(late) from error
        return {**frame, "status": "timeout"}

    def _why(self, seen: str) -> Message:
        if seen in ("oversized", "not JSON", "not an object", "out of turn"):
            self.kill()
            return Message("too-much-output")
        ended = self._fate.wait(GRACE_SECONDS)
        if self._fate.problem:
            raise EngineError(self._fate.problem)
        if ended is None:
            self.kill()
            return Message("ended-itself")
        if ended.over_memory:
            return message_facts.used_too_much_memory(self._limits.memory)
        if ended.out_of_time or ended.cpu >= self._limits.cpu - 1:
            return message_facts.out_of_processor_time(self._limits.cpu)
        return Message("crashed") if ended.status < 0 else Message("ended-itself")

    def kill(self) -> None:
        """End it now."""
        self._send_signal(signal.SIGKILL)

    def close(self) -> Ended:
        """Hang up and wait until it is gone."""
        self._sock.close()
        ended = self._fate.wait(0.5)
        if ended is None:
            self.kill()
            ended = self._fate.wait(GRACE_SECONDS)
        return ended or Ended(-9, 0.0, 0)


class Patience:
    """More time for one order: as long as its process waited for a processor.

    Three times the order's limit at most, and no more for a whole submission than its own limit.

    A limit is meant for what a cell does. On a machine that grades many at once, a cell that needs half of its limit
    may be run for a fifth of it.
    """

    def __init__(self, child: Child, seconds: float) -> None:
        self._child = child
        self._left = MOST_PATIENCE * seconds

    def more(self) -> float:
        """Return how many seconds more to wait; 0 if the process was run all the time."""
        found = min(self._child.waited() - self._child.excused, self._left, self._child.patience)
        if found < LEAST_PATIENCE:
            return 0.0
        self._left -= found
        self._child.patience -= found
        self._child.excused += found
        return found


class StoppedInCopyError(StoppedError):
    """A copy that ran one test ended; the notebook's own process goes on."""


def _line(frame: wire_frames.Frame) -> int:
    line = frame.get("line")
    return line if type(line) is int and 0 <= line < 1_000_000 else 0


def _plain(limits: Limits) -> dict[str, int]:
    numbers = {name: int(value) for name, value in asdict(limits).items()}
    return {**numbers, "cpu": max(1, round(limits.cpu)), "disk": limits.file_size}


def _environment() -> dict[str, str]:
    """Nothing of ours reaches the sandbox through its environment; one thread, so that forking is safe."""
    return dict(QUIET)


def _is_system(prefix: str) -> bool:
    return prefix == "/usr" or prefix.startswith("/usr/")
