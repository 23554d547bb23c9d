"""A regrade is proposed, applied in one transaction, and taken back in one; nothing is ever removed."""

from __future__ import annotations

import json

import pytest

from graders.agent.regrade_verb import proposal_facts
from hub.store import GradedRecord, Store
from hub.verb_errors import IsomoError
from tests.support.small_stores import COURSE, LAB, LEARNERS, filled, hand_in, release

WHO = "console/root"
Scores = dict[str, float]


def graded(score: float, outcome: str = "passed") -> GradedRecord:
    task = {"grade_id": "t", "outcome": outcome, "score": score, "max_score": 2.0, "message": "", "flags": []}
    return GradedRecord([task], b"{}", f"<p>{score}</p>".encode(), "fork-1")


@pytest.fixture
def store(tmp_path) -> Store:
    """Two learners with 1 point each, from version 1; then version 2 is released."""
    made = filled(tmp_path)
    for name in LEARNERS:
        hand_in(made, name)
        made.record_grading(made.claim_ungraded("one", 60), graded(1.0, "not-yet"))
    release(made, version="2")
    return made


def propose(store: Store, scores: Scores, outcome: str = "passed") -> object:
    regrade = store.regrades.begin(COURSE, LAB, WHO)
    for job in store.regrades.jobs(regrade):
        store.regrades.propose(regrade, job, graded(scores[job.learner], outcome))
    return regrade


def scores(store: Store) -> Scores:
    newest = {each.id: each.learner for each in store.results.newest(COURSE, LAB)}
    return {newest[key]: result.score for key, result in store.results.results_for(list(newest)).items()}


BEFORE = dict.fromkeys(LEARNERS, 1.0)
AFTER = {LEARNERS[0]: 2.0, LEARNERS[1]: 1.0}


def test_a_proposal_says_who_would_change_and_changes_nobody(store):
    regrade = propose(store, AFTER)
    changes = store.regrades.changes(regrade)
    assert [(each.learner, each.score_before, each.score_after, each.tasks) for each in changes] == [
        *[(LEARNERS[0], 1.0, 2.0, ["t"])],
        *[(LEARNERS[1], 1.0, 1.0, ["t"])],  # The same points, with another outcome.
    ]
    assert scores(store) == BEFORE


def test_a_program_reads_a_proposal_as_plain_data(store):
    regrade = propose(store, AFTER)
    assert json.loads(json.dumps(proposal_facts(store, regrade, ["chantal.m"]))) == {
        "course": COURSE,
        "looked_at": 2,
        "could_not_check": ["chantal.m"],
        "changes": [
            {"learner": LEARNERS[0], "before": 1.0, "after": 2.0, "tasks": ["t"]},
            {"learner": LEARNERS[1], "before": 1.0, "after": 1.0, "tasks": ["t"]},
        ],
    }


def test_applying_counts_and_is_written_down(store):
    made = store.regrades.apply(propose(store, AFTER), WHO)
    assert len(made) == 2
    assert scores(store) == AFTER
    entry = store.audit.newest()[0]
    assert (entry.who, entry.what) == (WHO, "regraded")
    assert f"{COURSE}/{LAB} version 2: 2 changed" in entry.object


def test_applying_twice_is_applying_once(store):
    regrade = propose(store, AFTER)
    store.regrades.apply(regrade, WHO)
    assert store.regrades.apply(regrade, WHO) == []
    assert scores(store) == AFTER


def test_taking_back_restores_every_score_and_is_written_down(store):
    regrade = propose(store, AFTER)
    store.regrades.apply(regrade, WHO)
    _row, back, kept = store.regrades.undo(regrade.id, WHO)
    assert (sorted(back), kept) == (sorted(LEARNERS), [])
    assert scores(store) == BEFORE
    assert store.audit.newest()[0].what == "regrade-undone"
    outcomes = [store.results.result_for(each.id).outcomes for each in store.results.newest(COURSE, LAB)]
    assert outcomes == [["not-yet"], ["not-yet"]]


def test_it_can_be_applied_again_after_it_was_taken_back(store):
    regrade = propose(store, AFTER)
    store.regrades.apply(regrade, WHO)
    store.regrades.undo(regrade.id, WHO)
    again = propose(store, AFTER)
    store.regrades.apply(again, WHO)
    assert again.id != regrade.id
    assert scores(store) == AFTER


def test_what_was_never_applied_or_taken_back_already_is_refused_in_words(store):
    regrade = propose(store, AFTER)
    with pytest.raises(IsomoError, match="There is no regrade number 1 that was applied"):
        store.regrades.undo(regrade.id, WHO)
    store.regrades.apply(regrade, WHO)
    store.regrades.undo(regrade.id, WHO)
    with pytest.raises(IsomoError, match="Regrade number 1 was taken back already"):
        store.regrades.undo(regrade.id, WHO)


def test_work_handed_in_since_the_proposal_is_left_alone(store):
    regrade = propose(store, AFTER)
    hand_in(store, LEARNERS[0], b'{"cells": []}')
    store.record_grading(store.claim_ungraded("one", 60), graded(0.0, "not-yet"))
    store.regrades.apply(regrade, WHO)
    assert scores(store) == {LEARNERS[0]: 0.0, LEARNERS[1]: 1.0}


def test_taking_back_leaves_alone_what_was_graded_once_more_since(store):
    regrade = propose(store, AFTER)
    store.regrades.apply(regrade, WHO)
    store.gradings.ask_again(COURSE, LAB, "claudine.u", LEARNERS[0])
    store.record_grading(store.claim_ungraded("one", 60), graded(0.5, "not-yet"))
    _row, back, kept = store.regrades.undo(regrade.id, WHO)
    assert (back, kept) == ([LEARNERS[1]], [LEARNERS[0]])
    assert scores(store) == {LEARNERS[0]: 0.5, LEARNERS[1]: 1.0}


def test_a_mark_that_a_person_gave_stands(store):
    attempt = store.results.newest(COURSE, LAB)[0]
    store.results.mark(attempt.id, "t", 1.5, "well argued", "claudine.u")
    regrade = propose(store, AFTER)
    mine = next(each for each in store.regrades.changes(regrade) if each.attempt == attempt.id)
    assert (mine.score_before, mine.score_after) == (1.5, 1.5)
    store.regrades.apply(regrade, WHO)
    assert store.results.result_for(attempt.id).score == 1.5


def test_our_own_fault_takes_no_result_away(store):
    regrade = propose(store, dict.fromkeys(LEARNERS, 0.0), "could-not-check")
    assert store.regrades.changes(regrade) == []
    assert store.regrades.apply(regrade, WHO) == []
    assert scores(store) == BEFORE


def test_a_proposal_that_was_cut_short_is_gone_on_with(store):
    regrade = store.regrades.begin(COURSE, LAB, WHO)
    first = next(iter(store.regrades.jobs(regrade)))
    store.regrades.propose(regrade, first, graded(2.0))
    again = store.regrades.begin(COURSE, LAB, WHO)
    assert again.id == regrade.id
    assert [job.learner for job in store.regrades.jobs(again)] == [LEARNERS[1]]


def test_what_was_found_unchanged_is_not_graded_again(store):
    store.regrades.apply(propose(store, BEFORE, "not-yet"), WHO)
    assert list(store.regrades.jobs(store.regrades.begin(COURSE, LAB, WHO))) == []


def test_what_could_not_be_checked_costs_no_marks(store):
    hand_in(store, LEARNERS[0], b'{"cells": []}')
    other = {
        "grade_id": "u",
        "outcome": "could-not-check",
        "score": None,
        "max_score": 3.0,
        "message": "",
        "flags": [],
    }
    record = GradedRecord([*graded(2.0).tasks, other], b"{}", b"", "fork-1")
    store.record_grading(store.claim_ungraded("one", 60), record)
    result = store.results.result_for(store.results.newest(COURSE, LAB)[0].id)
    assert (result.score, result.max_score) == (2.0, 2.0)
