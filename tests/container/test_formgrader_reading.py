"""Formgrader shows what a marker needs, and offers nothing that only the campus can do."""

from __future__ import annotations

import nbformat
import pytest

from hub.store import GradedRecord
from tests.container.test_formgrader import AMINA, CLAUDINE, Formgrader
from tests.support.served_campus import served
from tests.support.small_stores import COURSE

LAB = "letters"
RUBRIC = "One point for the reason, one for an example."
TABLE = "# My reason\n\n| n | A |\n|---|---|\n| 6 | 2.6 |\n\nBecause $x_1*y_1*z_1$."


def cells(answer, test, task):
    answered = nbformat.v4.new_markdown_cell(answer)
    tested, drawn = nbformat.v4.new_code_cell(test), nbformat.v4.new_markdown_cell(task)
    for made, name, points, marks in (
        (answered, "why", 2, ("grade", "solution")),
        (tested, "x_test", 1, ("grade", "locked")),
        (drawn, "draw", 4, ("task", "locked")),
    ):
        known = {mark: mark in marks for mark in ("grade", "solution", "locked", "task")}
        made.metadata["nbgrader"] = {"grade_id": name, "points": points, "schema_version": 3, **known}
    return [answered, tested, drawn]


def notebook(*sources):
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells(*sources))).encode()


SECRET = "assert x\n# KEEP\nassert x == 'ibanga-4711'\n# OUT"
SCHEME = "Draw.\n\n=== BEGIN MARK SCHEME ===\nTwo for axes.\n=== END MARK SCHEME ==="
SOURCE = notebook(RUBRIC, SECRET, SCHEME)
RELEASED = notebook("YOUR ANSWER HERE", "assert x", "Draw.")
GRADED = notebook(TABLE, SECRET, SCHEME)


@pytest.fixture(scope="module")
def campus(tmp_path_factory):
    with served(tmp_path_factory.mktemp("campus")) as (made, url):
        made.url, store = url, made.store
        files = {f"{LAB}.ipynb": RELEASED}, {f"{LAB}.ipynb": SOURCE}
        store.courses.release(
            COURSE,
            LAB,
            version="1",
            title={"en": "L"},
            minutes=1,
            tasks=[],
            release=files[0],
            source=files[1],
        )
        store.attempts.submit(COURSE, LAB, AMINA, {f"{LAB}.ipynb": notebook(TABLE, "assert x", "Draw.")})
        job = store.claim_ungraded("test", 60)
        task = {"outcome": "not-yet", "score": None, "message": "", "flags": []}
        found = [
            {**task, "grade_id": "why", "max_score": 2.0},
            {**task, "grade_id": "x_test", "max_score": 1.0, "score": 0.0},
            {**task, "grade_id": "draw", "max_score": 4.0},
        ]
        assert store.record_grading(
            job, GradedRecord(found, notebook=GRADED, feedback_html=b"", engine="test")
        )
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory, campus):
    made = Formgrader(tmp_path_factory.mktemp("desk") / "home", campus, CLAUDINE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def submission(desk):
    (row,) = desk.get(f"submitted_notebooks/{LAB}/{LAB}")
    return row["id"]


def test_the_marking_page_is_readable_and_asks_no_other_machine(desk, submission):
    answer = desk.client.get(f"/formgrader/submissions/{submission}/")
    assert "<h1>My reason</h1>" in answer.text
    assert "<td>2.6</td>" in answer.text
    assert "$x_1*y_1*z_1$" in answer.text
    assert "cdnjs" not in answer.text
    assert "mathjax.js" not in answer.text.lower()
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_marker_sees_rubric_hidden_test_and_mark_scheme(desk, submission):
    """Trainers have the source; what is hidden from learners is why they open this page."""
    shown = desk.client.get(f"/formgrader/submissions/{submission}/").text
    assert "For you alone, from the lab's author" in shown
    assert shown.index(RUBRIC) < shown.index("My reason")
    assert shown.count(RUBRIC) == 1
    assert "ibanga-4711" in shown.replace("</span>", "").replace('<span class="s1">', "")
    assert "Two for axes." in shown


def test_a_mark_for_a_task_counts_on_the_campus(desk, submission, campus):
    grades = desk.get(f"grades?submission_id={submission}")
    assert sorted(one["max_score"] for one in grades) == [1.0, 2.0, 4.0]
    assert sum(one["needs_manual_grade"] for one in grades) == 2
    (draw,) = [one for one in grades if one["max_score"] == 4.0]
    marked = desk.client.put(f"/formgrader/api/grade/{draw['id']}", json={"manual_score": 3})
    assert marked.status_code == 200, marked.text
    (attempt,) = campus.store.attempts.list(COURSE, LAB, AMINA)
    result = campus.store.results.result_for(attempt.id)
    assert (result.score, result.max_score) == (3.0, 7.0)


def test_feedback_made_here_hides_tests_in_marks_of_their_authors_own(desk, campus):
    """This server knows no delimiters of a course; the released notebook tells what is hidden."""
    made = desk.client.post(f"/formgrader/api/assignment/{LAB}/{AMINA}/generate_feedback").json()
    assert made["success"], made
    returned = desk.client.post(f"/formgrader/api/assignment/{LAB}/{AMINA}/release_feedback").json()
    assert returned["success"], returned
    (attempt,) = campus.store.attempts.list(COURSE, LAB, AMINA)
    page = campus.store.results.feedback(attempt.id, returned_only=True).decode()
    assert [secret for secret in ("ibanga", "KEEP", "Two for axes", RUBRIC) if secret in page] == []
    assert "Further tests of this task are not shown." in page
    assert "<td>2.6</td>" in page


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            f"assignment/{LAB}",
            {"duedate_notimezone": "2026-12-24T10:00"},
            "given a closing time on the campus",
        ),
        ("assignment/another", {}, "Open the lab's page there to change it."),
        ("student/new.person", {"first_name": "New"}, "Ask your administrator to add a person"),
    ],
)
def test_what_only_the_campus_can_do_is_refused_with_where_to_do_it(desk, path, body, said):
    before = desk.get("assignments"), desk.get("students")
    answer = desk.client.put(f"/formgrader/api/{path}", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert (desk.get("assignments"), desk.get("students")) == before


@pytest.mark.parametrize(
    ("page", "said", "gone"),
    [
        ("manage_assignments", "Labs are released, closed and given a closing time", "createAssignmentModal"),
        ("manage_students", "Who learns in this course is decided on the campus", "createStudentModal"),
    ],
)
def test_what_only_the_campus_can_do_is_not_offered(desk, page, said, gone):
    shown = desk.client.get(f"/formgrader/{page}")
    assert shown.status_code == 200
    assert said in shown.text
    assert gone not in shown.text


@pytest.mark.parametrize(
    "page", ["gradebook", f"gradebook/{LAB}", f"manage_students/{AMINA}", f"manage_submissions/{LAB}"]
)
def test_all_other_pages_are_nbgraders_own(desk, page):
    assert desk.client.get(f"/formgrader/{page}").status_code == 200
