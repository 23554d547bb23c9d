"""Frames between supervisor and sandbox: four bytes of length, then JSON. Nothing else is ever read from a sandbox."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

LARGEST = 16 << 20
LARGEST_ORDER = (1 << 32) - 1
"""Orders come from our own side and carry the lab's files; only the length's four bytes bound them."""
MOST_PARTS = 500_000
"""Lists and tables in one frame: an empty one is two bytes on the wire and seventy in memory."""

DEEPEST = 32
"""Lists within lists that are taken into a notebook; writing it down needs a frame of the stack for each."""

Frame = dict[str, Any]


class WireError(Exception):
    """The other side went away, or what it sent is no frame."""


class WireTimeoutError(WireError):
    """Nothing came in time."""


class Deadline:
    """Moment until which an answer is waited for, in monotonic seconds.

    Args:
        seconds: From now.
        extend: Asked when the moment has come; returns how many seconds more to wait, 0 for none.
    """

    def __init__(self, seconds: float, extend: Callable[[], float] = lambda: 0.0) -> None:
        self._ends = time.monotonic() + seconds
        self._extend = extend

    def left(self) -> float:
        """Return seconds until the moment, below 0 after it."""
        return self._ends - time.monotonic()

    def is_over(self) -> bool:
        """Return whether the moment has come and nothing extends it."""
        if self.left() <= 0 and (more := self._extend()) > 0:
            self._ends = time.monotonic() + more
        return self.left() <= 0


def pack_frame(frame: Frame) -> bytes:
    """Return one frame as bytes. Lone surrogates are kept as JSON escapes, so any text survives."""
    body = json.dumps(frame, separators=(",", ":")).encode()
    return struct.pack(">I", len(body)) + body


def send_frame(sock: socket.socket, frame: Frame) -> None:
    """Write one frame."""
    try:
        sock.sendall(pack_frame(frame))
    except OSError as error:
        raise WireError(str(error)) from error


def receive_frame(
    sock: socket.socket, deadline: Deadline | None = None, largest: int = LARGEST
) -> tuple[Frame, int]:
    """Read one frame before `deadline`; returns it and its size in bytes.

    Raises:
        WireTimeoutError: the deadline passed.
        WireError: end of stream, a frame over `largest`, or no JSON object.
    """
    (length,) = struct.unpack(">I", _exactly(sock, 4, deadline))
    if length > largest:
        raise WireError("oversized")
    body = _exactly(sock, length, deadline)
    if body.count(b"[") + body.count(b"{") > MOST_PARTS:
        raise WireError("oversized")
    try:
        frame = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise WireError("not JSON") from error
    if not isinstance(frame, dict):
        raise WireError("not an object")
    return frame, length + 4


def _no_number(_: str) -> None:
    """NaN and Infinity are no JSON: a notebook that held them could not be read by others, and they equal nothing."""


def is_shallow(value: Any, deepest: int = DEEPEST) -> bool:
    """Return whether plain data is nested no deeper than `deepest`; asks without recursion."""
    level = [value]
    for _ in range(deepest):
        level = [part for one in level if isinstance(one, list | dict) for part in _parts(one)]
        if not level:
            return True
    return False


def _parts(value: list[Any] | dict[str, Any]) -> list[Any]:
    parts = value.values() if isinstance(value, dict) else value
    return [one for one in parts if isinstance(one, list | dict)]


def _exactly(sock: socket.socket, count: int, deadline: Deadline | None) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        try:
            sock.settimeout(None if deadline is None else max(deadline.left(), 0.001))
            part = sock.recv(min(count - len(parts), 1 << 20))
        except TimeoutError as error:
            if deadline is not None and not deadline.is_over():
                continue
            raise WireTimeoutError from error
        except OSError as error:
            raise WireError(str(error)) from error
        if not part:
            raise WireError("closed")
        parts += part
    return bytes(parts)
