"""The only thing a learner imports: `from labs.kit import lab`, then check, hint, submit, progress, load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.kit.lab_session import Lab

    lab: Lab

__all__ = ["lab"]


def __getattr__(name: str) -> Any:
    """`lab` is made when it is first asked for, so that the server's part of the kit starts without it."""
    if name != "lab":
        raise AttributeError(f"module 'labs.kit' has no attribute {name!r}")
    from labs.kit.lab_session import begin_session

    found = globals()["lab"] = begin_session()
    return found
