"""The sentences of the bench and of the shared application: all in French."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import polib

from labs.prototype_kit.application.bench_sentences import LOCALE, PrototypeError, bench_sentence

KIT = LOCALE.parents[1]


def _said() -> set[str]:
    """Every sentence that is marked in the kit's code or in its pages."""
    found = set()
    for path in [path for path in sorted(KIT.rglob("*.py")) if "templates" not in path.parts]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
            if marked and node.args and not isinstance(node.args[0], ast.Name):
                found.add(ast.literal_eval(node.args[0]))
    for path in KIT.rglob("*.html"):
        found |= {
            text for _quote, text in re.findall(r"""\b_\((["'])((?:(?!\1).)+)\1\)""", path.read_text("utf-8"))
        }
    return found


def _kept() -> dict[str, str]:
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(LOCALE / "fr.po"))}


def _fields(text: str) -> list[str]:
    return sorted({name for _, name, *_ in string.Formatter().parse(text) if name})


def test_every_sentence_is_in_the_french_catalogue_and_no_other():
    kept = _kept()
    assert sorted(set(kept) ^ (_said() | {"no"})) == []
    assert [text for text, french in kept.items() if not french] == []


def test_a_translation_names_the_same_facts():
    assert [text for text, french in _kept().items() if _fields(text) != _fields(french)] == []


def test_an_error_is_worded_in_the_language_of_its_reader():
    error = PrototypeError("{file} is empty.", file="a.csv")
    assert str(error) == "a.csv is empty."
    assert error.worded("fr") == "a.csv est vide."
    assert bench_sentence("yes", "fr") == "oui"


def test_every_template_has_its_words_in_both_languages():
    import tomllib

    for path in Path(KIT / "templates").glob("*/prototype.toml"):
        found = tomllib.loads(path.read_text("utf-8").replace("{labels}", ""))
        for key in ("title", "purpose"):
            assert set(found[key]) == {"en", "fr"}, path
        assert all(set(words) == {"en", "fr"} for words in found.get("labels", {}).values()), path
