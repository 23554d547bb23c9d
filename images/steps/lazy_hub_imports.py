"""Let a learner's server start without the hub's handlers and database layer.

JupyterHub's single-user extension imports `jupyterhub.log`, `.metrics`, `.scopes` and `.utils`. These import the
hub's handlers and SQLAlchemy, which a learner's server never uses: 36 MiB and 0.4 s of each start. The changes load
them when something asks for them. They fit the locked version of JupyterHub; with other lines the image is not built.
"""

from __future__ import annotations

import sys
from pathlib import Path

LATER = '''import importlib as _importlib


class _Later:
    """A module that is imported when it is first used."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        return getattr(_importlib.import_module(self._name), attribute)


'''
CHANGES = {
    "log.py": (
        ("from .handlers.pages import HealthCheckHandler\n", ""),
        (
            "isinstance(handler, StaticFileHandler | HealthCheckHandler)",
            'isinstance(handler, StaticFileHandler) or type(handler).__name__ == "HealthCheckHandler"',
        ),
    ),
    "metrics.py": (("from . import orm\n", LATER + 'orm = _Later("jupyterhub.orm")\n'),),
    "scopes.py": (
        ("import sqlalchemy as sa\n", ""),
        (
            "from . import orm, roles\n",
            LATER
            + 'orm = _Later("jupyterhub.orm")\nroles = _Later("jupyterhub.roles")\nsa = _Later("sqlalchemy")\n',
        ),
    ),
    "utils.py": (
        ("from sqlalchemy.exc import SQLAlchemyError\n", ""),
        ("except SQLAlchemyError:", 'except __import__("sqlalchemy.exc").exc.SQLAlchemyError:'),
    ),
}
"""By file: pairs of the text that is there once, and what takes its place."""


def changed_text(text: str, changes: tuple[tuple[str, str], ...], name: str) -> str:
    """Return `text` with each change made.

    Raises:
        ValueError: A text to replace is not there exactly once.
    """
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"jupyterhub/{name} has {text.count(old)} lines like {old.strip()!r}, not one.")
        text = text.replace(old, new)
    return text


def main(package: Path) -> None:
    """Change the files of the `jupyterhub` package in the folder `package`."""
    for name, changes in CHANGES.items():
        path = package / name
        path.write_text(changed_text(path.read_text("utf-8"), changes, name), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
