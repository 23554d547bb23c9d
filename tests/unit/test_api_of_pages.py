"""What pages do, programs do too: links, slips, erasure, second marks, certificates' rules, projects, mails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.campus.token_scopes import SCOPES, scopes_open_to
from tests.support.pretended_campus import API, Campus
from tests.support.small_stores import COURSE, LEARNERS, TRAINER, hand_in
from tests.unit.test_marks_table import grade, task

ADMIN, SECOND, TEAM = "root.admin", "daniel.m", "deborah"
AMINA = LEARNERS[0]
HERE = f"{API}/courses/{COURSE}"
IDENTITY = {"identity_checked": True}


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    made.settings.__dict__["prototypes"] = True
    people = ((ADMIN, "administrator"), (SECOND, "trainer"), (TEAM, "data-team"), ("aline", "coordinator"))
    for name, role in people:
        made.store.people.add(name, name.title(), roles=[role])
    made.store.courses.add_member(COURSE, SECOND, "trainer")
    return made


def program(campus, name, *scopes):
    """Return a program with a token of this person's; without scopes it has all of them."""
    until = datetime.now(UTC) + timedelta(days=1)
    token = campus.store.tokens.make(name, "test", list(scopes or SCOPES), until)
    return campus.client(headers={"Authorization": f"Bearer {token}"})


def test_a_trainers_program_makes_a_link_for_a_learner_that_ends_the_earlier_one(campus):
    mine = program(campus, TRAINER)
    first, second = (mine.post(f"{HERE}/people/{AMINA}/link", json=IDENTITY) for _twice in range(2))
    assert first.headers["cache-control"] == "private, no-store"
    assert first.json()["username"] == AMINA
    assert first.json()["address"] != second.json()["address"]


def test_a_link_is_made_for_those_only_whom_its_maker_may_sign_in(campus):
    mine, url = program(campus, TRAINER), f"{HERE}/people/{AMINA}/link"
    assert mine.post(url, json={"identity_checked": False}).json()["error"] == "identity"
    campus.store.courses.add_member(COURSE, ADMIN, "learner")
    assert mine.post(f"{HERE}/people/{ADMIN}/link", json=IDENTITY).json()["error"] == "link-by-administrator"
    assert mine.post(f"{API}/people/{AMINA}/link").status_code == 404
    administrator = program(campus, ADMIN)
    assert administrator.post(f"{API}/people/{AMINA}/link").json()["username"] == AMINA
    assert administrator.post(f"{API}/people/{ADMIN}/link").json()["error"] == "link-by-page"


def test_neither_a_notebook_server_nor_a_token_for_people_makes_links(campus):
    url = f"{HERE}/people/{AMINA}/link"
    assert campus.program(TRAINER).post(url, json=IDENTITY).json()["error"] == "token-scope"
    narrow = program(campus, TRAINER, "people:read", "people:write")
    assert narrow.post(url, json=IDENTITY).json()["error"] == "token-scope"


def test_slips_of_a_class_are_links_of_its_learners(campus):
    number = campus.store.classes.add_class(COURSE, "Class B")
    campus.store.enrolments.put_in_class(COURSE, LEARNERS, number)
    slips = program(campus, TRAINER).post(f"{HERE}/classes/{number}/slips", json={}).json()
    assert sorted(each["username"] for each in slips) == sorted(LEARNERS)
    assert len({each["address"] for each in slips}) == len(LEARNERS)


def test_an_administrators_program_erases_a_person_whose_name_it_repeats(campus):
    hand_in(campus.store, AMINA)
    mine, url = program(campus, ADMIN, "people:erase"), f"{API}/people/{AMINA}/erasure"
    assert mine.post(url, json={"username": "another"}).json()["error"] == "name-not-typed"
    assert (
        mine.post(f"{API}/people/{ADMIN}/erasure", json={"username": ADMIN}).json()["error"] == "not-yourself"
    )
    assert program(campus, ADMIN, "people:write").post(url, json={"username": AMINA}).status_code == 403
    gone = mine.post(url, json={"username": AMINA}).json()
    assert gone["attempts"] == 1
    assert gone["number"].startswith("E-")
    assert campus.store.people.get(AMINA) is None


def test_a_second_mark_hides_the_first_until_it_is_given(campus):
    attempt, _ = hand_in(campus.store, AMINA)
    grade(campus.store, task("why", None))
    campus.store.results.mark(attempt.id, "why", 1.25, "Good.", TRAINER)
    listed = f"{HERE}/labs/{attempt.lab}/second-marks/why"
    url = f"{API}/attempts/{attempt.receipt}/second-marks/why"
    first, second = program(campus, TRAINER), program(campus, SECOND)
    [hidden] = second.get(listed).json()["sample"]
    assert (hidden["receipt"], hidden["first"], hidden["first_by"]) == (attempt.receipt, None, None)
    assert first.get(listed).json()["sample"][0]["first"] == 1.25
    assert first.put(url, json={"score": 1}).json()["error"] == "own-first-mark"
    assert second.put(url, json={"score": 999}).status_code == 422
    assert second.put(url, json={"score": 2}).status_code == 204
    after = second.get(listed).json()
    assert (after["pairs"], after["same"], after["sample"][0]["first"]) == (1, 0.0, 1.25)


def test_what_a_course_asks_for_is_read_and_set(campus):
    mine, url = program(campus, TRAINER), f"{HERE}/certificates/rule"
    assert mine.get(url).json() == {"percent": 60, "all_labs": True}
    rule = {"percent": 75, "all_labs": False}
    assert mine.put(url, json=rule).json() == rule == mine.get(url).json()
    assert mine.put(url, json={"percent": 0, "all_labs": True}).status_code == 422
    assert campus.program(AMINA).put(url, json=rule).status_code == 403


def test_a_certificate_that_is_not_there_is_not_replaced(campus):
    answer = program(campus, TRAINER).post(
        f"{API}/certificates/AAAA-BBBB-CCCC/replacement", json={"reason": "Name"}
    )
    assert answer.status_code == 404


def test_a_data_teams_program_makes_a_project_and_its_approver_switches_it_off(campus):
    team, approver = program(campus, TEAM), program(campus, "aline")
    made = team.post(f"{API}/projects", json={"name": "letters", "title": "Letters"})
    assert (made.status_code, made.json()["people"]) == (201, [{"username": TEAM, "part": "team"}])
    url = f"{API}/projects/letters"
    assert approver.get(url).status_code == 404
    assert team.put(f"{url}/people/aline/approver").json()["people"][-1]["username"] == "aline"
    assert team.put(f"{url}/switch", json={"on": False, "why": "Wrong"}).status_code == 403
    assert approver.put(f"{url}/switch", json={"on": False}).json()["error"] == "say-why"
    assert approver.put(f"{url}/switch", json={"on": False, "why": "Wrong"}).json()["off_why"] == "Wrong"
    assert approver.put(f"{url}/switch", json={"on": True}).json()["off_why"] is None
    assert team.delete(f"{url}/people/aline/approver").status_code == 204
    assert [each["name"] for each in team.get(f"{API}/projects").json()] == ["letters"]


def test_scopes_of_projects_are_open_to_those_who_see_projects(campus):
    assert scopes_open_to(administers=False, teaches=False, coordinates=False, sees_projects=True) == [
        "projects:read",
        "projects:write",
    ]
    assert 'value="projects:write"' in campus.browser(TEAM).get("/services/campus/me/tokens").text
    assert program(campus, TRAINER).get(f"{API}/projects").status_code == 404


def test_a_person_chooses_their_mails(campus):
    mine, url = campus.program(AMINA), f"{API}/me/mails"
    assert mine.get(url).json() == {"wanted": ["feedback", "closing", "late", "class"]}
    assert mine.put(url, json={"wanted": ["late"]}).json() == {"wanted": ["late"]}
    assert campus.store.mails.refused_kinds(AMINA) == {"feedback", "closing", "class"}
    assert mine.put(url, json={"wanted": ["weather"]}).status_code == 422
    assert program(campus, TRAINER).put(url, json={"wanted": []}).json()["error"] == "token-never"
