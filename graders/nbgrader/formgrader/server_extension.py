"""Puts formgrader into a Jupyter server that can run nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.apps.api
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from jupyter_server.utils import url_path_join
from nbgrader import utils
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError

from graders.contract.shown_messages import in_language, said_in
from graders.nbgrader.formgrader.campus_buttons import FilledFeedback, QueuedAutograde, bind_copy
from graders.nbgrader.formgrader.course_copy import CourseCopy
from graders.nbgrader.formgrader.inert_notebooks import InertExporter, note_cell
from graders.nbgrader.formgrader.mark_handlers import CAMPUS_OWNS_LABS, CAMPUS_OWNS_PEOPLE, HANDLERS
from labs.kit.campus_client import Campus, CampusError
from labs.kit.kit_sentences import N_, kit_sentence, own_language

SYNC_SECONDS = 5


TEMPLATES = Path(__file__).parent / "templates"
GUIDE = N_("For you alone, from the lab's author (a rubric, or an answer):")


class MarkingExporter(InertExporter):
    """The page for marking: a notebook that is fetched when it is read, with what its author wrote for the marker."""

    copy: CourseCopy

    def from_filename(self, filename: str, **more: Any) -> Any:
        """Make the page of one submission. Raises HTTPError with the campus' sentence."""
        path = Path(filename)
        try:
            self.copy.fill(path.stem, path.parent.parent.name)
        except CampusError as error:
            raise HTTPError(503, error.message.replace("%", "%%")) from error
        self._guides = marking_guides(self.copy.source_notebook(path.stem))
        return super().from_filename(filename, **more)

    def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        # Before the notebook is made inert, which leaves out the metadata that carries messages.
        reword_messages(nb, own_language())
        made, resources = super()._preprocess(nb, resources)
        made.cells = list(_with_guides(made.cells, self._guides))
        return made, resources


def reword_messages(nb: Any, language: str) -> None:
    """Put the engine's messages in a graded notebook into a reader's language; other outputs stay as they are."""
    for cell in nb.cells:
        shown = cell.get("outputs")
        if isinstance(shown, list):
            told = [each for each in shown if isinstance(each, dict)]
            cell.outputs = nbformat.from_dict(in_language(told, said_in(cell), language))


def marking_guides(source: bytes) -> dict[str, str]:
    """Return what the grader's notebook says in each answer that a person marks: a rubric, or a solution."""
    try:
        cells = nbformat.reads(source.decode(), as_version=4).cells
    except Exception:
        # The page is still good for marking.
        return {}
    return {
        str(cell.metadata.nbgrader.get("grade_id")): cell.source
        for cell in cells
        if utils.is_grade(cell) and utils.is_solution(cell) and cell.source.strip()
    }


def _with_guides(cells: Iterable[Any], known: Mapping[str, str]) -> Iterator[Any]:
    for cell in cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in known and utils.is_grade(cell):
            yield note_cell(f"**{kit_sentence(GUIDE, own_language())}**\n\n{known[name]}")
        yield cell


class Formgrader(FormgradeExtension):
    """nbgrader's extension, with our handlers before its own."""

    copy: CourseCopy

    def init_tornado_settings(self, webapp: Any) -> None:
        """Set what nbgrader's handlers find, and what ours do."""
        super().init_tornado_settings(webapp)
        webapp.settings["isomo_course"] = self.copy
        webapp.settings["nbgrader_exporter"] = exporter = MarkingExporter(config=self.config)
        exporter.copy = self.copy
        pages = webapp.settings["nbgrader_jinja2_env"]
        pages.loader = ChoiceLoader(
            [FileSystemLoader(TEMPLATES), pages.loader, PrefixLoader({"nbgrader": pages.loader})]
        )
        pages.globals["campus_owns_labs"] = kit_sentence(CAMPUS_OWNS_LABS, own_language())
        pages.globals["campus_owns_people"] = kit_sentence(CAMPUS_OWNS_PEOPLE, own_language())

    def init_handlers(self, webapp: Any) -> None:
        """The first that fits answers."""
        base = webapp.settings["base_url"]
        webapp.add_handlers(".*$", [(url_path_join(base, path), kind) for path, kind in HANDLERS])
        super().init_handlers(webapp)


def load_course(app: Any) -> None:
    """Copy the course, then show it; from then on what changes is fetched every few seconds."""
    course = os.environ["ISOMO_COURSE"]
    root = Path(app.root_dir) / "course"
    root.mkdir(parents=True, exist_ok=True)
    campus = Campus(os.environ["ISOMO_CAMPUS_URL"], os.environ["JUPYTERHUB_API_TOKEN"])
    copy = CourseCopy(campus, course, root)
    bind_copy(copy)
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
        """Run one round while other requests go on; at most one at a time."""
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
