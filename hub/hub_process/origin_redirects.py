"""The gate between the two origins: small hub handlers that only send people to the other one."""

from __future__ import annotations

import json
import re
from typing import Any

from tornado.web import RequestHandler

from hub.isomo_settings import Settings
from hub.message_catalogues import N_, chosen_language, domain_catalogue
from hub.shared_names import APPLICATIONS, CAMPUS, USERNAME

_SERVER = re.compile(rf"/user/(?:{APPLICATIONS}|{USERNAME.pattern})(/.*)?")
_APPLICATION = re.compile(rf"/user/{APPLICATIONS}/([a-z][a-z0-9-]*)(?:/([a-z]*)(?:/.*)?)?")
"""One that is stopped: the campus starts it and lets its members in."""


class _Gate(RequestHandler):
    """Answers without looking at cookies: it knows nobody, and only redirects."""

    def initialize(self, there: str, languages: tuple[str, ...]) -> None:
        """Redirects to origin `there`."""
        self.there = there
        self.languages = languages

    @property
    def language(self) -> str:
        """The language the browser asks for."""
        return chosen_language("", self.request.headers.get("Accept-Language", ""), self.languages)

    def get_current_user(self) -> None:
        """Nobody: the hub's log asks."""
        return

    def check_xsrf_cookie(self) -> None:
        """Nothing here changes anything."""

    def _send(self, path: str) -> None:
        """Redirect to `path` at the other origin, with the query as it came."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.there}{path}{query}")

    def _raw_path(self, prefix: str) -> str:
        """Return the path after `prefix`, escaped as the browser sent it."""
        return self.request.path.partition(prefix)[2]


class CampusGate(_Gate):
    """`/user/…` asked of the campus: it is at the learners' origin."""

    def get(self) -> None:
        """Redirect, if the path can be a server's."""
        path = self._raw_path("/gate/campus")
        if not _SERVER.fullmatch(path):
            self.send_error(404)
            return
        self._send(path)

    head = get


class LearnerGate(_Gate):
    """Answers for pages the learners' proxy has no server for: campus pages, and servers that do not run."""

    def get(self) -> None:
        """Send a person to the campus; tell a program that the server is not running."""
        path = self._raw_path("/gate/learner")
        if self._is_program():
            self._not_running()
        elif application := _APPLICATION.fullmatch(path):
            name, page = application.groups()
            self.redirect(f"{self.there}{CAMPUS}/projects/{name}/open" + (f"?page={page}" if page else ""))
        elif _SERVER.fullmatch(path):
            self._send(f"/hub{path}")
        elif path.startswith(("/hub/", "/services/")):
            self._send(path)
        else:
            self.redirect(f"{self.there}/")

    head = get

    def post(self) -> None:
        """Tell a program that the server is not running."""
        self._not_running()

    put = patch = delete = options = post

    def _is_program(self) -> bool:
        """Return whether JupyterLab's scripts ask, which cannot follow a redirect to another origin."""
        headers = self.request.headers
        mode = headers.get("Sec-Fetch-Mode", "navigate")
        return (
            mode != "navigate"
            or headers.get("Upgrade", "").lower() == "websocket"
            or headers.get("Accept", "").startswith("application/json")
        )

    def _not_running(self) -> None:
        """Answer as JupyterHub does for a server that is stopped: JupyterLab offers to start it."""
        self.set_status(424)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"message": domain_catalogue("hub", self.language).gettext(NOT_RUNNING)}))


def gate_handlers(settings: Settings) -> list[tuple[str, Any, dict[str, Any]]]:
    """Return handlers for `JupyterHub.extra_handlers`."""
    languages = settings.languages
    return [
        (r"/gate/campus(?:/.*)?", CampusGate, {"there": settings.learner_address, "languages": languages}),
        (r"/gate/learner(?:/.*)?", LearnerGate, {"there": settings.address, "languages": languages}),
    ]


NOT_RUNNING = N_("This server is not running. Start it again from the start page.")
