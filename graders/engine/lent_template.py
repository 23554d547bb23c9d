"""A template that a keeper lends to one process after another, and the same template at the borrower's."""

from __future__ import annotations

import contextlib
import socket

from graders.contract.work_contract import EngineError, Limits
from graders.engine.sandbox_supervisor import Child, Room, Template

RETURNED = b"k"
"""What a borrower in another process says when it gives the template back."""
NUMBERS = 1_000_000
"""Each borrower counts its children from another million on: what is told late of one is not taken for another."""


class KeptTemplate(Template):
    """The keeper's side. It never listens: while the template is lent, the borrower hears how children end."""

    def __init__(self, room: Room | None = None) -> None:
        super().__init__(room)
        self._lent = 0

    @property
    def control(self) -> socket.socket:
        """The line to the template; readable when it is warm, or has ended."""
        return self._control

    def lend(self) -> int:
        """Return the number from which the next borrower counts."""
        self._lent += 1
        return self._lent * NUMBERS

    def is_alive(self) -> bool:
        """Return whether the template can be lent again; forgets what it told nobody."""
        with contextlib.suppress(BlockingIOError):
            # The flag and not a timeout: a timeout would change the line for the borrower too.
            while self._control.recv(1 << 16, socket.MSG_DONTWAIT):
                pass
            return False
        return True


class LentTemplate(Template):
    """The borrower's side: asks for children as ever, and leaves the template running."""

    def __init__(self, control: socket.socket, first: int, line: socket.socket | None = None) -> None:
        """Use the template at `control`; `line` is told when it is given back, and lasts as long as this process."""
        super().__init__()
        self._line = line
        self._control = control
        self._next = first
        self._failed = False
        self.is_returned = False
        self.listen()

    def spawn(self, limits: Limits, control: socket.socket | None = None) -> Child:
        """Fork a fresh child.

        Raises:
            EngineError: the template is gone or cannot fork.
        """
        try:
            return super().spawn(limits, control)
        except EngineError:
            self._failed = True
            raise

    def stop(self) -> None:
        """Give the template back, if it works and every child of this borrower has ended."""
        with self._lock:
            is_whole = not self._waiting and not self._failed
        if is_whole and not self.is_returned and self._line is not None:
            with contextlib.suppress(OSError):
                self._line.sendall(RETURNED)
        self.is_returned = is_whole
