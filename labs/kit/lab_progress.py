"""Progress of a learner in a lab: the welcome at its start, and the table of what is done."""

from __future__ import annotations

import html
import importlib.util
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from labs.kit import hand_in, kept_receipts, live_choice
from labs.kit.home_files import Home, read_json
from labs.kit.kept_answers import AnswerBook
from labs.kit.kit_sentences import LANGUAGES, N_, REVIEWED, kit_sentence
from labs.kit.lab_texts import Lesson
from labs.kit.own_words import KIND
from labs.kit.show import Shown, panel, rich, table

WELCOME = N_("**{title}** · About {minutes} minutes, in {n} parts. You may stop and come back at any time.")
GO_ON = N_(
    "**{title}** · Welcome back. You stopped at part {n}, *{piece}*. About {minutes} minutes are left."
)
ALL_DONE = N_(
    "**{title}** · Every task is done. If you have not handed in your work yet, go to the last cell."
)
BUILDS_ON = N_("This lab builds on: {labs}.")
WAITING = N_("Work that you handed in is still kept here. It is sent when the line is back.")
HANDED_IN = N_("Handed in last: {when}, receipt {receipt}.")
NOT_TAKEN = N_("Work that was kept here was not taken: {message}")
REPORTED = N_(
    "During class your trainer sees which task you check, what is missing and which hints you take, never an answer. "
    "It counts for nothing. You can switch it off on your page *My account*."
)
OTHER_LANGUAGES = N_("Language:")
UNREAD = N_(
    "This lab was translated and read several times, but not yet by a person whose first language is French. If a "
    "sentence sounds wrong, tell your trainer."
)
UNREVIEWED = N_("Kinyarwanda: only some words, not yet reviewed; the rest is in English.")
NOTES = {"fr": UNREAD, "rw": UNREVIEWED}
"""Said at the start of a lab in a language that is not signed off."""
PIECE = N_("Part")
STATE = N_("State")
MINUTES = N_("Minutes")
DONE, BEGUN, TO_DO = N_("done"), N_("begun"), N_("to do")
NO_WORDS = N_("your own words are still empty")
NO_WORDS_IN_PART = N_(
    "**Part {n}: your own words are still empty.** Write in the box of part {n}, then run this cell again."
)
FEW_WORDS = N_("your own words are too few")
FEW_WORDS_IN_PART = N_(
    "**Part {n}: your own words are only {count}.** Four or five sentences that answer the question are asked for; a "
    "few words earn nothing. Write on in the box of part {n}, then run this cell again."
)


def lab_checks(folder: Path, slug: str) -> ModuleType | None:
    """Return the lab's `checks.py`, None if it is missing or cannot be read."""
    path = folder / "checks.py"
    spec = importlib.util.spec_from_file_location(f"checks_of_{slug.replace('-', '_')}", path)
    if spec is None or spec.loader is None or not path.is_file():
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_done(
    lesson: Lesson, book: AnswerBook, task: str, empty: Collection[str], few: Collection[str] = ()
) -> bool:
    """Return whether a task is done: passed, written, or (for an earlier question) tried."""
    kind, checked = lesson.task(task).get("kind"), book.checks(task)
    if kind == KIND:
        return task not in empty and task not in few
    return checked.get("outcome") == "passed" or (
        kind in ("recall", "predict") and bool(checked.get("outcome"))
    )


def task_state(
    lesson: Lesson,
    book: AnswerBook,
    piece: dict[str, Any],
    empty: Collection[str],
    few: Collection[str] = (),
) -> str:
    """Return "done", "begun" or "to do"; `empty` are the written tasks without a word, `few` those with too few."""
    tasks = piece.get("tasks", [])
    if all(is_done(lesson, book, task, empty, few) for task in tasks):
        return DONE
    return BEGUN if any(_begun(lesson, book, task, empty) for task in tasks) else TO_DO


def _begun(lesson: Lesson, book: AnswerBook, task: str, empty: Collection[str]) -> bool:
    if lesson.task(task).get("kind") == KIND:
        return task not in empty
    given = any(value not in (None, [], "") for value in book.of(task).values())
    return given or book.checks(task).get("outcome") not in (None, "not-attempted")


def parts_without_words(lesson: Lesson, empty: Collection[str]) -> list[int]:
    """Return the numbers of the parts in which a text is still to be written."""
    pieces = enumerate(lesson.pieces, 1)
    return [number for number, piece in pieces if any(task in empty for task in piece.get("tasks", []))]


def missing_words(lesson: Lesson, empty: Collection[str], few: Mapping[str, int]) -> list[str]:
    """Return a sentence for each part in which a text is still to be written, or has too `few` words."""
    missing = [
        kit_sentence(NO_WORDS_IN_PART, lesson.language, n=n) for n in parts_without_words(lesson, empty)
    ]
    counts = [(number, few[task]) for task in few for number in parts_without_words(lesson, [task])]
    return missing + [
        kit_sentence(FEW_WORDS_IN_PART, lesson.language, n=n, count=count) for n, count in counts
    ]


def welcome_message(
    home: Home, lesson: Lesson, book: AnswerBook, empty: Collection[str], few: Collection[str] = ()
) -> Shown:
    """Return what a learner sees on starting a lab, the first time or again."""
    left = [piece for piece in lesson.pieces if task_state(lesson, book, piece, empty, few) != DONE]
    minutes = sum(int(piece.get("minutes", 0)) for piece in left)
    facts: dict[str, Any] = {"title": lesson.title, "minutes": minutes}
    if not left:
        sentence = kit_sentence(ALL_DONE, lesson.language, **facts)
    elif not book.all:
        sentence = kit_sentence(WELCOME, lesson.language, n=len(lesson.pieces), **facts)
    else:
        number = lesson.pieces.index(left[0]) + 1
        sentence = kit_sentence(GO_ON, lesson.language, n=number, piece=left[0]["title"], **facts)
    before = [
        kit_sentence(BUILDS_ON, lesson.language, labs=", ".join(f"*{one}*" for one in lesson.builds_on))
    ]
    said = [sentence, *(before if lesson.builds_on and not book.all else []), *submission_news(home, lesson)]
    said += [kit_sentence(REPORTED, lesson.language)] if live_choice.is_reported(home) else []
    links, text = language_links(lesson)
    return panel("note", said, links, text)


def submission_news(home: Home, lesson: Lesson) -> list[str]:
    """Return what happened to the learner's work since."""
    found = [str(one) for one in read_json(home.place(lesson.slug) / "news.json").get(lesson.language, [])]
    last = kept_receipts.latest_receipt(home, lesson.slug)
    if last:
        when = kept_receipts.shown_moment(last.get("received_at"), lesson.language)
        found.append(kit_sentence(HANDED_IN, lesson.language, when=when, receipt=last.get("receipt")))
    if any(hand_in.waiting_letters(home, lab=lesson.slug)):
        found.append(kit_sentence(WAITING, lesson.language))
    return [
        *found,
        *(
            kit_sentence(NOT_TAKEN, lesson.language, message=m)
            for m in hand_in.refusal_reasons(home, lesson.slug)
        ),
    ]


def language_links(lesson: Lesson) -> tuple[str, str]:
    """Links to the lab in the other languages, if the server's part of the kit runs; answers stay."""
    base = os.environ.get("ISOMO_BASE_URL", "")
    note = "" if lesson.language in REVIEWED else kit_sentence(NOTES[lesson.language], lesson.language)
    if not base:
        return (f'<p style="margin:.25em 0">{rich(note)}</p>' if note else ""), note
    parts = []
    for code, name in LANGUAGES.items():
        if code == lesson.language:
            parts.append(f"<strong>{name}</strong>")
        else:
            url = html.escape(f"{base}isomo/language/{lesson.slug}/{code}", quote=True)
            parts.append(f'<a href="{url}" target="_top" lang="{code}">{name}</a>')
    label = html.escape(kit_sentence(OTHER_LANGUAGES, lesson.language))
    made = f'<p style="margin:.25em 0">{label} {" · ".join(parts)}{"<br>" + rich(note) if note else ""}</p>'
    return made, note


def table_of(lesson: Lesson, book: AnswerBook, empty: Collection[str], few: Collection[str] = ()) -> Shown:
    """Return every part of the lab with its state."""
    sign = {DONE: "✓ ", BEGUN: "… ", TO_DO: ""}
    rows = []
    without, short = parts_without_words(lesson, empty), parts_without_words(lesson, few)
    for number, piece in enumerate(lesson.pieces, 1):
        found = task_state(lesson, book, piece, empty, few)
        said = sign[found] + kit_sentence(found, lesson.language)
        if number in without:
            said += f": {kit_sentence(NO_WORDS, lesson.language)}"
        elif number in short:
            said += f": {kit_sentence(FEW_WORDS, lesson.language)}"
        rows.append([f"{number} · {piece['title']}", piece.get("minutes", ""), said])
    return table([kit_sentence(name, lesson.language) for name in (PIECE, MINUTES, STATE)], rows)
