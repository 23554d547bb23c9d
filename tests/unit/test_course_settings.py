"""Settings of a course: what its trainers change, and what only an administrator does."""

from __future__ import annotations

import pytest

from tests.support.pretended_campus import API, ROOT, Campus, form_key
from tests.support.small_stores import COURSE, TRAINER

HERE = f"{ROOT}/courses/{COURSE}/settings"


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    made.store.classes.change_course(COURSE, institution="minict", track="everyone")
    return made


def test_a_trainer_renames_the_own_course_and_leaves_its_institution(campus):
    trainer = campus.browser(TRAINER)
    page = trainer.get(HERE).text
    assert "Only an administrator changes the institution" in page
    assert 'name="institution"' not in page
    assert "Archive it now" not in page
    wanted = {"title": "AI for all", "intake": "2027", "institution": "", "track": "technical"}
    origin = {"Origin": campus.settings.address}
    trainer.post(HERE, data={**wanted, "key": form_key(page)}, headers=origin)
    course = campus.store.courses.get(COURSE)
    kept = (course.title, course.intake, course.institution, course.track)
    assert kept == ("AI for all", "2027", "minict", "everyone")


def test_a_trainer_reaches_the_settings_of_no_other_course(campus):
    assert campus.browser(TRAINER).get(f"{ROOT}/courses/other/settings").status_code == 404


def test_a_trainers_program_renames_the_course_and_archives_nothing(campus):
    program, there = campus.program(TRAINER), f"{API}/courses/{COURSE}/settings"
    assert program.put(there, json={"title": "Renamed"}).json()["title"] == "Renamed"
    for change in ({"archived": True}, {"institution": "minict"}, {"track": "everyone"}):
        assert program.put(there, json=change).json()["error"] == "not-allowed"
    assert campus.store.courses.get(COURSE).archived_at is None
