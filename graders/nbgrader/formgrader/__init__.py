"""nbgrader's formgrader over a copy of one course, in a separate container that never runs a submission.

A Jupyter server extension. What it shows comes from the campus; what is marked in it goes to the campus as events,
with the trainer's own token; it keeps nothing itself.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    from graders.nbgrader.formgrader.server_extension import load_course

    load_course(app)
