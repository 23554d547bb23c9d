"""Pages of people ask the database a fixed number of questions."""

from __future__ import annotations

from sqlalchemy import event

from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LEARNERS

AMINA = LEARNERS[0]


def test_a_page_needs_as_many_queries_however_much_there_is(tmp_path):
    campus = Campus(tmp_path)
    admin = campus.browser("admin")
    said = []
    event.listen(campus.store.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    def queries():
        counts = {}
        for path in (
            f"/people/{AMINA}",
            "/people",
            "/courses",
            "/institutions",
            f"/courses/{COURSE}/people",
            "/audit",
        ):
            said.clear()
            assert admin.get(f"{ROOT}{path}").status_code == 200
            counts[path] = len(said)
        return counts

    queries()  # The first visit also writes what is written once for each session.
    before = queries()
    for number in range(6):
        campus.store.institutions.add(f"district-{number}", f"District {number}", "minict")
        campus.store.classes.add_course(f"course-{number}", f"Course {number}")
        campus.store.enrolments.enrol(f"course-{number}", AMINA)
        campus.store.people.add(f"person-{number}", "P")
        campus.store.enrolments.enrol(COURSE, f"person-{number}")
    assert queries() == before
