"""The child: one submission's process. It runs the cells that it is sent, one by one, and says what they showed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import gc
import logging
import os
import random
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NamedTuple

from graders.contract import wire_frames
from graders.sandbox import judged_answers, sandbox_jail
from graders.sandbox.audit_hooks import Watch, learners_line
from graders.sandbox.library_guard import LibrarySnapshot
from graders.sandbox.renewed_copy import renew_copy
from graders.sandbox.seccomp_filter import Programs

HOME, WORK = "/tmp/home", "/tmp/work"
MOST_REFUSALS = 200
JUDGE = judged_answers.Judge()
"""Empty in the template; filled after the fork, in the one child that judges."""


class RandomDraws(NamedTuple):
    """States of the generators of random numbers after the teacher's first cells, if these set them."""

    python: Any
    numpy: Any

    @staticmethod
    def now() -> RandomDraws:
        """Return the current states."""
        numpy = sys.modules["numpy"].random.get_state(legacy=False) if "numpy" in sys.modules else None
        return RandomDraws(random.getstate(), numpy)

    def again(self) -> None:
        """Restore these states: a fork seeds Python's own generator again."""
        random.setstate(self.python)
        if self.numpy is not None:
            sys.modules["numpy"].random.set_state(self.numpy)


def serve_submission(
    lines: list[int],
    request: dict[str, Any],
    notebook: Any,
    pristine: LibrarySnapshot,
    programs: Programs,
    drawn: RandomDraws | None = None,
) -> None:
    """Confine this process, then answer the supervisor until it hangs up."""
    sock = socket.socket(fileno=lines[0])
    try:
        sandbox_jail.drop_privileges(request["limits"], programs.notebook)
        finish_setup(sock, request["limits"], notebook, pristine.watch, drawn)
    except OSError as error:
        wire_frames.send_frame(sock, {"t": "failed", "why": f"{type(error).__name__}: {error}"})
        return
    wire_frames.send_frame(sock, {"t": "hello"})
    answer_orders(sock, notebook, pristine)


def answer_orders(sock: socket.socket, notebook: Any, pristine: LibrarySnapshot) -> asyncio.AbstractEventLoop:
    """Do what is asked until the other side hangs up, or asks for an end. Returns the loop in which it ran."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(_answer(sock, notebook, pristine))
    while not task.done():
        try:
            loop.run_until_complete(task)
        except KeyboardInterrupt:
            # Sent by the supervisor when a task took too long and is waiting inside the loop.
            notebook.interrupt()
    return loop


def finish_setup(
    sock: socket.socket, limits: dict[str, int], notebook: Any, watch: Watch, drawn: RandomDraws | None = None
) -> None:
    """Make a confined process a notebook's: its folders, its outputs, its generators of random numbers."""
    for folder in (HOME, WORK):
        os.mkdir(folder)  # noqa: PTH102
    os.chdir(WORK)
    if sys.path[0] != "":
        sys.path.insert(0, "")
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    notebook.attach(sock, limits["output"])
    if drawn is not None:
        drawn.again()
    elif "numpy" in sys.modules:
        # As in a fresh kernel; Python's own generator sees to that by itself after a fork. Without a number numpy would
        # mix one from more pages of memory, each of which is copied after a fork.
        sys.modules["numpy"].random.seed(int.from_bytes(os.urandom(4)))
    gc.enable()
    send, pack = sock.sendall, wire_frames.pack_frame
    channel = notebook.channel
    os.register_at_fork(after_in_child=lambda: _leave_line(sock, channel, watch))
    watch.begin(
        lambda what: send(pack({"t": "note", "what": what, "cell": channel.parent, "line": learners_line()})),
        TextReader(sock, channel),
    )


class Copying:
    """Flag that the fork being made is a copy of ours, which goes on to speak to the supervisor."""

    is_ours = False


def _leave_line(sock: socket.socket, channel: Any, watch: Watch) -> None:
    """In a process that a learner's code forked: it can neither read what a test asks nor answer for it."""
    if not Copying.is_ours:
        channel.sock = None
        watch.rest()
        sock.close()


class TextReader:
    """Tells the trusted side of text that becomes code; in a guarded run it waits for an answer."""

    def __init__(self, sock: socket.socket, channel: Any) -> None:
        self._sock = sock
        self._channel = channel
        self.waits = False

    def __call__(self, text: str, maker: str) -> bool:
        """Return whether the text may run."""
        told = {
            "t": "text",
            "text": text,
            "maker": maker,
            "cell": self._channel.parent,
            "line": learners_line(),
        }
        wire_frames.send_frame(self._sock, told)
        if not self.waits:
            return True
        answer, _ = wire_frames.receive_frame(self._sock)
        return bool(answer.get("plain"))


async def _answer(sock: socket.socket, notebook: Any, pristine: LibrarySnapshot) -> None:
    loop = asyncio.get_running_loop()
    while True:
        # Waiting inside the loop lets a notebook's own tasks go on, as they do in a kernel.
        ready = loop.create_future()
        loop.add_reader(sock, _settle_once, ready)
        await ready
        loop.remove_reader(sock)
        try:
            order, _ = wire_frames.receive_frame(sock, largest=wire_frames.LARGEST_ORDER)
        except wire_frames.WireError:
            return
        sock.settimeout(None)
        if order["do"] == "end":
            return
        await _handle_order(order, sock, notebook, pristine)


def _settle_once(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _handle_order(
    order: dict[str, Any], sock: socket.socket, notebook: Any, pristine: LibrarySnapshot
) -> None:
    if order["do"] == "guard":
        with pristine.watch.ours():
            _begin_guard(order, sock, notebook, pristine)
        wire_frames.send_frame(sock, {"t": "done"})
    elif order["do"] == "files":
        with pristine.watch.ours():
            released = _write(order["files"], order.get("own", []), append=order.get("append", False))
        pristine.watch.release(released)
        wire_frames.send_frame(sock, {"t": "done"})
    elif order["do"] == "collect":
        wire_frames.send_frame(sock, {"t": "done", "files": _changed(order["largest"])})
    elif order["do"] == "probe":
        try:
            found = judged_answers.probe_learner_code(order, notebook.shell.user_ns)
        except KeyboardInterrupt:
            found = {}
        notebook.collect()
        wire_frames.send_frame(sock, {**found, "t": "done"})
    elif order["do"] == "judge":
        wire_frames.send_frame(sock, {**judged_answers.answer_judge_order(order, JUDGE), "t": "done"})
    elif order.get("aside"):
        pristine.end_script_loop()
        _aside(order, sock, notebook, pristine)
    else:
        wire_frames.send_frame(sock, await _run(order, notebook, pristine))


def _begin_guard(
    order: dict[str, Any], sock: socket.socket, notebook: Any, pristine: LibrarySnapshot
) -> None:
    """From here on, rewritten cells run, and what leads to machinery is refused."""
    from graders.sandbox.plain_states import forbid_in_states
    from graders.sandbox.run_guard import RunGuard
    from graders.sandbox.tame_mocks import TameMocks

    send, pack = sock.sendall, wire_frames.pack_frame
    told: set[tuple[str, str, int, str]] = set()

    def tell(what: str, cell: str, line: int) -> None:
        known = (what, cell or notebook.channel.parent, line, notebook.channel.parent)
        if known not in told and len(told) < MOST_REFUSALS:
            told.add(known)
            send(pack(dict(zip(("what", "cell", "line", "during"), known, strict=True), t="refused")))

    guard = RunGuard(notebook.shell, pristine, tell, order)
    guard.install()
    guard.mocks = TameMocks(guard, guard.held)
    guard.mocks.install()
    pristine.watch.guard(guard.refuse)
    forbid_in_states(guard.memory, functools.partial(guard.refuse_memory, cell="", line=0))
    pristine.guard = guard
    pristine.adopt()
    pristine.keep_copies()
    # A file next to the notebook takes no library's place.
    sys.path[:] = [*(one for one in sys.path if one != ""), ""]


async def _run(order: dict[str, Any], notebook: Any, pristine: LibrarySnapshot) -> dict[str, Any]:
    notebook.channel.begin(order["cell"])
    altered: list[str] = []
    loads = order.get("loads", [])
    if pristine.guard is not None:
        pristine.guard.is_testing = bool(order.get("test"))
        pristine.guard.asks = frozenset(order.get("asks", ()))
        if pristine.guard.is_testing:
            pristine.guard.mocks.end_patches()
    if order.get("test"):
        pristine.end_script_loop()
        altered = pristine.restore()
        if len(asyncio.all_tasks()) > 1:
            altered.append("task")
    altered += pristine.changed(loads)
    is_given = "loads" in order and not order.get("test")
    before = pristine.put_back(order.get("holds", []), altered) if "loads" in order else {}
    libraries = pristine.differences() if is_given else None
    try:
        if order.get("prelude"):
            await notebook.run(order["prelude"], order["prelude"], lab=True, kept=False)
        # In a copy a test becomes no part of the history, which the learner's functions could read.
        kept = not order.get("aside")
        is_labs = "loads" in order or bool(order.get("lab"))
        reply = await notebook.run(order["source"], order.get("transformed"), lab=is_labs, kept=kept)
    except KeyboardInterrupt:
        reply = {"status": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
    gives = order.get("gives", [])
    during: list[str] = []
    if is_given:
        pristine.take_away(before, gives)
    if order.get("test"):
        # What the learner's functions changed while the test called them.
        again = pristine.restore() + pristine.changed([name for name in loads if name not in gives])
        altered += [name for name in again if name not in altered]
        during = [one for one in again if one.startswith(("given:", "builtin:"))]
    if is_given:
        # What the teacher's own cell changed is as it should be.
        pristine.remember([name for name in loads if not _is_altered(name, altered)])
        if not libraries:
            pristine.adopt()
    pristine.remember(order.get("keeps", gives))
    notebook.collect()
    return {"t": "done", "cell": order["cell"], "altered": altered, "during": during, **reply}


def _is_altered(name: str, altered: list[str]) -> bool:
    return any(one.partition(":")[2] == name for one in altered)


def _aside(order: dict[str, Any], sock: socket.socket, notebook: Any, pristine: LibrarySnapshot) -> None:
    """Run a cell in a copy of this process, so that later cells neither see its source nor what it changed."""
    drawn, cells_loop = random.getstate(), asyncio.events._get_running_loop()
    pid = _fork()
    if pid == 0:
        try:
            # If the notebook seeded it, a copy draws what the notebook would.
            random.setstate(drawn)
            # The copy shares the parent's event loop descriptor, and must not touch it.
            asyncio.events._set_running_loop(None)
            renew_copy(cells_loop)
            loop = _silent_loop()
            wire_frames.send_frame(sock, loop.run_until_complete(_run(order, notebook, pristine)))
        finally:
            os._exit(0)
    try:
        _, status = os.waitpid(pid, 0)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    wire_frames.send_frame(
        sock, {"t": "aside", "cell": order["cell"], "status": os.waitstatus_to_exitcode(status)}
    )


def _silent_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop; asyncio tells a notebook's log of it, and what a test logs costs it its mark."""
    log = logging.getLogger("asyncio")
    before, log.disabled = log.disabled, True
    try:
        return asyncio.new_event_loop()
    finally:
        log.disabled = before


def _fork() -> int:
    """fork(2); if the learner's own processes have taken all places, they have to go."""
    Copying.is_ours = True
    try:
        return _fork_at_any_cost()
    finally:
        Copying.is_ours = False


def _fork_at_any_cost() -> int:
    try:
        return os.fork()
    except OSError:
        # As first process of its namespace this reaches every other one in it, and nobody else.
        os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        return os.fork()


def _write(files: dict[str, str], own: list[str], *, append: bool = False) -> list[str]:
    """Write files, or their next part, into the working folder; returns the paths of those that came with the lab."""
    released = []
    for name, content in files.items():
        path = (Path(WORK) / name).resolve()
        if path.is_relative_to(WORK):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if append else "wb") as file:
                file.write(base64.b64decode(content))
            os.utime(path, (0, 0))
            if name not in own:
                released.append(str(path))
    return released


def _changed(largest: int) -> dict[str, str]:
    """Regular files that the notebook made or changed, up to `largest` bytes together."""
    found: dict[str, str] = {}
    if not os.listdir(WORK):  # noqa: PTH208 - most have none, and a Path touches pages that are copied after a fork
        return found
    for path in sorted(Path(WORK).rglob("*"))[:1000]:
        if (
            path.is_symlink()
            or not path.is_file()
            or path.stat().st_mtime == 0
            or "__pycache__" in path.parts
        ):
            continue
        largest -= path.stat().st_size
        if largest < 0:
            break
        found[str(path.relative_to(WORK))] = base64.b64encode(path.read_bytes()).decode()
    return found
