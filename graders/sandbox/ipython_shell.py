"""ipykernel's own shell as a notebook sees it inside the sandbox, its messages going into our frames.

Runs only next to learner code: everything that it says is a claim.
"""

from __future__ import annotations

import asyncio
import base64
import builtins
import getpass
import io
import linecache
import os
import re
import socket
import subprocess
import sys
from typing import Any

import comm
from comm.base_comm import BaseComm
from ipykernel.comm.manager import CommManager
from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import json_clean
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import _asyncio_runner, _pseudo_sync_runner
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

from graders.contract import wire_frames
from graders.sandbox.audit_hooks import LABS

REFUSED_INPUT = (
    "input() cannot be answered while your notebook is graded. Put the value into the cell instead."
)


AWAITS = re.compile("await|async")
"""Text without either waits for nothing at its top; to see that by compiling it costs pages that a child copies."""

SHORTENED = "Only the beginning is kept: this cell showed more than a graded notebook keeps."


class Channel:
    """Sends what the notebook shows, a cell's total within a limit; text over it is dropped, and says so once."""

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.limit = 1 << 20
        self._used = 0
        self.parent = "0"

    def begin(self, parent: str) -> None:
        """A cell begins."""
        self.parent = parent
        self._used = 0

    def send(self, kind: str, content: dict[str, Any]) -> None:
        """Send one message of the Jupyter protocol."""
        if self.sock is None:
            return
        frame = wire_frames.pack_frame({"t": "msg", "type": kind, "content": content, "parent": self.parent})
        over = self._used > self.limit
        self._used += len(frame)
        if kind == "stream" and (over or len(frame) > self.limit):
            if over:
                return
            text = content["text"][: max(0, self.limit // 2)]
            frame = wire_frames.pack_frame(
                {
                    "t": "msg",
                    "type": kind,
                    "parent": self.parent,
                    "content": {"name": content["name"], "text": f"{text}\n{SHORTENED}\n"},
                }
            )
        elif len(frame) > 8 * self.limit:
            frame = wire_frames.pack_frame(
                {"t": "msg", "type": kind, "parent": self.parent, "content": _stub(kind, content)}
            )
        self.sock.sendall(frame)


def _stub(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the replacement for one message that is far too large."""
    if kind == "error":
        return {
            "ename": str(content.get("ename", ""))[:200],
            "evalue": SHORTENED,
            "traceback": [],
        }
    plain = str(content.get("data", {}).get("text/plain", ""))[:1000]
    return {
        "data": {"text/plain": f"{plain}\n{SHORTENED}"},
        "metadata": {},
        "execution_count": content.get("execution_count"),
    }


class PipeSession(Session):
    """Session that ipykernel uses in place of its ZeroMQ session."""

    channel: Any = None

    def msg(self, msg_type: str, content: Any = None, parent: Any = None, **_: Any) -> dict[str, Any]:
        """Build a message, without the headers and identifiers that nobody reads."""
        return {
            "header": {"msg_type": msg_type},
            "msg_type": msg_type,
            "parent_header": parent or {},
            "content": {} if content is None else content,
            "metadata": {},
        }

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None,  # noqa: ARG002
        ident: Any = None, buffers: Any = None, **_: Any,  # noqa: ARG002
    ) -> dict[str, Any]:  # fmt: skip
        """Send it as a frame."""
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        body = dict(message["content"])
        if isinstance(body.get("data"), dict):
            # As Jupyter's own session does with pictures.
            body["data"] = {
                key: base64.b64encode(one).decode() if isinstance(one, bytes) else one
                for key, one in body["data"].items()
            }
        if buffers:
            body["buffers"] = [base64.b64encode(one).decode() for one in buffers]
        self.channel.send(message["msg_type"], body)
        return message


class Stream(io.TextIOBase):
    """sys.stdout and sys.stderr, as ipykernel's own look: text becomes `stream` messages."""

    def __init__(self, name: str, number: int, channel: Channel) -> None:
        self.name = name
        self._number = number
        self._channel = channel
        self._parts: list[str] = []
        self._size = 0
        self.other: Stream | None = None

    encoding = "UTF-8"
    errors = None

    def write(self, text: str) -> int:
        """Keep text until a flush, or until there is much of it."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if self.other is not None and self.other._parts:
            self.other.flush()
        self._parts.append(text)
        self._size += len(text)
        if self._size > 1 << 16:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was kept."""
        if self._parts:
            text = "".join(self._parts)
            self._parts, self._size = [], 0
            self._channel.send("stream", {"name": self.name, "text": text})

    def fileno(self) -> int:
        """Return the file descriptor of the same name."""
        return self._number

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def writable(self) -> bool:
        """Yes."""
        return True


class PipeComm(BaseComm):
    """A widget's line to the page; here it only records the widget's state."""

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        """Send it as a frame."""
        del metadata
        session: Any = InteractiveShell.instance().kernel.session
        content = json_clean(dict(data=data or {}, comm_id=self.comm_id, **keys))
        session.send(None, msg_type, content, buffers=buffers)


class KernelStub:
    """The few names that libraries look for on `get_ipython().kernel`."""

    iopub_socket = None
    eventloop = None

    def __init__(self, session: PipeSession) -> None:
        self.session = session
        self.comm_manager = CommManager()

    def get_parent(self, channel: str | None = None) -> dict[str, Any]:  # noqa: ARG002
        """Return the message that is being answered."""
        return {"header": {"msg_id": self.session.channel.parent}}

    @property
    def _parent_header(self) -> dict[str, Any]:
        return self.get_parent()


def no_event_loop(gui: Any = None) -> None:
    """Take the place of `enable_gui`: no window opens here, and matplotlib says so itself."""
    from ipykernel.eventloops import loop_map

    if gui not in loop_map:
        raise UsageError(f"Invalid GUI request {gui!r}, valid ones are:{loop_map.keys()}")


def refuse_input(prompt: str = "", *_: Any) -> str:  # noqa: ARG001
    """Take the place of input() and getpass()."""
    raise StdinNotImplementedError(REFUSED_INPUT)


def _lab_name(raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG001
    return f"{LABS}{number}_{hash(raw_code)}.py"


class NotebookShell:
    """One notebook's shell and its outputs."""

    def __init__(self) -> None:
        self.channel = Channel()
        session = PipeSession()
        session.channel = self.channel
        kernel = KernelStub(session)
        comm.create_comm = PipeComm
        comm.get_comm_manager = lambda: kernel.comm_manager
        config = Config()
        # No history database, hence no thread in the process that is forked.
        config.HistoryManager.enabled = False
        self.shell = ZMQInteractiveShell.instance(
            config=config, kernel=kernel, compiler_class=XCachingCompiler
        )
        self.shell.enable_gui = no_event_loop
        self._kept_apart: dict[str, Any] = {}
        self._show_traceback = self.shell.showtraceback
        self.shell.showtraceback = self._showtraceback
        self.shell.system = self.shell.system_piped = self.shell.system_raw = self._system
        # A kernel has `%store` from its beginning.
        self.shell.extension_manager.load_extension("storemagic")
        self.shell.displayhook.session = session
        self.shell.displayhook.topic = b"execute_result"
        self.shell.display_pub.session = session
        self.out = Stream("stdout", 1, self.channel)
        self.err = Stream("stderr", 2, self.channel)
        self.out.other, self.err.other = self.err, self.out
        self._waiting: asyncio.Future[Any] | None = None
        builtins.input = refuse_input  # type: ignore[assignment]
        getpass.getpass = refuse_input  # type: ignore[assignment]

    def _showtraceback(self, *args: Any, **words: Any) -> Any:
        """Show an error with its lines, those of a test too."""
        linecache.cache.update(self._kept_apart)
        return self._show_traceback(*args, **words)

    def _cache_apart(self, *args: Any, **words: Any) -> str:
        """Keep a test's text where no stack, no warning and no log finds its lines while it runs."""
        compiler = self.shell.compile
        name = str(type(compiler).cache(compiler, *args, **words))
        self._kept_apart = {name: linecache.cache.pop(name)} if name in linecache.cache else {}
        return name

    def _system(self, cmd: str) -> None:
        """Run a `!` line and show what it prints: pexpect, which IPython uses, wants a terminal to itself."""
        shell = self.shell
        command = shell.var_expand(cmd, depth=1)
        if command.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        with subprocess.Popen(
            [os.environ.get("SHELL") or "/bin/sh", "-c", command], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        ) as child:  # fmt: skip
            for line in child.stdout or ():
                sys.stdout.write(line)
        shell.user_ns["_exit_code"] = child.returncode

    def attach(self, sock: socket.socket, limit: int) -> None:
        """Begin to send; file descriptors 1 and 2 are caught too."""
        self.channel.sock = sock
        self.channel.limit = limit
        for number in (1, 2):
            # A file without a name in the sandbox's own /tmp, so that it counts against its disk.
            caught = os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
            os.dup2(caught, number)
            os.close(caught)
            os.set_inheritable(number, True)
        self.redirect()

    def redirect(self) -> None:
        """(Re)claim sys.stdout and sys.stderr."""
        sys.stdout, sys.stderr = self.out, self.err

    def collect(self) -> None:
        """Send what was printed, also by other programs or straight to a file descriptor."""
        self.out.flush()
        self.err.flush()
        for number, name in ((1, "stdout"), (2, "stderr")):
            try:
                size = os.fstat(number).st_size
                if size:
                    text = os.pread(number, min(size, self.channel.limit), 0).decode("utf-8", "replace")
                    os.ftruncate(number, 0)
                    os.lseek(number, 0, os.SEEK_SET)
                    self.channel.send("stream", {"name": name, "text": text})
            except OSError:
                continue

    async def run(
        self, source: str, transformed: str | None = None, *, lab: bool = False, kept: bool = True
    ) -> dict[str, Any]:
        """Run one cell as ipykernel does and return its reply.

        `lab` says that its text is the teacher's, and `kept` that it becomes part of the notebook's history.
        """
        shell = self.shell
        if lab:
            shell.compile.get_code_name = _lab_name
        if not kept:
            shell.compile.cache = self._cache_apart
        try:
            return await self._run(source, transformed, kept)
        finally:
            for name in ("get_code_name", "cache"):
                vars(shell.compile).pop(name, None)

    async def _run(self, source: str, transformed: str | None, kept: bool) -> dict[str, Any]:
        shell = self.shell
        problem = None
        if transformed is None:
            try:
                transformed = shell.transform_cell(source)
            except Exception:
                transformed, problem = source, sys.exc_info()
        if (
            AWAITS.search(transformed)
            and shell.loop_runner is _asyncio_runner
            and shell.should_run_async(source, transformed_cell=transformed, preprocessing_exc_tuple=problem)
        ):
            result = await self._run_async(source, transformed, problem, kept)
        else:
            result = self._run_now(source, transformed, problem, kept)
        return self._reply(result)

    async def _run_async(self, source: str, transformed: str, problem: Any, kept: bool) -> Any:
        shell, result = self.shell, None
        shell._last_traceback = None
        shell._last_traceback_during_displayhook = False
        try:
            self._waiting = asyncio.ensure_future(
                shell.run_cell_async(
                    source, store_history=kept, transformed_cell=transformed, preprocessing_exc_tuple=problem
                )
            )
            result = await self._waiting
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        return result

    def interrupt(self) -> None:
        """Stop the cell that is waiting inside the event loop."""
        if self._waiting is not None:
            self._waiting.cancel()

    def _run_now(self, source: str, transformed: str, problem: Any, kept: bool) -> Any:
        """Like `run_cell`, with text that was already transformed."""
        shell, result = self.shell, None
        shell._last_traceback = None
        shell._last_traceback_during_displayhook = False
        try:
            result = _pseudo_sync_runner(
                shell.run_cell_async(
                    source, store_history=kept, transformed_cell=transformed, preprocessing_exc_tuple=problem
                )
            )
        except BaseException as error:
            result = ExecutionResult(ExecutionInfo(source, True, False, True, None))
            result.error_in_exec = error
            shell.showtraceback(running_compiled_code=True)
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        return result

    def _reply(self, result: Any) -> dict[str, Any]:
        shell = self.shell
        shell.payload_manager.clear_payload()
        error = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        if result.success and not getattr(shell, "_last_traceback_during_displayhook", False):
            return {"status": "ok"}
        return {
            "status": "error",
            "ename": type(error).__name__,
            "evalue": str(error),
            "traceback": [str(line) for line in shell._last_traceback or []],
        }
