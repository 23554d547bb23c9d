"""JupyterLab, loaded when somebody first opens it: a learner at the desk may never do.

Its imports take a fifth of the processor time in which a learner's server starts, and 15 MiB of its memory.
"""

from __future__ import annotations

import re
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule

NAME = "jupyterlab"
PLACES = r"(lab|doc|static/lab)(/|$)"
"""Below a server's address: all that JupyterLab answers."""


class LoadJupyterLab(Matcher):
    """Matches nothing. Before the first request for JupyterLab goes on to the next rules, it adds JupyterLab's."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._path = re.compile(re.escape(url_path_join(app.web_app.settings["base_url"], "/")) + PLACES)
        self._is_loaded = False

    def match(self, request: HTTPServerRequest) -> None:
        """Load JupyterLab if this request is the first that needs it."""
        if not self._is_loaded and self._path.match(request.path):
            self._is_loaded = True
            self._load()

    def _load(self) -> None:
        extensions = self._app.extension_manager
        extensions.add_extension(NAME, enabled=True)
        extensions.link_extension(NAME)
        extensions.load_extension(NAME)
        self._app.io_loop.add_callback(extensions.start_extension, NAME)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "labs.kit.late_jupyterlab"}]


def _load_jupyter_server_extension(app: Any) -> None:
    there = app.extension_manager.extensions.get(NAME)
    if there is not None and there.enabled:
        return
    # The last rule leads to the server's own pages, whose last page answers whatever nobody else did.
    app.web_app.default_router.rules.insert(-1, Rule(LoadJupyterLab(app), None))
