"""Waits until a server that was started accepts connections.

JupyterHub's own wait asks ever more rarely, up to five seconds apart: a turn in the queue is too dear for that.
"""

from __future__ import annotations

import asyncio

OFTEN, RARELY = 0.05, 0.2
"""Seconds between two questions, while most servers come and later."""
OFTEN_FOR = 40
"""So many questions are asked often."""


async def wait_for_connections(ip: str, port: int) -> None:
    """Return as soon as something accepts connections there; the caller sets a limit."""
    asked = 0
    while not await accepts_connections(ip, port):
        await asyncio.sleep(OFTEN if asked < OFTEN_FOR else RARELY)
        asked += 1


async def accepts_connections(ip: str, port: int) -> bool:
    """Return whether something accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(ip, port)
    except OSError:
        return False
    writer.close()
    return True
