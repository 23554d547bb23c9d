"""Certificates: who earns one, what it attests, and what anybody may learn from its code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from sqlalchemy import update

from hub.campus.certificate_facts import certificate_standing
from hub.campus.certificate_pdf import certificate_pdf
from hub.campus.open_badge import read_badge
from hub.ops.key_rotation import rotate_keys
from hub.ops.verbs import certificate as certificate_verb
from hub.store import Store
from hub.store.certificate_store import Certificate, Rule, new_code, read_code
from hub.store.lab_schedules import Schedule
from hub.store.signed_receipts import public_keys
from tests.support.pretended_campus import API, ROOT, Campus, build_lab, form_key
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in
from tests.unit.test_marks_table import AMINA, BOSCO, grade, task

PAGE = f"{ROOT}/courses/{COURSE}/certificates"


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    build_lab(made.settings.state, LAB, version="1", title="Sums")
    file = made.settings.state / "labs" / LAB / "1" / "lab.json"
    said = json.loads(file.read_text())
    said["objectives"] = [{"text": "Add two numbers", "competency": "data use and governance"}]
    file.write_text(json.dumps(said))
    return made


@pytest.fixture
def store(campus):
    return campus.store


def final(store, amina=2.0, by_person=True):
    """Amina hands in, is graded and marked; the marks are final."""
    attempt, _ = hand_in(store, AMINA)
    grade(store, task(score=amina), task("why", None))
    if by_person:
        store.results.mark(attempt.id, "why", 2.0, "", TRAINER)
    store.marks.sign_off(COURSE, TRAINER)


def send(browser, address, **fields):
    return browser.post(address, data={"key": form_key(browser.get(PAGE).text), **fields})


def issued(campus):
    """Issue through the page, as a trainer does; return the certificate."""
    final(campus.store)
    assert send(campus.browser(TRAINER), PAGE).status_code == 303
    (found,) = campus.store.certificates.of_course(COURSE)
    return found


def test_a_certificate_is_issued_once_to_those_whose_final_marks_reach_what_the_course_asks(campus, store):
    trainer = campus.browser(TRAINER)
    assert send(trainer, PAGE).status_code == 409
    final(store)
    page = trainer.get(PAGE).text
    assert "Issue certificates: 1" in page
    assert "labs not handed in: 1" in page
    for _ in range(2):
        send(trainer, PAGE)
    (found,) = store.certificates.of_course(COURSE)
    assert (found.learner, found.facts["name"], found.facts["read_by_person"]) == (AMINA, "Amina.K", 50)
    assert found.facts["competencies"] == [
        {"name": "data use and governance", "objectives": ["Add two numbers"]}
    ]
    assert store.certificates.of_learner(BOSCO) == []


@pytest.mark.parametrize(("percent", "earned"), [(50, 1), (51, 0)])
def test_the_share_of_points_that_a_course_asks_for_decides(campus, store, percent, earned):
    final(store, amina=0.0)
    trainer = campus.browser(TRAINER)
    send(trainer, f"{PAGE}/rule", percent=percent, all_labs="1")
    assert f"Issue certificates: {earned}" in trainer.get(PAGE).text or not earned
    send(trainer, PAGE)
    assert len(store.certificates.of_course(COURSE)) == earned


def test_a_lab_that_was_opened_after_the_marks_were_final_takes_nothing_from_anybody(campus, store):
    final(store)
    release_other(store)
    send(campus.browser(TRAINER), PAGE)
    (found,) = store.certificates.of_course(COURSE)
    assert [lab["lab"] for lab in found.facts["labs"]] == [LAB]


def release_other(store, tasks=()):
    more = {"version": "1", "title": {"en": "Later"}, "minutes": 5, "release": {}, "source": {}}
    store.courses.release(COURSE, "later", tasks=list(tasks), **more)


def test_a_lab_of_which_nothing_could_be_checked_costs_nobody_the_certificate(store):
    release_other(store, tasks=[{"id": "model", "points": 10}])
    store.attempts.submit(COURSE, "later", AMINA, {"later.ipynb": b"{}"})
    grade(store, task("model_test", 0.0, "could-not-check", most=10.0))
    final(store)
    amina, bosco = certificate_standing(store, COURSE).candidates
    assert (amina.score, amina.most, amina.percent, amina.state) == (4.0, 4.0, 100, "earned")
    assert bosco.most == 12.0


def test_a_lab_that_opens_after_the_marks_are_final_does_not_count(store):
    release_other(store, tasks=[{"id": "model", "points": 10}])
    store.schedules.change(COURSE, "later", Schedule(opens_at=datetime.now(UTC) + timedelta(days=9)))
    final(store)
    standing = certificate_standing(store, COURSE)
    assert [lab.lab for lab in standing.labs] == [LAB]
    assert [each.learner.username for each in standing.earned] == [AMINA]


class LateEvening(datetime):
    """A clock at half past ten in the evening of London, which is half past midnight in Kigali."""

    @classmethod
    def now(cls, tz=None):
        return cls(2199, 1, 1, 22, 30, tzinfo=UTC).astimezone(tz)


def test_days_on_a_certificate_are_those_of_the_office(campus, store, monkeypatch, capsys):
    monkeypatch.setattr("hub.store.marks_table.datetime", LateEvening)
    monkeypatch.setattr("hub.store.certificate_store.datetime", LateEvening)
    monkeypatch.setattr("hub.ops.this_installation.current_settings", lambda: campus.settings)
    found = issued(campus)
    assert found.facts["final_at"] == "2199-01-02"
    said = {}
    monkeypatch.setattr(
        "typst.compile", lambda source, **more: said.update(json.loads(more["sys_inputs"]["data"])) or b""
    )
    certificate_pdf(campus.settings, found, "en")
    assert (said["year"], said["month"], said["day"]) == (2199, 1, 2)
    assert certificate_verb.command(["verify", found.code]) == 0
    assert "issued on 2199-01-02." in capsys.readouterr().out


def test_a_mark_that_changed_after_the_sign_off_does_not_count_until_the_next(campus, store):
    final(store, amina=0.0, by_person=False)
    (attempt,) = store.attempts.list(COURSE, learner=AMINA)
    store.results.mark(attempt.id, "why", 2.0, "", TRAINER)
    store.results.mark(attempt.id, "add_test", 2.0, "", TRAINER)
    send(campus.browser(TRAINER), PAGE)
    assert store.certificates.of_course(COURSE) == []


def test_anybody_verifies_a_code_without_an_account_and_learns_no_points(campus):
    found = issued(campus)
    stranger = campus.client()
    page = stranger.get(f"{ROOT}/verify/{found.code.lower().replace('-', ' ')}")
    assert page.status_code == 200
    assert "Valid." in page.text
    assert "Amina.K" in page.text
    assert "Data use and governance" in page.text
    assert "50 % of the points read by a person" in page.text
    assert AMINA not in page.text
    assert "noindex" in page.headers["x-robots-tag"]
    assert "score" not in json.dumps(found.facts)
    assert "Valable." in stranger.get(f"{ROOT}/verify/{found.code}?lang=fr").text


def test_an_unknown_code_is_said_to_be_unknown(campus):
    page = campus.client().get(f"{ROOT}/verify/{new_code()}")
    assert (page.status_code, "Unknown." in page.text) == (404, True)
    hostile = campus.client().get(f"{ROOT}/verify/%3Cscript%3E")
    assert "<script>" not in hostile.text
    assert campus.client().get(f"{API}/certificates/nothing").json()["state"] == "unknown"


def test_a_revoked_certificate_says_so_and_why(campus):
    found = issued(campus)
    trainer = campus.browser(TRAINER)
    assert send(trainer, f"{ROOT}/certificates/{found.code}/revoke", reason=" ").status_code == 422
    answer = send(trainer, f"{ROOT}/certificates/{found.code}/revoke", reason="Work of another person")
    assert answer.headers["location"] == PAGE
    assert f"The certificate {found.code} is revoked." in trainer.get(PAGE).text
    page = campus.client().get(f"{ROOT}/verify/{found.code}").text
    assert "Revoked." in page
    assert "Work of another person" in page
    status = campus.client().get(f"{ROOT}/verify/{found.code}/status").json()
    assert status["revokedCredentials"][0]["revocationReason"] == "Work of another person"
    assert campus.browser(AMINA).get(f"{ROOT}/certificates/{found.code}.jwt").status_code == 404
    assert send(trainer, f"{ROOT}/certificates/{found.code}/revoke", reason="twice").status_code == 404


def test_what_was_altered_in_the_database_is_not_valid(campus, store):
    found = issued(campus)
    with store.database.write() as session:
        session.execute(update(Certificate).values(facts={**found.facts, "name": "Somebody Else"}))
    page = campus.client().get(f"{ROOT}/verify/{found.code}").text
    assert "Not valid." in page
    assert "Somebody Else" not in page


def test_certificates_and_badges_verify_after_the_keys_were_rotated(campus, store):
    found = issued(campus)
    token = campus.browser(AMINA).get(f"{ROOT}/certificates/{found.code}.jwt").text
    rotate_keys(campus.settings)
    later = Store.open(campus.settings)
    keys = public_keys(campus.settings)
    assert later.certificates.verify(found.code, keys).state == "valid"
    assert read_badge(token, keys)["credentialSubject"]["identifier"][0]["identityHash"] == "Amina.K"
    offered = campus.client().get(f"{ROOT}/verify/keys.json").json()["keys"]
    assert {each["kid"] for each in offered} == set(keys)
    assert len(offered) == 2


def test_a_badge_is_a_credential_that_other_programs_verify_by_the_published_key(campus):
    found = issued(campus)
    token = campus.browser(AMINA).get(f"{ROOT}/certificates/{found.code}.jwt").text
    header = jwt.get_unverified_header(token)
    (published,) = campus.client().get(f"{ROOT}/verify/keys.json").json()["keys"]
    assert header["jwk"]["x"] == published["x"]
    said = jwt.decode(token, jwt.PyJWK(published).key, algorithms=["EdDSA"])
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert said["iss"] == said["issuer"]["id"]
    assert campus.client().get(said["iss"]).json()["type"] == ["Profile"]
    assert campus.client().get(said["credentialStatus"]["id"]).json()["revokedCredentials"] == []


def test_a_badge_that_was_changed_or_signed_by_another_key_is_refused(campus):
    found = issued(campus)
    token = campus.browser(AMINA).get(f"{ROOT}/certificates/{found.code}.jwt").text
    keys = public_keys(campus.settings)
    head, body, end = token.split(".")
    assert read_badge(f"{head}.{body[:-2]}AA.{end}", keys) is None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    own = Ed25519PrivateKey.generate()
    forged = jwt.encode(
        {"iss": "x", "jti": "y", "nbf": 1},
        own,
        algorithm="EdDSA",
        headers={"kid": jwt.get_unverified_header(token)["kid"]},
    )
    assert read_badge(forged, keys) is None


@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_the_pdf_is_one_tagged_page_in_each_language(campus, language):
    found = issued(campus)
    answer = campus.browser(AMINA).get(f"{ROOT}/certificates/{found.code}.pdf?lang={language}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    for part in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"/Count 1"):
        assert part in answer.content


@pytest.mark.parametrize(
    "name", ["*#set page(width: 1cm)", "$x$ <b> @a \\", "王 أمينة 🎉", "N" * 200, "Amina\u202eanimA"]
)
def test_a_name_is_text_on_the_pdf_whatever_it_holds(campus, name):
    found = issued(campus)
    found.facts = {**found.facts, "name": name}
    assert b"/Count 1" in certificate_pdf(campus.settings, found, "en")


def test_a_certificate_belongs_to_its_owner_and_the_trainers_of_its_course(campus):
    found = issued(campus)
    for ending in ("pdf", "jwt"):
        address = f"{ROOT}/certificates/{found.code}.{ending}"
        assert campus.browser(BOSCO).get(address).status_code == 404
        assert campus.client().get(address).status_code == 302
        assert campus.browser("admin").get(address).status_code == 200
    assert campus.browser(BOSCO).get(PAGE).status_code in (403, 404)
    assert "Your certificate" in campus.browser(AMINA).get(f"{ROOT}/").text
    assert "Your certificate" not in campus.browser(BOSCO).get(f"{ROOT}/").text


def test_a_corrected_name_is_on_a_certificate_that_is_issued_again(campus, store):
    found = issued(campus)
    store.people.add(AMINA, "Amina Kayitesi")
    trainer = campus.browser(TRAINER)
    assert "This person is called Amina Kayitesi now." in trainer.get(PAGE).text
    send(trainer, f"{ROOT}/certificates/{found.code}/replace", reason="The name was misspelt")
    new, old = store.certificates.of_course(COURSE)
    assert f"The certificate {new.code} takes the place of the one before." in trainer.get(PAGE).text
    assert (new.facts["name"], new.revoked_at, old.reason) == (
        "Amina Kayitesi",
        None,
        "The name was misspelt",
    )


def test_programs_issue_list_and_revoke_as_pages_do(campus):
    final(campus.store)
    trainer = campus.program(TRAINER)
    (line,) = trainer.post(f"{API}/courses/{COURSE}/certificates").json()
    assert trainer.post(f"{API}/courses/{COURSE}/certificates").json() == []
    assert campus.program(AMINA).get(f"{API}/courses/{COURSE}/certificates").status_code == 403
    asked = campus.client().get(f"{API}/certificates/{line['code']}").json()
    assert (asked["state"], asked["read_by_person"]) == ("valid", 50)
    gone = trainer.request(
        "DELETE", f"{API}/certificates/{line['code']}", json={"reason": "Issued by mistake"}
    )
    assert gone.json()["reason"] == "Issued by mistake"
    assert campus.client().get(f"{API}/certificates/{line['code']}").json()["state"] == "revoked"


@pytest.mark.parametrize("typed", ["{}", " {} ", "c8f3k2mq7w9ab", "8f3k 2mq7 w9ab"])
def test_a_code_is_read_however_it_was_typed(typed):
    assert read_code(typed.format("C-8F3K-2MQ7-W9AB")) == "C-8F3K-2MQ7-W9AB"


def test_a_rule_has_bounds(store):
    from hub.store.refused_change import RefusedChange

    for percent in (0, 101):
        with pytest.raises(RefusedChange):
            store.certificates.set_rule(COURSE, Rule(percent, True))


def test_the_verb_verifies_codes_and_badges_and_says_which_are_revoked(campus, tmp_path, monkeypatch, capsys):
    found = issued(campus)
    file = tmp_path / "amina.jwt"
    file.write_text(campus.browser(AMINA).get(f"{ROOT}/certificates/{found.code}.jwt").text)
    monkeypatch.setattr("hub.ops.this_installation.current_settings", lambda: campus.settings)
    for asked in (found.code, str(file)):
        assert certificate_verb.command(["verify", asked]) == 0
        assert "Valid: Amina.K" in capsys.readouterr().out
    campus.store.certificates.revoke(found.code, "Work of another", TRAINER)
    assert certificate_verb.command(["verify", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["state"] == "revoked"
    assert certificate_verb.command(["list", COURSE]) == 0
    assert found.code in capsys.readouterr().out
