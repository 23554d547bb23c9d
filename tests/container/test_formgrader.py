"""Formgrader over a copy of the course: what it shows comes from the campus, what is marked in it goes there."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import nbformat
import pytest

from hub.store import GradedRecord
from tests.support.pretended_campus import API
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, RELEASED, RIGHT, SOURCE, WRONG

ROOT = Path(__file__).resolve().parents[2]
AMINA, BOSCO, CLAUDINE = "amina.k", "bosco.n", "claudine.u"
NUMBERS = itertools.count(1)
SCRIPT = "<script>window.taken = 1</script><img src=x onerror='window.taken = 1'>"


def graded_notebook(content: bytes) -> bytes:
    book = nbformat.reads(content.decode(), as_version=4)
    shown = nbformat.v4.new_output(
        "display_data", data={"text/html": SCRIPT, "application/javascript": "window.taken=1"}
    )
    book.cells[1].outputs = [shown]
    # The grader put its own test back, hidden part included.
    book.cells[2].source = nbformat.reads(SOURCE.decode(), as_version=4).cells[2].source
    book.cells[0].source += f"{SCRIPT} [look](javascript:taken)"
    return nbformat.writes(book).encode()


def hand_in(store, lab, learner, content=RIGHT):
    """Hand in the lab of this test."""
    return store.attempts.submit(COURSE, lab, learner, {f"{lab}.ipynb": content, "answers.json": b"{}"})


def grade(store, lab, score, content=RIGHT, **more):
    """Grade the attempt that waits in the lab of this test."""
    job = store.claim_ungraded("test", 60)
    assert job.lab == lab, "another test left an attempt that waits"
    task = {
        "grade_id": "add_test",
        "outcome": "passed",
        "score": score,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    record = GradedRecord(
        [{**task, **more}], notebook=graded_notebook(content), feedback_html=b"", engine="test"
    )
    assert store.record_grading(job, record)


class Formgrader:
    """A Jupyter server with the image's configuration of a formgrader."""

    def __init__(self, folder: Path, campus, name: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.folder = folder
        folder.mkdir()
        env = {
            **os.environ,
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "JUPYTER_CONFIG_PATH": str(ROOT / "images" / "jupyter" / "formgrader"),
            "ISOMO_CAMPUS_URL": campus.url,
            "ISOMO_COURSE": COURSE,
            "ISOMO_LANG": "en",
            "JUPYTERHUB_USER": name,
            "JUPYTERHUB_API_TOKEN": campus.hub.token(name),
        }
        words = ["--IdentityProvider.token=secret", f"--port={port}", "--allow-root", "--ip=127.0.0.1"]
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *words],
            cwd=folder,
            env=env,
            stdout=self.log,
            stderr=self.log,
        )
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": "token secret"}, timeout=60
        )
        self.wait(lambda: self.client.get("/formgrader/api/status").status_code == 200)

    def wait(self, done, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                if done():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text()[-4000:])

    def get(self, path):
        answer = self.client.get(f"/formgrader/api/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def row(self, lab, learner):
        return next(one for one in self.get(f"submitted_notebooks/{lab}/{lab}") if one["student"] == learner)

    def lab(self, name):
        """How formgrader lists a lab; nothing while it does not know it."""
        return next((one for one in self.get("assignments") if one["name"] == name), {})

    def autograded(self, lab, learner):
        """Whether formgrader shows a result for a learner; None while it knows of no submission."""
        return {one["student"]: one["autograded"] for one in self.get(f"submissions/{lab}")}.get(learner)

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self.client.close()
        self.log.close()


@pytest.fixture(scope="module")
def campus(tmp_path_factory):
    with served(tmp_path_factory.mktemp("campus")) as (made, url):
        made.url = url
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory, campus):
    made = Formgrader(tmp_path_factory.mktemp("desk") / "home", campus, CLAUDINE)
    yield made
    made.close()


@pytest.fixture
def lab(desk, campus) -> Iterator[str]:
    """A lab of this test alone, in which Amina's work has 2 of 2 points; formgrader knows of it."""
    name = f"sums-{next(NUMBERS)}"
    files = {"release": {f"{name}.ipynb": RELEASED}, "source": {f"{name}.ipynb": SOURCE}}
    tasks = [{"id": "add", "points": 2}]
    campus.store.courses.release(
        COURSE, name, version="1", title={"en": name}, minutes=1, tasks=tasks, **files
    )
    hand_in(campus.store, name, AMINA)
    grade(campus.store, name, 2.0)
    desk.wait(lambda: desk.lab(name).get("num_submissions") == 1 and desk.autograded(name, AMINA))
    yield name
    while job := campus.store.claim_ungraded(
        "test", 60
    ):  # A test that failed leaves nothing to the next one.
        assert campus.store.record_grading(job, GradedRecord([], b"{}", b"", "test"))


def test_it_shows_the_course_as_the_store_holds_it(desk, lab):
    shown = desk.lab(lab)
    assert (shown["name"], shown["num_submissions"], shown["max_score"]) == (lab, 1, 2.0)
    assert desk.row(lab, AMINA)["score"] == 2.0
    assert [one["id"] for one in desk.get("students")] == [AMINA, BOSCO]


def test_what_is_handed_in_and_graded_meanwhile_appears_by_itself(desk, campus, lab):
    hand_in(campus.store, lab, BOSCO, WRONG)
    desk.wait(lambda: desk.autograded(lab, BOSCO) is False)
    grade(campus.store, lab, 0.0, WRONG)
    desk.wait(lambda: desk.autograded(lab, BOSCO))
    assert desk.row(lab, BOSCO)["failed_tests"]


def put_mark(desk, lab, mark):
    """Mark Amina's task by hand, as formgrader's page does."""
    grade_id = desk.get(f"grades?submission_id={desk.row(lab, AMINA)['id']}")[0]["id"]
    return desk.client.put(f"/formgrader/api/grade/{grade_id}", json=mark)


def put_comment(desk, lab, text):
    """Comment on Amina's task, as formgrader's page does."""
    comment = desk.get(f"comments?submission_id={desk.row(lab, AMINA)['id']}")[0]["id"]
    return desk.client.put(f"/formgrader/api/comment/{comment}", json={"manual_comment": text})


def test_a_mark_and_a_comment_become_events_in_the_store(desk, campus, lab):
    answer = put_mark(desk, lab, {"manual_score": 1.0, "extra_credit": 0.5})
    assert (answer.status_code, answer.json()["manual_score"]) == (200, 1.0)
    assert put_comment(desk, lab, "Well begun.").json()["manual_comment"] == "Well begun."
    (attempt,) = campus.store.attempts.list(COURSE, lab, AMINA)
    marks = campus.store.results.result_for(attempt.id).marks
    assert (marks["add_test"].score, marks["add_test"].given_by) == (1.5, CLAUDINE)
    assert marks["add"].comment == "Well begun."
    desk.wait(lambda: desk.row(lab, AMINA)["score"] == 1.5)


def test_a_mark_that_makes_no_sense_is_refused_with_the_campus_sentence_and_not_shown(desk, lab):
    before = desk.row(lab, AMINA)
    answer = put_mark(desk, lab, {"manual_score": "many"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Something in this request is missing or wrong (score).")
    assert desk.row(lab, AMINA) == before


def test_the_autograde_button_queues_and_runs_nothing(desk, campus, lab):
    assert put_mark(desk, lab, {"manual_score": 1.5}).status_code == 200
    answer = desk.client.post(f"/formgrader/api/submission/{lab}/{AMINA}/autograde").json()
    assert answer["success"], answer
    assert f"amina.k's newest work at {lab} waits to be graded." in answer["log"]
    again = desk.client.post(f"/formgrader/api/submission/{lab}/{AMINA}/autograde").json()
    assert "is in the queue already." in again["log"]
    grade(campus.store, lab, 1.0)
    grades = f"grades?submission_id={desk.row(lab, AMINA)['id']}"
    desk.wait(lambda: desk.get(grades)[0]["auto_score"] == 1.0)
    assert desk.get(grades)[0]["manual_score"] == 1.5


def test_nothing_can_be_run_in_it(desk):
    assert desk.client.get("/api/kernelspecs").json()["kernelspecs"] == {}
    for path, body in (("kernels", {"name": "python3"}), ("terminals", {})):
        answer = desk.client.post(f"/api/{path}", json=body)
        assert answer.status_code >= 400, answer.text


def test_what_a_learner_wrote_is_shown_without_running_it(desk, lab):
    page = desk.client.get(f"/formgrader/submissions/{desk.row(lab, AMINA)['id']}/")
    assert page.status_code == 200
    assert "def" in page.text
    assert "look" in page.text  # A link is there to be read, and leads nowhere.
    assert "window.taken" not in page.text
    assert "javascript:taken" not in page.text


def test_feedback_made_here_reaches_the_learner(desk, campus, lab):
    assert put_comment(desk, lab, "Well begun.").status_code == 200
    made = desk.client.post(f"/formgrader/api/assignment/{lab}/{AMINA}/generate_feedback").json()
    assert made["success"], made
    returned = desk.client.post(f"/formgrader/api/assignment/{lab}/{AMINA}/release_feedback").json()
    assert returned["success"], returned
    (attempt,) = campus.store.attempts.list(COURSE, lab, AMINA)
    page = campus.store.results.feedback(attempt.id, returned_only=True)
    assert b"Well begun." in page
    assert b"Further tests of this task are not shown." in page
    assert b"HIDDEN TESTS" not in page


def test_a_flag_is_answered_with_what_to_do_instead(desk, lab):
    answer = desk.client.post(f"/formgrader/api/submitted_notebook/{desk.row(lab, AMINA)['id']}/flag")
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Flags are set by the grader. Write a comment instead; it is kept with the work.",
    )


def test_a_corrected_lab_is_shown_as_it_is_now(desk, campus, lab):
    source = {f"{lab}.ipynb": SOURCE.replace(b'"points": 2', b'"points": 4')}
    campus.store.courses.release(
        COURSE, lab, version="2", title={"en": lab}, minutes=1, tasks=[], release=source, source=source
    )
    desk.wait(lambda: desk.lab(lab)["max_score"] == 4.0)
    assert desk.row(lab, AMINA)["score"] == 2.0


def test_it_is_left_with_nothing_if_the_campus_refuses(campus, tmp_path):
    made = Formgrader(tmp_path / "home", campus, BOSCO)
    try:
        assert made.client.get("/formgrader/api/assignments").json() == []
        assert not (made.folder / "course" / "source").exists()
    finally:
        made.close()


def test_the_record_says_only_what_changed_since(campus, lab):
    claudine = campus.program(CLAUDINE)
    first = claudine.get(f"{API}/courses/{COURSE}/gradebook").json()
    assert first["submissions"]
    hand_in(campus.store, lab, BOSCO)
    news = claudine.get(f"{API}/courses/{COURSE}/gradebook", params={"since": first["cursor"]}).json()
    assert len(news["submissions"]) == 1
    again = claudine.get(f"{API}/courses/{COURSE}/gradebook", params={"since": news["cursor"]}).json()
    assert (again["submissions"], again["cursor"]) == ([], news["cursor"])


def test_the_record_is_for_trainers_and_takes_only_a_cursor(campus):
    record = f"{API}/courses/{COURSE}/gradebook"
    assert campus.program(CLAUDINE).get(record, params={"since": "x"}).status_code == 422
    assert json.loads(campus.program(AMINA).get(record).text)["error"] == "not-allowed"
