"""Puts formgrader into a Jupyter server that can run nothing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import nbgrader.apps.api
from jinja2 import pass_context
from jupyter_server.utils import url_path_join
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import clean_html
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError

from graders.nbgrader.formgrader.course import CourseCopy
from graders.nbgrader.formgrader.handlers import HANDLERS
from graders.nbgrader.formgrader.queued import FilledFeedback, QueuedAutograde, bind
from labs.kit.client import Campus, CampusError

SYNC_SECONDS = 5


class SafeExporter(HTMLExporter):
    """nbgrader's exporter, which shows what a learner wrote without running it, and fetches it when it is read."""

    copy: CourseCopy

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown as HTML that can do nothing; nbgrader's template forgets to clean it."""
        return clean_html(super().markdown2html(context, source))

    def from_filename(self, filename: str, **more: Any) -> Any:
        """The page of one submission. Raises HTTPError with the campus' sentence."""
        path = Path(filename)
        try:
            self.copy.fill(path.stem, path.parent.parent.name)
        except CampusError as error:
            raise HTTPError(503, error.message.replace("%", "%%")) from error
        return super().from_filename(filename, **more)


class Formgrader(FormgradeExtension):
    """nbgrader's extension, with our handlers before its own."""

    copy: CourseCopy

    def init_tornado_settings(self, webapp: Any) -> None:
        """What nbgrader's handlers find, and what ours do."""
        super().init_tornado_settings(webapp)
        webapp.settings["isomo_course"] = self.copy
        webapp.settings["nbgrader_exporter"] = exporter = SafeExporter(config=self.config)
        exporter.copy = self.copy

    def init_handlers(self, webapp: Any) -> None:
        """The first that fits answers."""
        base = webapp.settings["base_url"]
        webapp.add_handlers(".*$", [(url_path_join(base, path), kind) for path, kind in HANDLERS])
        super().init_handlers(webapp)


def load(app: Any) -> None:
    """Copy the course, then show it; from then on what changes is fetched every few seconds."""
    course = os.environ["ISOMO_COURSE"]
    root = Path(app.root_dir) / "course"
    root.mkdir(parents=True, exist_ok=True)
    campus = Campus(os.environ["ISOMO_CAMPUS_URL"], os.environ["JUPYTERHUB_API_TOKEN"])
    copy = CourseCopy(campus, course, root)
    bind(copy)
    nbgrader.apps.api.Autograde, nbgrader.apps.api.GenerateFeedback = QueuedAutograde, FilledFeedback
    formgrader = Formgrader(parent=app)
    formgrader.copy = copy
    formgrader.root_dir = app.root_dir
    formgrader.log = app.log
    formgrader.initialize([])
    formgrader.init_tornado_settings(app.web_app)
    formgrader.init_handlers(app.web_app)
    sync = Sync(copy, app)
    sync.now()
    app.io_loop.call_later(SYNC_SECONDS, PeriodicCallback(sync.round, SYNC_SECONDS * 1000).start)


class Sync:
    """Keeps a copy fresh; a campus that is away leaves what is shown as it was."""

    def __init__(self, copy: CourseCopy, app: Any) -> None:
        self._copy, self._app = copy, app
        self._busy = False

    def now(self) -> None:
        """One round, waiting for it."""
        try:
            self._copy.sync()
        except CampusError as error:
            self._app.log.warning("sync-failed reason=%s", error.code)

    async def round(self) -> None:
        """One round beside whatever is asked meanwhile; at most one at a time."""
        if self._busy:
            return
        self._busy = True
        try:
            if await asyncio.to_thread(self._copy.sync) and (
                book := self._app.web_app.settings["nbgrader_gradebook"]
            ):
                book.db.expire_all()
        except CampusError as error:
            self._app.log.warning("sync-failed reason=%s", error.code)
        finally:
            self._busy = False
