"""What the grading engine said, and what tasks are called, is shown in the reader's language."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from graders.agent import grading_jobs, regrade_verb
from graders.agent.feedback_page import render_feedback
from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.shown_messages import error_output, said_data
from graders.contract.work_contract import Graded, Outcome, TaskResult
from hub.store import GradedRecord, Store
from hub.store.lab_statistics import TaskStatistics
from hub.store.regrade_store import Change
from hub.store.verdict_messages import message_text, task_sentences, task_titles, without_marks
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import LABS
from labs.kit.show import bare
from tests.support.pretended_campus import API, ROOT, Campus
from tests.support.small_stores import COURSE, LAB, LEARNERS, TRAINER, filled, hand_in
from tests.unit.test_agent_feedback import book, code

AMINA = LEARNERS[0]
made = lru_cache(built_files)


def verdict(message: Message, *, is_old: bool) -> dict[str, Any]:
    """Return a verdict as the store keeps it; an old one has its sentence only."""
    found = grading_jobs._task(TaskResult("add_test", Outcome.NOT_YET, 0.0, 2.0, message))
    return {**found, "said": None} if is_old else found


def graded(store: Store, problem: Message, message: Message, *, is_old: bool) -> Any:
    """Let the learner hand in work that is graded and returned."""
    attempt, _new = hand_in(store, AMINA)
    job = store.claim_ungraded("one", 60)
    said = None if is_old else problem.as_data()
    task = verdict(message, is_old=is_old)
    store.record_grading(job, GradedRecord([task], b"{}", b"", "fork-1", problem=str(problem), said=said))
    store.results.return_to([attempt.id], TRAINER)
    return attempt


def test_a_french_learners_feedback_says_it_in_french():
    stopped = message_facts.stopped_after(30)
    cell = code("while True: pass", [error_output("Stopped", str(stopped))], "t", grade=True, points=2)
    cell["metadata"]["isomo"] = {"said": said_data({"Stopped": stopped})}
    task = TaskResult("t", Outcome.NOT_YET, 0.0, 2.0, stopped)
    shown = render_feedback(Graded((task,), book(cell), "fork-1"), book(cell), "fr").decode()
    assert shown.count("Arrêté après 30 secondes. Cherchez une boucle") == 2
    assert "Stopped" not in shown
    unreadable = Graded((task,), b"", "fork-1", problem=Message("not-json"))
    assert "Ce fichier n’est pas un notebook" in render_feedback(unreadable, book(cell), "fr").decode()


def test_a_learners_own_error_that_is_called_stopped_is_shown_whole():
    cell = code(
        "raise Stopped", [error_output("Stopped", "by me", ["line 1", "Stopped: by me"])], "t", grade=True
    )
    task = TaskResult("t", Outcome.NOT_YET, 0.0, 2.0)
    assert (
        "line 1\nStopped: by me"
        in render_feedback(Graded((task,), book(cell), "fork-1"), book(cell), "fr").decode()
    )


@pytest.mark.parametrize("is_old", [False, True], ids=["data", "rows from before"])
def test_on_the_campus_each_reads_it_in_a_language_of_their_own(tmp_path, is_old: bool):
    store = filled(tmp_path)
    store.people.set_language(AMINA, "fr")
    problem = message_facts.too_many_cells(5000)
    attempt = graded(store, problem, message_facts.stopped_after(30), is_old=is_old)
    campus = Campus(tmp_path, store)
    hers = campus.browser(AMINA).get(f"{ROOT}/attempts/{attempt.receipt}").text
    assert "Ce notebook a plus de 5000 cellules." in hers
    assert "Arrêté après 30 secondes." in hers
    assert "This notebook" not in hers
    said = campus.program(AMINA).get(f"{API}/attempts/{attempt.receipt}").json()
    assert said["problem"].startswith("Ce notebook a plus de 5000 cellules.")
    assert said["verdicts"][0]["message"].startswith("Arrêté après 30 secondes.")
    assert "said" not in said["verdicts"][0]
    listed = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    assert str(problem).replace("'", "&#39;") in listed


def test_what_is_recorded_as_data_is_never_found_again_by_its_english():
    """A judge's words are its own, even if they are those of the engine."""
    english = str(message_facts.stopped_after(3))
    said = message_facts.verdict_message("t", "slow", f"Pas encore : {english}").as_data()
    assert message_text("", said, "fr") == f"Pas encore : {english}"
    assert message_text(f"Pas encore : {english}", None, "fr").startswith(
        "Pas encore : Arrêté après 3 secondes."
    )


@pytest.mark.parametrize("said", [3, {}, {"key": "text"}, {"key": "text", "facts": 1}])
def test_data_that_cannot_be_read_leaves_the_english(said: Any):
    assert message_text("Stopped.", said, "fr") == "Stopped."


@pytest.mark.parametrize("language", ["en", "rw", "xx"])
def test_a_row_from_before_keeps_its_english_without_a_translation(language: str):
    assert message_text(str(Message("crashed")), None, language) == str(Message("crashed"))
    assert message_text("", None, language) == message_text(None, None, language) == ""


def test_rows_survive_the_way_back_to_the_schema_without_data_and_forward_again(tmp_path):
    store = filled(tmp_path)
    attempt = graded(store, Message("not-json"), message_facts.stopped_after(3), is_old=False)
    store.database.downgrade("0051")
    store.database.migrate()
    found = store.results.result_for(attempt.id)
    assert (found.grading.said, found.verdicts[0].said) == (None, None)
    assert message_text(found.grading.problem, None, "fr").startswith("Ce fichier n’est pas un notebook")
    assert message_text(found.verdicts[0].message, None, "fr").startswith("Arrêté après 3 secondes.")


def test_no_data_is_null_in_the_database_and_not_the_word_null(tmp_path):
    store = filled(tmp_path)
    graded(store, Message("not-json"), message_facts.stopped_after(3), is_old=True)
    with store.database.read() as session:
        null = "select count(*) from verdict v, grading g where v.said is null and g.said is null"
        assert session.scalar(sqlalchemy.text(null)) == 1


def test_a_regrade_tells_the_person_at_the_terminal_in_their_language(monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    for is_old in (False, True):
        after = verdict(message_facts.stopped_after(3), is_old=is_old)
        line = regrade_verb.change_line(Change(1, AMINA, [{**after, "score": 2.0}], [after], 2.0, 0.0))
        assert "(Arrêté après 3 secondes." in line


def test_a_regrade_that_is_applied_and_taken_back_keeps_the_data(tmp_path):
    store = filled(tmp_path)
    attempt = graded(store, Message("not-json"), message_facts.stopped_after(3), is_old=False)
    proposal = store.regrades.begin(COURSE, LAB, TRAINER)
    better = {**verdict(message_facts.stopped_after(4), is_old=False), "score": 1.0}
    job = store.gradings.job_of(attempt, 1)
    said = Message("wrong-shape").as_data()
    store.regrades.propose(
        proposal, job, GradedRecord([better], b"{}", b"", "fork-1", problem="-", said=said)
    )
    store.regrades.apply(proposal, TRAINER)
    now = store.results.result_for(attempt.id)
    assert (now.grading.said, now.verdicts[0].said) == (said, message_facts.stopped_after(4).as_data())
    store.regrades.undo(proposal.id, TRAINER)
    now = store.results.result_for(attempt.id)
    assert now.grading.said == Message("not-json").as_data()
    assert now.verdicts[0].said == message_facts.stopped_after(3).as_data()


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
    work = grading_jobs.work_of(job)
    graded = Graded((TaskResult("t4", Outcome.PASSED, 3.0, 3.0),), work.notebook, "fork-1")
    store.record_grading(job, grading_jobs.record_of(job, work, graded))
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


def test_a_judges_verdict_is_read_by_each_in_a_language_of_their_own(tmp_path):
    """The learner answered in French; the trainer reads English, and both count as one in the lab's figures."""
    _version, files = made(next(LABS.glob("03-*")))
    name = "where-to-set-the-bar"
    source = {
        path.removeprefix("source/"): data for path, data in files.items() if path.startswith("source/")
    }
    french, english = (task_sentences(source["texts.json"], language) for language in ("fr", "en"))
    task, key = next(each for each, words in english.items() if words.count("{") == 1 and "share}" in words)
    fact = english[task, key].partition("{")[2].partition("}")[0]
    written = {f"en.{fact}": "57%", f"fr.{fact}": "57\u00a0%"}
    found = message_facts.verdict_message(task, key, "dans la langue de la réponse", written)
    store = filled(tmp_path)
    store.people.set_language(AMINA, "fr")
    facts = {"version": "1", "title": {"en": "Bar"}, "minutes": 60, "tasks": [], "release": source}
    store.courses.release(COURSE, name, source=source, **facts)
    attempt, _new = store.attempts.submit(COURSE, name, AMINA, {f"{name}.ipynb": source[f"{name}.ipynb"]})
    job = store.claim_ungraded("one", 60)
    work = grading_jobs.work_of(job)
    result = Graded((TaskResult(task, Outcome.NOT_YET, 0.0, 3.0, found),), work.notebook, "fork-1")
    store.record_grading(job, grading_jobs.record_of(job, work, result))
    store.results.return_to([attempt.id], TRAINER)
    hers, theirs = (
        words[task, key].format(**{fact: share}) for words, share in ((french, "57\u00a0%"), (english, "57%"))
    )
    campus = Campus(tmp_path, store)
    place = f"{ROOT}/attempts/{attempt.receipt}"
    assert hers in unescape(campus.browser(AMINA).get(place).text)
    assert hers in unescape((store.results.feedback(attempt.id, returned_only=True) or b"").decode())
    assert theirs in unescape(campus.browser(TRAINER).get(place).text)
    assert theirs in unescape(campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{name}").text)
    answer = campus.program(AMINA).get(f"{API}/attempts/{attempt.receipt}").json()
    assert answer["verdicts"][0]["message"] == hers


def test_the_same_verdict_said_in_two_languages_counts_as_one():
    counted = TaskStatistics("t")
    for words in ("Trop haut.", "Too high."):
        counted.count_message(
            words, message_facts.verdict_message("t", "too-high", words, {"en.share": "57%"}).as_data()
        )
    counted.count_message(
        "Too high.",
        message_facts.verdict_message("t", "too-high", "Too high.", {"en.share": "58%"}).as_data(),
    )
    assert [count for _text, _said, count in counted.commonest] == [2, 1]


def test_a_judges_own_words_stay_if_its_lab_has_none_or_a_fact_is_missing():
    said = message_facts.verdict_message("t", "too-high", "Trop haut.").as_data()
    assert message_text("", said, "en", {}) == "Trop haut."
    assert message_text("", said, "en", {("t", "too-high"): "Too high: {share}."}) == "Trop haut."
    assert message_text("", said, "en", {("t", "too-high"): "Too high."}) == "Too high."


@pytest.mark.parametrize("lab", sorted(LABS.glob("[0-9]*")), ids=lambda each: each.name)
def test_a_labs_sentence_loses_its_marks_as_its_judge_leaves_them_out(lab: Path):
    tasks = tomllib.loads((lab / "lab.toml").read_text("utf-8"))["task"]
    for words in (words for task in tasks.values() for words in task.get("says", {}).values()):
        assert without_marks(words) == bare(words)


ODD = [None, b"", b"no", b"[]", b'{"languages": []}', b'{"languages": {"en": {"pieces": [1]}}}', b"[" * 99999]


@pytest.mark.parametrize("texts", ODD)
def test_a_lab_without_titles_shows_its_tasks_ids(texts: bytes | None):
    assert task_titles(texts, "fr") == task_sentences(texts, "fr") == {}
    notebook = book(code("1", grade_id="t", grade=True))
    task = TaskResult("t", Outcome.PASSED, 2.0, 2.0)
    found = render_feedback(
        Graded((task,), notebook, "fork-1"), notebook, "en", task_titles(texts, "en")
    ).decode()
    assert "Passed</strong> <code>t</code>" in found
