"""Written tasks: what a learner typed in a task's box becomes the text cell that a person marks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labs.kit.kept_answers import LONGEST_TEXT, AnswerBook, readable_answers
from labs.kit.lab_facts import ANSWERS
from labs.kit.lab_texts import Lesson
from labs.kit.run_cells import text_of

KIND = "text"
"""The kind of a written task in `lab.toml`."""
PART = "words"
"""The name of its only answer in `answers.json`."""
BOX = {"lines": 8, "most": 8000}
"""Lines that the box shows, and characters that it takes: about three pages."""
EMPTY_CELL = "<!-- ✎ -->"
"""The text cell of a written task as it is released: it shows nothing, and nobody has to find it."""
BLANK = ("", EMPTY_CELL, "✎ ………………………")
"""Cells in which nobody wrote; the last one is how labs were released before they had a box."""
LEAST_WORDS = 10
"""Different words that an answer of four or five sentences has in any language, and eight single letters have not."""
MARKUP = re.compile(r"[`*_{}\[\]<>#+\-=|~$&:@!^]")
NUMBERED = re.compile(r"^(\s*\d+)([.)])")
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Signs that no keyboard types: controls, and those that turn the direction of the text around them."""


def typed_text(answers: Mapping[str, Any]) -> str | None:
    """Return what was typed in a task's box, None if nobody typed in it."""
    words = answers.get(PART)
    return words if isinstance(words, str) else None


def is_blank(text: str) -> bool:
    """Return whether nobody wrote this text: it is empty, or as it was released."""
    return INVISIBLE.sub("", text).strip() in BLANK


def count_words(text: str) -> int:
    """Return how many different words of two letters or more there are."""
    return len(set(re.findall(r"[^\W\d_]{2,}", text.lower())))


def as_markdown(words: str) -> str:
    r"""Return Markdown that shows `words` as they were typed: lines stay, and nothing in them is markup.

    Example:
        >>> as_markdown("1. *Dear* <b>Amina</b>")
        '1\\. \\*Dear\\* \\<b\\>Amina\\</b\\>'
    """
    lines = INVISIBLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST_TEXT]).split("\n")
    made = "\n".join(f"{_escaped(line)}  " if line.strip() else "" for line in lines)
    return re.sub(r"\n{3,}", "\n\n", made).strip()


def _escaped(line: str) -> str:
    # A backslash of the learner's becomes its number: doubled, it would begin a formula before a bracket.
    pieces = [MARKUP.sub(r"\\\g<0>", piece) for piece in line.expandtabs(4).rstrip().split("\\")]
    shown = NUMBERED.sub(r"\1\\\2", "&#92;".join(pieces))
    begins = len(shown) - len(shown.lstrip(" "))
    # Four spaces would make a block of code of the line; spaces that do not break keep its place.
    return "\u00a0" * begins + shown[begins:]


def written_cells(notebook: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the text cells that a person marks, each with its task."""
    for cell in notebook.get("cells", []):
        about = cell.get("metadata", {}).get("nbgrader", {})
        if cell.get("cell_type") == "markdown" and about.get("grade") and about.get("solution"):
            yield str(about.get("grade_id")), cell


def own_words(task: str, book: AnswerBook, notebook: Mapping[str, Any]) -> str:
    """Return a learner's words for a task, empty if there are none: those of the box, else those of the cell."""
    words = typed_text(book.of(task))
    if words is None:
        words = next((text_of(cell) for name, cell in written_cells(notebook) if name == task), "")
    return "" if is_blank(words) else words


def empty_tasks(lesson: Lesson, book: AnswerBook, notebook: Mapping[str, Any]) -> set[str]:
    """Return the written tasks for which there is no word yet."""
    written = [task for task, about in lesson.tasks.items() if about.get("kind") == KIND]
    return {task for task in written if not own_words(task, book, notebook)}


def few_words(lesson: Lesson, book: AnswerBook, notebook: Mapping[str, Any]) -> dict[str, int]:
    """Return the written tasks with some words, but too few to answer the question, and how many there are."""
    written = [task for task, about in lesson.tasks.items() if about.get("kind") == KIND]
    texts = {task: own_words(task, book, notebook) for task in written}
    counts = {task: count_words(text) for task, text in texts.items() if text}
    return {task: count for task, count in counts.items() if count < LEAST_WORDS}


def taken_as_saved(book: AnswerBook, notebook: Mapping[str, Any]) -> bool:
    """Return whether words come from a cell on disk, so that newer ones may be on the screen only."""
    cells = written_cells(notebook)
    return any(typed_text(book.of(task)) is None and not is_blank(text_of(cell)) for task, cell in cells)


def with_own_words(lab: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is handed in, with the words of `answers.json` in the text cells of the lab's notebook.

    Files that are damaged, and those of a course without `answers.json`, stay as they are.
    """
    name = f"{lab}.ipynb"
    answers = (readable_answers(files.get(ANSWERS, b"")) or {}).get("answers", {})
    try:
        notebook = json.loads(files.get(name, b""))
        cells = list(written_cells(notebook))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return dict(files)
    before = [text_of(cell) for _, cell in cells]
    for task, cell in cells:
        given = answers.get(task)
        words = typed_text(given) if isinstance(given, dict) else None
        if words is not None:
            cell["source"] = _cell_text(words, text_of(cell))
    if [text_of(cell) for _, cell in cells] == before:
        return dict(files)
    return {**files, name: (json.dumps(notebook, indent=1, sort_keys=True) + "\n").encode()}


def _cell_text(words: str, before: str) -> str:
    """Return the text of a cell; a cell as it was released stays so, because graders know it by its text."""
    if is_blank(words):
        return before if is_blank(before) else EMPTY_CELL
    return as_markdown(words)
