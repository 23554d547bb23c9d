"""Launchers of the engine: in a throwaway container, or as a process of this machine with `--evaluate`.

Either is a pair of pipes. When the agent ends, however it ends, the engine's input ends, and the engine with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from graders.agent.agent_sentences import _
from graders.agent.linux_calls import container_seccomp
from graders.contract.work_contract import EngineError
from hub import container_engine
from hub.container_engine import STDOUT, LogConfig, frames_iter
from hub.isomo_settings import CHECKOUT, Settings

COMMAND = ("python3", "-m", "graders.engine")
WORKERS = "ISOMO_GRADING_WORKERS"
KIND = "grader"
EMPTY = {"/mnt": "ro,size=64k", "/media": "ro,size=64k"}
"""The folder that images are made from; the container engine would put a volume there, writable and left behind."""
MOST_LOG = 4000
Reached = (container_engine.DockerException, OSError)


class EnginePipes(Protocol):
    """A running engine: lines in, lines out."""

    def send(self, line: bytes) -> None:
        """Write one line, its end included. Raises OSError once the engine is gone."""

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that the engine writes, until it ends."""

    def close(self) -> str:
        """End it, whatever it does; returns its last words."""


Start = Callable[[int, str], EnginePipes]
"""Starts an engine for so many submissions at once, under a name among the agent's own. Raises EngineError."""


class Process:
    """The engine as a process of this machine: in its own sandboxes, but with no container around them."""

    def __init__(self, settings: Settings, workers: int, name: str) -> None:
        self._log = settings.state / "logs" / f"engine-on-host-{name}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._log.touch(mode=0o600)
        python = os.environ.get("ISOMO_GRADER_PYTHON") or sys.executable
        # The engine learns nothing of this installation: neither where its state lies nor any secret of it.
        env = {
            "PATH": f"{Path(python).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(CHECKOUT),
            "LANG": "C.UTF-8",
            WORKERS: str(workers),
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, *COMMAND[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=env,
                cwd="/",
            )
        self.pid = self._process.pid

    def send(self, line: bytes) -> None:
        """Write one line."""
        pipe = self._pipe(self._process.stdin)
        pipe.write(line)
        pipe.flush()

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that the container's engine writes, until it ends."""
        yield from self._pipe(self._process.stdout)

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise OSError("no pipe")
        return pipe

    def close(self) -> str:
        """End it; returns its last words."""
        with contextlib.suppress(OSError):
            self._pipe(self._process.stdin).close()
        self._process.kill()
        self._process.wait()
        self._pipe(self._process.stdout).close()
        return self._log.read_bytes()[-MOST_LOG:].decode("utf-8", "replace").strip()


class Container:
    """The engine in a container of the grader image: no network, nothing writable but /tmp, no privilege."""

    def __init__(self, settings: Settings, image: str, workers: int, purpose: str = "agent") -> None:
        self._client = container_engine.from_env(timeout=60)
        self._words = b""
        label = {"isomo.project": settings.project, "isomo.kind": KIND, "isomo.purpose": purpose}
        self._remove_old(label)
        self._container = self._create(settings, image, workers, label)
        params = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        attached: Any = self._client.api.attach_socket(self.id, params=params)
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        # The client's own limit is for answers to requests; a line may take as long as it takes.
        self._socket.settimeout(None)
        self._client.api.start(self.id)

    @property
    def id(self) -> str:
        """The container's name for the Docker engine."""
        return str(self._container["Id"])

    def _remove_old(self, label: dict[str, str]) -> None:
        """One that a killed agent left behind."""
        wanted = [f"{name}={value}" for name, value in label.items()]
        for old in self._client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True):
            with contextlib.suppress(container_engine.APIError):
                old.remove(force=True, v=True)

    def _create(self, settings: Settings, image: str, workers: int, label: dict[str, str]) -> Any:
        return self._client.api.create_container(
            image,
            command=list(COMMAND),
            stdin_open=True,
            environment={WORKERS: str(workers), "HOME": "/tmp"},  # noqa: S108 - the container's own
            labels=label,
            network_disabled=True,
            host_config=self._limits(settings),
        )

    def _limits(self, settings: Settings) -> dict[str, Any]:
        limits = settings.grading
        made: dict[str, Any] = self._client.api.create_host_config(
            network_mode="none",
            read_only=True,
            tmpfs={"/tmp": "size=256m,mode=1777", **EMPTY},  # noqa: S108 - the container's own
            cap_drop=["ALL"],
            security_opt=["no-new-privileges", f"seccomp={json.dumps(container_seccomp())}"],
            mem_limit=int(limits.memory),
            memswap_limit=int(limits.memory),
            pids_limit=limits.processes,
            cpu_period=100_000,
            cpu_quota=int(limits.cpu * 100_000),
            auto_remove=True,
            log_config=LogConfig(type="none", config={}),
            init=True,
        )
        # The kernel gives a sandbox its own /proc only if the one around it is whole (see docs/architecture.md).
        return {**made, "MaskedPaths": [], "ReadonlyPaths": []}

    def send(self, line: bytes) -> None:
        """Write one line."""
        self._socket.sendall(line)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that the process writes, until it ends; its error stream is kept for `close`."""
        parts: list[bytes] = []
        for stream, data in frames_iter(self._socket, False):  # type: ignore[no-untyped-call]
            if stream != STDOUT:
                self._words = (self._words + data)[-MOST_LOG:]
                continue
            first, *rest = data.split(b"\n")
            parts.append(first)
            for piece in rest:
                yield b"".join(parts)
                parts = [piece]

    def close(self) -> str:
        """Remove it; returns its last words."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(*Reached):
            self._client.api.remove_container(self.id, force=True, v=True)
        self._socket.close()
        self._client.close()
        return self._words.decode("utf-8", "replace").strip()


def engine_starter(settings: Settings, image: str = "", purpose: str = "agent") -> Start:
    """Return how this installation starts an engine. `purpose` tells the agent's container from a verb's."""
    image = image or os.environ.get("ISOMO_GRADER_IMAGE", "")

    def start(workers: int, name: str) -> EnginePipes:
        if settings.evaluate:
            try:
                return Process(settings, workers, name)
            except OSError as error:
                raise EngineError(
                    _("The grading engine did not start: {reason}").format(reason=error)
                ) from error
        if not image:
            raise EngineError(_("No grader image is named. Start the agent with ./isomo up."))
        try:
            # A container that was left behind under the same name is removed; the agent's other one is not.
            return Container(settings, image, workers, f"{purpose}/{name}")
        except container_engine.ImageNotFound as error:
            raise EngineError(
                _("The grader image {image} is not there. Run ./isomo up.").format(image=image)
            ) from error
        except Reached as error:
            raise EngineError(
                _("The Docker engine did not start a grader: {reason}").format(reason=error)
            ) from error

    return start
