"""Facts that two parts of Isomo need and cannot import from each other are the same in both."""

from __future__ import annotations

from graders.contract import work_contract
from hub import shared_names
from hub.campus import lab_folder, live_class, task_feedback
from hub.isomo_settings import Settings
from labs.authoring import lab_sentences as authoring_words
from labs.kit import kit_sentences as kit_words
from labs.kit import lab_facts


def test_kit_engine_and_campus_mean_the_same_file_of_answers() -> None:
    facts = {(one.ANSWERS, one.LARGEST_ANSWERS) for one in (lab_facts, work_contract, shared_names)}
    assert facts == {("answers.json", 256 * 1024)}


def test_the_kit_and_the_hub_mean_the_same_campus() -> None:
    assert lab_facts.CAMPUS == shared_names.CAMPUS


def test_labs_and_campus_know_the_same_languages() -> None:
    known = {
        tuple(kit_words.LANGUAGES),
        authoring_words.LANGUAGES,
        lab_folder.LANGUAGES,
        Settings().languages,
    }
    assert len(known) == 1


def test_the_campus_knows_how_many_hints_a_task_has() -> None:
    assert len(lab_facts.RUNGS) == live_class.ALL_HINTS
    assert lab_facts.RUNGS[: len(task_feedback.HINTS)] == task_feedback.HINTS
