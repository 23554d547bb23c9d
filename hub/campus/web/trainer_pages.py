"""The trainer's pages: labs of a course, and who handed in what."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import actions
from hub.campus.context import Sender, Who
from hub.campus.library import library
from hub.campus.views import drafts, table
from hub.campus.web.rendering import PageNumber, back_to, pages_of

router = APIRouter(prefix="/courses/{course}")


def lab_path(course: str, lab: str) -> str:
    """Return the address of a lab's page, below the campus."""
    return f"/courses/{quote(course, safe='')}/labs/{quote(lab, safe='')}"


@router.get("")
def course_page(course: str, request: Request, who: Who) -> Response:
    """Labs of a course: release, close, and how many handed in."""
    who.must_train(course)
    store = who.campus.store
    built = {each.slug: each.version for each in library(who.campus.settings.state / "labs")}
    return pages_of(request).show(
        who,
        "course.html",
        course=store.courses.get(course),
        labs=store.courses.labs(course),
        drafts=drafts(who, course),
        built=built,
        handed_in=store.results.handed_in(course),
        learners=len(store.courses.learners(course)),
    )


@router.get("/labs/{lab}")
def lab_page(
    course: str, lab: str, request: Request, who: Who, page: PageNumber = 1, *, part: str = ""
) -> Response:
    """Who handed in what; with `part=submissions` only what changes while grading goes on."""
    who.must_train(course)
    store = who.campus.store
    released = actions.released(who, course, lab)
    return pages_of(request).show(
        who,
        "submissions.html" if part == "submissions" else "lab.html",
        course=store.courses.get(course),
        lab=released,
        titles=store.courses.task_titles(course, lab, released.version, who.language),
        table=table(store, course, lab, page=page - 1),
        # The counts are of this moment: the first live message is taken for what the page shows already.
        pace=replace(who.campus.live.pace(course, lab), progress=store.progress(course, lab)),
    )


@router.post("/labs/{lab}/release")
def release(course: str, lab: str, who: Sender, closes_at: Annotated[str, Form()] = "") -> Response:
    """Show a lab of the library to the course's learners, or its newer version."""
    actions.release_built(who, course, lab, closes_at or None)
    return back_to(lab_path(course, lab))


@router.post("/labs/{lab}/closing")
def set_closing(course: str, lab: str, who: Sender, closes_at: Annotated[str, Form()] = "") -> Response:
    """Take work until another time, or without end; a closed lab is open again."""
    actions.set_closing(who, course, lab, closes_at or None)
    return back_to(lab_path(course, lab))


@router.post("/labs/{lab}/close")
def close(course: str, lab: str, who: Sender) -> Response:
    """Take no more work."""
    actions.close(who, course, lab)
    return back_to(lab_path(course, lab))


@router.post("/labs/{lab}/grade")
def grade_again(course: str, lab: str, who: Sender, learner: Annotated[str, Form()] = "") -> Response:
    """Put newest attempts into the queue once more."""
    actions.grade_again(who, course, lab, learner or None)
    return back_to(lab_path(course, lab))


@router.post("/labs/{lab}/at-once")
def at_once(course: str, lab: str, who: Sender, yes: Annotated[str, Form()] = "") -> Response:
    """Let feedback return by itself from now on (`yes`), or wait for a trainer."""
    actions.return_at_once(who, course, lab, at_once=bool(yes))
    return back_to(lab_path(course, lab))


@router.post("/labs/{lab}/return")
def return_feedback(course: str, lab: str, who: Sender, learner: Annotated[str, Form()] = "") -> Response:
    """Show learners their newest grading: all, or one."""
    actions.return_feedback(who, course, lab, [learner] if learner else None)
    return back_to(lab_path(course, lab))
