"""Let a learner's server start without the hub's handlers and database layer, and without what it never uses.

JupyterHub's single-user extension imports `jupyterhub.log`, `.metrics`, `.scopes` and `.utils`. These import the
hub's handlers and SQLAlchemy, which a learner's server never uses: 36 MiB and 0.4 s of each start. The changes load
them when something asks for them. So it is with the certificates that aiohttp reads as it is imported: a server asks
its hub without TLS. Three formats of jsonschema, which nothing here checks, import a library of dates and two more.
The changes fit the locked versions; with other lines the image is not built.
"""

from __future__ import annotations

import py_compile
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
    "jupyterhub": {
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
    },
    "aiohttp": {
        "connector.py": (
            (
                "_SSL_CONTEXT_VERIFIED = _make_ssl_context(True)\n",
                "_verified_ssl_context = functools.cache(functools.partial(_make_ssl_context, True))\n",
            ),
            ("return _SSL_CONTEXT_VERIFIED\n", "return _verified_ssl_context()\n"),
        ),
    },
    "jsonschema": {
        "_format.py": tuple(
            (f"    import {name}\n", "    raise ImportError\n")
            for name in ("webcolors", "uri_template", "isoduration")
        ),
    },
}
"""By package and file: pairs of the text that is there once, and what takes its place."""


def changed_text(text: str, changes: tuple[tuple[str, str], ...], name: str) -> str:
    """Return `text` with each change made.

    Raises:
        ValueError: A text to replace is not there exactly once.
    """
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{name} has {text.count(old)} lines like {old.strip()!r}, not one.")
        text = text.replace(old, new)
    return text


def main(site: Path) -> None:
    """Change the files of the packages in the folder `site`, and compile them again."""
    for package, files in CHANGES.items():
        for name, changes in files.items():
            path = site / package / name
            path.write_text(changed_text(path.read_text("utf-8"), changes, f"{package}/{name}"), "utf-8")
            py_compile.compile(str(path), quiet=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
