"""nbgrader's own command line through a campus that is really served: every verb, and what each refuses."""

from __future__ import annotations

import json

import pytest

from hub.store import GradedRecord
from tests.support.nbgrader_desk import Desk
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, LAB, RIGHT, SOURCE, WRONG

AMINA, BOSCO, CLAUDINE = "amina.k", "bosco.n", "claudine.u"


@pytest.fixture
def campus(tmp_path):
    with served(tmp_path / "campus") as (made, url):
        made.url = url
        yield made


@pytest.fixture
def amina(tmp_path, campus):
    return Desk(tmp_path, campus.url, AMINA, campus.hub.token(AMINA))


@pytest.fixture
def claudine(tmp_path, campus):
    return Desk(tmp_path, campus.url, CLAUDINE, campus.hub.token(CLAUDINE))


def grade(campus, page=b"<p>graded</p>"):
    job = campus.store.claim_ungraded("test", 60)
    task = {
        "grade_id": "add_test",
        "outcome": "passed",
        "score": 2.0,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    assert campus.store.record_grading(
        job, GradedRecord([task], notebook=b"{}", feedback_html=page, engine="test")
    )


def test_a_learner_lists_fetches_hands_in_and_reads_the_feedback(campus, amina):
    code, said = amina.nbgrader("list")
    assert (code, f"{COURSE} {LAB}\n" in said) == (0, True)
    assert amina.nbgrader("fetch_assignment", LAB)[0] == 0
    assert json.loads((amina.labs / LAB / f"{LAB}.ipynb").read_bytes())["nbformat"] == 4
    amina.has(RIGHT, LAB, answers__json=b'{"bar": 0.1}')
    code, said = amina.nbgrader("submit", LAB)
    (attempt,) = campus.store.attempts.list(COURSE)
    assert (code, f"Receipt {attempt.receipt}, attempt 1" in said) == (0, True)
    assert set(campus.store.attempts.files(attempt)) == {f"{LAB}.ipynb", "answers.json"}
    grade(campus)
    campus.store.results.return_to([attempt.id], CLAUDINE)
    assert "feedback ready to be fetched" in amina.nbgrader("list", "--cached")[1]
    assert amina.nbgrader("fetch_feedback", LAB)[0] == 0
    (page,) = (amina.labs / LAB / "feedback").glob(f"*/{LAB}.html")
    assert page.read_bytes() == b"<p>graded</p>"
    assert "feedback already fetched" in amina.nbgrader("list", "--cached")[1]


def test_a_trainer_releases_collects_and_returns_feedback(campus, amina, claudine):
    for step in ("source", "release"):
        place = claudine.home / step / "more"
        place.mkdir(parents=True)
        (place / "more.ipynb").write_bytes(SOURCE)
    assert claudine.nbgrader("release_assignment", "more")[0] == 0
    code, said = claudine.nbgrader("release_assignment", "more")
    assert (
        code,
        "is released in everyone-2026a-minict already. To release this version of it, add --force" in said,
    ) == (
        1,
        True,
    )
    assert claudine.nbgrader("release_assignment", "more", "--force")[0] == 0
    amina.has(RIGHT, lab="more", data__csv=b"a,b")
    assert amina.nbgrader("submit", "more")[0] == 0
    assert f"{COURSE} {AMINA} more" in claudine.nbgrader("list", "--inbound")[1]
    assert claudine.nbgrader("collect", "more")[0] == 0
    collected = claudine.home / "submitted" / AMINA / "more"
    assert (collected / "more.ipynb").read_bytes() == RIGHT
    assert (collected / "data.csv").read_bytes() == b"a,b"
    grade(campus)
    feedback = claudine.home / "feedback" / AMINA / "more"
    feedback.mkdir(parents=True)
    (feedback / "more.html").write_bytes(b"<p>well done</p>")
    assert claudine.nbgrader("release_feedback", "more")[0] == 0
    amina.nbgrader("fetch_feedback", "more")
    (page,) = (amina.labs / "more" / "feedback").glob("*/more.html")
    assert page.read_bytes() == b"<p>well done</p>"


def test_collecting_again_takes_what_is_newer_if_asked(campus, amina, claudine):
    amina.has(WRONG, LAB)
    amina.nbgrader("submit", LAB)
    claudine.nbgrader("collect", LAB)
    amina.has(RIGHT, LAB)
    amina.nbgrader("submit", LAB)
    collected = claudine.home / "submitted" / AMINA / LAB / f"{LAB}.ipynb"
    assert "Submission already exists, use --update" in claudine.nbgrader("collect", LAB)[1]
    assert collected.read_bytes() == WRONG
    assert claudine.nbgrader("collect", LAB, "--update")[0] == 0
    assert collected.read_bytes() == RIGHT


def test_what_is_at_home_already_is_not_fetched_over(amina):
    amina.has(b"my own", LAB)
    code, said = amina.nbgrader("fetch_assignment", LAB)
    assert (code, f"You already have {LAB} in your folder, and nothing was changed." in said) == (1, True)
    assert amina.nbgrader("fetch_assignment", LAB, "--replace")[0] == 0
    assert (amina.labs / LAB / f"{LAB}.ipynb").read_bytes() == b"my own"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no notebook", "sums.ipynb is not a notebook that can be read. Save it again in the lab"),
        (None, "There is no folder"),
    ],
)
def test_bad_work_gets_its_sentence_and_stays_at_home(campus, amina, content, sentence):
    if content is not None:
        amina.has(content, LAB)
    code, said = amina.nbgrader("submit", LAB)
    assert (code, sentence in said, "Traceback" in said) == (1, True, False)
    assert campus.store.attempts.list(COURSE) == []


def test_links_lead_nowhere_and_what_is_to_be_ignored_stays_at_home(campus, amina):
    amina.has(RIGHT, LAB)
    (amina.labs / LAB / "link.txt").symlink_to("/etc/passwd")
    (amina.labs / LAB / ".ipynb_checkpoints").mkdir()
    (amina.labs / LAB / ".ipynb_checkpoints" / "old.ipynb").write_bytes(RIGHT)
    assert amina.nbgrader("submit", LAB)[0] == 0
    (attempt,) = campus.store.attempts.list(COURSE)
    assert set(campus.store.attempts.files(attempt)) == {f"{LAB}.ipynb"}


def test_a_closed_lab_says_so(campus, amina):
    campus.store.courses.close(COURSE, LAB)
    amina.has(RIGHT, LAB)
    code, said = amina.nbgrader("submit", LAB)
    assert (
        code,
        "The lab Sums is closed and takes no more work. Yours is still in your own folder" in said,
    ) == (1, True)


def test_nobody_hands_in_for_somebody_else(campus, amina):
    amina.has(RIGHT, LAB)
    code, said = amina.nbgrader("submit", LAB, f"--student={BOSCO}")
    assert (code, f"it cannot be handed in for {BOSCO}" in said) == (1, True)
    assert campus.store.attempts.list(COURSE) == []


def test_a_missing_notebook_is_named_if_it_was_asked_for(campus, amina):
    amina.has(RIGHT, LAB)
    (amina.labs / LAB / f"{LAB}.ipynb").rename(amina.labs / LAB / "other.ipynb")
    code, said = amina.nbgrader("submit", LAB, "--strict")
    assert (code, f"missing, so nothing was handed in: {LAB}.ipynb." in said) == (1, True)
    assert "There is no sums.ipynb in what was handed in." in amina.nbgrader("submit", LAB)[1]


def test_a_campus_that_is_away_keeps_the_work_for_later(amina):
    amina.has(RIGHT, LAB)
    amina.env["ISOMO_CAMPUS_URL"] = "http://127.0.0.1:9/services/campus"
    code, said = amina.nbgrader("submit", LAB, f"--course={COURSE}")
    assert (code, "Your work is kept in your folder and is sent when the line is back." in said) == (0, True)
    assert len(list((amina.home / ".isomo" / "outbox").glob("*.json"))) == 1
    code, said = amina.nbgrader("list")
    assert (code, "The campus does not answer just now. Nothing was lost" in said) == (1, True)


def test_a_server_without_a_campus_says_what_to_do(amina):
    del amina.env["ISOMO_CAMPUS_URL"]
    code, said = amina.nbgrader("list")
    assert (code, "This server does not know its campus. Sign out, sign in again" in said) == (1, True)


def test_somebody_in_two_courses_is_asked_which_one(campus, amina):
    campus.store.courses.add("second", "Second")
    campus.store.courses.add_member("second", AMINA, "learner")
    code, said = amina.nbgrader("fetch_assignment", LAB)
    assert (code, f"Say which course you mean: --course {COURSE} | second" in said) == (1, True)
    assert amina.nbgrader("fetch_assignment", LAB, f"--course={COURSE}")[0] == 0


def test_what_trainers_do_is_refused_to_learners(amina):
    code, said = amina.nbgrader("collect", LAB, f"--course={COURSE}")
    assert (code, "No submissions" in said) == (0, True)  # One's own attempts only, and there is none.
    code, said = amina.nbgrader("list", "--remove", f"--course={COURSE}", f"--assignment={LAB}")
    assert (code, "Your account may not do this." in said) == (1, True)


def test_a_trainer_closes_a_lab_and_nothing_handed_in_is_removed(campus, amina, claudine):
    amina.has(RIGHT, LAB)
    amina.nbgrader("submit", LAB)
    code, said = claudine.nbgrader("list", "--inbound", "--remove")
    assert (code, "What was handed in is kept, so nothing was removed." in said) == (1, True)
    assert claudine.nbgrader("list", "--remove", f"--assignment={LAB}")[0] == 0
    assert campus.store.courses.lab(COURSE, LAB).state() == "closed"
    assert len(campus.store.attempts.list(COURSE)) == 1


def test_feedback_that_nobody_made_or_that_comes_too_early_is_said(campus, amina, claudine):
    code, said = claudine.nbgrader("release_feedback", LAB)
    assert (code, f"Make it first: nbgrader generate_feedback {LAB}" in said) == (1, True)
    feedback = claudine.home / "feedback" / AMINA / LAB
    feedback.mkdir(parents=True)
    (feedback / f"{LAB}.html").write_bytes(b"<p>early</p>")
    code, said = claudine.nbgrader("release_feedback", LAB)
    assert (code, "There is no graded work of amina.k to return yet." in said) == (1, True)
    assert "There is no feedback on sums for you yet." in amina.nbgrader("fetch_feedback", LAB)[1]


def test_a_lab_without_a_learners_version_is_not_released(claudine):
    code, said = claudine.nbgrader("release_assignment", "none")
    assert (code, "Make it first: nbgrader generate_assignment none" in said) == (1, True)
