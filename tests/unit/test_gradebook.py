"""nbgrader's gradebook as a projection of the store: made at will, compared in sentences, read by nbgrader."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, inspect, text

from graders.nbgrader import gradebook_verb
from graders.nbgrader.projection.gradebook_places import add_indexes
from hub.store import GradedRecord
from hub.verb_errors import IsomoError
from tests.support.small_stores import COURSE, LAB, LEARNERS, SOURCE, TRAINER, WRONG, filled, hand_in, release

AMINA, BOSCO = LEARNERS
INDEXES = {
    "assignment": "course_id",
    "notebook": "assignment_id",
    "base_cell": "notebook_id",
    "source_cell": "notebook_id",
    "submitted_assignment": "student_id",
    "submitted_notebook": "assignment_id",
    "grade": "notebook_id",
    "comment": "notebook_id",
}


@pytest.fixture(autouse=True)
def _alembic_on_the_path(monkeypatch):
    """nbgrader runs it as a program when it makes a gradebook."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


def grade(store, score=2.0, **more):
    """Record a result for the oldest attempt that waits."""
    job = store.claim_ungraded("test", 60)
    task = {
        "grade_id": "add_test",
        "outcome": "passed",
        "score": score,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    graded = GradedRecord([{**task, **more}], notebook=b"{}", feedback_html=b"", engine="test")
    assert store.record_grading(job, graded)


def opened(store):
    return Gradebook(gradebook_verb.gradebook_of(store.settings, COURSE).url, COURSE)


def change(store, statement):
    """Somebody else writes into the gradebook."""
    engine = create_engine(gradebook_verb.gradebook_of(store.settings, COURSE).url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def said(store):
    return gradebook_verb.difference_sentences(gradebook_verb.compare_gradebook(store, COURSE))


def test_nbgrader_reads_the_scores_that_the_store_holds(store):
    hand_in(store, AMINA)
    hand_in(store, BOSCO, WRONG)
    grade(store, 2.0)
    grade(store, 0.0)
    assert gradebook_verb.rebuild_gradebook(store, COURSE) == 2
    with opened(store) as book:
        rows = {one["student"]: one for one in book.notebook_submission_dicts(LAB, LAB)}
        assert (rows[AMINA]["score"], rows[AMINA]["max_score"]) == (2.0, 2.0)
        assert (rows[BOSCO]["score"], rows[BOSCO]["failed_tests"]) == (0.0, True)
        assert [cell.name for cell in book.find_notebook(LAB, LAB).solution_cells] == ["add"]
        assert "BEGIN HIDDEN TESTS" in book.find_source_cell("add_test", LAB, LAB).source
        assert {one.id for one in book.students} == set(LEARNERS)


def test_the_newest_graded_attempt_counts_and_one_that_waits_takes_nothing_away(store):
    hand_in(store, AMINA)
    grade(store, 2.0)
    hand_in(store, AMINA, WRONG)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        assert book.find_submission(LAB, AMINA).score == 2.0
    grade(store, 0.0)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        assert book.find_submission(LAB, AMINA).score == 0.0


def test_a_regrade_counts(store):
    hand_in(store, AMINA)
    grade(store, 0.0)
    store.gradings.ask_again(COURSE, LAB, TRAINER)
    grade(store, 1.5)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        assert book.find_grade("add_test", LAB, LAB, AMINA).auto_score == 1.5


def test_a_trainers_mark_and_comment_are_manual_ones(store):
    attempt, _ = hand_in(store, AMINA)
    grade(store, 0.0)
    store.results.mark(attempt.id, "add_test", 1.0, "", TRAINER)
    store.results.mark(attempt.id, "add", None, "Well begun.", TRAINER)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        found = book.find_grade("add_test", LAB, LAB, AMINA)
        assert (found.auto_score, found.manual_score, found.score) == (0.0, 1.0, 1.0)
        assert book.find_comment("add", LAB, LAB, AMINA).comment == "Well begun."


@pytest.mark.parametrize("odd", [{"score": None}, {"flags": ["forged"]}])
def test_what_a_person_has_to_look_at_waits_for_a_mark(store, odd):
    attempt, _ = hand_in(store, AMINA)
    grade(store, **odd)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        assert book.find_submission(LAB, AMINA).needs_manual_grade
    store.results.mark(attempt.id, "add_test", 1.0, "", TRAINER)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        assert not book.find_submission(LAB, AMINA).needs_manual_grade


def test_points_of_an_earlier_version_of_a_lab_are_kept(store):
    hand_in(store, AMINA)
    grade(store, 2.0)
    source = {f"{LAB}.ipynb": SOURCE.replace(b"add_test", b"sum_test")}
    store.courses.release(
        COURSE, LAB, version="2", title={"en": LAB}, minutes=1, tasks=[], release=source, source=source
    )
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        assert book.find_submission(LAB, AMINA).score == 2.0


def test_a_lab_whose_source_cannot_be_read_leaves_the_others_whole(store):
    release(store)
    broken = {"broken.ipynb": b"\xff no notebook"}
    store.courses.release(
        COURSE,
        "broken",
        version="1",
        title={"en": "Broken"},
        minutes=1,
        tasks=[],
        release=broken,
        source=broken,
    )
    hand_in(store, AMINA)
    grade(store)
    assert gradebook_verb.rebuild_gradebook(store, COURSE) == 1
    assert said(store) == []


def test_addresses_in_formgrader_stay_what_they_were(store):
    hand_in(store, AMINA)
    grade(store)
    ids = []
    for _ in range(2):
        gradebook_verb.rebuild_gradebook(store, COURSE)
        with opened(store) as book:
            ids.append(book.find_submission_notebook(LAB, LAB, AMINA).id)
    assert ids[0] == ids[1]


def test_a_gradebook_just_made_says_what_the_store_says(store):
    hand_in(store, AMINA)
    grade(store, 1.5)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    assert gradebook_verb.compare_gradebook(store, COURSE) == []


def test_check_names_each_difference_in_a_sentence(store):
    for name in LEARNERS:
        hand_in(store, name)
        grade(store, 2.0)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    change(
        store,
        "UPDATE grade SET auto_score = 0.5 WHERE notebook_id IN (SELECT n.id FROM submitted_notebook n "
        f"JOIN submitted_assignment a ON a.id = n.assignment_id WHERE a.student_id = '{AMINA}')",
    )
    change(store, "INSERT INTO student (id) VALUES ('nobody')")
    hand_in(store, BOSCO, WRONG)
    grade(store, 0.0)
    assert f"{AMINA}, sums, add_test: auto_score is 0.5 in the gradebook, and 2.0 in the store." in said(
        store
    )
    assert f"{BOSCO}, sums, add_test: auto_score is 2.0 in the gradebook, and 0.0 in the store." in said(
        store
    )
    assert "nobody is in the gradebook, but not in the store." in said(store)


def test_check_names_what_is_missing_once(store):
    gradebook_verb.rebuild_gradebook(store, COURSE)
    hand_in(store, AMINA)
    grade(store)
    assert said(store) == [
        "amina.k, sums is missing from the gradebook.",
        "amina.k, sums, add_test is missing from the gradebook.",
        "amina.k, sums, add is missing from the gradebook.",
    ]


def test_many_differences_end_with_their_number(store, monkeypatch):
    monkeypatch.setattr(gradebook_verb, "MOST_SHOWN", 2)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    hand_in(store, AMINA)
    grade(store)
    assert said(store)[2:] == ["And 1 more."]


def test_what_others_wrote_into_a_gradebook_is_gone_after_a_rebuild(store):
    hand_in(store, AMINA)
    grade(store)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    change(store, "UPDATE grade SET manual_score = 100")
    gradebook_verb.rebuild_gradebook(store, COURSE)
    assert gradebook_verb.compare_gradebook(store, COURSE) == []


def test_the_eight_missing_indexes_are_there(store):
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with opened(store) as book:
        there = inspect(book.engine)
        for table, column in INDEXES.items():
            assert [column] in [one["column_names"] for one in there.get_indexes(table)], table


def test_the_migration_adds_them_to_a_plain_gradebook_and_does_nothing_twice(tmp_path):
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url, "plain") as book:
        assert not any(inspect(book.engine).get_indexes(table) for table in INDEXES)
        for _ in range(2):
            with book.engine.begin() as connection:
                add_indexes(connection)
        assert all(inspect(book.engine).get_indexes(table) for table in INDEXES)


def test_nbgrader_takes_the_schema_for_its_newest(store):
    gradebook_verb.rebuild_gradebook(store, COURSE)
    from nbgrader.api import get_alembic_version

    with opened(store) as book:
        found = book.db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert found == get_alembic_version()


def test_a_reader_keeps_the_gradebook_that_it_opened(store):
    hand_in(store, AMINA)
    grade(store, 2.0)
    gradebook_verb.rebuild_gradebook(store, COURSE)
    with gradebook_verb.gradebook_of(store.settings, COURSE).reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM grade")).scalar()
        connection.commit()
        gradebook_verb.rebuild_gradebook(store, COURSE)
        assert connection.execute(text("SELECT count(*) FROM grade")).scalar() == before == 1


@pytest.fixture
def here(store, monkeypatch):
    monkeypatch.setattr(gradebook_verb, "load_settings", lambda: store.settings)
    monkeypatch.setenv("LANG", "en")
    return store


def test_the_verb_makes_and_checks_every_course(here, capsys):
    hand_in(here, AMINA)
    grade(here)
    assert gradebook_verb.command(["check"]) == 1
    assert capsys.readouterr().out == (
        f"{COURSE}: there is no gradebook yet.\nMake it again: ./isomo gradebook rebuild {COURSE}\n"
    )
    assert gradebook_verb.command(["rebuild"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        f"{COURSE}: submissions in the gradebook: 1.\n  nbgrader's own tools read it: nbgrader"
    )
    assert gradebook_verb.command(["check", COURSE]) == 0
    assert capsys.readouterr().out == f"{COURSE}: the gradebook says what the store says.\n"


def test_a_course_that_is_not_there_is_answered_with_those_that_are(here):
    with pytest.raises(IsomoError, match=f"There is no course other.\nThere are: {COURSE}."):
        gradebook_verb.command(["check", "other"])
