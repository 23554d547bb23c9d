"""What the grading engine said, and what tasks are called, is shown in the reader's language."""

from __future__ import annotations

import inspect
import json
import re
import string
from functools import lru_cache

import polib
import pytest
from babel.messages.extract import extract_from_file

from graders.agent import jobs
from graders.agent.feedback import page
from graders.contract import messages
from graders.contract.work import Graded, Outcome, TaskResult
from graders.engine.outputs import error
from hub.settings import CHECKOUT
from hub.store import GradedRecord
from hub.store.verdicts import retold, task_titles
from hub.store.words import LOCALE
from labs.authoring.build import built
from labs.authoring.spec import LABS
from tests.support.campus import API, ROOT, Campus
from tests.support.stores import COURSE, LAB, LEARNERS, TRAINER, filled, hand_in
from tests.unit.test_agent_feedback import book, code

AMINA = LEARNERS[0]
made = lru_cache(built)
GIVEN = {
    "seconds": 30.0,
    "limit": 20_000_000,
    "found": "3",
    "count": 1000,
    "reason": "OSError: unshare: not permitted",
    **{"file": "lab.ipynb", "language": "r", "kernel": "ir"},
}
SENTENCES = {
    name: made(*(GIVEN[each] for each in inspect.signature(made).parameters))
    for name, made in vars(messages).items()
    if inspect.isfunction(made) and made.__module__ == messages.__name__
}


def entries() -> list[polib.POEntry]:
    return list(polib.pofile(LOCALE / "fr" / "LC_MESSAGES" / "engine.po"))


def test_every_sentence_of_the_engine_is_in_the_french_catalogue_and_no_other():
    rows = extract_from_file(
        "python", CHECKOUT / "graders/contract/messages.py", keywords={"_": None, "ngettext": (1, 2)}
    )
    said = {message if isinstance(message, str) else message[0] for _line, message, *_ in rows}
    assert {each.msgid for each in entries()} == said
    assert len(said) == len(SENTENCES)


def test_translations_have_the_same_blanks_to_fill():
    def blanks(text: str) -> list[str]:
        return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)

    for each in entries():
        for translated in each.msgstr_plural.values() or [each.msgstr]:
            assert blanks(translated) == blanks(each.msgid), each.msgid


@pytest.mark.parametrize("name", SENTENCES)
def test_each_sentence_is_found_again_and_keeps_its_values(name: str):
    english = SENTENCES[name]
    french = retold(english, "fr")
    assert french != english
    assert not re.search(r"\b(the|your|then|this|again)\b", french.lower())
    assert [value for value in re.findall(r"\d+|OSError.*permitted", english) if value not in french] == []


def test_one_second_is_said_as_one():
    assert retold(messages.stopped_after(1), "fr").startswith("Arrêté après 1 seconde.")
    assert retold(messages.stopped_after(30), "fr").startswith("Arrêté après 30 secondes.")


def test_inside_a_judges_sentence_it_is_translated_and_the_rest_stays():
    said = f"Pas encore : {messages.stopped_after(3)} Relisez la consigne."
    assert retold(said, "fr").startswith("Pas encore : Arrêté après 3 secondes.")
    assert retold(said, "fr").endswith(" Relisez la consigne.")


@pytest.mark.parametrize("language", ["en", "rw", "xx"])
def test_without_a_translation_the_english_stays(language: str):
    for sentence in SENTENCES.values():
        assert retold(sentence, language) == sentence


def test_what_a_learner_wrote_into_a_sentence_stays_what_it_is():
    """The format's name comes from the file that was handed in."""
    odd = messages.not_version_4("{n} %s {")
    assert "au format {n} %s {, et seul" in retold(odd, "fr")


def test_a_french_learners_feedback_says_it_in_french():
    stopped = messages.stopped_after(30)
    notebook = book(code("while True: pass", [error("Stopped", stopped)], "t", grade=True, points=2))
    task = TaskResult("t", Outcome.NOT_YET, 0.0, 2.0, stopped)
    shown = page(Graded((task,), notebook, "fork-1"), notebook, "fr").decode()
    assert shown.count("Arrêté après 30 secondes. Cherchez une boucle") == 2
    assert "Stopped" not in shown
    unreadable = Graded((task,), b"", "fork-1", problem=messages.not_json())
    assert "Ce fichier n’est pas un notebook" in page(unreadable, notebook, "fr").decode()


def test_on_the_campus_each_reads_it_in_a_language_of_their_own(tmp_path):
    store = filled(tmp_path)
    store.people.set_language(AMINA, "fr")
    attempt, _new = hand_in(store, AMINA)
    problem, sentence = messages.too_many_cells(5000), messages.stopped_after(30)
    task = {"grade_id": "add_test", "outcome": "not-yet", "score": 0.0, "max_score": 2.0, "message": sentence,
            "flags": []}  # fmt: skip
    job = store.claim_ungraded("one", 60)
    store.record_grading(job, GradedRecord([task], json.dumps({}).encode(), b"", "fork-1", problem=problem))
    store.results.return_to([attempt.id], TRAINER)
    campus = Campus(tmp_path, store)
    hers = campus.browser(AMINA).get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert "Ce notebook a plus de 5000 cellules." in hers
    assert "Arrêté après 30 secondes." in hers
    assert "This notebook" not in hers
    said = campus.program(AMINA).get(f"{API}/attempts/{attempt.receipt}").json()
    assert said["problem"].startswith("Ce notebook a plus de 5000 cellules.")
    assert said["verdicts"][0]["message"].startswith("Arrêté après 30 secondes.")
    listed = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    assert problem.replace("'", "&#39;") in listed


def test_a_learner_reads_titles_in_her_language_on_page_and_campus(tmp_path):
    _version, files = made(next(LABS.glob("03-*")))
    name = "where-to-set-the-bar"
    source = {
        path.removeprefix("source/"): data for path, data in files.items() if path.startswith("source/")
    }
    store = filled(tmp_path)
    store.people.set_language(AMINA, "fr")
    facts = {"version": "1", "title": {"en": "Bar"}, "minutes": 60, "tasks": [], "release": source}
    store.courses.release(COURSE, name, source=source, **facts)
    attempt, _new = store.attempts.submit(COURSE, name, AMINA, {f"{name}.ipynb": source[f"{name}.ipynb"]})
    job = store.claim_ungraded("one", 60)
    work = jobs.work_of(job)
    graded = Graded((TaskResult("t4", Outcome.PASSED, 3.0, 3.0),), work.notebook, "fork-1")
    store.record_grading(job, jobs.record_of(job, work, graded))
    store.results.return_to([attempt.id], TRAINER)
    french = task_titles(source["texts.json"], "fr")["t4"]
    english = task_titles(source["texts.json"], "en")["t4"]
    assert english == "5 · Move the bar" != french
    assert french in (store.results.feedback(attempt.id, returned_only=True) or b"").decode()
    campus = Campus(tmp_path, store)
    hers = campus.browser(AMINA).get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert french in hers
    assert "<code>t4</code>" not in hers
    theirs = campus.browser(TRAINER)
    assert f"{english} <code>t4</code>" in theirs.get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert f'title="{english}: Passed"' in theirs.get(f"{ROOT}/courses/{COURSE}/labs/{name}").text


ODD = [None, b"", b"no", b"[]", b'{"languages": []}', b'{"languages": {"en": {"pieces": [1]}}}', b"[" * 99999]


@pytest.mark.parametrize("texts", ODD)
def test_a_lab_without_titles_shows_its_tasks_ids(texts: bytes | None):
    assert task_titles(texts, "fr") == {}
    notebook = book(code("1", grade_id="t", grade=True))
    task = TaskResult("t", Outcome.PASSED, 2.0, 2.0)
    found = page(Graded((task,), notebook, "fork-1"), notebook, "en", task_titles(texts, "en")).decode()
    assert "Passed</strong> <code>t</code>" in found
