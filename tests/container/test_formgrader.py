"""Formgrader over a copy of the course: what it shows comes from the campus, what is marked in it goes there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import nbformat
import pytest

from hub.store import GradedRecord
from tests.support.served import served
from tests.support.stores import COURSE, LAB, RIGHT, SOURCE, WRONG, hand_in

ROOT = Path(__file__).resolve().parents[2]
AMINA, BOSCO, CLAUDINE = "amina.k", "bosco.n", "claudine.u"
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


def grade(store, score, content=RIGHT, **more):
    job = store.claim_ungraded("test", 60)
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

    def row(self, learner):
        return next(one for one in self.get(f"submitted_notebooks/{LAB}/{LAB}") if one["student"] == learner)

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self.client.close()
        self.log.close()


@pytest.fixture(scope="module")
def campus(tmp_path_factory):
    with served(tmp_path_factory.mktemp("campus")) as (made, url):
        made.url = url
        hand_in(made.store, AMINA)
        grade(made.store, 2.0)
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory, campus):
    made = Formgrader(tmp_path_factory.mktemp("desk") / "home", campus, CLAUDINE)
    yield made
    made.close()


def test_it_shows_the_course_as_the_store_holds_it(desk):
    (lab,) = desk.get("assignments")
    assert (lab["name"], lab["num_submissions"], lab["max_score"]) == (LAB, 1, 2.0)
    assert desk.row(AMINA)["score"] == 2.0
    assert [one["id"] for one in desk.get("students")] == [AMINA, BOSCO]


def test_what_is_handed_in_and_graded_meanwhile_appears_by_itself(desk, campus):
    hand_in(campus.store, BOSCO, WRONG)
    desk.wait(
        lambda: (
            {one["student"]: one["autograded"] for one in desk.get(f"submissions/{LAB}")}.get(BOSCO) is False
        )
    )
    grade(campus.store, 0.0, WRONG)
    desk.wait(lambda: {one["student"]: one["autograded"] for one in desk.get(f"submissions/{LAB}")}[BOSCO])
    assert desk.row(BOSCO)["failed_tests"]


def test_a_mark_and_a_comment_become_events_in_the_store(desk, campus):
    submission = desk.row(AMINA)["id"]
    grade_id = desk.get(f"grades?submission_id={submission}")[0]["id"]
    answer = desk.client.put(
        f"/formgrader/api/grade/{grade_id}", json={"manual_score": 1.0, "extra_credit": 0.5}
    )
    assert (answer.status_code, answer.json()["manual_score"]) == (200, 1.0)
    comment = desk.get(f"comments?submission_id={submission}")[0]["id"]
    answer = desk.client.put(f"/formgrader/api/comment/{comment}", json={"manual_comment": "Well begun."})
    assert answer.json()["manual_comment"] == "Well begun."
    (attempt,) = campus.store.attempts.list(COURSE, LAB, AMINA)
    marks = campus.store.results.one(attempt.id).marks
    assert (marks["add_test"].score, marks["add_test"].given_by) == (1.5, CLAUDINE)
    assert marks["add"].comment == "Well begun."
    desk.wait(lambda: desk.row(AMINA)["score"] == 1.5)


def test_a_mark_that_makes_no_sense_is_refused_with_the_campus_sentence_and_not_shown(desk, campus):
    before = desk.row(BOSCO)
    grade_id = desk.get(f"grades?submission_id={before['id']}")[0]["id"]
    answer = desk.client.put(f"/formgrader/api/grade/{grade_id}", json={"manual_score": "many"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Something in this request is missing or wrong (score).")
    assert desk.row(BOSCO) == before


def test_the_autograde_button_queues_and_runs_nothing(desk, campus):
    answer = desk.client.post(f"/formgrader/api/submission/{LAB}/{AMINA}/autograde").json()
    assert answer["success"], answer
    assert "amina.k's newest work at sums waits to be graded." in answer["log"]
    again = desk.client.post(f"/formgrader/api/submission/{LAB}/{AMINA}/autograde").json()
    assert "is in the queue already." in again["log"]
    grade(campus.store, 1.0)
    grades = f"grades?submission_id={desk.row(AMINA)['id']}"
    desk.wait(lambda: desk.get(grades)[0]["auto_score"] == 1.0)
    assert desk.get(grades)[0]["manual_score"] == 1.5


def test_nothing_can_be_run_in_it(desk):
    assert desk.client.get("/api/kernelspecs").json()["kernelspecs"] == {}
    for path, body in (("kernels", {"name": "python3"}), ("terminals", {})):
        answer = desk.client.post(f"/api/{path}", json=body)
        assert answer.status_code >= 400, answer.text


def test_what_a_learner_wrote_is_shown_without_running_it(desk):
    page = desk.client.get(f"/formgrader/submissions/{desk.row(AMINA)['id']}/")
    assert page.status_code == 200
    assert "def" in page.text
    assert "look" in page.text  # A link is there to be read, and leads nowhere.
    assert "window.taken" not in page.text
    assert "javascript:taken" not in page.text


def test_feedback_made_here_reaches_the_learner(desk, campus):
    made = desk.client.post(f"/formgrader/api/assignment/{LAB}/{AMINA}/generate_feedback").json()
    assert made["success"], made
    returned = desk.client.post(f"/formgrader/api/assignment/{LAB}/{AMINA}/release_feedback").json()
    assert returned["success"], returned
    (attempt,) = campus.store.attempts.list(COURSE, LAB, AMINA)
    page = campus.store.results.feedback(attempt.id, returned_only=True)
    assert b"Well begun." in page
    assert b"Further tests of this task are not shown." in page
    assert b"HIDDEN TESTS" not in page


def test_a_flag_is_answered_with_what_to_do_instead(desk):
    answer = desk.client.post(f"/formgrader/api/submitted_notebook/{desk.row(AMINA)['id']}/flag")
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Flags are set by the grader. Write a comment instead; it is kept with the work.",
    )


def test_a_corrected_lab_is_shown_as_it_is_now(desk, campus):
    source = {f"{LAB}.ipynb": SOURCE.replace(b'"points": 2', b'"points": 4')}
    campus.store.courses.release(
        COURSE, LAB, version="2", title={"en": "Sums"}, minutes=1, tasks=[], release=source, source=source
    )
    desk.wait(lambda: desk.get("assignments")[0]["max_score"] == 4.0)
    assert desk.row(AMINA)["score"] == 1.5


def test_it_is_left_with_nothing_if_the_campus_refuses(campus, tmp_path):
    made = Formgrader(tmp_path / "home", campus, BOSCO)
    try:
        assert made.client.get("/formgrader/api/assignments").json() == []
        assert not (made.folder / "course" / "source").exists()
    finally:
        made.close()


def test_the_record_says_only_what_changed_since(campus):
    claudine = campus.program(CLAUDINE)
    from tests.support.campus import API

    first = claudine.get(f"{API}/courses/{COURSE}/gradebook").json()
    assert len(first["submissions"]) == 2
    again = claudine.get(f"{API}/courses/{COURSE}/gradebook", params={"since": first["cursor"]}).json()
    assert (again["submissions"], again["cursor"]) == ([], first["cursor"])
    assert claudine.get(f"{API}/courses/{COURSE}/gradebook", params={"since": "x"}).status_code == 422
    assert (
        json.loads(campus.program(AMINA).get(f"{API}/courses/{COURSE}/gradebook").text)["error"]
        == "not-allowed"
    )
