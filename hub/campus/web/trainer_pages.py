"""The trainer's pages: labs of a course, and who handed in what."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import actions
from hub.campus.context import Sender, Who
from hub.campus.lab_preview import preview_cells
from hub.campus.lab_table import LabWish, lab_figures, table
from hub.campus.library import find, library
from hub.campus.views import drafts
from hub.campus.web.rendering import PageNumber, back_to, pages_of
from hub.words import N_

router = APIRouter(prefix="/courses/{course}")

DONE_BY = {"return": "returned", "grade": "asked", "extend": "extended", "end": "ended"}
DONE = {
    "returned": N_("Feedback was returned; learners who see it now: %(number)s."),
    "none-returned": N_("Nothing was returned: no work that is checked was chosen."),
    "asked": N_("Attempts that are graded once more: %(number)s. Results appear here by themselves."),
    "none-asked": N_("Nothing is graded again: no work was chosen that is handed in."),
    "extended": N_("Learners who have more time now: %(number)s. A + in the table shows them."),
    "ended": N_("Learners for whom the lab's own closing time counts again: %(number)s."),
    "closed": N_("The lab is closed and takes no more work. Nothing that was handed in is touched."),
    "opened": N_("The closing time was changed. Learners see it at once."),
}
"""What a page says after an act; `none-` is said where nothing came of it."""


def done_message(code: str, number: int) -> tuple[str, int] | None:
    """Return what the page says after an act, not translated yet, with its number; None for an unknown act."""
    return (DONE[code], number) if code in DONE else None


def lab_path(course: str, lab: str) -> str:
    """Return the address of a lab's page, below the campus."""
    return f"/courses/{quote(course, safe='')}/labs/{quote(lab, safe='')}"


def done_address(course: str, lab: str, code: str, number: int) -> str:
    """Return the address of a lab's page that says what was done, and for how many."""
    said = code if number or f"none-{code}" not in DONE else f"none-{code}"
    return f"{lab_path(course, lab)}?done={said}&n={number}"


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


@router.get("/library/{slug}")
def preview_lab(course: str, slug: str, request: Request, who: Who, lang: str = "") -> Response:
    """Show a lab of the library as its learners will read it, before it is released."""
    who.must_train(course)
    actions.check_lab_name(slug)
    settings = who.campus.settings
    built = find(settings.state / "labs", slug)
    shown = lang if lang in settings.languages else who.language
    return pages_of(request).show(
        who,
        "preview.html",
        course=who.campus.store.courses.get(course),
        lab=built,
        shown=shown,
        cells=preview_cells(built, shown, list(settings.languages)),
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
    done: str = "",
    n: PageNumber = 1,
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
        table=table(store, course, lab, LabWish(q[:100], state, sort, page)),
        figures=None if part else lab_figures(store, course, lab),
        message=done_message(done, n),
        undo_close=DONE["closed"],
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
    return back_to(f"{lab_path(course, lab)}?done=opened")


@router.post("/labs/{lab}/close")
def close(course: str, lab: str, who: Sender) -> Response:
    """Take no more work."""
    actions.close(who, course, lab)
    return back_to(f"{lab_path(course, lab)}?done=closed")


@router.post("/labs/{lab}/grade")
def grade_again(course: str, lab: str, who: Sender, learner: Annotated[str, Form()] = "") -> Response:
    """Put newest attempts into the queue once more."""
    asked = actions.grade_again(who, course, lab, learner or None)
    return back_to(done_address(course, lab, "asked", asked))


@router.post("/labs/{lab}/at-once")
def at_once(course: str, lab: str, who: Sender, yes: Annotated[str, Form()] = "") -> Response:
    """Let feedback return by itself from now on (`yes`), or wait for a trainer."""
    actions.return_at_once(who, course, lab, at_once=bool(yes))
    return back_to(lab_path(course, lab))


@router.post("/labs/{lab}/return")
def return_feedback(course: str, lab: str, who: Sender, learner: Annotated[str, Form()] = "") -> Response:
    """Show learners their newest grading: all, or one."""
    names = actions.return_feedback(who, course, lab, [learner] if learner else None)
    return back_to(done_address(course, lab, "returned", len(names)))


@router.post("/labs/{lab}/selected")
def act_on_selected(
    course: str,
    lab: str,
    who: Sender,
    *,
    act: Annotated[str, Form()] = "",
    learner: Annotated[list[str] | None, Form()] = None,
    closes_at: Annotated[str, Form()] = "",
) -> Response:
    """Do something for the learners that are marked in the table, or for the one whose button was pressed."""
    what, _, only = act.partition(":")
    count = actions.act_on(
        who, course, lab, what, [only] if only else learner or [], closes_at=closes_at or None
    )
    return back_to(done_address(course, lab, DONE_BY[what], count))
