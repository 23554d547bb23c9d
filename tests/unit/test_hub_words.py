"""The hub's sentences: all in French, and in Kinyarwanda only what is sure."""

from __future__ import annotations

import re
import string
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_mapping_cfg

from hub.isomo_settings import CHECKOUT
from hub.message_catalogues import LOCALE, chosen_language, domain_catalogue, terminal_language

SURE = {"Sign in": "Injira", "Sign out": "Sohoka", "Try again": "Ongera ugerageze"}


def _said() -> set[str]:
    """Every sentence marked in the hub's code and pages."""
    with (LOCALE / "hub.cfg").open() as file:
        methods, _options = parse_mapping_cfg(file)
    found = set()
    for pattern, method in methods:
        for path in sorted(CHECKOUT.glob(pattern)):
            rows = extract_from_file(method, path, keywords={"_": None, "N_": None})
            found |= {message for _line, message, *_ in rows}
    return found


def _kept(language: str) -> dict[str, str]:
    return {entry.msgid: entry.msgstr for entry in polib.pofile(LOCALE / language / "LC_MESSAGES" / "hub.po")}


def _fields(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_is_in_the_french_catalogue_and_no_other():
    kept = _kept("fr")
    assert set(kept) == _said()
    assert [text for text, french in kept.items() if not french] == []


def test_every_sentence_may_be_translated_to_kinyarwanda():
    assert set(_kept("rw")) == _said()


def test_kinyarwanda_has_only_sure_terms_marked_as_unreviewed():
    entries = [entry for entry in polib.pofile(LOCALE / "rw" / "LC_MESSAGES" / "hub.po") if entry.msgstr]
    assert {entry.msgid: entry.msgstr for entry in entries} == SURE
    assert all(entry.tcomment.startswith("unreviewed") for entry in entries)


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_a_translation_names_the_same_things(language):
    for text, translated in _kept(language).items():
        if translated and "{" in text:
            assert _fields(translated) == _fields(text), text


def test_what_has_no_translation_stays_english():
    assert domain_catalogue("hub", "rw").gettext("Password") == "Password"
    assert domain_catalogue("hub", "xx").gettext("Password") == "Password"


def test_every_page_speaks_through_the_catalogue():
    """No page of ours holds a sentence outside `_(…)`."""
    for page in sorted((Path(CHECKOUT) / "hub" / "hub_process" / "templates").glob("*.html")):
        text = re.sub(r"(?s)\{[{%#].*?[}%#]\}|<style>.*?</style>|<script>.*?</script>", " ", page.read_text())
        words = re.sub(r"(?s)<[^>]*>", " ", text)
        assert set(re.findall(r"[A-Za-z]{2,}", words)) <= {"Isomo"}, page.name


def test_no_page_loads_anything_from_elsewhere():
    for page in sorted((Path(CHECKOUT) / "hub" / "templates").glob("*.html")):
        assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?https?:", page.read_text()), page.name


@pytest.mark.parametrize(
    ("asked", "accepted", "chosen"),
    [
        ("fr", "en", "fr"),
        ("", "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("", "rw", "rw"),
        ("", "de,es", "en"),
        ("xx", "", "en"),
    ],
)
def test_the_visitors_language(asked, accepted, chosen):
    assert chosen_language(asked, accepted, ("en", "fr", "rw")) == chosen


def test_the_terminals_language():
    assert terminal_language({"LANG": "fr_FR.UTF-8"}) == "fr"
    assert terminal_language({}) == "en"
