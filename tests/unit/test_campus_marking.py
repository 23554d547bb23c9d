"""Marks given through the API, and the way to a course's formgrader."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from hub.shared_names import formgrader_server
from hub.store import GradedRecord
from hub.store.table_models import Mark
from tests.support.pretended_campus import API, ROOT, Campus
from tests.support.small_stores import COURSE, LAB, RIGHT, hand_in

AMINA, BOSCO, CLAUDINE = "amina.k", "bosco.n", "claudine.u"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def attempt(campus):
    made, _ = hand_in(campus.store, AMINA)
    return made


def grade(campus, score=0.0):
    task = {
        "grade_id": "add_test",
        "outcome": "not-yet",
        "score": score,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    job = campus.store.claim_ungraded("test", 60)
    assert campus.store.record_grading(
        job, GradedRecord([task], notebook=RIGHT, feedback_html=b"", engine="test")
    )


def give(campus, attempt, who=CLAUDINE, **body):
    return campus.program(who).post(f"{API}/attempts/{attempt.receipt}/marks", json=body)


def test_a_mark_counts_over_the_engines_score_and_earlier_ones_are_kept(campus, attempt):
    grade(campus)
    for score in (1.0, 1.5):
        answer = give(campus, attempt, grade_id="add_test", score=score)
        assert (answer.status_code, answer.json()["score"], answer.json()["given_by"]) == (
            201,
            score,
            CLAUDINE,
        )
    assert campus.store.results.result_for(attempt.id).score == 1.5
    with campus.store.database.read() as session:
        assert session.query(Mark).count() == 2


def test_points_and_comment_do_not_forget_each_other(campus, attempt):
    grade(campus)
    give(campus, attempt, grade_id="add_test", score=1.0)
    give(campus, attempt, grade_id="add_test", comment="Nearly.")
    mark = campus.store.results.result_for(attempt.id).marks["add_test"]
    assert (mark.score, mark.comment) == (1.0, "Nearly.")


def test_a_mark_taken_back_lets_the_engines_score_count_again(campus, attempt):
    grade(campus, 2.0)
    give(campus, attempt, grade_id="add_test", score=0.0)
    give(campus, attempt, grade_id="add_test", score=None)
    assert campus.store.results.result_for(attempt.id).score == 2.0


def test_giving_marks_is_written_down(campus, attempt):
    grade(campus)
    give(campus, attempt, grade_id="add_test", score=1.0)
    newest = campus.store.audit.newest()[0]
    assert (newest.who, newest.what, newest.object) == (CLAUDINE, "marked", f"{attempt.receipt} add_test")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"score": 1.0}, "grade_id"),
        ({"grade_id": "add_test"}, "score, comment"),
        ({"grade_id": "", "score": 1}, "grade_id"),
        ({"grade_id": "add_test", "score": "many"}, "score"),
        ({"grade_id": "add_test", "score": True}, "score"),
        ({"grade_id": "add_test", "score": 1, "flags": []}, "flags"),
        ({"grade_id": "add_test", "comment": 3}, "comment"),
        ({"grade_id": "add_test", "comment": "x" * 20_001}, "comment"),
        ([], "JSON"),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused_by_name(campus, attempt, body, fields):
    answer = campus.program(CLAUDINE).post(f"{API}/attempts/{attempt.receipt}/marks", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad-request")
    assert f"({fields})" in answer.json()["message"]


@pytest.mark.parametrize("score", [-0.5, 4.5, 9999, 1e300])
def test_points_that_a_task_cannot_earn_are_refused(campus, attempt, score):
    """Up to as much again may be extra credit."""
    grade(campus)
    answer = give(campus, attempt, grade_id="add_test", score=score)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad-score")
    assert answer.json()["message"].endswith(
        "points do not fit the task add_test. Give a number from 0 to 4."
    )
    assert campus.store.results.result_for(attempt.id).marks == {}


@pytest.mark.parametrize("given", [{"score": 1.0}, {"comment": "Well done."}])
def test_a_task_that_the_lab_does_not_have_takes_no_mark(campus, attempt, given):
    grade(campus)
    answer = give(campus, attempt, grade_id="frob", **given)
    assert (answer.status_code, answer.json()["error"]) == (422, "unknown-task")
    assert answer.json()["message"].startswith("The lab sums has no task frob.")


def test_an_answer_may_have_a_comment_though_its_points_hang_on_the_test(campus, attempt):
    grade(campus)
    assert give(campus, attempt, grade_id="add", comment="Well begun.").status_code == 201


def test_work_that_is_not_graded_yet_takes_no_points(campus, attempt):
    answer = give(campus, attempt, grade_id="add_test", score=1.0)
    assert (answer.status_code, answer.json()["error"]) == (409, "not-graded-yet")


def test_a_number_that_is_none_is_refused(campus, attempt):
    body = b'{"grade_id": "add_test", "score": NaN}'
    answer = campus.program(CLAUDINE).post(f"{API}/attempts/{attempt.receipt}/marks", content=body)
    assert answer.status_code == 422


def test_nobody_marks_their_own_work_or_anothers(campus, attempt):
    assert give(campus, attempt, who=AMINA, grade_id="add_test", score=2.0).status_code == 403
    assert give(campus, attempt, who=BOSCO, grade_id="add_test", score=2.0).status_code == 404


def test_graded_notebooks_and_the_record_are_for_trainers(campus, attempt):
    claudine, amina = campus.program(CLAUDINE), campus.program(AMINA)
    notebook = f"{API}/attempts/{attempt.receipt}/notebook"
    assert claudine.get(notebook).json()["error"] == "not-graded"
    grade(campus)
    assert claudine.get(notebook).content == RIGHT
    assert amina.get(notebook).status_code == 403
    assert amina.get(f"{API}/courses/{COURSE}/gradebook").status_code == 403
    (found,) = claudine.get(f"{API}/courses/{COURSE}/gradebook").json()["submissions"]
    assert (found["lab"], found["learner"], found["graded"]["receipt"]) == (LAB, AMINA, attempt.receipt)


def test_marking_by_hand_starts_the_trainers_own_formgrader(campus):
    answer = campus.browser(CLAUDINE).get(f"{ROOT}/courses/{COURSE}/formgrader")
    begin = urlsplit(answer.headers["location"])
    server = formgrader_server(COURSE)
    assert (answer.status_code, begin.path) == (303, f"/hub/spawn/{CLAUDINE}/{server}")
    assert parse_qs(begin.query)["next"] == [f"/user/{CLAUDINE}/{server}/formgrader"]
    assert len(server) <= 30, "JupyterHub takes no longer name"


def test_a_learner_is_shown_no_way_to_it(campus):
    assert campus.browser(AMINA).get(f"{ROOT}/courses/{COURSE}/formgrader").status_code == 403
