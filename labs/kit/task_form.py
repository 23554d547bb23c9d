"""Controls of a task in the notebook: our own small widget, because its labels, order and focus matter."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from labs.kit.checking import answers_of, marked_functions
from labs.kit.form_spec import first_answers, form_spec, parts_as_drawn
from labs.kit.kept_answers import TooMuchError
from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.own_words import KIND, PART
from labs.kit.show import Shown, bare

if TYPE_CHECKING:
    from labs.kit.lab_session import Lab

STATIC = Path(__file__).parent / "static"
HINT = N_("Hint {n} of {all}")
TWIN = N_("To answer by typing, write in a new cell:")
PICTURE_FAILED = N_("The picture could not be drawn. This is our fault; your answers are kept.")


class Form(anywidget.AnyWidget):
    """Form of one task: `spec` is what to draw, `answers` what was chosen; the rest is HTML that we make."""

    _esm = STATIC / "form.js"
    _css = STATIC / "form.css"
    spec = traitlets.Dict().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    verdict = traitlets.Unicode().tag(sync=True)
    outcome = traitlets.Unicode().tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    hints = traitlets.Unicode().tag(sync=True)
    locked = traitlets.Bool().tag(sync=True)
    saved = traitlets.Unicode().tag(sync=True)
    twin = ""

    def __repr__(self) -> str:
        return self.twin


class Asked:
    """Keeps a form and the learner's book in step."""

    def __init__(self, lab: Lab, task: str, make: Callable[..., Any] = Form) -> None:
        self._lab = lab
        self._task = task
        self._found = lab.lesson.task(task)
        self._parts = parts_as_drawn(lab.lesson, task, lab.learner)
        self._views = marked_functions(lab.tools, "view") if lab.tools else {}
        self._predicts = self._found.get("kind") == "predict"
        self._is_written = self._found.get("kind") == KIND
        kept = lab.book.of(task)
        self.form = make(spec=self.spec(), answers=self._started(kept))
        self.form.twin = self.twin()
        self.form.saved = str(kept.get(PART) or "")
        self.form.locked = self._predicts and bool(kept)
        if make is Form:  # The desk keeps what a check said; a widget that begins has to ask again.
            self.draw()
            if lab.book.checks(task).get("outcome"):
                self._checked(lab.attempt(task, None))
        self.form.observe(self._changed, "answers")
        self.form.on_msg(self.message)

    def _say(self, text: str, **facts: Any) -> str:
        return kit_sentence(text, self._lab.lesson.language, **facts)

    def _started(self, kept: dict[str, Any]) -> dict[str, Any]:
        """Return what the controls show at first: what was kept, else the initial values of sliders and menus."""
        if self._is_written:
            return {PART: self._lab.own_words(self._task)}
        return first_answers(self._lab.lesson, self._task, kept)

    def spec(self) -> dict[str, Any]:
        """Return what to draw, its sentences as HTML."""
        return form_spec(
            self._lab.lesson, self._task, learner=self._lab.learner, has_view=self._task in self._views
        )

    def twin(self) -> str:
        """Return the question as text, with the call that answers it."""
        lines = [bare(self._found.get("ask", ""))]
        for part in self._parts:
            if part["ask"] and part["ask"] != self._found.get("ask"):
                lines.append(f"{part['name']}: {bare(part['ask'])}")
            for item in part.get("item", []):
                rows = zip(part["fields"], item["left"], item["right"], strict=True)
                lines.append(f"   {item['id']!r}: " + "; ".join(f"{name}: {a} / {b}" for name, a, b in rows))
            for option in part["options"]:
                lines.append(f"   {option['id']!r}: {option.get('code') or bare(option.get('text', ''))}")
        example = ", ".join(f"{part['name']}=…" for part in self._parts)
        return "\n".join([*lines, self._say(TWIN), f'lab.answer("{self._task}", {example})'])

    def _changed(self, _: Any) -> None:
        if self._predicts:
            return  # A prediction is kept when its button is pressed, and then stays.
        try:
            self._lab.book.keep(self._task, self.form.answers)
            self.form.saved = str(self.form.answers.get(PART) or "")
        except TooMuchError:
            self._checked(self._lab.attempt(self._task, dict(self.form.answers)))
        self.draw()

    def draw(self) -> None:
        """Draw the picture that follows the answers, if the task has one."""
        view = self._views.get(self._task)
        if view is None:
            return
        try:
            shown = view(answers_of(self.form.answers, self._lab.book.all))
            pieces = shown if isinstance(shown, tuple) else (shown,)
            self.form.view = "".join(piece.html for piece in pieces)
        except Exception:
            self.form.view = f"<p>{html.escape(self._say(PICTURE_FAILED))}</p>"

    def message(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        """Do what a button of the form asks."""
        if content.get("do") == "check":
            # The last change may still be on its way when the button is pressed; the message has it already.
            given = content.get("answers")
            self._checked(self._lab.attempt(self._task, dict(given if given else self.form.answers)))
        elif content.get("do") == "hint":
            self._hinted()

    def _checked(self, made: Any) -> None:
        self.form.outcome = made.outcome
        self.form.verdict = made.shown.html
        self.form.hint = ""
        self.form.locked = self._predicts and bool(self._lab.book.of(self._task))
        self.form.hints = _button(self._lab, self._task)

    def _hinted(self) -> None:
        found = self._lab.next_hint(self._task)
        self.form.hint += found.shown.html
        self.form.hints = _button(self._lab, self._task)


class Hinted:
    """Only the hint button, for tasks that are answered in a cell."""

    def __init__(self, lab: Lab, task: str) -> None:
        self._lab, self._task = lab, task
        self.form = Form(spec={"task": task, "parts": [], "labels": {}, "lang": lab.lesson.language})
        self.form.hints = _button(lab, task)
        self.form.twin = f'lab.hint("{task}")'
        self.form.on_msg(self._message)

    def _message(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if content.get("do") == "hint":
            self.form.hint += self._lab.next_hint(self._task).shown.html
            self.form.hints = _button(self._lab, self._task)


def _button(lab: Lab, task: str) -> str:
    """Return the text of the hint button; empty if there is no further hint."""
    checked = lab.book.checks(task)
    rungs = lab.lesson.task(task).get("hints", {}).get(checked.get("key"), {})
    seen = int(checked.get("hints", 0))
    if checked.get("outcome") != "not-yet" or seen >= len(rungs):
        return ""
    return kit_sentence(HINT, lab.lesson.language, n=seen + 1, all=len(rungs))


def question_form(lab: Lab, task: str) -> Form:
    """Return a task's question with its controls."""
    return Asked(lab, task).form


def hints_button(lab: Lab, task: str) -> Form:
    """Return a button for the hints of a task that was just checked."""
    return Hinted(lab, task).form


__all__ = ["Form", "Shown", "hints_button", "question_form"]
