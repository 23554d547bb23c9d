"""nbgrader's assignment panel as it is, except that a refusal is told in the campus' own words.

nbgrader's handlers take any trouble with an exchange for a missing folder. A Jupyter server extension, in the place
of `nbgrader.server_extensions.assignment_list`, which it loads.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.server_extensions import assignment_list
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList


class Panel(AssignmentList):
    """Lists labs and submissions for the panel, and hands in."""

    def list_released_assignments(self, course_id: str | None = None) -> dict[str, Any]:
        """Released labs, or the campus' sentence."""
        return self._answer(course_id, cached=False)

    def list_submitted_assignments(self, course_id: str | None = None) -> dict[str, Any]:
        """Submissions, or the campus' sentence."""
        return self._answer(course_id, cached=True)

    def submit_assignment(self, course_id: str, assignment_id: str) -> dict[str, Any]:
        """Hand in; a refusal is the last line of the traceback that nbgrader shows."""
        answer: dict[str, Any] = super().submit_assignment(course_id, assignment_id)
        if not answer["success"]:
            last = str(answer["value"]).strip().splitlines()[-1]
            answer["value"] = last.rpartition("ExchangeError: ")[2]
        return answer

    def _answer(self, course_id: str | None, *, cached: bool) -> dict[str, Any]:
        with self.get_assignment_dir_config() as config:
            config.ExchangeList.cached = cached
            if course_id:
                config.CourseDirectory.course_id = course_id
            parts = {
                "coursedir": CourseDirectory(config=config),
                "authenticator": Authenticator(config=config),
            }
            try:
                found = ExchangeFactory(config=config).List(config=config, **parts).start()
            except ExchangeError as error:
                return {"success": False, "value": str(error)}
        for one in found:
            _from_root(one, self.root_dir)
        return {
            "success": True,
            "value": sorted(found, key=lambda one: (one["course_id"], one["assignment_id"])),
        }


def _from_root(one: dict[str, Any], root: str) -> None:
    """Paths as the panel opens them: from the folder that JupyterLab shows."""
    if one["status"] == "fetched":
        one["path"] = os.path.relpath(one["path"], root)
        for notebook in one["notebooks"]:
            notebook["path"] = os.path.relpath(notebook["path"], root)
    for submission in one.get("submissions", ()):
        if submission["local_feedback_path"]:
            submission["local_feedback_path"] = os.path.relpath(submission["local_feedback_path"], root)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "graders.nbgrader.exchange.assignment_panel"}]


def _load_jupyter_server_extension(app: Any) -> None:
    assignment_list.load_jupyter_server_extension(app)
    panel = Panel(parent=app)
    panel.root_dir = app.root_dir
    app.web_app.settings["assignment_list_manager"] = panel
    # nbgrader goes into this folder before it asks anything.
    (Path(os.environ.get("HOME") or Path.home()) / "labs").mkdir(exist_ok=True)
