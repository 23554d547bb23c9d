"""A line between a browser and a server: it counts what comes through, and can be slow and far."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.hub_run import free_ports

PIECE = 4096


@dataclass
class Line:
    """Counts bytes from the server; `bits` a second for all connections together, `round_trip` in seconds."""

    to: int
    bits: float = 0
    round_trip: float = 0
    port: int = 0
    received: int = 0
    _free_at: float = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one connection of the browser to the server."""
        # A connection is made by one round trip before anything can be asked.
        await asyncio.sleep(self.round_trip)
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        up = asyncio.create_task(self._carry(reader, back, counted=False))
        down = asyncio.create_task(self._carry(there, writer, counted=True))
        for task in (up, down):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sender = asyncio.create_task(self._send(queue, target))
        with suppress(OSError):
            while piece := await source.read(PIECE):
                at = asyncio.get_running_loop().time()
                if counted:
                    self.received += len(piece)
                    at = self._turn(at, len(piece))
                await queue.put((at + self.round_trip / 2, piece))
                if self.bits and queue.qsize() > 64:
                    await asyncio.sleep(PIECE * 8 / self.bits)
        await queue.put((0, b""))
        await sender

    def _turn(self, now: float, size: int) -> float:
        """Return when the last bit of a piece is on the line: all connections share it."""
        if not self.bits:
            return now
        self._free_at = max(now, self._free_at) + size * 8 / self.bits
        return self._free_at

    async def _send(self, queue: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                at, piece = await queue.get()
                if not piece:
                    break
                await asyncio.sleep(max(0.0, at - asyncio.get_running_loop().time()))
                target.write(piece)
                await target.drain()
            target.close()


@contextmanager
def shaped_line(to: int, bits: float = 0, round_trip: float = 0) -> Iterator[Line]:
    """A line to the server at port `to`, at a separate port."""
    (port,) = free_ports(1)
    made = Line(to, bits, round_trip, port)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(asyncio.start_server(made.accept, "127.0.0.1", port))
        ready.set()
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
