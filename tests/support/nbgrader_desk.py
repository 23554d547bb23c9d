"""Somebody's own server, as nbgrader's tools see it: a home, the lab image's configuration, a hub token."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from pathlib import Path
from unittest import mock

from jupyter_core.application import NoStart
from nbgrader.apps import NbGraderApp

ROOT = Path(__file__).resolve().parents[2]


class Desk:
    """Types nbgrader's commands as `name`. In this process: starting one takes a second, and most take less."""

    def __init__(self, folder: Path, campus_url: str, name: str, token: str) -> None:
        self.home, self.name = folder / name, name
        self.labs = self.home / "labs"
        self.labs.mkdir(parents=True)
        self.env = {
            **os.environ,
            "HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "JUPYTER_CONFIG_PATH": str(ROOT / "images" / "jupyter" / "common"),
            "ISOMO_CAMPUS_URL": campus_url,
            "ISOMO_LANG": "en",
            "JUPYTERHUB_USER": name,
            "JUPYTERHUB_API_TOKEN": token,
        }

    def nbgrader(self, *words: str) -> tuple[int, str]:
        """Type `nbgrader WORDS…` at home; the answer is the exit code and what was said."""
        said, code = io.StringIO(), 0
        with contextlib.chdir(self.home), mock.patch.dict(os.environ, self.env, clear=True):
            app = NbGraderApp.instance()
            try:
                app.initialize(list(words))
                app.init_logging(logging.StreamHandler, [said], color=False, subapps=True)
                app.start()
            except NoStart:  # A subcommand did it all.
                pass
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                app.reset()
        return code, said.getvalue()

    def has(self, content: bytes, lab: str, **more: bytes) -> None:
        """Work at home: the lab's notebook, and files whose names have `__` for the dot."""
        (self.labs / lab).mkdir(exist_ok=True)
        for name, text in {f"{lab}.ipynb": content, **more}.items():
            (self.labs / lab / name.replace("__", ".")).write_bytes(text)
