"""Tokens of people's own programs: made on a page, limited by scopes and by their person, ended in four ways."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from hub.campus.token_scopes import ROUTES, SCOPES, scopes_open_to
from hub.store.api_tokens import MOST_TOKENS, ApiToken
from tests.support.pretended_campus import API, ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LEARNERS, TRAINER

ADMIN, COORDINATOR = "root.a", "coordinator.c"
PAGE = f"{ROOT}/me/tokens"
MARKS = f"{API}/courses/{COURSE}/marks"


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    made.store.people.add(ADMIN, "Root", roles=["administrator"])
    made.store.people.add(COORDINATOR, "Coordinator", roles=["coordinator"], institution="minict")
    return made


def in_days(number: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=number):%Y-%m-%d}"


def make(campus, who: str, *scopes: str, name: str = "Reporter", until: str = ""):
    """Make a token on the page; return the answer."""
    browser = campus.browser(who)
    key = form_key(browser.get(PAGE).text)
    form = {"key": key, "name": name, "until": until or in_days(30), "scope": list(scopes)}
    return browser.post(PAGE, data=form)


def shown(answer) -> str:
    found = re.search(r'id="token">(isomo_[\w-]{43})<', answer.text)
    assert found, answer.text
    return found[1]


def program(campus, token: str):
    return campus.client(headers={"Authorization": f"Bearer {token}"})


def test_a_trainers_program_reads_marks_with_a_token_made_on_the_page(campus):
    answer = make(campus, TRAINER, "marks:read")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert program(campus, shown(answer)).get(MARKS).json()["course"] == COURSE


def test_a_token_is_shown_once_and_only_its_hash_is_kept(campus):
    token = shown(make(campus, TRAINER, "marks:read"))
    page = campus.browser(TRAINER).get(PAGE).text
    assert ("Reporter" in page, "never used" in page, token in page) == (True, True, False)
    [row] = campus.store.tokens.of_person(TRAINER)
    assert token not in str(vars(row))


def test_the_page_says_when_a_token_was_used(campus):
    program(campus, shown(make(campus, TRAINER, "marks:read"))).get(MARKS)
    assert "last used" in campus.browser(TRAINER).get(PAGE).text


def test_a_token_may_do_what_its_scopes_name_and_no_more(campus):
    mine = program(campus, shown(make(campus, TRAINER, "marks:read")))
    answer = mine.delete(f"{MARKS}/final")
    assert (answer.status_code, answer.json()["error"]) == (403, "token-scope")
    assert "marks:write" in answer.json()["detail"]


def test_a_scope_gives_nothing_that_its_person_may_not_do(campus):
    """A trainer's token for people reads the trainer's own course, and no list of everybody."""
    mine = program(campus, shown(make(campus, TRAINER, "people:read")))
    assert mine.get(f"{API}/courses/{COURSE}/people").status_code == 200
    assert mine.get(f"{API}/people").status_code == 404


def test_an_administrators_program_imports_people_with_a_token(campus):
    mine = program(campus, shown(make(campus, ADMIN, "people:write", "people:read")))
    roster = "username,name\nnew.person,New Person\n"
    assert mine.post(f"{API}/roster?dry_run=false", content=roster).json()["imported"] is True
    assert mine.get(f"{API}/people/new.person").json()["name"] == "New Person"


def test_a_server_of_the_hub_still_administers_nothing(campus):
    assert campus.program(ADMIN).get(f"{API}/people").status_code == 404


def test_a_token_opens_no_page_and_hands_nothing_in(campus):
    mine = program(campus, shown(make(campus, ADMIN, "people:read")))
    for path in (ROOT + "/people", PAGE):
        assert mine.get(path).status_code == 403
    answer = mine.post(f"{API}/courses/{COURSE}/labs/sums/attempts", content=b"")
    assert answer.json()["error"] == "token-never"


def test_a_change_with_a_token_needs_no_origin_and_one_with_a_cookie_does(campus):
    mine = program(campus, shown(make(campus, ADMIN, "system:write")))
    body = {"text": {"en": "Maintenance at noon"}, "hours": 2}
    assert mine.put(f"{API}/announcement", json=body).json() == {"text": {"en": "Maintenance at noon", "fr": "Maintenance at noon", "rw": "Maintenance at noon"}}  # fmt: skip
    browser = campus.browser(ADMIN)
    del browser.headers["Origin"]
    assert browser.put(f"{API}/announcement", json=body).json()["error"] == "stale-form"


def test_a_revoked_token_is_refused_at_once(campus):
    token = shown(make(campus, TRAINER, "marks:read"))
    number = campus.store.tokens.of_person(TRAINER)[0].id
    browser = campus.browser(TRAINER)
    key = form_key(browser.get(PAGE).text)
    assert browser.post(f"{PAGE}/{number}/revoke", data={"key": key}).status_code == 303
    answer = program(campus, token).get(MARKS)
    assert (answer.status_code, answer.json()["error"]) == (401, "token-over")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_nobody_revokes_anothers_token(campus):
    make(campus, TRAINER, "marks:read")
    number = campus.store.tokens.of_person(TRAINER)[0].id
    browser = campus.browser(ADMIN)
    browser.post(f"{PAGE}/{number}/revoke", data={"key": form_key(browser.get(PAGE).text)})
    assert len(campus.store.tokens.of_person(TRAINER)) == 1


def test_an_expired_token_is_refused(campus):
    token = shown(make(campus, TRAINER, "marks:read"))
    with campus.store.database.write() as session:
        session.execute(update(ApiToken).values(expires_at=datetime.now(UTC)))
    assert program(campus, token).get(MARKS).status_code == 401
    assert "Expired" in campus.browser(TRAINER).get(PAGE).text


def test_the_tokens_of_a_closed_account_end_and_do_not_come_back(campus):
    token = shown(make(campus, TRAINER, "marks:read"))
    campus.store.people.set_disabled(TRAINER, True)
    assert program(campus, token).get(MARKS).status_code == 401
    campus.store.people.set_disabled(TRAINER, False)
    assert program(campus, token).get(MARKS).status_code == 401


def test_a_role_that_is_taken_away_takes_the_tokens_power_along(campus):
    token = shown(make(campus, ADMIN, "people:read"))
    campus.store.people.change(
        ADMIN, display_name="Root", roles=["learner"], institution=None, language="en", email=None
    )
    assert program(campus, token).get(f"{API}/people").status_code == 404


def test_a_program_reads_and_ends_its_own_token(campus):
    mine = program(campus, shown(make(campus, TRAINER, "marks:read")))
    said = mine.get(f"{API}/token").json()
    assert (said["name"], said["username"], said["scopes"]) == ("Reporter", TRAINER, ["marks:read"])
    assert mine.delete(f"{API}/token").status_code == 204
    assert mine.get(f"{API}/token").status_code == 401


def test_making_and_revoking_are_in_the_audit_log(campus):
    mine = program(campus, shown(make(campus, TRAINER, "marks:read")))
    mine.delete(f"{API}/token")
    assert [each.what for each in campus.store.audit.newest(who=TRAINER)][:2] == [
        "revoked-token",
        "made-token",
    ]


def test_a_token_that_is_over_is_counted_as_a_refusal(campus):
    program(campus, "isomo_guessed").get(MARKS)
    assert [each.kind for each in campus.store.refusals.newest()] == ["token"]


def test_a_learner_has_no_page_of_tokens(campus):
    browser = campus.browser(LEARNERS[0])
    assert browser.get(PAGE).status_code == 404
    assert "Tokens for programs" not in browser.get(f"{ROOT}/me").text
    assert "Tokens for programs" in campus.browser(TRAINER).get(f"{ROOT}/me").text


@pytest.mark.parametrize("until", [" ", "soon", "9999-12-31", -1, 0, 400])
def test_a_token_ends_within_a_year(campus, until):
    day = in_days(until) if isinstance(until, int) else until
    answer = make(campus, TRAINER, "marks:read", until=day)
    assert (answer.status_code, campus.store.tokens.of_person(TRAINER)) == (422, [])


@pytest.mark.parametrize("scopes", [(), ("audit:read",), ("marks:read", "everything")])
def test_a_token_has_scopes_that_its_person_can_give(campus, scopes):
    assert make(campus, TRAINER, *scopes).status_code == 422
    assert campus.store.tokens.of_person(TRAINER) == []


@pytest.mark.parametrize("name", [" ", "x" * 61, "two\x1blines"])
def test_a_token_has_a_name_of_one_line(campus, name):
    assert make(campus, TRAINER, "marks:read", name=name).status_code == 422


def test_a_hostile_name_is_shown_as_text(campus):
    page = make(campus, TRAINER, "marks:read", name="<script>alert(1)</script>").text
    assert "<script>alert" not in page


def test_one_person_has_a_limited_number_of_tokens(campus):
    for number in range(MOST_TOKENS):
        campus.store.tokens.make(TRAINER, str(number), ["marks:read"], datetime.now(UTC) + timedelta(days=1))
    assert make(campus, TRAINER, "marks:read").status_code == 409


def test_an_administrator_needs_the_second_step_for_tokens_too(tmp_path):
    campus = Campus(tmp_path, second_factor=True)
    campus.store.people.add(ADMIN, "Root", roles=["administrator"])
    assert campus.browser(ADMIN).get(PAGE).status_code == 403


def test_a_coordinators_token_reads_figures_and_is_offered_nothing_else(campus):
    page = campus.browser(COORDINATOR).get(PAGE).text
    assert re.findall(r'name="scope" value="([^"]+)"', page) == ["reports:read"]
    mine = program(campus, shown(make(campus, COORDINATOR, "reports:read")))
    assert mine.get(f"{API}/reports").json() == [{"course": COURSE, "title": "Everyone 2026a"}]
    assert mine.get(f"{API}/reports/other").status_code == 404


def test_figures_for_programs_tell_no_small_group_either(campus):
    mine = program(campus, shown(make(campus, COORDINATOR, "reports:read")))
    figures = mine.get(f"{API}/reports/{COURSE}").json()
    assert (figures["people"], figures["everybody"], figures["classes"]) == (None, None, [])
    assert mine.get(f"{API}/reports/{COURSE}/file.csv").text.splitlines()[1:] == []


def test_figures_for_programs_are_those_of_the_page(campus):
    for number in range(5):
        campus.store.people.add(f"more.{number}", f"More {number}", institution="minict")
        campus.store.courses.add_member(COURSE, f"more.{number}", "learner")
    mine = program(campus, shown(make(campus, COORDINATOR, "reports:read")))
    figures = mine.get(f"{API}/reports/{COURSE}").json()
    everybody = {"title": "Everybody", "people": 5 + len(LEARNERS)}
    assert {name: figures["everybody"][name] for name in everybody} == everybody
    assert figures["everybody"]["labs"][0] == {"lab": "sums", "title": "Sums", "handed_in": 0, "graded": 0}


def test_a_program_closes_an_account_and_opens_it_again(campus):
    mine = program(campus, shown(make(campus, ADMIN, "people:write")))
    url = f"{API}/people/{LEARNERS[0]}/closed"
    assert mine.put(url, json={"closed": True}).json()["closed"] is True
    assert mine.put(url, json={"closed": False}).json()["closed"] is False
    assert mine.put(f"{API}/people/{ADMIN}/closed", json={"closed": True}).json()["error"] == "not-yourself"


def test_a_program_writes_to_learners_of_a_lab(campus):
    mine = program(campus, shown(make(campus, TRAINER, "teaching:write")))
    body = {"learners": [LEARNERS[0]], "text": "Class moves to room 4."}
    assert mine.post(f"{API}/courses/{COURSE}/labs/sums/notes", json=body).json() == {"written": 1}
    assert [each.text for each in campus.store.notes.of_learner(LEARNERS[0])] == ["Class moves to room 4."]


def test_a_program_looks_who_a_regrade_would_change(campus):
    mine = program(campus, shown(make(campus, TRAINER, "marks:write", "marks:read")))
    url = f"{API}/courses/{COURSE}/labs/sums/regrade"
    assert mine.get(url).json()["state"] == "none"
    assert mine.post(url).json()["state"] == "looking"
    assert mine.put(url, json={"digest": "0"}).json()["error"] == "regrade-changed"


def test_each_route_of_the_description_has_a_scope_or_refuses_tokens_by_name(campus):
    """A route of tomorrow that is forgotten here takes no token; this says so before its users do."""
    described = {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, calls in campus.app.openapi()["paths"].items()
        for method in calls
        if not path.startswith(f"{API}/grading/")
    }
    assert described - {"GET /certificates/{code}"} == set(ROUTES)
    assert {each for each in ROUTES.values() if each} == set(SCOPES)


def test_everybody_with_a_role_can_give_some_scope_and_a_learner_none():
    assert scopes_open_to(administers=False, teaches=False, coordinates=False) == []
    everything = scopes_open_to(administers=True, teaches=True, coordinates=True, sees_projects=True)
    assert everything == list(SCOPES)
