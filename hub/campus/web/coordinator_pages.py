"""A coordinator's page: how far the people of their own institution are; counts, and names if the policy says so."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hub.campus.institution_report import InstitutionReport, group_title, make_report, report_sheet
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor, Who
from hub.campus.web.page_rendering import pages_of
from hub.campus.web.progress_figures import lab_bars, week_lines
from hub.message_catalogues import N_
from hub.safe_spreadsheets import csv_table
from hub.store.course_progress import courses_with_people, read_progress
from hub.store.learner_times import learner_times
from hub.store.table_models import Course

router = APIRouter(prefix="/overview")
TITLES = {
    "everybody": N_("Everybody"),
    "class": N_("Class"),
    "institution": N_("Institution"),
    "no-class": N_("in no class"),
    "here": N_("directly here"),
}
HEADINGS = (N_("Group"), N_("Name"), N_("People"), N_("Lab"), N_("Handed in"), N_("Graded"))


@router.get("")
def course_overview(request: Request, who: Who, course: str = "") -> Response:
    """Show one course: a sentence, figures by class and institution, a line by week, names if allowed."""
    must_coordinate(who)
    store, name = who.campus.store, who.person.institution
    courses = courses_of(who)
    chosen = _chosen(courses, course)
    report = read_report(who, chosen.id) if chosen else None
    shows_names = who.campus.settings.reports.names and report is not None and not report.is_small
    if shows_names and report and (report.not_begun or report.late):
        who.note("read-names", f"{name} in {report.progress.course.id}")
    titles = group_titles(who)
    return pages_of(request).show(
        who,
        "coordinator.html",
        institution=store.institutions.get(name) if name else None,
        courses=courses,
        report=report,
        shows_names=shows_names,
        policy=who.campus.settings.reports,
        bars=lab_bars,
        line=week_lines,
        title_of=lambda group: group_title(group, titles),
    )


@router.get("/file.csv")
def counts_file(who: Who, course: str) -> Response:
    """Send the counts of one course as a table; small groups are joined there too."""
    must_coordinate(who)
    report = read_report(who, course)
    headings = [who.say(each) for each in HEADINGS]
    content = csv_table(report_sheet(report, group_titles(who), headings, who.language)).encode()
    name = quote(f"{course}-{report.at:%Y-%m-%d}.csv", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def must_coordinate(who: Visitor) -> None:
    """Raise not-found unless this person is a coordinator."""
    if "coordinator" not in who.roles:
        who.refuse("overview")


def courses_of(who: Visitor) -> list[tuple[Course, int]]:
    """Return the courses of the visitor's institution with how many of its people learn there; none without one."""
    name, database = who.person.institution, who.campus.store.database
    if not name:
        return []
    return who.campus.figures.get(
        ("courses", name),
        lambda: courses_with_people(database, name),
        lambda found: sum(people for _course, people in found),
    )


def read_report(who: Visitor, course: str) -> InstitutionReport:
    """Return the report of the visitor's own institution, at most ten minutes old; `at` says of when.

    Raises Problem for a course that is not theirs.
    """
    return who.campus.figures.get(
        ("report", who.person.institution, course),
        lambda: _counted_report(who, course),
        lambda found: found.people,
    )


def _counted_report(who: Visitor, course: str) -> InstitutionReport:
    store, name = who.campus.store, who.person.institution
    progress = read_progress(store.database, name, course) if name else None
    if progress is None or name is None:
        raise Problem("not-found")
    policy = who.campus.settings.reports
    labs = [each for each in store.courses.labs(course) if each.withdrawn_at is None]
    return make_report(
        progress,
        labs,
        store.institutions.tree(archived=True),
        name,
        least=policy.smallest_group,
        target=policy.target_percent,
        own=learner_times(store.database, labs),
    )


def _chosen(courses: list[tuple[Course, int]], wanted: str) -> Course | None:
    """Return the course that was asked for, else the one with most people. Raises Problem for another one."""
    for course, _number in courses:
        if not wanted or course.id == wanted:
            return course
    if wanted:
        raise Problem("not-found")
    return None


def group_titles(who: Visitor) -> dict[str, str]:
    """Return the words for everybody, classes and institutions in the visitor's language."""
    return {code: who.say(text) for code, text in TITLES.items()}
