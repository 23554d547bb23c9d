"""Messages of graded work are keys and facts, worded for each reader from one catalogue."""

from __future__ import annotations

import ast
import inspect
import json
import re
import string
from collections.abc import Iterator
from typing import Any

import polib
import pytest

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.message_keys import FRAMES, SENTENCES
from graders.contract.message_words import LOCALE, worded_message
from graders.contract.shown_messages import error_output, in_language, notice_output, said_data, said_in
from graders.contract.work_codec import graded_from, graded_to
from graders.contract.work_contract import Graded, Outcome, TaskResult
from hub.isomo_settings import CHECKOUT

FACTS: dict[str, Any] = {
    **{"n": 3_000, "file": "lab.ipynb", "language": "R", "kernel": "ir", "found": "3", "key": "newer-key"},
    **{"message": Message("not-json"), "reason": "OSError: unshare: not permitted"},
}


def blanks(text: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(text) if name}


def filled(key: str) -> Message:
    """Return the message of a key with every fact that its sentence names."""
    return Message(key, {name: FACTS[name] for name in blanks(SENTENCES[key].one)})


def french() -> dict[str, polib.POEntry]:
    return {each.msgid: each for each in polib.pofile(str(LOCALE / "fr" / "LC_MESSAGES" / "engine.po"))}


def test_the_french_catalogue_has_the_sentence_of_every_key_and_no_other() -> None:
    assert set(french()) == {each.one for each in SENTENCES.values()}
    assert {each.msgid_plural for each in french().values()} == {each.many for each in SENTENCES.values()}


@pytest.mark.parametrize("key", SENTENCES)
def test_every_key_has_english_and_french_with_the_same_facts(key: str) -> None:
    entry = french()[SENTENCES[key].one]
    wanted = blanks(SENTENCES[key].one)
    for said in [
        SENTENCES[key].many or SENTENCES[key].one,
        *(entry.msgstr_plural.values() or [entry.msgstr]),
    ]:
        assert blanks(said) == wanted
        assert said
    english, translated = worded_message(filled(key), "en"), worded_message(filled(key), "fr")
    assert english != translated
    assert not re.search(r"\b(the|your|then|this|again)\b", translated.lower())
    assert "…" not in english + translated


def test_a_function_makes_the_facts_that_its_sentence_names() -> None:
    given = {
        **{
            "seconds": 30.0,
            "limit": 20_000_000,
            "found": "3",
            "count": 1000,
            "reason": "OSError",
            "file": "a",
        },
        **{"language": "r", "kernel": "ir", "message": Message("not-json"), "words": "x", "task": "t"},
        **{"written": {"fr.share": "1"}, "says": {}},
        **{"verdict": "passed", "messages": [Message("not-json"), Message("crashed")]},
    }
    for made in vars(message_facts).values():
        if inspect.isfunction(made) and made.__annotations__.get("return") == "Message":
            found = made(*(given[each] for each in inspect.signature(made).parameters))
            assert found.key in SENTENCES or found.key in FRAMES
            assert "…" not in str(found), found


def keys_made() -> Iterator[str]:
    """Keys that the source makes messages of."""
    for path in (CHECKOUT / "graders").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_made = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message"
            if is_made and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_key_is_made_somewhere_and_every_key_made_has_a_sentence() -> None:
    switches = {"no-user-namespaces", "namespaces-for-root-only", "apparmor-forbids"}
    assert {*keys_made(), *switches} == {*SENTENCES, *FRAMES}


def test_one_second_is_said_as_one() -> None:
    assert worded_message(message_facts.stopped_after(1), "en").startswith("Stopped after 1 second.")
    assert worded_message(message_facts.stopped_after(1), "fr").startswith("Arrêté après 1 seconde.")
    assert worded_message(message_facts.stopped_after(30), "fr").startswith("Arrêté après 30 secondes.")


@pytest.mark.parametrize("language", ["en", "rw", "xx", "../fr", ""])
def test_without_a_translation_it_is_said_in_english(language: str) -> None:
    assert worded_message(Message("not-json"), language) == SENTENCES["not-json"].one


def test_what_a_learner_wrote_into_a_fact_stays_what_it_is() -> None:
    """The format's name comes from the file that was handed in."""
    odd = message_facts.not_version_4("{n} %s {0.__class__}")
    assert "au format {n} %s {0.__class__}, et seul" in worded_message(odd, "fr")


def test_a_message_within_a_message_is_worded_too() -> None:
    both = message_facts.joined_messages(
        [message_facts.in_file("a.ipynb", Message("not-json")), message_facts.notebook_missing("b.ipynb")]
    )
    said = worded_message(both, "fr")
    assert said.startswith("a.ipynb\u00a0: Ce fichier n’est pas un notebook")
    assert "b.ipynb n’a pas été remis" in said


def test_a_key_of_a_newer_engine_is_named_instead_of_hidden() -> None:
    assert "(too-blue)" in worded_message(Message("too-blue", {"n": 1}), "en")
    assert "(too-blue)" in worded_message(Message("too-blue"), "fr")


def test_a_fact_that_is_missing_leaves_a_mark() -> None:
    assert str(Message("too-large")).startswith("This notebook is over … MB.")


MADE = [
    *map(filled, SENTENCES),
    message_facts.joined_messages(
        [message_facts.in_file("a", Message("crashed")), message_facts.text_message("half \ud83d")]
    ),
    message_facts.verdict_message("t1", "too-high", "Trop haut."),
]


@pytest.mark.parametrize("message", MADE, ids=lambda each: each.key)
def test_a_message_comes_back_from_its_json_as_it_was(message: Message) -> None:
    assert Message.from_data(json.loads(json.dumps(message.as_data()))) == message


DEEP: Any = {"key": "text", "facts": {}}
for _ in range(9):
    DEEP = {"key": "in-file", "facts": {"file": "x", "message": DEEP}}


@pytest.mark.parametrize(
    "data",
    [
        None, 3, [], {}, {"key": "text"}, {"key": "text", "facts": []}, {"key": 3, "facts": {}}, DEEP,
        {"key": "x" * 100, "facts": {}}, {"key": "text", "facts": {"text": {"a": 1}}},
        {"key": "text", "facts": {str(number): 1 for number in range(100)}},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="no message"):
        Message.from_data(data)


def test_results_go_through_the_pipe_with_their_messages() -> None:
    task = TaskResult("t", Outcome.NOT_YET, 0.0, 2.0, message_facts.stopped_after(3))
    graded = Graded(
        (task, TaskResult("u", Outcome.PASSED, 1.0, 1.0)), b"{}", "fork-1", problem=Message("gave-up")
    )
    assert graded_from(json.loads(json.dumps(graded_to(graded)))) == graded


def test_results_of_the_release_before_are_read_and_keep_their_sentences() -> None:
    old = {
        "tasks": [
            {"grade_id": "t", "outcome": "not-yet", "score": 0.0, "max_score": 2.0, "message": "Stopped.", "flags": []},
            {"grade_id": "u", "outcome": "passed", "score": 1.0, "max_score": 1.0, "message": "", "flags": []},
        ],
        **{"notebook": "e30=", "engine": "fork-1", "cpu_seconds": 0.1, "wall_seconds": 0.2, "problem": "Broken."},
    }  # fmt: skip
    found = graded_from(old)
    assert [one.message for one in found.tasks] == [message_facts.text_message("Stopped."), None]
    assert found.problem == message_facts.text_message("Broken.")


def test_outputs_of_a_graded_notebook_are_reworded_by_their_data() -> None:
    stopped, many = message_facts.stopped_after(3), message_facts.too_many_outputs(1000)
    own = error_output("Stopped", "a learner's own error of that name")
    shown = [
        error_output("CellTimeoutError", str(stopped)),
        own,
        notice_output(many),
        {"output_type": "stream", "text": "x"},
    ]
    cell = {"metadata": {"isomo": {"said": said_data({"CellTimeoutError": stopped})}}}
    found = in_language(shown, said_in(cell), "fr")
    assert found[0]["evalue"] == worded_message(stopped, "fr")
    assert found[2]["data"] == {"text/plain": worded_message(many, "fr")}
    assert [found[1], found[3]] == [shown[1], shown[3]]


@pytest.mark.parametrize(
    "about", [None, 1, [], {"said": 1}, {"said": {"Stopped": "words"}}, {"said": {"Stopped": {}}}]
)
def test_a_notebook_that_claims_messages_of_another_shape_has_none(about: Any) -> None:
    assert said_in({"metadata": {"isomo": about}}) == {}
    assert said_in({"metadata": about}) == {}


def test_only_results_of_earlier_versions_are_found_again_by_their_english() -> None:
    """No code but the reader of old rows turns sentences into patterns, and nothing but `message_text` calls it."""
    readers = [
        path.relative_to(CHECKOUT).as_posix()
        for room in ("hub", "graders")
        for path in (CHECKOUT / room).rglob("*.py")
        if re.search(r"\bretell_sentences\(|\bSENTENCES\b", path.read_text("utf-8"))
    ]
    assert sorted(readers) == [
        "graders/contract/message_facts.py",
        "graders/contract/message_keys.py",
        "hub/store/older_sentences.py",
        "hub/store/verdict_messages.py",
    ]
