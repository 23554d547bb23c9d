"""Sentences of the administrator's verbs are all in French, and name the same things there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file

from hub.isomo_settings import CHECKOUT
from hub.ops.verb_sentences import LOCALE

PEOPLE = {
    CHECKOUT / name for name in re.findall(r"python: (\S+)\]", (Path(LOCALE) / "people.cfg").read_text())
}
"""Verbs about people and marks, whose sentences are in a catalogue of their own."""

KEYWORDS = {"_": None, "N_": None, "plural_sentence": (1, 2)}


def said() -> set[str | tuple[str, str]]:
    """Return what the verbs say; a sentence with a count as the pair of its forms."""
    files = sorted(set((CHECKOUT / "hub" / "ops").rglob("*.py")) - PEOPLE)
    rows = [row for path in files for row in extract_from_file("python", path, keywords=KEYWORDS)]
    return {message for _line, message, *_ in rows}


def kept() -> dict[str | tuple[str, str], list[tuple[str, str]]]:
    """Return the French of each sentence: pairs of text and translation."""
    found: dict[str | tuple[str, str], list[tuple[str, str]]] = {}
    for entry in polib.pofile(str(Path(LOCALE) / "fr" / "LC_MESSAGES" / "ops.po")):
        if entry.msgid_plural:
            forms = entry.msgstr_plural
            found[entry.msgid, entry.msgid_plural] = [(entry.msgid, forms[0]), (entry.msgid_plural, forms[1])]
        else:
            found[entry.msgid] = [(entry.msgid, entry.msgstr)]
    return found


def fields(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_of_the_administrators_verbs_is_in_french_and_no_other():
    french = kept()
    assert said() == set(french)
    assert [text for pairs in french.values() for text, translated in pairs if not translated] == []


def test_a_translated_sentence_names_the_same_things():
    for text, translated in (pair for pairs in kept().values() for pair in pairs):
        assert fields(translated) == fields(text), text
