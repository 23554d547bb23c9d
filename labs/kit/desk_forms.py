"""The kernel's side of the desk: a form is drawn by the desk, and asks here for checks, hints and pictures."""

from __future__ import annotations

import json
from typing import Any

MIME = "application/vnd.isomo.form+json"
SHOWN = ("outcome", "verdict", "view", "hint", "hints", "locked")


class PlainForm:
    """Content of a form, without a widget; nobody watches it."""

    def __init__(self, spec: dict[str, Any], answers: dict[str, Any]) -> None:
        self.spec, self.answers = spec, answers
        self.outcome = self.verdict = self.view = self.hint = self.hints = self.saved = self.twin = ""
        self.locked = False

    def observe(self, *_: Any) -> None:
        """Nothing changes behind the desk's back."""

    def on_msg(self, *_: Any) -> None:
        """Messages come as calls of `act`."""


def act(task: str, do: str, given: str) -> None:
    """Do what a form's button asks (`check`, `hint`, or `view` for its picture), and send what to show.

    Args:
        task: the task's name.
        do: `check`, `hint` or `view`.
        given: the form's answers, as JSON.
    """
    from IPython.display import display

    from labs.kit import lab
    from labs.kit.task_form import Asked

    answers = json.loads(given)
    asked = Asked(lab, task, PlainForm)
    if do == "view":
        asked.form.answers = answers
        asked.draw()
    else:
        asked.message(None, {"do": do, "answers": answers}, None)
    shown = {name: getattr(asked.form, name) for name in SHOWN}
    display({MIME: {"task": task, "do": do, **shown}}, raw=True)


def ran() -> None:
    """Send the text of each cell as it last ran in this kernel, by the cell's name."""
    from IPython.display import display

    from labs.kit import lab

    display({MIME: {"ran": lab.ran(), "started": lab.is_started}}, raw=True)
