"""Content of a task's form, as plain data: the same for the widget in a notebook and for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.lab_texts import Lesson
from labs.kit.option_order import KINDS as DRAWN
from labs.kit.option_order import shuffled_options
from labs.kit.own_words import KIND, PART
from labs.kit.show import rich
from labs.kit.task_attempts import WORDS_KEPT, WORDS_NONE

CHECK = N_("Check")
KEEP = N_("Keep my answer")
CHOOSE = N_("– choose –")
LINE = N_("Line {n}")
RESTART = N_("Put the first text back")
LINES = N_("The lines to choose from")
PAIR = N_("Pair {n} of {all}")
FIRST, SECOND = N_("First entry"), N_("Second entry")
WORDS = N_("Your own words")
WORDS_WAIT = N_("Not kept yet. If this does not change, run this cell again: your words stay in the box.")


def parts_as_drawn(lesson: Lesson, task: str, learner: str) -> list[dict[str, Any]]:
    """Return the parts of a task, their answers in the order in which `learner` sees them."""
    found = lesson.task(task)
    parts: list[dict[str, Any]] = found.get("parts", [])
    if found.get("kind") not in DRAWN:
        return list(parts)
    return [
        {**part, "options": shuffled_options(part["options"], learner, lesson.slug, task, part["name"])}
        if part["type"] == "one"
        else part
        for part in parts
    ]


def form_spec(lesson: Lesson, task: str, *, learner: str, has_view: bool) -> dict[str, Any]:
    """Return what to draw for a task, its sentences as HTML and its answers in the learner's order."""
    found = lesson.task(task)
    parts = []
    for part in parts_as_drawn(lesson, task, learner):
        options = [{**option, "html": rich(option.get("text", ""))} for option in part["options"]]
        parts.append({**part, "ask": rich(part["ask"]), "options": options})
    own = len(parts) == 1 and not found["parts"][0]["ask"]
    if found.get("kind") == KIND:
        parts = [{**part, "ask": rich(kit_sentence(WORDS, lesson.language))} for part in parts]
    return {
        "task": task,
        "ask": rich(found.get("ask", "")),
        "parts": parts,
        "labels": _labels(lesson, str(found.get("kind"))),
        "one": own or len(parts) == 1,
        "lang": lesson.language,
        "has_view": has_view,
    }


def _labels(lesson: Lesson, kind: str) -> dict[str, Any]:
    def said(text: str, **facts: Any) -> str:
        return kit_sentence(text, lesson.language, **facts)

    labels: dict[str, Any] = {
        "check": "" if kind == KIND else said(KEEP if kind == "predict" else CHECK),
        "choose": said(CHOOSE),
        "line": said(LINE, n="{n}"),
        "lines": said(LINES),
        "restart": said(RESTART),
        "pair": said(PAIR, n="{n}", all="{all}"),
        "entries": ["", said(FIRST), said(SECOND)],
    }
    if kind == KIND:
        labels |= {"kept": said(WORDS_KEPT), "none": said(WORDS_NONE), "wait": said(WORDS_WAIT)}
    return labels


def first_answers(lesson: Lesson, task: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the controls of a task show at first: what was kept, else where sliders and menus begin."""
    begun = {}
    for part in lesson.task(task).get("parts", []):
        first = part.get("value", part.get("text"))
        if part["type"] == "menu":
            first = part["options"][0]["id"]
        elif part["type"] == "order":
            first = [None] * int(part.get("slots", 1))
        elif part["type"] == "review":
            first = {}
        begun[part["name"]] = kept.get(part["name"], first)
    return begun


__all__ = ["KEEP", "PART", "first_answers", "form_spec", "parts_as_drawn"]
