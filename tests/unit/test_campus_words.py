"""The sentences of campus and store: all in French, and in Kinyarwanda only what is sure."""

from __future__ import annotations

import re
import string

import polib
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_mapping_cfg

from hub.campus.request_context import LOCALE as CAMPUS
from hub.campus.web.page_rendering import TEMPLATES, plural_translator
from hub.isomo_settings import CHECKOUT
from hub.store.store_sentences import LOCALE as STORE

FOLDERS = {"campus": CAMPUS, "store": STORE}
SURE = {"campus": {"Sign out": "Sohoka", "Points": "Amanota", "Task": "Umwitozo"}, "store": {}}
SIGNS = {
    "Isomo",
    "OpenAPI",
    "PDF",
    "keys",
    "json",
    "isomo",
    "verify",
    "receipt",
    "error",
    "message",
    "not",
    "found",
} | {
    "Authorization",
    "Bearer",
    "urn",
    "problem",
    "type",
    "status",
    "detail",
    "token",
    # Names of columns, and of the verb that checks the log, are the same in every language.
    *("username", "name", "email", "language", "institution", "role", "course", "part", "class", "audit"),
}


@pytest.fixture(params=["campus", "store"])
def domain(request):
    return request.param


def _said(domain: str) -> set[str]:
    """Every sentence marked in code and pages."""
    with (FOLDERS[domain] / f"{domain}.cfg").open() as file:
        methods, _options = parse_mapping_cfg(file)
    found = set()
    for pattern, method in methods:
        for path in sorted(CHECKOUT.glob(pattern)):
            rows = extract_from_file(method, path, keywords={"_": None, "N_": None, "plural": (1, 2)})
            found |= {message if isinstance(message, str) else message[0] for _line, message, *_ in rows}
    return found


def _entries(domain: str, language: str) -> list[polib.POEntry]:
    return list(polib.pofile(FOLDERS[domain] / language / "LC_MESSAGES" / f"{domain}.po"))


def _kept(domain: str, language: str) -> dict[str, str]:
    """Each sentence with its translation; of a counted one, the translation for many."""
    return {entry.msgid: entry.msgstr_plural.get(1, entry.msgstr) for entry in _entries(domain, language)}


def _fields(text: str) -> list[str]:
    named = [name for _, name, *_ in string.Formatter().parse(text) if name]
    return sorted(set(named + re.findall(r"%\((\w+)\)s", text)))


def test_every_sentence_is_in_the_french_catalogue_and_no_other(domain):
    kept = _kept(domain, "fr")
    assert set(kept) == _said(domain)
    assert [text for text, french in kept.items() if not french] == []


def test_kinyarwanda_has_only_sure_terms_marked_as_unreviewed(domain):
    assert set(_kept(domain, "rw")) == _said(domain)
    entries = [entry for entry in _entries(domain, "rw") if entry.msgstr]
    assert {entry.msgid: entry.msgstr for entry in entries} == SURE[domain]
    assert all(entry.tcomment.startswith("unreviewed") for entry in entries)


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_a_translation_names_the_same_things(domain, language):
    for text, translated in _kept(domain, language).items():
        if translated:
            assert _fields(translated) == _fields(text), text


def test_french_spaces_stand_before_double_signs(domain):
    """A colon, semicolon or question mark has a space before it, as in print."""
    for text, french in _kept(domain, "fr").items():
        assert not re.search(r"\w[;?!:](?:\s|$)", french), text


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 0, "0 points"),
        ("en", 1, "1 point"),
        ("en", 1.5, "1.5 points"),
        ("en", 2000, "2,000 points"),
        ("fr", 0, "0 point"),
        ("fr", 1.5, "1,5 point"),
        ("fr", 2, "2 points"),
        ("rw", 1, "1 point"),
    ],
)
def test_one_of_a_thing_is_not_told_as_many(language, count, text):
    assert plural_translator(language)("%(number)s point", "%(number)s points", count) == text


def test_every_page_speaks_through_the_catalogue():
    """No page of ours holds a sentence outside `_(…)`."""
    for page in sorted(TEMPLATES.glob("*.html")):
        text = re.sub(r"(?s)\{[{%#].*?[}%#]\}", " ", page.read_text())
        words = re.sub(r"(?s)<[^>]*>", " ", text)
        assert set(re.findall(r"[A-Za-z]{3,}", words)) <= SIGNS, page.name


def test_no_page_loads_anything_from_elsewhere():
    for page in sorted(TEMPLATES.glob("*.html")):
        assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?https?:", page.read_text()), page.name
