"""The exchange API, as programs use it: what it gives, what it refuses, and with which words."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from hub.campus.problem_codes import PROBLEMS, WARNINGS
from hub.store import GradedRecord
from hub.store.signed_receipts import public_keys, verify_receipt
from tests.support.pretended_campus import API, Campus, attempts_url, build_lab, work, zipped
from tests.support.small_stores import COURSE, LAB, RIGHT, SOURCE, WRONG, cell, notebook

AMINA, BOSCO, CLAUDINE = "amina.k", "bosco.n", "claudine.u"
HERE = f"{API}/courses/{COURSE}/labs/{LAB}"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    return answer.json()["message"]


def grade(campus, score=2.0, feedback=b"<p>well done</p>"):
    job = campus.store.claim_ungraded("test", 60)
    task = {
        "grade_id": "add_test",
        "outcome": "passed" if score else "not-yet",
        "score": score,
        "max_score": 2.0,
        "message": "Look again",
        "flags": ["odd"],
    }
    graded = GradedRecord(tasks=[task], notebook=b"{}", feedback_html=feedback, engine="test")
    assert campus.store.record_grading(job, graded)


def refusals(campus):
    return [each.about for each in campus.store.refusals.newest()]


def test_a_program_learns_who_it_works_for(campus):
    me = campus.program(AMINA).get(f"{API}/me").json()
    assert (me["name"], me["roles"], me["courses"][0]["course"]) == (AMINA, ["learner"], COURSE)


def test_without_a_token_the_answer_is_to_sign_in(campus):
    assert refused(campus.client().get(f"{API}/me"), 401, "sign-in") == "Sign in first, then try again."


@pytest.mark.parametrize("scopes", [(), ("access:services!service=other",), ("access:servers!server",)])
def test_a_token_made_for_something_else_opens_nothing(campus, scopes):
    refused(campus.program(AMINA, scopes=scopes).get(f"{API}/me"), 401, "sign-in")


def test_an_account_that_was_closed_opens_nothing(campus):
    amina = campus.program(AMINA)
    campus.store.people.set_disabled(AMINA, True)
    refused(amina.get(f"{API}/me"), 401, "sign-in")


def test_a_hub_that_is_away_is_said_and_may_be_tried_again(campus):
    campus.hub.away = True
    assert "try again in a minute" in refused(campus.program(AMINA).get(f"{API}/me"), 503, "hub-away")


def test_work_handed_in_gets_a_signed_receipt(campus):
    answer = campus.program(AMINA).post(attempts_url(), content=work())
    receipt = answer.json()
    assert (answer.status_code, receipt["attempt"], receipt["warnings"]) == (201, 1, [])
    del receipt["warnings"]
    assert verify_receipt(receipt, public_keys(campus.settings))["learner"] == AMINA


def test_the_same_work_twice_gets_the_same_receipt(campus):
    amina = campus.program(AMINA)
    first, again = (amina.post(attempts_url(), content=work()) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert campus.program(AMINA).get(attempts_url()).json()[0]["number"] == 1


def test_a_learner_sees_only_their_own_attempts_and_a_trainer_all(campus):
    for name in (AMINA, BOSCO):
        campus.program(name).post(attempts_url(), content=work())
    assert [each["learner"] for each in campus.program(AMINA).get(attempts_url()).json()] == [AMINA]
    assert len(campus.program(CLAUDINE).get(attempts_url()).json()) == 2
    assert len(campus.program(CLAUDINE).get(attempts_url(), params={"learner": BOSCO}).json()) == 1


def test_a_lab_comes_in_the_readers_language(campus):
    build_lab(campus.settings.state)
    campus.program(CLAUDINE).put(f"{API}/courses/{COURSE}/labs/bars/release", json={"library": "bars"})
    campus.store.people.set_language(AMINA, "fr")
    amina = campus.program(AMINA)
    assert [lab["title"] for lab in amina.get(f"{API}/courses/{COURSE}/labs").json()] == ["Sums", "Bars (fr)"]
    bundle = amina.get(f"{API}/courses/{COURSE}/labs/bars/bundle")
    assert zipfile.ZipFile(io.BytesIO(bundle.content)).namelist() == ["bars.ipynb"]


def test_hidden_tests_are_for_trainers_only(campus):
    assert b"HIDDEN" not in campus.program(AMINA).get(f"{HERE}/bundle").content
    refused(campus.program(AMINA).get(f"{HERE}/bundle?side=source"), 403, "not-allowed")
    found = campus.program(CLAUDINE).get(f"{HERE}/bundle?side=source")
    assert zipfile.ZipFile(io.BytesIO(found.content)).read(f"{LAB}.ipynb") == SOURCE


def test_a_trainer_sees_labs_that_wait_in_the_library(campus):
    build_lab(campus.settings.state)
    states = {
        lab["lab"]: lab["state"]
        for lab in campus.program(CLAUDINE).get(f"{API}/courses/{COURSE}/labs").json()
    }
    assert states == {"sums": "released", "bars": "draft"}
    assert len(campus.program(AMINA).get(f"{API}/courses/{COURSE}/labs").json()) == 1


def test_nbgrader_releases_a_lab_as_a_zip(campus):
    files = {"release/more.ipynb": RIGHT, "source/more.ipynb": SOURCE, "release/data.csv": b"a,b"}
    answer = campus.program(CLAUDINE).put(f"{API}/courses/{COURSE}/labs/more/release", content=zipped(files))
    assert answer.json()["state"] == "released"
    assert campus.store.courses.lab(COURSE, "more").named("en") == "more"


def test_feedback_and_score_appear_only_after_they_were_returned(campus):
    amina, claudine = campus.program(AMINA), campus.program(CLAUDINE)
    receipt = amina.post(attempts_url(), content=work()).json()["receipt"]
    grade(campus)
    assert "score" not in amina.get(f"{API}/attempts/{receipt}").json()
    refused(amina.get(f"{API}/attempts/{receipt}/feedback"), 404, "not-found")
    assert claudine.get(f"{API}/attempts/{receipt}").json()["score"] == 2.0
    assert claudine.put(f"{HERE}/feedback").json() == {"returned": [AMINA]}
    seen = amina.get(f"{API}/attempts/{receipt}").json()
    assert (seen["score"], seen["state"], "flags" in seen["verdicts"][0]) == (2.0, "returned", False)
    lab = amina.get(f"{API}/courses/{COURSE}/labs").json()[0]
    assert (lab["score"], lab["max_score"], lab["feedback"]) == (2.0, 2.0, True)


def test_feedback_can_run_nothing(campus):
    amina = campus.program(AMINA)
    receipt = amina.post(attempts_url(), content=work()).json()["receipt"]
    grade(campus, feedback=b"<script>alert(1)</script>")
    campus.program(CLAUDINE).put(f"{HERE}/feedback")
    policy = amina.get(f"{API}/attempts/{receipt}/feedback").headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_feedback_made_by_nbgrader_replaces_the_graders_page(campus):
    amina, claudine = campus.program(AMINA), campus.program(CLAUDINE)
    receipt = amina.post(attempts_url(), content=work()).json()["receipt"]
    assert "of amina.k to return yet" in refused(
        claudine.put(f"{HERE}/feedback/{AMINA}", content=b"<p>hand-made</p>"), 409, "not-graded"
    )
    grade(campus)
    claudine.put(f"{HERE}/feedback/{AMINA}", content=zipped({f"{LAB}.html": b"<p>hand-made</p>"}))
    assert amina.get(f"{API}/attempts/{receipt}/feedback").text == "<p>hand-made</p>"


def test_feedback_can_be_returned_to_some(campus):
    for name in (AMINA, BOSCO):
        campus.program(name).post(attempts_url(), content=work())
        grade(campus)
    answer = campus.program(CLAUDINE).put(f"{HERE}/feedback", json={"learners": [BOSCO]})
    assert answer.json() == {"returned": [BOSCO]}


def test_a_regrade_shows_to_the_learner_only_when_it_is_returned(campus):
    amina, claudine = campus.program(AMINA), campus.program(CLAUDINE)
    receipt = amina.post(attempts_url(), content=work()).json()["receipt"]
    grade(campus)
    claudine.put(f"{HERE}/feedback")
    assert claudine.post(f"{HERE}/gradings").json() == {"asked": 1}
    grade(campus, score=0.0)
    assert amina.get(f"{API}/attempts/{receipt}").json()["score"] == 2.0
    claudine.put(f"{HERE}/feedback")
    assert amina.get(f"{API}/attempts/{receipt}").json()["score"] == 0.0


@pytest.mark.parametrize(
    "path", ["/attempts/{}", "/attempts/{}/files", "/attempts/{}/feedback", "/receipts/{}"]
)
def test_what_is_anothers_is_not_there_and_asking_is_written_down(campus, path):
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    grade(campus)
    campus.program(CLAUDINE).put(f"{HERE}/feedback")
    message = refused(campus.program(BOSCO).get(f"{API}{path.format(receipt)}"), 404, "not-found")
    assert message == "There is nothing here that you can see. Check the address, or go back to your labs."
    assert refusals(campus) == [f"attempt {receipt}"]
    counted = campus.store.refusals.newest()[0]
    assert (counted.who, counted.address) == (BOSCO, "testclient")


def test_asking_for_anothers_attempts_is_refused_and_written_down(campus):
    refused(campus.program(BOSCO).get(attempts_url(), params={"learner": AMINA}), 404, "not-found")
    assert refusals(campus) == [f"attempts of {AMINA} at {COURSE}/{LAB}"]


def test_somebody_elses_course_is_not_there(campus):
    campus.store.courses.add("other", "Other")
    refused(campus.program(AMINA).get(f"{API}/courses/other/labs"), 404, "not-found")
    refused(campus.program(AMINA).post(attempts_url("other"), content=work()), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/release"),
        ("DELETE", "/release"),
        ("PUT", "/feedback"),
        ("PUT", f"/feedback/{AMINA}"),
        ("POST", "/gradings"),
        ("GET", "/progress"),
        ("GET", "/events"),
    ],
)
def test_what_trainers_do_is_refused_to_learners_and_written_down(campus, method, path):
    refused(campus.program(AMINA).request(method, f"{HERE}{path}"), 403, "not-allowed")
    assert refusals(campus) == [f"train {COURSE}"]


def test_a_trainer_of_another_course_sees_nothing(campus):
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    campus.store.people.add("other.t", "Other", roles=("trainer",))
    campus.store.courses.add("other", "Other")
    campus.store.courses.add_member("other", "other.t", "trainer")
    refused(campus.program("other.t").get(f"{API}/attempts/{receipt}"), 404, "not-found")
    refused(campus.program("other.t").put(f"{HERE}/feedback"), 404, "not-found")


@pytest.mark.parametrize(
    "content", [b"no json", b"[]", b"{}", b'{"nbformat": 3, "cells": []}', b"[" * 100_000]
)
def test_what_is_no_notebook_is_called_so(campus, content):
    message = refused(
        campus.program(AMINA).post(attempts_url(), content=work(content)), 422, "not-a-notebook"
    )
    assert message.startswith("sums.ipynb is not a notebook that can be read. Save it again in the lab")


def test_work_without_the_labs_notebook_is_refused(campus):
    answer = campus.program(AMINA).post(attempts_url(), content=zipped({"other.ipynb": RIGHT}))
    assert refused(answer, 422, "no-notebook").startswith("There is no sums.ipynb in what was handed in.")


def test_a_notebook_over_the_limit_is_refused_with_what_to_do(tmp_path):
    campus = Campus(tmp_path, grading={"submission_size": "1 MB"})
    answer = campus.program(AMINA).post(attempts_url(), content=work(b" " * 1_000_001))
    assert refused(answer, 413, "too-large") == (
        "This is larger than 1 MB. Clear the notebook's outputs, remove large files, then try again."
    )


def test_a_body_without_end_is_refused_though_it_does_not_tell_its_length(tmp_path):
    campus = Campus(tmp_path, grading={"submission_size": "1 MB"})
    parts = (b"x" * 1_000_000 for _ in range(12))
    refused(campus.program(AMINA).post(attempts_url(), content=parts), 413, "too-large")


def test_a_small_zip_that_would_unpack_to_more_is_not_unpacked(campus):
    bomb = zipped({f"{LAB}.ipynb": RIGHT + b" " * 40_000_000})
    assert len(bomb) < 100_000
    refused(campus.program(AMINA).post(attempts_url(), content=bomb), 413, "too-large")


@pytest.mark.parametrize(
    "name",
    ["../outside", "/etc/passwd", "a/../../b", "a\\..\\..\\b", "./", "a//../b"],
)
def test_a_zip_that_names_a_place_outside_is_refused(campus, name):
    answer = campus.program(AMINA).post(attempts_url(), content=zipped({f"{LAB}.ipynb": RIGHT, name: b"1"}))
    if name == "./":  # a folder of its own holds nothing
        assert answer.status_code == 201
        return
    assert refused(answer, 400, "bad-zip").startswith("What arrived is not a readable set of files.")


def test_a_zip_with_a_link_in_it_is_refused(campus):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(f"{LAB}.ipynb", RIGHT)
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    refused(campus.program(AMINA).post(attempts_url(), content=made.getvalue()), 400, "bad-zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04 but no more", work()[:-30]])
def test_what_is_no_zip_is_refused(campus, content):
    refused(campus.program(AMINA).post(attempts_url(), content=content), 400, "bad-zip")


def test_a_lab_that_is_not_released_takes_no_work(campus):
    answer = campus.program(AMINA).post(attempts_url(lab="bars"), content=work())
    message = refused(answer, 404, "lab-not-released")
    assert message == "The lab bars is not open in this course. Your work is still in your own folder."


def test_a_closed_lab_takes_no_work_and_says_where_it_is(campus):
    campus.program(CLAUDINE).delete(f"{HERE}/release")
    message = refused(campus.program(AMINA).post(attempts_url(), content=work()), 409, "lab-closed")
    assert message.startswith(
        "The lab Sums is closed and takes no more work. Yours is still in your own folder"
    )


def test_a_lab_whose_time_is_over_is_closed(campus):
    build_lab(campus.settings.state)
    campus.program(CLAUDINE).put(f"{API}/courses/{COURSE}/labs/bars/release", json={"library": "bars"})
    campus.store.courses.open_until(COURSE, "bars", datetime(2020, 1, 1, tzinfo=UTC))
    refused(campus.program(AMINA).post(attempts_url(lab="bars"), content=work()), 409, "lab-closed")


def test_a_closing_time_that_is_over_is_refused_with_a_sentence(campus):
    build_lab(campus.settings.state)
    wish = {"library": "bars", "closes_at": "2020-01-01T17:00"}
    answer = campus.program(CLAUDINE).put(f"{API}/courses/{COURSE}/labs/bars/release", json=wish)
    message = refused(answer, 422, "past-date")
    assert message == "2020-01-01T17:00 is over already. Choose a later closing time, or close the lab now."
    assert campus.store.courses.lab(COURSE, "bars") is None


def test_a_closing_time_is_the_offices_own(campus):
    build_lab(campus.settings.state)
    wish = {"library": "bars", "closes_at": "2030-01-01T17:00"}
    campus.program(CLAUDINE).put(f"{API}/courses/{COURSE}/labs/bars/release", json=wish)
    labs = campus.program(AMINA).get(f"{API}/courses/{COURSE}/labs").json()
    assert labs[1]["closes_at"] == "2030-01-01T15:00:00Z"


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        (
            b'{"library": "bars", "closes_at": "Friday"}',
            422,
            "bad-date",
            "Friday is not a date and time. Write it",
        ),
        (b'{"library": "none"}', 422, "bad-request", "Something in this request is missing or wrong"),
        (b"[]", 422, "bad-request", "Something in this request"),
        (b"{", 422, "bad-request", "Something in this request"),
    ],
)
def test_a_release_that_makes_no_sense_is_refused(campus, body, status, code, words):
    build_lab(campus.settings.state)
    answer = campus.program(CLAUDINE).put(
        f"{API}/courses/{COURSE}/labs/bars/release",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert refused(answer, status, code).startswith(words)


def test_a_lab_that_was_never_built_cannot_be_released(campus):
    answer = campus.program(CLAUDINE).put(f"{API}/courses/{COURSE}/labs/none/release", json={})
    assert refused(answer, 404, "unknown-lab").startswith(
        "There is no lab none in the library. Build it first"
    )


def test_work_with_graded_cells_gone_is_accepted_with_a_warning(campus):
    cells = json.loads(RIGHT)
    cells["cells"] = cells["cells"][:2]
    answer = campus.program(AMINA).post(attempts_url(), content=work(json.dumps(cells).encode()))
    assert answer.status_code == 201
    assert answer.json()["warnings"] == [
        "Some graded cells are missing from the notebook (add_test); they count as not attempted. "
        "Your work was accepted."
    ]


def test_work_with_graded_cells_twice_is_accepted_with_a_warning(campus):
    cells = json.loads(RIGHT)
    cells["cells"].append({**cell("1", "add_test", grade=True, points=2)})
    answer = campus.program(AMINA).post(attempts_url(), content=work(json.dumps(cells).encode()))
    assert answer.status_code == 201
    assert "appear more than once (add_test); only the first of each counts" in answer.json()["warnings"][0]


@pytest.mark.parametrize("answers", [[1], "text", {"big": "x" * 300_000}])
def test_work_with_unreadable_answers_is_accepted_with_a_warning(campus, answers):
    answer = campus.program(AMINA).post(attempts_url(), content=work(answers=answers))
    assert answer.status_code == 201
    assert "sliders and choices (answers.json) could not be read" in answer.json()["warnings"][0]


def test_a_notebook_whose_metadata_is_odd_is_kept_all_the_same(campus):
    odd = {"nbformat": 4, "cells": [{}, {"metadata": []}, {"metadata": {"nbgrader": "no"}}], "metadata": 1}
    answer = campus.program(AMINA).post(attempts_url(), content=work(json.dumps(odd).encode()))
    assert answer.status_code == 201


def test_a_full_disk_is_said_and_nothing_is_written(campus, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hub.store.content_files._write", full)
    message = refused(campus.program(AMINA).post(attempts_url(), content=work()), 507, "disk-full")
    assert message.startswith("The server could not keep this work. Yours is still in your own folder")
    assert campus.store.attempts.list(COURSE) == []


def test_a_fault_of_ours_is_a_sentence_too(campus, monkeypatch):
    monkeypatch.setattr("hub.campus.api.nbgrader_exchange.learner_labs", lambda *_: 1 / 0)
    message = refused(campus.program(AMINA).get(f"{API}/courses/{COURSE}/labs"), 500, "server-fault")
    assert message.startswith("Something went wrong on our side; nothing of yours was lost.")


def test_an_address_that_leads_nowhere_is_a_sentence(campus):
    refused(campus.program(AMINA).get(f"{API}/nothing"), 404, "not-found")
    refused(campus.program(AMINA).post(f"{API}/me"), 405, "no-such-method")


def test_refusals_come_in_the_language_that_was_asked_for(campus):
    answer = campus.client().get(f"{API}/me", headers={"Accept-Language": "fr-RW"})
    assert refused(answer, 401, "sign-in") == "Connectez-vous d’abord, puis réessayez."


def test_refusals_come_in_the_language_of_whoever_is_known(campus):
    campus.store.people.set_language(AMINA, "fr")
    message = refused(campus.program(AMINA).get(f"{API}/receipts/none"), 404, "not-found")
    assert message.startswith("Il n’y a rien ici")


def test_keys_verify_receipts(campus):
    found = campus.program(AMINA).get(f"{API}/keys").json()
    assert list(found) == list(public_keys(campus.settings))


def test_progress_counts_attempts(campus):
    for name in (AMINA, BOSCO):
        campus.program(name).post(attempts_url(), content=work(WRONG))
    grade(campus)
    counted = campus.program(CLAUDINE).get(f"{HERE}/progress").json()
    assert counted == {
        **{"total": 2, "graded": 1, "failed": 0, "could_not_check": 0, "unchecked": 0},
        **{"rate": 0.0, "seconds_left": None},
    }


def test_however_many_watch_the_store_is_asked_once_a_second(campus, monkeypatch):
    asked = []
    live = campus.app.state.campus.live
    monkeypatch.setattr(campus.store, "progress", lambda *names: asked.append(names))
    for _ in range(50):
        live.progress(COURSE, LAB)
    live.progress(COURSE, "other")
    assert asked == [(COURSE, LAB), (COURSE, "other")]


def test_a_cookie_alone_changes_nothing_from_another_origin(campus):
    """A page at the learners' origin has the cookie sent along, but not our address as its own."""
    amina = campus.browser(AMINA)
    for origin in (campus.settings.learner_address, "https://elsewhere.example", "null"):
        answer = amina.post(attempts_url(), content=work(), headers={"Origin": origin})
        refused(answer, 403, "stale-form")
    assert amina.post(attempts_url(), content=work()).status_code == 201


def test_every_refusal_can_be_written_with_its_facts():
    """Each sentence names what to do next: it has at least two parts."""
    for code, (status, sentence) in PROBLEMS.items():
        assert 400 <= status < 600
        assert len([part for part in sentence.replace(";", ".").split(".") if part.strip()]) >= 1, code
    assert all(sentence.endswith(".") for sentence in WARNINGS.values())


def test_the_smallest_notebook_is_a_notebook(campus):
    answer = campus.program(AMINA).post(attempts_url(), content=work(notebook("1", "2")))
    assert answer.status_code == 201
