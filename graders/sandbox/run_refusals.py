"""Errors that a refused line of a guarded run raises: the errors that ordinary programs can do without."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a mark on the three below
    """Error that a refused line raises; programs that can do without go on."""


class RefusedImportError(Refused, ImportError):
    """A module that leads to machinery."""


class RefusedAccessError(Refused, PermissionError):
    """A file or a call that leads to machinery."""


class RefusedNameError(Refused, AttributeError):
    """A name or an attribute that leads to machinery."""


def refusal_error(what: str) -> type[Refused]:
    """Return the error for what was refused."""
    if what.startswith(("imports ", "brings ", "loads ")):
        return RefusedImportError
    return RefusedAccessError if what.startswith(("opens ", "calls ", "runs ")) else RefusedNameError
