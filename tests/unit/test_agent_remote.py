"""A grader on another machine: the same calls on the store, over the campus API, with a token that opens only these."""

from __future__ import annotations

import pytest

from graders.agent import remote_worker
from graders.agent.remote_drafts import RemoteDrafts
from graders.agent.remote_store import RemoteDesk
from hub.store import GradedRecord
from hub.store.lab_drafts import MOST_TRIES, DraftFinding, DraftResult, findings_of
from hub.verb_errors import IsomoError
from tests.support.pretended_campus import API, ROOT
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, LAB, LEARNERS, RELEASED, RIGHT, SOURCE, hand_in

TASK = {
    "grade_id": "add_test",
    "outcome": "passed",
    "score": 2.0,
    "max_score": 2.0,
    "message": "",
    "flags": ["odd"],
}
DONE = GradedRecord([TASK], b"\x00notebook", "<p>à toi</p>".encode(), "fork-1", 0.5, 1.5)


@pytest.fixture
def place(tmp_path):
    """A campus on a real port, and a grader's line to it."""
    with served(tmp_path) as (campus, url):
        yield campus.store, RemoteDesk(url, campus.app.state.campus.secrets.grader_token), url


def test_a_job_comes_with_its_files_and_its_result_is_kept_once(place):
    store, desk, _url = place
    attempt, _new = hand_in(store)
    assert desk.is_waiting()
    job = desk.claim("far/agent", 60)
    assert (job.submitted[f"{LAB}.ipynb"], job.source[f"{LAB}.ipynb"]) == (RIGHT, SOURCE)
    assert (job.attempt_id, job.learner, job.language) == (attempt.id, LEARNERS[0], "en")
    assert f"{LAB}.ipynb" in job.released
    assert job.handed_out == {f"{LAB}.ipynb": RELEASED}
    assert desk.claim("far/agent", 60) is None
    assert not desk.is_waiting()
    assert desk.record(job, DONE)
    assert not desk.record(job, DONE)
    result = store.results.result_for(attempt.id)
    assert (result.score, result.flags, result.grading.lab_version) == (2.0, [("odd", 2.0)], "1")
    assert store.results.feedback(attempt.id, returned_only=False) == DONE.feedback_html


def test_what_is_given_back_waits_again_or_until_later(place):
    store, desk, _url = place
    attempt, _new = hand_in(store)
    desk.release(desk.claim("far/agent", 60))
    job = desk.claim("far/agent", 60)
    assert job.failures == 0
    desk.postpone(job, 60, "the engine did not start")
    assert desk.claim("far/agent", 60) is None
    assert store.results.troubles([attempt.id]) == {attempt.id: "the engine did not start"}


def test_a_lease_is_held_from_afar(place):
    store, desk, _url = place
    hand_in(store)
    job = desk.claim("far/agent", 0)
    desk.renew("far/agent", [job.attempt_id], 60)
    assert store.claim_ungraded("near", 60) is None


def test_one_attempt_or_one_lab_can_be_asked_for(place):
    store, desk, _url = place
    first, second = (hand_in(store, name)[0] for name in LEARNERS)
    assert desk.claim("far/agent", 60, lab="another") is None
    assert desk.claim("far/agent", 60, attempt=second.id).attempt_id == second.id
    assert desk.claim("far/agent", 60, learner=first.learner).attempt_id == first.id


def test_a_wrong_token_opens_nothing_and_is_counted(place):
    store, _desk, url = place
    hand_in(store)
    with pytest.raises(IsomoError, match="does not take this grader's token"):
        RemoteDesk(url, "guess").claim("far/agent", 60)
    newest = store.refusals.newest()[0]
    assert (newest.who, newest.about) == ("", "grading")


@pytest.mark.parametrize("path", ["waiting", "files/" + "0" * 64])
def test_a_learners_token_opens_none_of_it(tmp_path, path):
    with served(tmp_path) as (campus, _url):
        assert campus.program(LEARNERS[0]).get(f"{API}/grading/{path}").status_code == 404


def test_the_graders_token_opens_nothing_else(tmp_path):
    with served(tmp_path) as (campus, _url):
        token = campus.app.state.campus.secrets.grader_token
        client = campus.client(headers={"Authorization": f"token {token}"})
        for path in (f"{API}/me", f"{API}/courses/{COURSE}/labs", f"{ROOT}/people"):
            assert client.get(path).status_code in (302, 401, 404)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"job": {}, "graded": {}}', b"[" * 100_000])
def test_a_result_that_is_none_gets_a_sentence(tmp_path, body):
    with served(tmp_path) as (campus, _url):
        token = campus.app.state.campus.secrets.grader_token
        client = campus.client(headers={"Authorization": f"token {token}"})
        answer = client.post(f"{API}/grading/results", content=body)
        assert (answer.status_code, answer.json()["error"]) == (422, "bad-request")


def test_a_campus_that_is_away_is_no_end(tmp_path):
    with pytest.raises(ConnectionError):
        RemoteDesk("http://127.0.0.1:9/services/campus", "token").is_waiting()


@pytest.fixture
def drafts(place):
    """The line of a grader on another machine to the drafts, and a draft that waits."""
    store, desk, url = place
    token = desk._line._token
    assert store.lab_drafts.add(
        COURSE, "waiting", {"lab.toml": b"x", "files/a.bin": b"\x00\xff"}, "claudine.u"
    )
    return store, RemoteDrafts(url, token)


def test_a_draft_is_checked_on_another_machine_once(drafts):
    store, far = drafts
    job = far.claim("far/agent", 900)
    assert (job.course, job.lab, job.files) == (
        COURSE,
        "waiting",
        {"lab.toml": b"x", "files/a.bin": b"\x00\xff"},
    )
    assert far.claim("far/agent", 900) is None
    found = DraftFinding("lab.toml", 3, "`minutes` is missing.", "`{key}` is missing.", {"key": "minutes"})
    assert far.record(job, DraftResult([found], {"tasks": "3"}, {"hidden.json": b"{}"}))
    draft = store.lab_drafts.get(COURSE, "waiting")
    assert (draft.state, findings_of(draft)) == ("not-yet", [found])
    assert findings_of(draft)[0].facts == {"key": "minutes"}
    assert store.lab_drafts.files(draft) == {**job.files, "hidden.json": b"{}"}
    assert not far.record(job, DraftResult([])), "the draft has other files by now"


def test_what_another_machine_built_of_a_draft_is_kept(drafts):
    store, far = drafts
    built = {"lab.json": b"{}", "release/en/waiting.ipynb": b"\x00"}
    assert far.record(far.claim("far/agent", 900), DraftResult([], {}, {}, built))
    draft = store.lab_drafts.get(COURSE, "waiting")
    assert (draft.state, store.lab_drafts.built_files(draft)) == ("good", built)


def test_a_draft_that_another_machine_cannot_check_waits_again_and_is_told_of_after_three_tries(drafts):
    store, far = drafts
    for _ in range(MOST_TRIES):
        far.give_back(far.claim("far/agent", 900))
    assert far.claim("far/agent", 900) is None
    assert store.lab_drafts.get(COURSE, "waiting").state == "failed"


def test_a_draft_is_given_to_nobody_without_the_graders_token(place):
    store, _desk, url = place
    assert store.lab_drafts.add(COURSE, "waiting", {"lab.toml": b"x"}, "claudine.u")
    with pytest.raises(IsomoError):
        RemoteDrafts(url, "another").claim("far/agent", 900)


def test_a_grader_on_another_machine_looks_for_drafts_from_its_start_to_its_end(monkeypatch):
    seen = []
    monkeypatch.setenv("ISOMO_CAMPUS_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ISOMO_GRADER_TOKEN", "token")
    monkeypatch.setattr(remote_worker.DraftChecks, "start", lambda _self: seen.append("drafts"))
    monkeypatch.setattr(remote_worker.DraftChecks, "stop", lambda _self: seen.append("stopped"))
    monkeypatch.setattr(remote_worker, "grade_until_stopped", lambda _agent, _most: seen.append("grades"))
    assert remote_worker.main() == 0
    assert seen == ["drafts", "grades", "stopped"]
