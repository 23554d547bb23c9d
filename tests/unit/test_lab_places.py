"""Number, track and prerequisites of a lab, in every list that names it: pages, API and mails."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from hub.campus.mail_texts import mail_message
from hub.campus.nightly_rounds import Housekeeping
from hub.store.mail_queue import Mail
from hub.store.table_models import LabVersion, Person
from tests.support.pretended_campus import API, ROOT, Campus, build_lab, form_key
from tests.support.small_stores import COURSE, LEARNERS, TRAINER

LEARNER = LEARNERS[0]
BEFORE = {"en": "builds on: 3 · Bars", "fr": "s’appuie sur : 3 · Bars (fr)"}


def words_of(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split()).replace("\u00a0", " ")


@pytest.fixture
def campus(tmp_path):
    """A course in which a trainer released the lab `lines`, which builds on `bars`; `bars` is in the library."""
    mail = {"host": "127.0.0.1", "port": 1, "encryption": "none", "sender": "isomo@example.gov"}
    made = Campus(tmp_path, mail=mail)
    build_lab(made.settings.state, title="3 · Bars", number=3)
    build_lab(
        made.settings.state, "lines", title="4 · Lines", number=4, builds_on=["bars"], track="technical"
    )
    release(made, "lines")
    return made


def release(campus, lab):
    browser = campus.browser(TRAINER)
    key = form_key(browser.get(f"{ROOT}/courses/{COURSE}").text)
    browser.post(f"{ROOT}/courses/{COURSE}/labs/{lab}/release", data={"key": key})


@pytest.mark.parametrize(
    ("language", "track"), [("en", "for technical staff"), ("fr", "pour le personnel technique")]
)
def test_learners_and_trainers_read_for_whom_a_released_lab_is_and_what_it_builds_on(campus, language, track):
    for person, address in ((LEARNER, "/"), (TRAINER, f"/courses/{COURSE}")):
        campus.store.people.set_language(person, language)
        said = words_of(campus.browser(person).get(f"{ROOT}{address}").text)
        assert "4 · Lines" in said
        assert track in said
        assert BEFORE[language] in said


def test_a_lab_that_says_no_track_and_no_prerequisite_shows_neither(campus):
    assert words_of(campus.browser(LEARNER).get(f"{ROOT}/").text).count("builds on:") == 1
    labs = campus.program(LEARNER).get(f"{API}/courses/{COURSE}/labs").json()
    assert [(each["number"], each["track"], each["builds_on"]) for each in labs if each["lab"] == "sums"] == [
        (0, "", [])
    ]


def test_the_api_tells_number_track_and_prerequisites_of_released_labs_and_of_the_librarys(campus):
    build_lab(campus.settings.state, "areas", title="5 · Areas", number=5, builds_on=["lines", "gone"])
    labs = {each["lab"]: each for each in campus.program(TRAINER).get(f"{API}/courses/{COURSE}/labs").json()}
    assert (labs["lines"]["number"], labs["lines"]["track"], labs["lines"]["state"]) == (
        4,
        "technical",
        "released",
    )
    assert labs["lines"]["builds_on"] == [{"lab": "bars", "title": "3 · Bars"}]
    assert (labs["areas"]["number"], labs["areas"]["track"], labs["areas"]["state"]) == (
        5,
        "everyone",
        "draft",
    )
    assert labs["areas"]["builds_on"] == [
        {"lab": "lines", "title": "4 · Lines"},
        {"lab": "gone", "title": "gone"},
    ]


def test_a_prerequisite_is_called_as_this_course_calls_it_and_a_new_title_keeps_the_number(campus):
    release(campus, "bars")
    campus.store.courses.rename(COURSE, "bars", {"en": "Draw bars", "fr": "3 · Des barres"}, 0)
    assert campus.store.courses.lab(COURSE, "bars").title == {"en": "3 · Draw bars", "fr": "3 · Des barres"}
    assert "builds on: 3 · Draw bars" in words_of(campus.browser(LEARNER).get(f"{ROOT}/").text)
    (lines,) = [
        each
        for each in campus.program(LEARNER).get(f"{API}/courses/{COURSE}/labs").json()
        if each["lab"] == "lines"
    ]
    assert lines["builds_on"] == [{"lab": "bars", "title": "3 · Draw bars"}]


@pytest.mark.parametrize("kind", ["closing", "late", "feedback"])
def test_a_mail_that_sends_somebody_to_a_lab_says_for_whom_it_is_and_what_it_builds_on(campus, kind):
    now = datetime.now(UTC)
    facts = {"course": COURSE, "lab": "lines", "closes_at": (now + timedelta(hours=9)).isoformat()}
    mail = Mail(id=1, username=LEARNER, kind=kind, facts=facts, queued_at=now, tries=0)
    person = Person(username=LEARNER, display_name="Amina", language="fr", email="amina@example.gov")
    made = mail_message(campus.store, mail, person)
    assert "« 4 · Lines (fr) »" in made["Subject"].replace("\u00a0", " ").replace("\u202f", " ")
    sentence = "À propos de cet atelier : pour le personnel technique, s’appuie sur : 3 · Bars (fr)."
    assert (sentence in made.get_content().replace("\u00a0", " ")) == (kind != "feedback")


def test_a_newer_version_brings_track_and_prerequisites_with_it(campus):
    build_lab(campus.settings.state, "lines", "def456", title="4 · Lines", number=4, builds_on=[])
    release(campus, "lines")
    released = campus.store.courses.lab(COURSE, "lines")
    assert (released.version, released.track, released.builds_on) == ("def456", "everyone", ())


def released_before_tracks_were_kept(campus, lab):
    with campus.store.database.write() as session:
        session.execute(
            update(LabVersion).where(LabVersion.lab == lab).values(number=0, track="", builds_on=[])
        )


def test_a_lab_released_before_tracks_were_kept_shows_them_once_the_campus_has_started(campus):
    released_before_tracks_were_kept(campus, "lines")
    before = campus.store.courses.lab(COURSE, "lines")
    assert "for technical staff" not in words_of(campus.browser(LEARNER).get(f"{ROOT}/").text)
    Housekeeping(campus.app.state.campus).at_start()
    said = words_of(campus.browser(LEARNER).get(f"{ROOT}/").text)
    assert "for technical staff" in said
    assert BEFORE["en"] in said
    after = campus.store.courses.lab(COURSE, "lines")
    assert (after.number, after.track) == (4, "technical")
    assert (after.release_bundle, after.title) == (before.release_bundle, before.title)


def test_a_release_that_knows_its_track_keeps_it_whatever_the_built_lab_says_now(campus):
    build_lab(campus.settings.state, "lines", "def456", title="9 · Lines", number=9, builds_on=[])
    Housekeeping(campus.app.state.campus).at_start()
    released = campus.store.courses.lab(COURSE, "lines")
    assert (released.number, released.track) == (4, "technical")


def test_a_lab_that_is_not_built_here_stays_without_a_track(campus):
    Housekeeping(campus.app.state.campus).at_start()
    assert campus.store.courses.lab(COURSE, "sums").track == ""
