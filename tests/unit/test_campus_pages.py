"""The pages, as people's browsers get them: signing in, forms, and what each role sees."""

from __future__ import annotations

import json
import re

import pytest

from hub.campus.request_context import COOKIE
from hub.campus.web.page_rendering import strong_markup
from hub.store.signed_receipts import public_keys, verify_receipt
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, build_lab, form_key, work
from tests.support.small_stores import COURSE, LAB, WRONG
from tests.unit.test_campus_exchange import AMINA, BOSCO, CLAUDINE, grade, refusals

LAB_PAGE = f"{ROOT}/courses/{COURSE}/labs/{LAB}"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def send(browser, page, address, **fields):
    """Fill in a form of `page` and send it."""
    return browser.post(address, data={"key": form_key(browser.get(page).text), **fields})


def text_of(page):
    """What a reader reads."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_stranger_is_sent_to_the_hub_and_comes_back_to_the_page_they_wanted(campus):
    visitor = campus.client()
    asked = visitor.get(LAB_PAGE)
    address = asked.headers["location"]
    assert address.startswith(f"{campus.settings.address}/hub/api/oauth2/authorize?client_id=service-campus")
    back = visitor.get(f"{ROOT}/oauth_callback", params=campus.hub.authorize(address, CLAUDINE))
    assert back.headers["location"] == LAB_PAGE
    assert visitor.get(LAB_PAGE).status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(campus):
    visitor = campus.client()
    answers = campus.hub.authorize(visitor.get(f"{ROOT}/").headers["location"], AMINA)
    cookie = visitor.get(f"{ROOT}/oauth_callback", params=answers).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/services/campus" in cookie


def test_a_code_without_our_state_or_proof_is_refused(campus):
    visitor = campus.client()
    answers = campus.hub.authorize(visitor.get(f"{ROOT}/").headers["location"], AMINA)
    unknown = visitor.get(f"{ROOT}/oauth_callback", params={**answers, "state": "x"})
    assert unknown.status_code == 403
    assert "Signing in took too long, or this browser keeps no cookies." in unknown.text
    thief = campus.client()
    thief.get(f"{ROOT}/")
    own = campus.hub.authorize(thief.get(f"{ROOT}/").headers["location"], BOSCO)
    stolen = thief.get(f"{ROOT}/oauth_callback", params={**own, "code": answers["code"]})
    assert stolen.status_code == 403
    assert COOKIE not in thief.cookies


def test_a_page_that_refreshes_itself_is_loaded_anew_when_its_session_has_ended(campus):
    answer = campus.client().get(f"{ROOT}/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (401, "true")
    assert "set-cookie" not in answer.headers


def test_several_tabs_may_sign_in_at_once(campus):
    visitor = campus.client()
    asked = [visitor.get(path).headers["location"] for path in (f"{ROOT}/", f"{ROOT}/audit")]
    for address, wanted in zip(asked, (f"{ROOT}/", f"{ROOT}/audit"), strict=True):
        back = visitor.get(f"{ROOT}/oauth_callback", params=campus.hub.authorize(address, "admin"))
        assert back.headers["location"] == wanted


def test_coming_back_from_the_hub_leads_nowhere_else(campus):
    asked = campus.client().get(f"{ROOT}//elsewhere.example/", follow_redirects=False)
    assert asked.status_code in (302, 404)


def test_somebody_without_an_open_account_is_told_so_once(campus):
    campus.store.people.set_disabled(AMINA, True)
    visitor = campus.client()
    answers = campus.hub.authorize(visitor.get(f"{ROOT}/").headers["location"], AMINA)
    page = visitor.get(f"{ROOT}/oauth_callback", params=answers)
    assert page.status_code == 403
    assert "You are signed in, but have no open account here." in page.text


def test_signing_out_ends_the_session_here_too(campus):
    amina = campus.browser(AMINA)
    kept = dict(amina.cookies)
    answer = send(amina, f"{ROOT}/", f"{ROOT}/sign-out")
    assert answer.headers["location"] == f"{campus.settings.address}/hub/logout"
    again = campus.client(cookies=kept)
    assert again.get(f"{ROOT}/").status_code == 302


def test_a_closed_account_is_signed_out_at_once(campus):
    amina, admin = campus.browser(AMINA), campus.browser("admin")
    send(admin, f"{ROOT}/people", f"{ROOT}/people/{AMINA}/disable")
    assert amina.get(f"{ROOT}/").status_code == 302


def test_no_page_runs_or_loads_anything_from_elsewhere(campus):
    for name in (AMINA, CLAUDINE, "admin"):
        page = campus.browser(name).get(f"{ROOT}/")
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert not re.findall(r"(?:src|href)=\"https?://(?!127\.0\.0\.1:8000/)", page.text)
        assert not re.findall(r"<script(?! src)|\son\w+=|style=", page.text)


def test_style_and_scripts_may_be_kept_for_a_year(campus):
    page = campus.browser(AMINA).get(f"{ROOT}/").text
    for address in re.findall(r'(?:src|href)="(/services/campus/static/[^"]+)"', page):
        answer = campus.client().get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (
            200,
            "public, max-age=31536000, immutable",
        )
    assert campus.client().get(f"{ROOT}/static/..%2Fapp.py").status_code == 404


def test_a_learner_sees_labs_attempts_and_receipts(campus):
    amina = campus.browser(AMINA)
    assert "Nothing handed in yet." in amina.get(f"{ROOT}/").text
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    read = text_of(amina.get(f"{ROOT}/").text)
    assert "Sums Open about 10 minutes" in read
    assert receipt in read
    assert "Being checked" in read


def test_a_learner_in_no_course_is_told_what_to_do(campus):
    campus.store.people.add("new.n", "New")
    page = text_of(campus.browser("new.n").get(f"{ROOT}/").text)
    assert "You are in no course yet. Tell your trainer your user name, new.n, and ask to be added." in page


def test_whoever_learns_nothing_here_begins_with_what_their_role_is_for(campus):
    campus.store.courses.add_institution("minict", "Ministry of ICT")
    campus.store.people.add("admin.a", "Admin", roles=["administrator"])
    campus.store.people.add("coord.c", "Coord", roles=["coordinator"], institution="minict")
    for name, page in (("admin.a", "people"), ("coord.c", "overview")):
        browser = campus.browser(name)
        assert browser.get(f"{ROOT}/").headers["location"] == f"{ROOT}/{page}"
        assert "My labs" not in text_of(browser.get(f"{ROOT}/{page}").text)
    campus.store.courses.add_member(COURSE, "admin.a", "learner")
    assert "My labs" in text_of(campus.browser("admin.a").get(f"{ROOT}/").text)


def test_a_course_without_labs_says_who_opens_them(campus):
    campus.store.courses.add("empty", "Empty")
    campus.store.courses.add_member("empty", AMINA, "learner")
    assert (
        "No lab is open in this course yet. Your trainer opens them"
        in campus.browser(AMINA).get(f"{ROOT}/").text
    )


def test_score_and_feedback_appear_after_they_were_returned(campus):
    amina, claudine = campus.browser(AMINA), campus.browser(CLAUDINE)
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    grade(campus)
    assert "Read your feedback" not in amina.get(f"{ROOT}/").text
    assert "There is no feedback yet." in amina.get(f"{ROOT}/attempts/{receipt}").text
    assert send(claudine, LAB_PAGE, f"{LAB_PAGE}/return").headers["location"] == LAB_PAGE
    assert "Learners whose feedback was returned: 1." in claudine.get(LAB_PAGE).text
    assert "2 / 2 Read your feedback" in text_of(amina.get(f"{ROOT}/").text)
    page = amina.get(f"{ROOT}/attempts/{receipt}").text
    assert "✓ Passed" in text_of(page)
    assert "odd" not in text_of(page)
    assert f'<iframe sandbox src="{API}/attempts/{receipt}/feedback"' in page


def test_our_fault_says_so_to_the_learner(campus):
    campus.program(AMINA).post(attempts_url(), content=work())
    campus.store.gradings.postpone(campus.store.claim_ungraded("one", 60), 60, "the engine did not start")
    page = text_of(campus.browser(AMINA).get(f"{ROOT}/").text)
    assert "Could not be checked yet This is our fault, not yours. It is tried again by itself." in page
    assert "the engine did not start" not in page


def test_a_receipt_can_be_read_and_saved(campus):
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    amina = campus.browser(AMINA)
    page = text_of(amina.get(f"{ROOT}/receipts/{receipt}").text)
    assert f"Receipt {receipt} This work reached Isomo. It is kept, and it cannot be changed." in page
    assert "Learner Amina.K amina.k Course Everyone 2026a everyone-2026a" in page
    saved = amina.get(f"{ROOT}/receipts/{receipt}/file")
    assert saved.headers["content-disposition"] == f'attachment; filename="{AMINA}-{receipt}.json"'
    verify_receipt(saved.json(), public_keys(campus.settings))


@pytest.mark.parametrize("path", ["receipts/{}", "receipts/{}/file", "attempts/{}"])
def test_pages_about_anothers_work_are_not_there(campus, path):
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    page = campus.browser(BOSCO).get(f"{ROOT}/{path.format(receipt)}")
    assert page.status_code == 404
    assert "There is nothing here that you can see." in page.text
    assert refusals(campus) == [f"attempt {receipt}"]


def test_what_a_learner_wrote_is_shown_as_text(campus):
    cells = json.loads(WRONG)
    cells["cells"][2]["metadata"]["nbgrader"]["grade_id"] = "<script>alert(1)</script>"
    receipt = campus.program(AMINA).post(attempts_url(), content=work(json.dumps(cells).encode())).json()
    campus.store.people.add("x.y", '<img src="x">', roles=("learner",))
    campus.store.courses.add_member(COURSE, "x.y", "learner")
    claudine = campus.browser(CLAUDINE)
    for address in (LAB_PAGE, f"{ROOT}/attempts/{receipt['receipt']}"):
        page = claudine.get(address).text
        assert "<script>alert" not in page
        assert '<img src="x">' not in page


def test_the_language_is_chosen_on_any_page_and_remembered(campus):
    amina = campus.browser(AMINA)
    before = f"{campus.settings.address}{ROOT}/"
    key = form_key(amina.get(f"{ROOT}/").text)
    answer = amina.post(f"{ROOT}/language", data={"key": key, "lang": "fr"}, headers={"Referer": before})
    assert answer.headers["location"] == f"{ROOT}/"
    assert "isomo-language=fr" in answer.headers["set-cookie"]
    assert '<html lang="fr">' in amina.get(f"{ROOT}/").text
    assert campus.store.people.get(AMINA).language == "fr"


def test_a_language_that_is_not_there_changes_nothing(campus):
    amina = campus.browser(AMINA)
    send(amina, f"{ROOT}/", f"{ROOT}/language", lang="xx")
    assert campus.store.people.get(AMINA).language == "en"


def test_kinyarwanda_says_what_is_sure_and_english_else(campus):
    campus.store.people.set_language(AMINA, "rw")
    page = campus.browser(AMINA).get(f"{ROOT}/").text
    assert "Sohoka" in page
    assert "Nothing handed in yet." in page


def test_a_trainer_releases_closes_and_opens_again(campus):
    build_lab(campus.settings.state)
    claudine, course = campus.browser(CLAUDINE), f"{ROOT}/courses/{COURSE}"
    assert "Bars Not released about 25 minutes" in text_of(claudine.get(course).text)
    send(claudine, course, f"{course}/labs/bars/release", closes_at="2030-11-27T17:00")
    assert "hand in before 27 Nov 2030 17:00" in text_of(claudine.get(f"{course}/labs/bars").text)
    send(claudine, course, f"{course}/labs/bars/close")
    assert "Bars Closed" in text_of(claudine.get(f"{course}/labs/bars").text)
    send(claudine, course, f"{course}/labs/bars/closing")
    assert "Bars Open" in text_of(claudine.get(f"{course}/labs/bars").text)


def test_a_wrong_closing_time_is_answered_with_a_sentence(campus):
    build_lab(campus.settings.state)
    claudine, course = campus.browser(CLAUDINE), f"{ROOT}/courses/{COURSE}"
    page = send(claudine, course, f"{course}/labs/bars/release", closes_at="Friday")
    assert page.status_code == 422
    assert "Friday is not a date and time. Write it like 2026-11-27T17:00." in page.text


def test_a_newer_built_version_is_offered(campus):
    build_lab(campus.settings.state)
    claudine, course = campus.browser(CLAUDINE), f"{ROOT}/courses/{COURSE}"
    send(claudine, course, f"{course}/labs/bars/release")
    build_lab(campus.settings.state, version="def456")
    assert "Release the newer version" in claudine.get(course).text
    send(claudine, course, f"{course}/labs/bars/release")
    assert campus.store.courses.lab(COURSE, "bars").version == "def456"


def test_a_trainer_sees_who_handed_in_what_and_how_it_went(campus):
    campus.program(BOSCO).post(attempts_url(), content=work())
    grade(campus, score=0.0)
    page = text_of(campus.browser(CLAUDINE).get(LAB_PAGE).text)
    assert "1 of 2 handed in" in page
    assert re.search(
        r"Bosco\.N bosco\.n 1 .* Checked, feedback not returned yet … Not yet ⚑ 1 Look at this one: odd 0 / 2",
        page,
    )
    assert page.index("Bosco.N") < page.index("Amina.K")


def test_a_trainer_asks_for_one_learner_to_be_graded_again(campus):
    for name in (AMINA, BOSCO):
        campus.program(name).post(attempts_url(), content=work())
        grade(campus)
    send(campus.browser(CLAUDINE), LAB_PAGE, f"{LAB_PAGE}/grade", learner=BOSCO)
    assert campus.store.claim_ungraded("one", 60).learner == BOSCO
    assert campus.store.claim_ungraded("one", 60) is None


def test_what_moves_is_fetched_by_itself(campus):
    part = campus.browser(CLAUDINE).get(f"{LAB_PAGE}?part=submissions").text
    assert part.lstrip().startswith('<section id="submissions"')


def test_two_thousand_learners_come_in_pages(campus):
    with campus.store.database.write() as session:
        from datetime import UTC, datetime

        from hub.store.table_models import CourseMember, Person

        for number in range(120):
            name = f"p{number:03}"
            session.add(Person(username=name, display_name=name, language="en", created_at=datetime.now(UTC)))
            session.flush()
            session.add(CourseMember(course=COURSE, username=name, role="learner"))
    claudine = campus.browser(CLAUDINE)
    assert "Page 1 of 3" in claudine.get(LAB_PAGE).text
    assert "p119" in claudine.get(f"{LAB_PAGE}?page=3").text
    assert "Page 3 of 3" in claudine.get(f"{LAB_PAGE}?page=99").text


@pytest.mark.parametrize("what", ["release", "close", "grade", "return"])
def test_a_trainers_forms_are_refused_to_learners(campus, what):
    amina = campus.browser(AMINA)
    answer = send(amina, f"{ROOT}/", f"{LAB_PAGE}/{what}")
    assert answer.status_code == 403
    assert "Your account may not do this." in answer.text


@pytest.mark.parametrize("path", ["people", "audit", "overview"])
def test_administration_is_not_there_for_others(campus, path):
    for name in (AMINA, CLAUDINE):
        assert campus.browser(name).get(f"{ROOT}/{path}").status_code == 404


def test_administration_needs_a_browser_not_the_token_in_a_notebook(campus):
    assert campus.program("admin").get(f"{ROOT}/people").status_code == 404


def test_a_form_without_our_key_or_from_elsewhere_changes_nothing(campus):
    admin = campus.browser("admin")
    key = form_key(admin.get(f"{ROOT}/people").text)
    address = f"{ROOT}/people/{AMINA}/disable"
    for data, headers in (
        ({}, {}),
        ({"key": "0" * 64}, {}),
        ({"key": key}, {"Origin": campus.settings.learner_address}),
        ({"key": key}, {"Origin": ""}),
        ({"key": form_key(campus.browser(AMINA).get(f"{ROOT}/").text)}, {}),
    ):
        page = admin.post(address, data=data, headers=headers)
        assert page.status_code == 403
        assert "This page was open for too long. Load it again, then repeat what you did." in page.text
    assert not campus.store.people.disabled(AMINA)


def test_an_administrator_invites_somebody_with_a_one_time_link(campus):
    admin = campus.browser("admin")
    page = send(
        admin,
        f"{ROOT}/people",
        f"{ROOT}/people",
        username="david.h",
        display_name="David H.",
        role="learner",
        course=COURSE,
    ).text
    token = re.search(rf"{campus.settings.address}/hub/welcome/([\w-]+)", page)[1]
    from hub.sign_in_links import token_digest

    assert campus.store.invitations.peek(token_digest(token)).username == "david.h"
    assert campus.store.courses.roles(COURSE, "david.h") == {"learner"}
    assert [each.what for each in campus.store.audit.newest()[:2]] == ["enrolled", "invited"]
    assert token not in str([each.object for each in campus.store.audit.newest()])


@pytest.mark.parametrize(
    ("username", "sentence"),
    [
        ("David H", "David H cannot be a user name. Write at most 32 small letters"),
        (AMINA, "There is somebody called amina.k already. Choose another user name"),
    ],
)
def test_an_invitation_that_cannot_be_is_answered_with_a_sentence(campus, username, sentence):
    admin = campus.browser("admin")
    page = send(admin, f"{ROOT}/people", f"{ROOT}/people", username=username, display_name="D")
    assert sentence in page.text


def test_a_new_link_for_somebody_who_is_not_there_is_answered_with_a_sentence(campus):
    page = send(campus.browser("admin"), f"{ROOT}/people", f"{ROOT}/people/nobody/link")
    assert page.status_code == 404
    assert "There is nobody called nobody here. Check the spelling, or invite them first." in page.text


def test_an_administrator_cannot_lock_themselves_out(campus):
    page = send(campus.browser("admin"), f"{ROOT}/people", f"{ROOT}/people/admin/disable")
    assert "You cannot close your own account. Ask another administrator to do it." in page.text


def test_people_are_searched_and_their_accounts_closed_and_opened(campus):
    admin = campus.browser("admin")
    assert "1 found" in admin.get(f"{ROOT}/people?q=mina").text
    assert "Nobody has this in their name." in admin.get(f"{ROOT}/people?q=zzz").text
    send(admin, f"{ROOT}/people", f"{ROOT}/people/{AMINA}/disable")
    assert "Open the account again" in admin.get(f"{ROOT}/people/{AMINA}").text
    send(admin, f"{ROOT}/people", f"{ROOT}/people/{AMINA}/enable")
    assert not campus.store.people.disabled(AMINA)


def test_the_audit_page_shows_who_was_refused_what(campus):
    campus.browser(BOSCO).get(f"{ROOT}/receipts/R-1")
    page = text_of(campus.browser("admin").get(f"{ROOT}/audit?person={BOSCO}").text)
    assert "bosco.n 1 attempt R-1 testclient" in page


def test_a_coordinator_sees_counts_and_nobodys_work(campus):
    campus.store.people.add("coord", "C", roles=("coordinator",), institution="minict")
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    grade(campus)
    for number in range(3):
        campus.store.people.add(f"more.{number}", "More", institution="minict")
        campus.store.courses.add_member(COURSE, f"more.{number}", "learner")
    coordinator = campus.browser("coord")
    page = text_of(coordinator.get(f"{ROOT}/overview").text)
    assert "1 of 5 handed in “Sums”" in page
    assert "Everybody Sums 5 1 1" in page
    assert "amina" not in page.lower()
    assert coordinator.get(f"{ROOT}/receipts/{receipt}").status_code == 404


def test_a_fault_of_ours_is_a_page_with_a_sentence(campus, monkeypatch):
    monkeypatch.setattr("hub.campus.web.first_page.learner_labs", lambda *_: 1 / 0)
    page = campus.browser(AMINA).get(f"{ROOT}/")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert page.headers["content-security-policy"]


def test_the_apis_documentation_names_every_call_and_needs_nothing_from_outside(campus):
    page = campus.browser(AMINA).get(f"{ROOT}/api/docs").text
    assert "`" not in page
    assert f"POST {attempts_url('{course}', '{lab}')}" in page
    assert "too-large" in page
    assert campus.client().get(f"{ROOT}/api/openapi.json").json()["info"]["title"] == "Isomo"


def test_on_a_trial_machine_every_page_says_so(tmp_path):
    trial = Campus(tmp_path, evaluate=True)
    for path in ("", "receipts/none"):
        page = trial.browser(AMINA).get(f"{ROOT}/{path}").text
        assert "Trial on this machine only: people are not separated from each other." in page


def test_feedback_returns_by_itself_once_the_trainer_said_so(campus):
    trainer = campus.browser(CLAUDINE)
    send(trainer, LAB_PAGE, f"{LAB_PAGE}/at-once", yes="1")
    assert "learners see their result as soon as their work is checked" in trainer.get(LAB_PAGE).text
    receipt = campus.program(AMINA).post(attempts_url(), content=work()).json()["receipt"]
    grade(campus)
    assert 'class="score"' in campus.browser(AMINA).get(f"{ROOT}/attempts/{receipt}").text
    send(trainer, LAB_PAGE, f"{LAB_PAGE}/at-once")
    assert "Return feedback by itself from now on" in trainer.get(LAB_PAGE).text


def test_whether_feedback_returns_by_itself_is_the_trainers_word(campus):
    url = f"{API}/courses/{COURSE}/labs/{LAB}/feedback"
    assert campus.program(CLAUDINE).put(url, json={"at_once": True}).json() == {"at_once": True}
    assert campus.program(AMINA).put(url, json={"at_once": False}).status_code == 403
    assert campus.store.courses.lab(COURSE, LAB).at_once


def test_a_graders_emphasis_is_shown_and_the_rest_of_its_sentence_is_text():
    assert (
        str(strong_markup("find **117** of <b>all</b>"))
        == "find <strong>117</strong> of &lt;b&gt;all&lt;/b&gt;"
    )
