"""Words of the verbs for people, and of the audit log: all in French."""

from __future__ import annotations

import ast
import re
import string

import polib
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_mapping_cfg

from hub.campus.problem_codes import PROBLEMS
from hub.campus.web.audit_words import ACTIONS
from hub.isomo_settings import CHECKOUT
from hub.ops.verbs.verb_words import LOCALE, plural_words
from hub.store import roster_file, roster_plan

KEYWORDS = {"_": None, "N_": None, "plural_words": (1, 2)}


def _said() -> set[str | tuple[str, str]]:
    """Return what the verbs say; a sentence with a count as the pair of its forms."""
    with (LOCALE / "people.cfg").open() as file:
        methods, _options = parse_mapping_cfg(file)
    return {
        row[1]
        for pattern, method in methods
        for path in sorted(CHECKOUT.glob(pattern))
        for row in extract_from_file(method, path, keywords=KEYWORDS)
    }


def _key(entry: polib.POEntry) -> str | tuple[str, str]:
    return (entry.msgid, entry.msgid_plural) if entry.msgid_plural else entry.msgid


def _fields(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_of_the_verbs_is_in_the_french_catalogue_and_no_other():
    entries = polib.pofile(str(LOCALE / "fr" / "LC_MESSAGES" / "people.po"))
    assert {_key(entry) for entry in entries} == _said()
    for entry in entries:
        one, many = (
            (entry.msgstr_plural[0], entry.msgstr_plural[1]) if entry.msgid_plural else (entry.msgstr, "")
        )
        assert one, entry.msgid
        assert _fields(entry.msgid) == _fields(one), entry.msgid
        assert (bool(many), _fields(many)) == (bool(entry.msgid_plural), _fields(entry.msgid_plural)), (
            entry.msgid
        )


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 0, "0 learners"),
        ("en", 1, "1 learner"),
        ("en", 2, "2 learners"),
        ("fr", 0, "0 apprenant"),
        ("fr", 1, "1 apprenant"),
        ("fr", 2, "2 apprenants"),
    ],
)
def test_a_count_has_the_form_that_its_language_gives_it(language, number, said, monkeypatch):
    monkeypatch.setenv("LC_ALL", language)
    assert plural_words("{number} learner", "{number} learners", number).format(number=number) == said


def test_kinyarwanda_may_be_given_for_every_sentence():
    entries = polib.pofile(str(LOCALE / "rw" / "LC_MESSAGES" / "people.po"))
    assert {_key(entry) for entry in entries} == _said()


def _constants(path, functions, place):
    """Texts given at `place` to calls of `functions` in a module; a choice gives both."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in functions and len(node.args) > place:
                for part in ast.walk(node.args[place]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                        yield part.value


def test_every_action_that_is_written_down_has_words():
    modules = [*CHECKOUT.glob("hub/campus/**/*.py"), *CHECKOUT.glob("hub/ops/**/*.py")]
    noted = {text for path in modules for text in _constants(path, {"note"}, 0)}
    added = {
        text
        for path in modules
        if "audit.add(" in path.read_text("utf-8")
        for text in _constants(path, {"add"}, 1)
        if re.fullmatch(r"[a-z]+(-[a-z]+)*", text)
    }
    assert len(noted) > 25
    assert noted - set(ACTIONS) == set()
    assert {"imported-roster", "moved"} <= added
    assert {text for text in added if text in ACTIONS or "-" in text} - set(ACTIONS) == set()


def test_every_change_that_the_store_refuses_has_a_sentence():
    codes = {text for path in CHECKOUT.glob("hub/**/*.py") for text in _constants(path, {"RefusedChange"}, 0)}
    assert len(codes) > 10
    assert codes - set(PROBLEMS) == set()


def test_every_reason_about_a_roster_has_a_sentence():
    files = (CHECKOUT / "hub" / "store" / "roster_file.py", CHECKOUT / "hub" / "store" / "roster_plan.py")
    assert set(_constants(files[0], {"UnreadableRoster"}, 0)) <= set(roster_file.REASONS)
    assert {text for text in _constants(files[1], {"_Bad"}, 0) if text != "unknown-"} <= set(
        roster_plan.REASONS
    )
    assert {"unknown-institution", "unknown-course"} <= set(roster_plan.REASONS)
