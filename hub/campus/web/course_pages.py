"""Courses, for an administrator: the list, and the settings of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.store.institution_tree import short_name_from

router = APIRouter(prefix="/courses")


@router.get("")
def courses_page(request: Request, who: Who) -> Response:
    """Every course with its institution and how many people and classes it has."""
    who.must_administer()
    store = who.campus.store
    return pages_of(request).show(
        who,
        "courses.html",
        courses=store.classes.courses(archived=True),
        tree=store.institutions.tree(),
    )


@router.post("")
def add_course(
    who: Sender,
    title: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    institution: Annotated[str, Form()] = "",
    *,
    track: Annotated[str, Form()] = "",
    intake: Annotated[str, Form()] = "",
) -> Response:
    """Make a course; without a short name it gets one from its title."""
    who.must_administer()
    short = name.strip().lower() or short_name_from(title)
    who.campus.store.classes.add_course(
        short, title, institution=institution or None, track=track, intake=intake
    )
    who.note("made-course", short)
    return redirect_done(who, f"/courses/{short}/people", "made", name=title)


def _must_arrange(who: Visitor, course: str) -> None:
    """Raise a Problem unless this person administers with all that it takes, or trains in the course."""
    if who.administers:
        who.must_administer()
    else:
        who.must_train(course)


@router.get("/{course}/settings")
def settings_page(course: str, request: Request, who: Who) -> Response:
    """Show what a course is called, for whom it is, and whether it goes on; trainers change the title and intake."""
    _must_arrange(who, course)
    store = who.campus.store
    found = store.courses.get(course)
    if found is None:
        raise Problem("no-such-course", {"name": course[:60]})
    tree = store.institutions.tree(archived=True) if who.administers else []
    institution = store.institutions.get(found.institution) if found.institution else None
    return pages_of(request).show(
        who, "course_settings.html", course=found, tree=tree, institution=institution
    )


@router.post("/{course}/settings")
def change_course(
    course: str,
    who: Sender,
    title: Annotated[str, Form()],
    institution: Annotated[str, Form()] = "",
    *,
    track: Annotated[str, Form()] = "",
    intake: Annotated[str, Form()] = "",
) -> Response:
    """Change a course; its institution and track only for an administrator."""
    _must_arrange(who, course)
    place = {"institution": institution, "track": track} if who.administers else {}
    who.campus.store.classes.change_course(course, title=title, intake=intake, **place)
    who.note("changed-course", course)
    return redirect_done(who, f"/courses/{course}/settings", "saved")


@router.post("/{course}/archive")
def archive_course(course: str, who: Sender, back: Annotated[str, Form()] = "") -> Response:
    """Archive a course, or bring it back."""
    who.must_administer()
    who.campus.store.classes.archive_course(course, archived=not back)
    who.note("brought-back" if back else "archived", f"course {course}")
    return redirect_done(who, "/courses", "brought-back" if back else "archived", name=course)
