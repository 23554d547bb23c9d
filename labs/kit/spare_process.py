"""Process that a spare kernel is: it imports what kernels need, waits for an order, and becomes that kernel.

Its standard input is the line to the learner's server: one JSON object, or the end, at which it goes too.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from labs.kit import late_statistics

STEPS = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "labs.kit.lab_session", "pandas")
"""Modules to import ahead, one after the other. scikit-learn takes 60 MB more, which not every lab needs."""


def import_ahead() -> None:
    """Import the modules, until an order comes."""
    late_statistics.install_late_statistics()
    for name in STEPS:
        if select.select([sys.stdin.buffer], [], [], 0)[0]:
            return
        with suppress(Exception):  # The kernel says it where the learner sees it.
            importlib.import_module(name)


def read_order() -> dict[str, Any] | None:
    """Return the order; None if the server has gone."""
    line = sys.stdin.buffer.readline()
    return dict(json.loads(line)) if line.endswith(b"\n") else None


def become_kernel(order: dict[str, Any]) -> None:
    """Take over arguments, environment and folder of the kernel that was asked for, and run it."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    sys.argv = list(order["argv"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from ipykernel import kernelapp

    # ipykernel reads its parent's number from the environment as it is imported, which was before the order came.
    kernelapp.launch_new_instance(parent_handle=os.getppid())


def main() -> None:
    """Wait as a spare kernel."""
    if sys.path[0] in ("", str(Path.cwd())):  # As ipykernel_launcher does.
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import_ahead()
    order = read_order()
    if order is not None:
        become_kernel(order)


if __name__ == "__main__":
    main()
