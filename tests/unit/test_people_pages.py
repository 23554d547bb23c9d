"""People, institutions, courses, classes, rosters and the audit log on their pages and in the API."""

from __future__ import annotations

import io
import re

import pytest

from hub.sign_in_links import token_digest
from hub.store.roster_file import read_roster
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, build_lab, form_key, work
from tests.support.small_stores import COURSE, LAB, LEARNERS, TRAINER

AMINA, BOSCO = LEARNERS
PEOPLE = f"{ROOT}/courses/{COURSE}/people"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def admin(campus):
    return campus.browser("admin")


@pytest.fixture
def trainer(campus):
    return campus.browser(TRAINER)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"(?s)<[^>]*>", " ", page))


def send(browser, where, what, **fields):
    return browser.post(what, data={"key": form_key(browser.get(where).text), **fields})


def test_all_forms_of_a_page_have_one_key_and_the_page_has_another_next_time(trainer):
    before, after = (
        set(re.findall(r'name="key" value="(\w+)"', page))
        for page in (trainer.get(PEOPLE).text for _ in range(2))
    )
    assert len(before) == len(after) == 1
    assert before != after
    for key in before | after:
        assert trainer.post(f"{PEOPLE}/{AMINA}/class", data={"key": key}).status_code == 303


def followed(browser, answer):
    assert answer.status_code == 303, text_of(answer.text)
    return text_of(browser.get(answer.headers["location"]).text)


def noted(campus):
    return [(each.what, each.object) for each in campus.store.audit.newest()]


def tokens(page):
    return re.findall(r"/hub/welcome/([\w-]+)", page)


PERSON = {"display_name": "Amina Keza", "language": "fr", "role": ["learner"], "institution": "minict"}


def test_a_person_is_changed_and_the_page_says_so_once(campus, admin):
    here = f"{ROOT}/people/{AMINA}"
    answer = send(admin, here, here, **PERSON, email="Amina@Example.rw")
    assert "Your changes were saved." in followed(admin, answer)
    assert "Your changes were saved." not in admin.get(here).text
    amina = campus.store.people.get(AMINA)
    assert (amina.display_name, amina.language, amina.email) == ("Amina Keza", "fr", "amina@example.rw")
    assert noted(campus)[0] == ("changed-person", f"{AMINA}: name; language; email")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"display_name": " \u202e "}, "A name has 1 to 200 letters on one line."),
        ({"display_name": "N" * 201}, "A name has 1 to 200 letters on one line."),
        ({"email": "nowhere"}, "nowhere cannot be an e-mail address."),
        (
            {"role": ["coordinator"], "institution": ""},
            "A coordinator sees one institution, and none is chosen.",
        ),
        ({"role": []}, "Everybody has a role. Choose at least one."),
        ({"role": ["king"]}, "Something in this request is missing or wrong (role)."),
        ({"institution": "nothing"}, "There is no institution called nothing."),
        ({"language": "xx"}, "Something in this request is missing or wrong (language)."),
    ],
)
def test_a_change_that_cannot_be_is_answered_with_a_sentence_and_changes_nothing(
    campus, admin, wrong, sentence
):
    here = f"{ROOT}/people/{AMINA}"
    assert sentence in text_of(send(admin, here, here, **{**PERSON, **wrong}).text)
    assert campus.store.people.get(AMINA).display_name == "Amina.K"


def test_nobody_takes_the_administrators_role_from_themselves(campus, admin):
    here = f"{ROOT}/people/admin"
    page = send(admin, here, here, display_name="A", language="en", role=["learner"])
    assert "You cannot take the administrator&#39;s role from yourself." in page.text
    assert campus.store.people.roles("admin") == ["administrator"]


def test_a_coordinator_is_invited_with_an_institution_or_not_at_all(campus, admin):
    fields = {"username": "felix.c", "display_name": "Félix", "role": "coordinator"}
    where = f"{ROOT}/people"
    assert "A coordinator sees one institution" in send(admin, where, where, **fields).text
    assert campus.store.people.get("felix.c") is None
    assert send(admin, where, where, **fields, institution="minict").status_code == 200
    page = text_of(campus.browser("felix.c").get(f"{ROOT}/overview").text)
    assert "Ministry of ICT" in page
    assert "Fewer than 5 people of your institution learn in this course" in page


def test_a_coordinator_of_nothing_is_told_whom_to_ask(campus):
    campus.store.people.add("felix.c", "Félix", roles=("coordinator",))
    page = text_of(campus.browser("felix.c").get(f"{ROOT}/overview").text)
    assert "Your account belongs to no institution yet" in page


def test_a_person_is_enrolled_put_in_a_class_moved_and_taken_out(campus, admin):
    campus.store.people.add("david.h", "David")
    campus.store.classes.add_course("other", "Other course")
    number = campus.store.classes.classes(COURSE)[0].group.id
    here = f"{ROOT}/people/david.h"
    said = followed(admin, send(admin, here, f"{here}/enrol", course=COURSE))
    assert "david.h is enrolled." in said
    followed(admin, send(admin, here, f"{here}/class", course=COURSE, group=number))
    assert campus.store.enrolments.member(COURSE, "david.h").group == "Class A"
    said = followed(admin, send(admin, here, f"{here}/move", course=COURSE, to="other"))
    assert "david.h was moved. Attempts that moved along: 0." in said
    said = followed(admin, send(admin, here, f"{here}/take-out", course="other"))
    assert "david.h is no longer in this course." in said
    assert campus.store.enrolments.of_person("david.h") == []


@pytest.mark.parametrize("group", ["x", "0", "-1", "9" * 30, "٣"])
def test_a_class_that_is_no_number_is_refused(campus, admin, group):
    page = send(admin, f"{ROOT}/people/{AMINA}", f"{ROOT}/people/{AMINA}/class", course=COURSE, group=group)
    assert page.status_code == 422
    assert admin.get(f"{ROOT}/courses/{COURSE}/classes/{'9' * 30}").status_code == 422


def test_institutions_and_courses_are_made_renamed_and_archived_on_their_pages(campus, admin):
    where = f"{ROOT}/institutions"
    followed(admin, send(admin, where, where, title="Gasabo District", parent="minict"))
    here = f"{where}/gasabo-district"
    followed(admin, send(admin, here, here, title="Gasabo", parent=""))
    page = followed(admin, send(admin, here, f"{here}/archive"))
    assert "gasabo-district was archived. Nothing in it was removed, and you can bring it back." in page
    followed(admin, send(admin, here, f"{here}/archive", back="1"))
    where = f"{ROOT}/courses"
    followed(admin, send(admin, where, where, title="AI for all", name="all-2026b", institution="minict"))
    here = f"{where}/all-2026b"
    followed(
        admin, send(admin, f"{here}/settings", f"{here}/settings", title="AI for everyone", intake="2026 B")
    )
    followed(admin, send(admin, f"{here}/settings", f"{here}/archive"))
    assert campus.store.courses.get("all-2026b").archived_at is not None
    assert [what for what, _about in noted(campus)] == [
        *("archived", "changed-course", "made-course", "brought-back", "archived"),
        *("changed-institution", "made-institution"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/people/amina.k",
            "/institutions",
            "/institutions/minict",
            "/courses",
            "/roster",
            "/roster/export",
        ),
        *("/audit", "/audit/export"),
    ],
)
def test_administration_is_there_for_administrators_alone(campus, trainer, path):
    assert trainer.get(f"{ROOT}{path}").status_code == 404
    assert campus.program("admin").get(f"{ROOT}{path}").status_code == 404
    assert campus.store.refusals.newest(TRAINER)[0].about == "administration"


def test_a_trainer_arranges_the_own_course_and_no_other(campus, trainer):
    followed(
        trainer,
        send(trainer, PEOPLE, f"{ROOT}/courses/{COURSE}/classes", title="Class B", schedule="Tue 14:00"),
    )
    number = campus.store.classes.classes(COURSE)[1].group.id
    here = f"{ROOT}/courses/{COURSE}/classes/{number}"
    followed(trainer, send(trainer, here, here, title="Class C"))
    followed(trainer, send(trainer, PEOPLE, f"{PEOPLE}/{AMINA}/class", group=number))
    assert campus.store.enrolments.member(COURSE, AMINA).group == "Class C"
    campus.store.classes.add_course("other", "Other")
    key = {"key": form_key(trainer.get(PEOPLE).text)}
    assert trainer.get(f"{ROOT}/courses/other/people").status_code == 404
    for path in ("enrol", "classes", f"people/{AMINA}/take-out", f"people/{AMINA}/link"):
        fields = {**key, "title": "X", "username": AMINA}
        assert trainer.post(f"{ROOT}/courses/other/{path}", data=fields).status_code == 404
    learner = campus.browser(AMINA)
    assert learner.get(PEOPLE).status_code == 403


def test_a_trainer_enrols_learners_and_makes_nobody_a_trainer(campus, trainer):
    campus.store.people.add("david.h", "David")
    there = f"{ROOT}/courses/{COURSE}/enrol"
    assert send(trainer, PEOPLE, there, username="david.h", part="trainer").status_code == 403
    assert "David.H is enrolled." in followed(trainer, send(trainer, PEOPLE, there, username="David.H"))
    assert "There is nobody called nobody here." in send(trainer, PEOPLE, there, username="nobody").text
    assert send(trainer, PEOPLE, f"{PEOPLE}/{TRAINER}/take-out").status_code == 409


def test_a_trainer_makes_a_link_for_a_known_learner_and_earlier_ones_end(campus, trainer):
    there = f"{PEOPLE}/{AMINA}/link"
    assert "tick the box that says so" in send(trainer, PEOPLE, there).text
    first = tokens(send(trainer, PEOPLE, there, sure="1").text)[0]
    page = send(trainer, PEOPLE, there, sure="1").text
    second = tokens(page)[0]
    assert "<svg" in page
    assert re.search(r"until \d+ \w+ 20\d\d \d\d:\d\d", text_of(page))
    assert campus.store.invitations.peek(token_digest(first)).used_at is not None
    assert campus.store.invitations.peek(token_digest(second)).used_at is None
    assert noted(campus)[0] == ("made-link", AMINA)
    assert second not in str(noted(campus))


def test_a_trainer_cannot_take_over_an_account_by_enrolling_it(campus, trainer):
    campus.store.people.add("david.h", "David")
    followed(trainer, send(trainer, PEOPLE, f"{ROOT}/courses/{COURSE}/enrol", username="david.h"))
    campus.store.people.add("boss.b", "Boss", roles=("learner", "administrator"))
    campus.store.enrolments.enrol(COURSE, "boss.b")
    for name in ("david.h", "boss.b"):
        page = send(trainer, PEOPLE, f"{PEOPLE}/{name}/link", sure="1")
        assert page.status_code == 403
        assert f"A link for {name} can be made by an administrator only." in page.text
    number = campus.store.classes.classes(COURSE)[0].group.id
    for name in ("david.h", "boss.b"):
        campus.store.enrolments.put_in_class(COURSE, [name], number)
    here = f"{ROOT}/courses/{COURSE}/classes/{number}"
    slips = send(trainer, here, f"{here}/slips", everybody="1").text
    assert "david.h" not in slips
    assert "boss.b" not in slips
    admin = campus.browser("admin")
    followed(admin, send(admin, PEOPLE, f"{ROOT}/courses/{COURSE}/enrol", username="david.h"))
    assert send(trainer, PEOPLE, f"{PEOPLE}/david.h/link", sure="1").status_code == 200


def test_slips_are_for_those_without_a_password_in_their_own_language(campus, trainer):
    campus.store.people.set_password_hash(AMINA, "kept")
    campus.store.people.set_language(BOSCO, "fr")
    here = f"{ROOT}/courses/{COURSE}/classes/{campus.store.classes.classes(COURSE)[0].group.id}"
    page = send(trainer, here, f"{here}/slips").text
    assert page.count("<svg") == 1
    assert "Ouvrez cette adresse" in page
    assert campus.store.invitations.peek(token_digest(tokens(page)[0])).kind == "welcome"
    everybody = send(trainer, here, f"{here}/slips", everybody="1").text
    kinds = {campus.store.invitations.peek(token_digest(token)).kind for token in tokens(everybody)}
    assert kinds == {"welcome", "reset"}
    assert campus.store.invitations.peek(token_digest(tokens(page)[0])).used_at is not None
    campus.store.people.set_password_hash(BOSCO, "kept")
    assert "Make slips for all instead." in send(trainer, here, f"{here}/slips").text


def upload(admin, data, **fields):
    key = form_key(admin.get(f"{ROOT}/roster").text)
    return admin.post(
        f"{ROOT}/roster", data={"key": key, **fields}, files={"file": ("r.csv", io.BytesIO(data))}
    )


ROSTER = f"Nom;Courriel;Cours;Classe\nÉlodie Uwera;e@x.rw;{COURSE};Class B\n;x@x.rw;;\n".encode("cp1252")


def test_a_roster_is_shown_first_and_then_imported_once(campus, admin):
    page = upload(admin, ROSTER)
    said = text_of(page.text)
    assert "Row 3 ( x@x.rw ) has no name." in said
    assert campus.store.people.get("elodie.u") is None
    token = re.search(r'name="token" value="([\w-]+)"', page.text)[1]
    fields = {"key": form_key(page.text), "token": token}
    said = followed(admin, admin.post(f"{ROOT}/roster/import", data=fields))
    assert "The roster was imported: 1 new people, 1 enrolments." in said
    assert campus.store.enrolments.member(COURSE, "elodie.u").group == "Class B"
    assert "was imported already" in admin.post(f"{ROOT}/roster/import", data=fields).text
    assert "This roster changes nothing." in upload(admin, ROSTER).text


def test_a_roster_is_pasted_as_well_as_uploaded(admin):
    key = form_key(admin.get(f"{ROOT}/roster").text)
    page = admin.post(f"{ROOT}/roster", data={"key": key, "text": "name\tusername\nDavid\tdavid.h"})
    assert "david.h" in page.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "There is no row in this roster."),
        (b"a,b\n1,2", "The first row must name the columns."),
        (b"PK\x03\x04", "This Excel file cannot be read."),
    ],
)
def test_what_is_no_roster_is_answered_with_a_sentence_in_the_readers_language(campus, admin, data, sentence):
    assert sentence in upload(admin, data).text
    campus.store.people.set_language("admin", "fr")
    page = upload(admin, data)
    assert page.status_code == 422
    assert sentence not in page.text


def test_a_roster_without_our_key_or_from_a_trainer_is_refused(campus, admin, trainer):
    assert admin.post(f"{ROOT}/roster", data={"text": "name,username\nA,a"}).status_code == 403
    assert trainer.post(f"{ROOT}/roster", data={"text": "name,username\nA,a"}).status_code == 404
    assert campus.store.people.get("a") is None


def test_an_export_can_be_imported_again(campus, admin):
    for form in ("csv", "xlsx"):
        answer = admin.get(f"{ROOT}/roster/export?form={form}")
        assert "attachment" in answer.headers["content-disposition"]
        assert {row.cells["username"] for row in read_roster(answer.content).rows} >= {AMINA, BOSCO, "admin"}
        assert "This roster changes nothing." in upload(admin, answer.content).text
    assert noted(campus)[0][0] == "exported-roster"


def test_the_audit_page_speaks_in_words_and_is_filtered(campus, admin):
    campus.program(AMINA).post(attempts_url(), content=work())
    campus.store.audit.add("other", "enrolled", "somebody")
    page = text_of(admin.get(f"{ROOT}/audit").text)
    assert "amina.k handed in everyone-2026a-minict/sums" in page
    page = text_of(admin.get(f"{ROOT}/audit?action=enrolled").text)
    assert "other enrolled somebody somebody" in page
    assert "everyone-2026a-minict/sums" not in page
    assert "somebody" in admin.get(f"{ROOT}/audit?since=2020-01-01&until=2199-12-31").text
    empty = text_of(admin.get(f"{ROOT}/audit?until=2020-01-01").text)
    assert "Nothing is written down here that fits." in empty
    assert admin.get(f"{ROOT}/audit?since=yesterday").status_code == 422
    assert admin.get(f"{ROOT}/audit?since=9999-12-31&until=0001-01-01").status_code == 422
    campus.store.people.set_language("admin", "fr")
    assert "a remis un travail" in text_of(admin.get(f"{ROOT}/audit").text)


def test_the_audit_log_is_exported_with_its_seals(campus, admin):
    campus.store.audit.add("=cmd()", "invited", "-1")
    lines = admin.get(f"{ROOT}/audit/export").text.splitlines()
    assert lines[0].lstrip("\ufeff") == "time,user,action,object,address,seal"
    assert "'=cmd(),invited,'-1" in lines[1]
    assert campus.store.audit.newest()[0].what == "exported-audit"


@pytest.mark.parametrize("page", ["0", "-5", str(10**20)])
@pytest.mark.parametrize("path", ["/people", "/audit", f"/courses/{COURSE}/people"])
def test_a_page_number_that_no_list_has_is_the_nearest_one(campus, admin, path, page):
    assert admin.get(f"{ROOT}{path}?page={page}").status_code == 200


def test_what_cannot_be_taken_back_at_once_is_asked_about_first_and_told_afterwards(campus, trainer):
    here = f"{ROOT}/courses/{COURSE}/labs/{LAB}"
    page = trainer.get(here).text
    for path in ("return", "grade", "close"):
        assert re.search(rf'<details class="sure">(?:(?!</details>).)*action="{here}/{path}"', page, re.S), (
            path
        )
    said = followed(trainer, send(trainer, here, f"{here}/close"))
    assert "The lab is closed and takes no more work." in said
    assert "Undo" in said
    assert "Undo" not in text_of(trainer.get(here).text)
    assert "The lab is open." in followed(trainer, send(trainer, here, f"{here}/closing"))
    said = followed(trainer, send(trainer, here, f"{here}/closing", closes_at="2031-05-01T10:00"))
    assert "The lab is open until 1 May 2031 10:00." in said
    past = send(trainer, here, f"{here}/closing", closes_at="2020-05-01T10:00")
    assert "2020-05-01T10:00 is over already." in past.text
    said = followed(trainer, send(trainer, here, f"{here}/return"))
    assert "Nothing was returned: no work that is checked was chosen." in said


def test_a_newer_version_of_a_closed_lab_leaves_it_closed(campus, trainer):
    build_lab(campus.settings.state)
    course, here = f"{ROOT}/courses/{COURSE}", f"{ROOT}/courses/{COURSE}/labs/bars"
    send(trainer, course, f"{here}/release", closes_at="2031-05-01T10:00")
    send(trainer, here, f"{here}/close")
    build_lab(campus.settings.state, version="def456")
    assert 'name="closes_at" value' not in trainer.get(course).text
    send(trainer, course, f"{here}/release")
    lab = campus.store.courses.lab(COURSE, "bars")
    assert (lab.version, lab.state(), lab.closes_at.year) == ("def456", "closed", 2031)


def test_a_message_that_somebody_made_up_is_not_shown(campus, admin):
    admin.cookies.set("isomo-message", "bm90IGpzb24=", path="/services/campus")
    assert admin.get(f"{ROOT}/people").status_code == 200
    assert 'role="status"' not in admin.get(f"{ROOT}/people").text


HOSTILE = "<script>alert(1)</script> \u202eمرحبا 😀 " + "N" * 150


def test_a_hostile_name_is_shown_as_text_on_every_page(campus, admin):
    here = f"{ROOT}/people/{AMINA}"
    followed(admin, send(admin, here, here, **{**PERSON, "display_name": HOSTILE}))
    for path in (f"{ROOT}/people", here, PEOPLE):
        page = admin.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; مرحبا 😀" in page


# The same through the API: an administrator's calls need the signed-in browser, as their pages do.


def test_people_are_made_changed_and_listed_by_programs(campus, admin):
    made = admin.put(f"{API}/people/david.h", json={"name": "David", "institution": "minict"}).json()
    assert made == {
        "username": "david.h",
        "name": "David",
        "email": None,
        "language": "en",
        "institution": "minict",
        "roles": ["learner"],
        "closed": False,
    }
    changed = admin.put(f"{API}/people/david.h", json={"roles": ["coordinator"], "email": "d@x.rw"}).json()
    assert (changed["roles"], changed["email"], changed["institution"]) == (
        ["coordinator"],
        "d@x.rw",
        "minict",
    )
    refused = admin.put(f"{API}/people/david.h", json={"institution": ""})
    assert (refused.status_code, refused.json()["error"]) == (422, "coordinator-without-institution")
    assert admin.get(f"{API}/people?institution=minict&role=coordinator").json()["total"] == 1
    assert campus.program("admin").get(f"{API}/people").status_code == 404


def test_institutions_courses_and_classes_are_arranged_by_programs(campus, admin):
    assert (
        admin.put(f"{API}/institutions/risa", json={"title": "RISA", "parent": "minict"}).json()["parent"]
        == "minict"
    )
    assert (
        admin.put(f"{API}/courses/tech/settings", json={"title": "Tech", "institution": "risa"}).json()[
            "name"
        ]
        == "tech"
    )
    made = admin.post(f"{API}/courses/tech/classes", json={"title": "A", "schedule": "Mon"}).json()
    there = f"{API}/courses/tech/classes/{made['number']}"
    assert admin.patch(there, json={"title": "B"}).json()["title"] == "B"
    assert (
        admin.put(f"{API}/courses/tech/people/{AMINA}", json={"class_number": made["number"]}).status_code
        == 204
    )
    assert admin.get(f"{API}/courses/tech/people").json()["members"][0]["class_title"] == "B"
    assert admin.patch(there, json={"archived": True}).json()["archived"] is True
    assert admin.delete(f"{API}/courses/tech/people/{AMINA}").status_code == 204
    assert admin.delete(f"{API}/courses/tech/people/{AMINA}").json()["error"] == "not-enrolled"
    assert {each["name"] for each in admin.get(f"{API}/courses/all").json()} == {COURSE, "tech"}


def test_a_trainers_program_arranges_the_own_course(campus):
    claudine = campus.program(TRAINER)
    number = claudine.post(f"{API}/courses/{COURSE}/classes", json={"title": "B"}).json()["number"]
    there = f"{API}/courses/{COURSE}/people/{AMINA}"
    assert claudine.put(there, json={"class_number": number}).status_code == 204
    assert claudine.put(there, json={"class_number": None}).status_code == 204
    assert campus.store.enrolments.member(COURSE, AMINA).group is None
    assert claudine.put(there, json={"part": "trainer"}).status_code == 403
    assert claudine.post(f"{there}/move", json={"to": COURSE}).status_code == 404


def test_a_roster_is_imported_and_exported_by_programs(campus, admin):
    plan = admin.post(f"{API}/roster", content=ROSTER).json()
    assert (plan["imported"], plan["counts"]["new_people"], plan["bad_rows"][0]["reason"]) == (
        False,
        1,
        "no-name",
    )
    assert campus.store.people.get("elodie.u") is None
    assert admin.post(f"{API}/roster?dry_run=false", content=ROSTER).json()["imported"] is True
    assert campus.store.people.get("elodie.u") is not None
    assert read_roster(admin.get(f"{API}/roster").content).rows
    assert admin.post(f"{API}/roster", content=b"PK").json()["error"] == "unreadable-roster"
    assert admin.get(f"{API}/audit?action=imported-roster").text.count("imported-roster") == 1
