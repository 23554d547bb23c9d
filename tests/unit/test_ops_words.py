"""Sentences of the administrator's newer verbs are all in French, and name the same things there."""

from __future__ import annotations

import string
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file

from hub.ops.words import LOCALE
from hub.settings import CHECKOUT

TRANSLATED = (
    *("verbs/*.py", "backup_run.py", "capacity.py", "checkout_versions.py", "database_copies.py"),
    *("restic.py", "restore_check.py"),
)


def said() -> set[str]:
    files = [path for pattern in TRANSLATED for path in sorted((CHECKOUT / "hub" / "ops").glob(pattern))]
    assert len(files) > len(TRANSLATED)
    rows = [
        row for path in files for row in extract_from_file("python", path, keywords={"_": None, "N_": None})
    ]
    return {message for _line, message, *_ in rows}


def kept() -> dict[str, str]:
    file = Path(LOCALE) / "fr" / "LC_MESSAGES" / "ops.po"
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(file))}


def fields(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_of_these_verbs_is_in_french():
    french = kept()
    assert said() - set(french) == set()
    assert [text for text, translated in french.items() if not translated] == []


def test_a_translated_sentence_names_the_same_things():
    for text, translated in kept().items():
        assert fields(translated) == fields(text), text
