"""What a copy of a notebook's process has to renew: pools whose threads it does not have, locks of another event loop.

A test that runs in a copy calls the learner's functions there. Without this, a pool that the notebook left open would
wait for ever for a thread that no longer exists, and a lock that its coroutines had used would refuse the test's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio import mixins
from typing import Any

POOLS = {
    "concurrent.futures.thread": ("ThreadPoolExecutor", "_threads_queues", "_args"),
    "concurrent.futures.process": ("ProcessPoolExecutor", "_threads_wakeups", "executor_reference"),
}
"""Modules of pools: the pool, where its threads are kept, and where a thread has a reference to its pool."""


def renew_copy(loop: asyncio.AbstractEventLoop | None) -> None:
    """Make the pools and locks of this copy usable; `loop` is the one in which the notebook's cells ran."""
    for name, (kind, threads, place) in POOLS.items():
        if name in sys.modules:
            with contextlib.suppress(Exception):
                space = vars(sys.modules[name])
                _renew_pools(space[kind], space[threads], place)
    loky = sys.modules.get("joblib.externals.loky.reusable_executor")
    if loky is not None:
        # Its next user starts another.
        vars(loky)["_executor"] = None
    if loop is not None:
        _lend_locks(loop)


def _renew_pools(kind: Any, threads: Any, place: str) -> None:
    """Empty each pool: it starts threads or processes when it gets something to do."""
    for thread in list(threads):
        reference = getattr(thread, place)
        pool = (reference[0] if isinstance(reference, tuple) else reference)()
        if not isinstance(pool, kind):
            continue
        words = {"initializer": pool._initializer, "initargs": pool._initargs}
        if place != "_args":
            words["mp_context"] = pool._mp_context
        kind.__init__(pool, pool._max_workers, **words)
    threads.clear()


def _lend_locks(loop: asyncio.AbstractEventLoop) -> None:
    """Let what is bound to `loop` be bound again, to the loop that asks."""
    kind: Any = mixins._LoopBoundMixin
    bound = kind._get_loop

    def get_loop(self: Any) -> Any:
        if self._loop is loop:
            self._loop = None
        return bound(self)

    kind._get_loop = get_loop
