"""Queue of servers that wait for their turn to start: who comes next, at which place, and for how long."""

from __future__ import annotations

import asyncio
import bisect
import itertools
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

FIRST_GUESS = 4.0
"""Seconds that one start takes on two cores, until this machine's own starts are known."""
MEMORY = 0.2
"""Weight of the newest start in the average."""


@dataclass(order=True)
class _Waiter:
    later: bool
    number: int
    turn: asyncio.Future[None] = field(compare=False)
    owner: str = field(compare=False)


@dataclass(frozen=True)
class Place:
    """Place of a server in the queue, counted from 1, how many wait, and the seconds until its turn."""

    place: int
    total: int
    seconds: float


class StartQueue:
    """At most `at_once` servers start at the same time; the others wait in order.

    Starting one takes seconds of a core. Thirty at once would all be ready at the end; in turns, half of them are
    ready in half the time. Servers that nobody waits for yet come after those of people who wait.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.seconds = FIRST_GUESS
        self._numbers = itertools.count()
        self._waiting: list[_Waiter] = []
        self._starting = 0

    @asynccontextmanager
    async def turn(self, owner: str, *, ahead: bool = False) -> AsyncIterator[None]:
        """Wait for a turn; it ends with the block. `ahead` lets everybody else go first."""
        await self._wait(owner, ahead)
        began = time.monotonic()
        try:
            yield
            self._learn(time.monotonic() - began)
        finally:
            self._starting -= 1
            self._next()

    def place(self, owner: str) -> Place | None:
        """Return the place of a server that waits; None if it does not."""
        for place, waiter in enumerate(self._waiting, 1):
            if waiter.owner == owner:
                return Place(place, len(self._waiting), self.seconds * math.ceil(place / self.at_once))
        return None

    @property
    def people_wait(self) -> bool:
        """Flag: somebody waits for the turn of their server."""
        return any(not waiter.later for waiter in self._waiting)

    def hurry(self, owner: str) -> None:
        """Move a server that was to start ahead in among those of people who wait: its owner has come."""
        for waiter in self._waiting:
            if waiter.owner == owner and waiter.later:
                self._waiting.remove(waiter)
                waiter.later = False
                bisect.insort(self._waiting, waiter)
                return

    async def _wait(self, owner: str, ahead: bool) -> None:
        if self._starting < self.at_once and not self._waiting:
            self._starting += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(ahead, next(self._numbers), turn, owner)
        bisect.insort(self._waiting, waiter)
        try:
            await turn
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:  # Its turn had come at the same moment.
                self._starting -= 1
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting and self._starting < self.at_once:
            waiter = self._waiting.pop(0)
            if not waiter.turn.done():
                self._starting += 1
                waiter.turn.set_result(None)

    def _learn(self, seconds: float) -> None:
        self.seconds += MEMORY * (seconds - self.seconds)
