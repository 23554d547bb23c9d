"""The trainer's pages: labs of a course, and who handed in what."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import course_actions
from hub.campus.built_labs import built_labs, find_built
from hub.campus.lab_preview import preview_cells
from hub.campus.lab_table import LabWish, lab_figures, learner_table
from hub.campus.lab_views import unreleased_labs
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.web.done_messages import MESSAGES, redirect_done
from hub.campus.web.page_rendering import PageNumber, pages_of, when_text

router = APIRouter(prefix="/courses/{course}")

DONE_BY = {
    **{"return": "returned", "grade": "asked-to-grade", "write": "note-written"},
    **{"extend": "extended", "end": "extension-ended"},
}
"""The message after each act of the table."""


def lab_path(course: str, lab: str) -> str:
    """Return the address of a lab's page, below the campus."""
    return f"/courses/{quote(course, safe='')}/labs/{quote(lab, safe='')}"


def done_for(who: Visitor, path: str, code: str, number: int) -> Response:
    """Look at the page at `path` again, which says for how many something was done, or why for nobody."""
    nobody = f"none-{code}"
    return redirect_done(who, path, code if number or nobody not in MESSAGES else nobody, number=number)


@router.get("")
def course_page(course: str, request: Request, who: Who) -> Response:
    """Labs of a course: release, close, and how many handed in."""
    who.must_train(course)
    store = who.campus.store
    known = built_labs(who.campus.settings.state / "labs")
    named = {each.slug: each.named(who.language) for each in known}
    released = {each.lab: each for each in store.courses.labs(course)}
    return pages_of(request).show(
        who,
        "course.html",
        course=store.courses.get(course),
        labs=[each for each in released.values() if each.withdrawn_at is None],
        withdrawn=[each for each in released.values() if each.withdrawn_at is not None],
        released=released,
        own_drafts=store.lab_drafts.list(course),
        drafts=unreleased_labs(who, course),
        built={each.slug: each.version for each in known},
        before={each.slug: [named.get(slug, slug) for slug in each.builds_on] for each in known},
        handed_in=store.marks.handed_in(course),
        learners=store.marks.learner_count(course),
    )


@router.get("/library/{slug}")
def preview_lab(course: str, slug: str, request: Request, who: Who, lang: str = "") -> Response:
    """Show a lab of the library as its learners will read it, before it is released."""
    who.must_train(course)
    course_actions.check_lab_name(slug)
    settings = who.campus.settings
    built = find_built(settings.state / "labs", slug)
    shown = lang if lang in settings.languages else who.language
    return pages_of(request).show(
        who,
        "preview.html",
        course=who.campus.store.courses.get(course),
        lab=built,
        shown=shown,
        cells=preview_cells(built.release_files(), slug, shown, list(settings.languages)),
    )


@router.get("/labs/{lab}")
def lab_page(
    course: str,
    lab: str,
    request: Request,
    who: Who,
    *,
    page: PageNumber = 1,
    part: str = "",
    q: str = "",
    state: str = "",
    sort: str = "handed-in",
) -> Response:
    """Show who handed in what; with `part=submissions` only the part that changes while grading goes on."""
    who.must_train(course)
    store = who.campus.store
    released = course_actions.released_lab(who, course, lab)
    points = store.marks.lab_points(course, lab)
    return pages_of(request).show(
        who,
        "submissions.html" if part == "submissions" else "lab.html",
        course=store.courses.get(course),
        lab=released,
        titles=store.courses.texts.titles(released.source_bundle, who.language),
        says=store.courses.texts.sentences(released.source_bundle, who.language),
        table=learner_table(store, course, lab, LabWish(q[:100], state, sort, page), points),
        figures=None if part else lab_figures(store, course, lab, points),
        hints=[] if part else store.live_reports.hint_figures(course, lab),
        smallest=who.campus.settings.reports.smallest_group,
        # The counts are of this moment: the first live message is taken for what the page shows already.
        pace=who.campus.live.pace(course, lab, of_now=True),
    )


@router.post("/labs/{lab}/release")
def release_lab(course: str, lab: str, who: Sender, closes_at: Annotated[str, Form()] = "") -> Response:
    """Show a lab of the library to the course's learners, or its newer version."""
    course_actions.release_built(who, course, lab, closes_at or None)
    return redirect_done(who, lab_path(course, lab), "released")


@router.post("/labs/{lab}/closing")
def set_closing(course: str, lab: str, who: Sender, closes_at: Annotated[str, Form()] = "") -> Response:
    """Take work until another time, or without end; a closed lab is open again."""
    until = course_actions.set_closing(who, course, lab, closes_at or None)
    here = lab_path(course, lab)
    if until is None:
        return redirect_done(who, here, "opened")
    return redirect_done(who, here, "opened-until", time=when_text(until, who))


@router.post("/labs/{lab}/close")
def close_lab(course: str, lab: str, who: Sender) -> Response:
    """Take no more work."""
    course_actions.close_lab(who, course, lab)
    return redirect_done(who, lab_path(course, lab), "closed")


@router.post("/labs/{lab}/grade")
def grade_again(course: str, lab: str, who: Sender, learner: Annotated[str, Form()] = "") -> Response:
    """Put newest attempts into the queue once more."""
    asked = course_actions.grade_again(who, course, lab, learner or None)
    return done_for(who, lab_path(course, lab), "asked-to-grade", asked)


@router.post("/labs/{lab}/at-once")
def at_once(course: str, lab: str, who: Sender, yes: Annotated[str, Form()] = "") -> Response:
    """Let feedback return by itself from now on (`yes`), or wait for a trainer."""
    course_actions.return_at_once(who, course, lab, at_once=bool(yes))
    return redirect_done(who, lab_path(course, lab), "saved")


@router.post("/labs/{lab}/return")
def return_feedback(course: str, lab: str, who: Sender, learner: Annotated[str, Form()] = "") -> Response:
    """Show learners their newest grading: all, or one."""
    names = course_actions.return_feedback(who, course, lab, [learner] if learner else None)
    here = lab_path(course, lab)
    if learner and names:
        return redirect_done(who, here, "returned-to", name=learner)
    return done_for(who, here, "returned", len(names))


@router.post("/labs/{lab}/selected")
def act_on_selected(
    course: str,
    lab: str,
    who: Sender,
    *,
    act: Annotated[str, Form()] = "",
    learner: Annotated[list[str] | None, Form()] = None,
    closes_at: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Do something for the learners that are marked in the table, or for the one whose button was pressed."""
    what, _, only = act.partition(":")
    count = course_actions.act_on(
        who, course, lab, what, [only] if only else learner or [], closes_at=closes_at or None, text=text
    )
    if only and count and what == "return":
        return redirect_done(who, lab_path(course, lab), "returned-to", name=only)
    return done_for(who, lab_path(course, lab), DONE_BY[what], count)
