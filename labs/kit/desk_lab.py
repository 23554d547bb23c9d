"""One lab as the desk sees it: its cells with their roles, and the changes that a browser sends.

A change names the text that it was made to (its fingerprint). It is taken only if that text is still there, so that
no window and no device overwrites another's work.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from labs.kit import hand_in, kept_receipts, lab_progress
from labs.kit.form_spec import first_answers, form_spec
from labs.kit.home_files import write_aside
from labs.kit.kept_answers import AnswerBook, TooMuchError, locked_folder
from labs.kit.kit_sentences import LANGUAGES
from labs.kit.lab_facts import ANSWERS
from labs.kit.lab_folder import Place
from labs.kit.lab_texts import NAME as TEXTS
from labs.kit.lab_texts import Lesson
from labs.kit.own_words import KIND, PART, empty_tasks, is_blank, own_words
from labs.kit.run_cells import read_notebook, slim_notebook, text_of
from labs.kit.saved_times import SavedTimes

KIT_CALL = re.compile(r'\s*lab\.(ask|check|progress|submit|hint)\(\s*(?:"([^"]+)"|\'([^\']+)\')?[^\n]*\s*')
START = re.compile(r"\blab\.start\(")
ABOUT_THE_BOX = re.compile(r"\n\n\*[^*\n]+(?:\n[^*\n]+)*\*\s*\Z")
"""A text's last paragraph, if it is one in italics: before a box for words it speaks of running a cell."""
VIEW = re.compile(r"^@view\(\s*[\"']([^\"']+)", re.MULTILINE)
LARGEST_OUTPUTS = 2 << 20
"""Bytes of one cell's outputs that are kept; what is larger is shown once and made again by running the cell."""
MOST_CELLS = 2000


def text_fingerprint(text: str) -> str:
    """Return the fingerprint of a text; the desk's own script computes the same.

    Example:
        >>> text_fingerprint("bar = None")
        '10-ca59776d'
    """
    units = text.encode("utf-16-le", "surrogatepass")
    value = 0x811C9DC5
    for at in range(0, len(units), 2):
        value = ((value ^ (units[at] | units[at + 1] << 8)) * 0x01000193) & 0xFFFFFFFF
    return f"{len(units) // 2}-{value:08x}"


def role_of(cell: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a cell is for, and its task if it names one.

    The roles: text, words, start, ask, check, progress, submit, hint, given, task.
    """
    about = cell.get("metadata", {}).get("nbgrader", {})
    if cell.get("cell_type") != "code":
        is_words = about.get("grade") and about.get("solution")
        return ("words", str(about.get("grade_id"))) if is_words else ("text", "")
    call = KIT_CALL.fullmatch(text_of(dict(cell)))
    if call:
        return call[1], call[2] or call[3] or ""
    if START.search(text_of(dict(cell))):
        return "start", ""
    locked_cell = about.get("locked") or cell.get("metadata", {}).get("editable") is False
    return ("given" if locked_cell else "task"), ""


@dataclass(frozen=True)
class DeskLab:
    """A lab at home, read and changed for the desk."""

    place: Place

    @property
    def language(self) -> str:
        """The language of the lab's text."""
        found = read_notebook(self.place.notebook).get("metadata", {}).get("isomo", {}).get("language")
        kept = found or self.place.facts.get("language")
        return str(kept) if kept in LANGUAGES else "en"

    def lesson(self) -> Lesson:
        """Return the lab's texts."""
        return Lesson.read(self.place.folder, self.place.slug, self.language)

    def book(self, lesson: Lesson) -> AnswerBook:
        """Return the learner's answers."""
        return AnswerBook(self.place.folder, self.place.slug, lesson.language, lesson.version)

    @property
    def is_for_the_desk(self) -> bool:
        """Return whether the desk can show this lab: it has one notebook and its texts."""
        return (self.place.folder / TEXTS).is_file() and len(self.place.notebooks) == 1

    def state(self) -> dict[str, Any]:
        """Return everything that the desk shows. Raises OSError or ValueError if the notebook cannot be read."""
        at = time.time()
        lesson = self.lesson()
        book = self.book(lesson)
        notebook = read_notebook(self.place.notebook)
        views = set(VIEW.findall(_text(self.place.folder / "checks.py")))
        tasks = {name: self._task(lesson, book, notebook, name, name in views) for name in lesson.tasks}
        cells = [_shown(cell, number) for number, cell in enumerate(notebook["cells"])]
        return {
            "at": at,
            "saved_at": self._times.of(_written(cells, tasks)),
            "lab": self.place.slug,
            "title": lesson.title,
            "language": lesson.language,
            "languages": LANGUAGES,
            "version": lesson.version,
            "path": f"labs/{self.place.slug}/{self.place.notebook.name}",
            "kernel": notebook.get("metadata", {}).get("kernelspec", {}).get("name", "python3"),
            "pieces": lesson.pieces,
            "tasks": tasks,
            "cells": _for_the_desk(cells, tasks),
            **self.standing(lesson, book, notebook),
        }

    @property
    def _times(self) -> SavedTimes:
        return SavedTimes(self.place.kept)

    def _task(
        self, lesson: Lesson, book: AnswerBook, notebook: dict[str, Any], name: str, has_view: bool
    ) -> dict[str, Any]:
        kind = str(lesson.task(name).get("kind"))
        kept = book.of(name)
        made: dict[str, Any] = {"kind": kind, "kept": kept}
        if kind == KIND:
            words = own_words(name, book, notebook)
            return {**made, "kept": {PART: words}}
        if lesson.task(name).get("parts"):
            made["spec"] = form_spec(lesson, name, learner=self.place.home.learner, has_view=has_view)
            made["first"] = first_answers(lesson, name, kept)
        return made

    def standing(self, lesson: Lesson, book: AnswerBook, notebook: dict[str, Any]) -> dict[str, Any]:
        """Return the learner's progress: state of each part, checks, news, the last receipt, work that waits."""
        empty = empty_tasks(lesson, book, notebook)
        home, slug = self.place.home, self.place.slug
        last = kept_receipts.latest_receipt(home, slug)
        return {
            "states": [lab_progress.task_state(lesson, book, piece, empty) for piece in lesson.pieces],
            "checks": {task: book.checks(task) for task in lesson.tasks if book.checks(task)},
            "empty": sorted(empty),
            "news": lab_progress.submission_news(home, lesson),
            "receipt": last and {key: last.get(key) for key in ("receipt", "received_at", "attempt")},
            "waiting": any(hand_in.waiting_letters(home, lab=slug)),
        }

    def save(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Take what a browser sends: texts of cells, outputs, answers.

        Returns:
            `cells` and `answers` by name, each `{"saved": true}` or what is there instead, with its time if that is
            known; `at`, the time in seconds at which all of it was on the disk; and the standing.
        """
        lesson = self.lesson()
        book = self.book(lesson)
        answers = {
            str(one["task"]): _keep(lesson, book, self, one)
            for one in _list(sent, "answers")
            if one.get("task") in lesson.tasks
        }
        with locked_folder(self.place.folder):
            notebook = read_notebook(self.place.notebook)
            before = json.dumps(notebook, sort_keys=True)
            cells = {str(one["id"]): _changed(notebook, one) for one in _list(sent, "cells") if one.get("id")}
            for one in _list(sent, "outputs"):
                _take_outputs(notebook, one)
            if json.dumps(notebook, sort_keys=True) != before:
                write_aside(self.place.notebook, _as_notebook(notebook))
            at = time.time()
            self._note_times(sent, cells, answers, at)
        return {"at": at, "cells": cells, "answers": answers, **self.standing(lesson, book, notebook)}

    def _note_times(
        self, sent: Mapping[str, Any], cells: dict[str, Any], answers: dict[str, Any], at: float
    ) -> None:
        """Keep when the texts that were sent were saved; tell when those were that are there instead."""
        times, saved, instead = self._times, {}, {}
        for kind, name, text, replies in (
            ("cell", "id", "source", cells),
            ("answers", "task", "answers", answers),
        ):
            for one in _list(sent, "cells" if kind == "cell" else kind):
                reply = replies.get(str(one.get(name)), {})
                if reply.get("saved"):
                    saved[f"{kind} {one[name]}"] = one[text]
                elif text in reply:
                    instead[f"{kind} {one[name]}"] = reply
        times.keep(saved, at)
        found = times.of({key: reply.get("source", reply.get("answers")) for key, reply in instead.items()})
        for key, when in found.items():
            instead[key]["at"] = when

    def work(self, handed_in_at: str = "") -> dict[str, bytes]:
        """Return what is handed in; the learner's own time is noted if the work had to wait for the line.

        Raises OSError or ValueError if the notebook cannot be read.
        """
        lesson = self.lesson()
        notebook = read_notebook(self.place.notebook)
        if handed_in_at:
            about = notebook.setdefault("metadata", {}).setdefault("isomo", {})
            about["handed_in_at"] = handed_in_at[:40]
        return {
            self.place.notebook.name: slim_notebook(notebook, {}),
            ANSWERS: self.book(lesson).as_bytes(),
        }


def _list(sent: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = sent.get(name)
    return [one for one in found[:MOST_CELLS] if isinstance(one, dict)] if isinstance(found, list) else []


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""


def _shown(cell: dict[str, Any], number: int) -> dict[str, Any]:
    role, task = role_of(cell)
    made = {"id": str(cell.get("id") or f"cell-{number}"), "role": role, "source": text_of(cell)}
    if task:
        made["task"] = task
    if cell.get("outputs"):
        made["outputs"] = cell["outputs"]
    return made


def _written(cells: list[dict[str, Any]], tasks: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the learner wrote, under the names of its times."""
    code = {f"cell {cell['id']}": cell["source"] for cell in cells if cell["role"] == "task"}
    return code | {f"answers {name}": task["kept"] for name, task in tasks.items()}


def _for_the_desk(cells: list[dict[str, Any]], tasks: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Take out the sentence that says how to get the box for one's words: at the desk it is there already."""
    for cell, box in pairwise(cells):
        is_box = box["role"] == "ask" and tasks.get(box.get("task", ""), {}).get("kind") == KIND
        if cell["role"] == "text" and is_box:
            cell["source"] = ABOUT_THE_BOX.sub("", cell["source"])
    return cells


def _keep(lesson: Lesson, book: AnswerBook, lab: DeskLab, sent: dict[str, Any]) -> dict[str, Any]:
    """Keep a task's answers, unless others arrived since those that the browser knew."""
    task, given = str(sent["task"]), sent.get("answers")
    if not isinstance(given, dict):
        return {"saved": False}
    words = {}
    if lesson.task(task).get("kind") == KIND:
        written = own_words(task, book, read_notebook(lab.place.notebook))
        words = {PART: written} if written else {}

    def is_known(kept: dict[str, Any]) -> bool:
        there = kept or words
        return there == given or sent.get("base") == there or _is_nothing(there)

    try:
        there = book.keep_if(task, given, is_known)
    except TooMuchError:
        return {"saved": False, "too_much": True}
    return {"saved": True} if there is None else {"saved": False, "answers": there or words}


def _is_nothing(answers: dict[str, Any]) -> bool:
    return not answers or all(isinstance(value, str) and is_blank(value) for value in answers.values())


def _find(notebook: dict[str, Any], name: str) -> dict[str, Any] | None:
    found = [cell for number, cell in enumerate(notebook["cells"]) if _shown(cell, number)["id"] == name]
    return found[0] if found else None


def _changed(notebook: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """Put a cell's new text into the notebook, unless it is locked or was changed elsewhere."""
    cell, text = _find(notebook, str(sent["id"])), sent.get("source")
    if cell is None or not isinstance(text, str) or role_of(cell)[0] != "task":
        return {"saved": False, "gone": True}
    there = text_of(cell)
    if there != text and sent.get("base") != text_fingerprint(there):
        return {"saved": False, "source": there}
    cell["source"] = text
    return {"saved": True}


def _take_outputs(notebook: dict[str, Any], sent: dict[str, Any]) -> None:
    cell, outputs = _find(notebook, str(sent.get("id"))), sent.get("outputs")
    if cell is None or cell.get("cell_type") != "code" or not isinstance(outputs, list):
        return
    kept = [one for one in outputs if isinstance(one, dict) and one.get("output_type") in OUTPUT_KINDS]
    cell["outputs"] = kept if len(json.dumps(kept)) <= LARGEST_OUTPUTS else []
    count = sent.get("count")
    cell["execution_count"] = count if isinstance(count, int) else None


OUTPUT_KINDS = ("stream", "display_data", "execute_result", "error")


def _as_notebook(notebook: dict[str, Any]) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
