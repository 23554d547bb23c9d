"""Spare kernel: one kernel's process is started ahead in the learner's own container and waits for its lab.

Starting a kernel and importing pandas takes a second or more of a core. A spare kernel has done that before the
learner presses Run. It knows nothing but this server's environment, becomes one kernel, and ends with it.

While others wait for their servers, theirs come first: the spare kernel starts at the machine's next quiet moment.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from tornado.ioloop import PeriodicCallback

from labs.kit.quiet_machine import wait_until_quiet

NAME = "isomo-spare"
LAUNCHER = ("-m", "ipykernel_launcher")
WORDS = [sys.executable, "-m", "labs.kit.spare_process"]
LONGEST_SECONDS = 15 * 60
"""A spare kernel that nobody asked for in this time goes: it takes 55 MB."""
LOOK_SECONDS = 60
BEGIN_SECONDS = 30
"""Time in which a kernel may begin: no session of it is listed until then, and no other one is needed."""
LATER = "ISOMO_SPARE_KERNEL_LATER"
"""Set if people waited for their servers when this one started."""
LATEST_SECONDS = 60
"""Time after which a spare kernel starts on a machine that has no quiet moment."""


class SpareKernels:
    """At most one kernel process that waits."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0.0
        self._taken = -math.inf
        self._is_postponed = False

    async def prepare_later(self) -> None:
        """Start a spare kernel at a quiet moment, unless a kernel was asked for before."""
        self._is_postponed = True
        await wait_until_quiet(LATEST_SECONDS)
        if self._is_postponed:
            self._is_postponed = False
            self.prepare()

    def prepare(self) -> None:
        """Start a spare kernel if none waits, none is to come at a quiet moment, and none was taken just now."""
        if self._is_postponed or time.monotonic() - self._taken < BEGIN_SECONDS:
            return
        if self._process is not None and self._process.poll() is None:
            self._since = time.monotonic()
            return
        # Kernels have a session to themselves, so that an interrupt reaches what they start.
        self._process = subprocess.Popen(WORDS, stdin=subprocess.PIPE, start_new_session=True)
        self._since = time.monotonic()

    def take(self, order: dict[str, Any]) -> subprocess.Popen[bytes] | None:
        """Give the order to the spare kernel and return its process; None if none waits."""
        self._is_postponed = False
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.poll() is not None:
            return None
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.close()
        except OSError:
            process.kill()
            process.wait()
            return None
        self._taken = time.monotonic()
        return process

    def drop(self) -> None:
        """End the spare kernel, if one waits."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def look(self) -> None:
        """End a spare kernel that waited for too long."""
        if self._process is not None and time.monotonic() - self._since > LONGEST_SECONDS:
            self.drop()


SPARES = SpareKernels()


class SpareProvisioner(LocalProvisioner):
    """Starts a kernel in the spare process if it fits, else as Jupyter does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel; `cmd` and `kwargs` are those of Jupyter's own provisioner."""
        process = SPARES.take(order_of(cmd, kwargs)) if fits_spare_kernel(cmd, kwargs) else None
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


def fits_spare_kernel(cmd: list[str], kwargs: dict[str, Any]) -> bool:
    """Return whether a kernel is an ordinary one of this server's Python."""
    plain = not {"stdin", "stdout", "stderr", "independent", "preexec_fn"} & set(kwargs)
    return plain and cmd[0] == sys.executable and tuple(cmd[1:3]) == LAUNCHER


def order_of(cmd: list[str], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return what a spare process needs to become this kernel."""
    env = kwargs.get("env") or os.environ
    return {
        "argv": ["ipykernel_launcher", *cmd[3:]],
        "env": {**env, "JPY_PARENT_PID": str(os.getpid())},
        "cwd": str(kwargs.get("cwd") or Path.cwd()),
    }


class Provisioners(KernelProvisionerFactory):
    """Knows the provisioners of a learner's server without a search through all installed packages."""

    def __init__(self, **kwargs: Any) -> None:
        super(KernelProvisionerFactory, self).__init__(**kwargs)
        self.provisioners = {
            name: EntryPoint(name, f"{made.__module__}:{made.__name__}", self.GROUP_NAME)
            for name, made in ((NAME, SpareProvisioner), ("local-provisioner", LocalProvisioner))
        }


def install_spare_kernels(app: Any) -> None:
    """Let this server's kernels start in spare processes, and start the first."""
    Provisioners.instance(parent=app.kernel_manager).default_provisioner_name = NAME
    app.io_loop.add_callback(SPARES.prepare_later if os.environ.get(LATER) else SPARES.prepare)
    app.io_loop.add_callback(PeriodicCallback(SPARES.look, LOOK_SECONDS * 1000).start)
