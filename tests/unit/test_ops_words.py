"""Sentences of the administrator's verbs are all in French, and name the same things there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file

from hub.ops.words import LOCALE
from hub.settings import CHECKOUT

PEOPLE = {
    CHECKOUT / name for name in re.findall(r"python: (\S+)\]", (Path(LOCALE) / "people.cfg").read_text())
}
"""Verbs about people and marks, whose sentences are in a catalogue of their own."""


def said() -> set[str]:
    files = sorted(set((CHECKOUT / "hub" / "ops").rglob("*.py")) - PEOPLE)
    rows = [
        row for path in files for row in extract_from_file("python", path, keywords={"_": None, "N_": None})
    ]
    return {message for _line, message, *_ in rows}


def kept() -> dict[str, str]:
    file = Path(LOCALE) / "fr" / "LC_MESSAGES" / "ops.po"
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(file))}


def fields(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_of_the_administrators_verbs_is_in_french_and_no_other():
    french = kept()
    assert said() == set(french)
    assert [text for text, translated in french.items() if not translated] == []


def test_a_translated_sentence_names_the_same_things():
    for text, translated in kept().items():
        assert fields(translated) == fields(text), text
