"""The one kind of error that a verb ends with: what happened, and what to do next."""

from __future__ import annotations


class IsomoError(Exception):
    """Stops a verb. `message` says what happened, `tip` what to do next."""

    def __init__(self, message: str, tip: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip

    def __str__(self) -> str:
        return f"{self.message}\n{self.tip}".strip()
