"""Rosters on a page: paste or upload, look at the dry run, carry it out; and the export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.exc import IntegrityError
from starlette.datastructures import UploadFile

from hub.campus.late_recount import recount_learners
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.message_catalogues import domain_catalogue
from hub.store.roster_file import (
    LARGEST_FILE,
    RosterFile,
    UnreadableRoster,
    csv_text,
    excel_bytes,
    read_roster,
)
from hub.store.roster_file import REASONS as FILE_REASONS
from hub.store.roster_plan import REASONS, RosterPlan
from hub.store.store_sentences import LOCALE as STORE_LOCALE

router = APIRouter(prefix="/roster")
MOST_SHOWN = 200
"""Bad rows and new places on a page."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def roster_form(request: Request, who: Who) -> tuple[Visitor, bytes, bool]:
    """Read the form with the roster, after it is known who sends it. Raises Problem."""
    who.must_administer()
    if int(request.headers.get("content-length") or 0) > 2 * LARGEST_FILE:
        raise unreadable_roster(who, UnreadableRoster("too-large", most=LARGEST_FILE))
    # A text field may be as large as the file that could have been chosen instead.
    async with request.form(max_files=1, max_fields=10, max_part_size=LARGEST_FILE) as form:
        if not who.owns_form(str(form.get("key", ""))):
            raise Problem("stale-form")
        file = form.get("file")
        data = await file.read() if isinstance(file, UploadFile) else b""
        pasted = str(form.get("text", ""))
        return who, data or pasted.encode("utf-8", "replace"), bool(form.get("make_missing"))


RosterForm = Annotated[tuple[Visitor, bytes, bool], Depends(roster_form)]


@router.get("")
def roster_page(request: Request, who: Who) -> Response:
    """The form, and what a roster looks like."""
    who.must_administer()
    return pages_of(request).show(who, "roster.html")


@router.post("")
def dry_run(request: Request, sent: RosterForm) -> Response:
    """Show what a roster would change; nothing is changed."""
    who, data, make_missing = sent
    file = _read(who, data)
    store, languages = who.campus.store, who.campus.settings.languages
    plan = store.rosters.plan(file.rows, languages, make_missing=make_missing)
    content = "".join(csv_text(list(row.cells.values()) for row in file.rows))
    token = store.rosters.keep_draft(who.name, content) if plan.changes else ""
    return pages_of(request).show(
        who,
        "roster_plan.html",
        **shown_plan(who, plan),
        ignored=file.ignored,
        token=token,
        make_missing=make_missing,
    )


@router.post("/import")
def carry_out(
    who: Sender, token: Annotated[str, Form()], make_missing: Annotated[str, Form()] = ""
) -> Response:
    """Carry out the roster of a dry run."""
    who.must_administer()
    content = who.campus.store.rosters.draft(who.name, token)
    if content is None:
        raise Problem("draft-gone")
    file = _read(who, content.encode())
    plan = import_roster(who, file, make_missing=bool(make_missing))
    who.campus.store.rosters.drop_draft(token)
    return redirect_done(who, "/people", "imported", new=len(plan.new_people), enrolled=len(plan.enrolled))


@router.get("/export")
def export_roster(who: Who, form: str = "csv", course: str = "", institution: str = "") -> Response:
    """Everybody whose account is open, in the shape that the import takes: CSV, or Excel with `form=xlsx`."""
    who.must_administer()
    return roster_answer(who, form, course, institution)


def import_roster(who: Visitor, file: RosterFile, *, make_missing: bool) -> RosterPlan:
    """Carry out a roster and write it down. Raises Problem if somebody changed the same at that moment."""
    store, languages = who.campus.store, who.campus.settings.languages
    try:
        plan = store.rosters.carry_out(file.rows, languages, make_missing=make_missing)
    except IntegrityError as error:
        raise Problem("changed-meanwhile") from error
    recount_learners(store, {name for _course, name in plan.classes}, who.name)
    said = ", ".join(
        f"{name.replace('_', ' ')}: {number}" for name, number in plan.counts().items() if number
    )
    who.note("imported-roster", said)
    return plan


def roster_answer(who: Visitor, form: str, course: str, institution: str) -> Response:
    """Answer with a roster as a file, and write down who took it."""
    who.note("exported-roster", course or institution or "all")
    rows = who.campus.store.rosters.exported(course=course, institution=institution)
    if form == "xlsx":
        return Response(excel_bytes(rows), media_type=EXCEL, headers=_as_file("roster.xlsx"))
    return StreamingResponse(_together(csv_text(rows)), media_type="text/csv", headers=_as_file("roster.csv"))


def _together(lines: Iterator[str], size: int = 500) -> Iterator[str]:
    """Several lines at a time: each piece of a stream costs a change of threads."""
    part: list[str] = []
    for line in lines:
        part.append(line)
        if len(part) == size:
            yield "".join(part)
            part.clear()
    yield "".join(part)


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _read(who: Visitor, data: bytes) -> RosterFile:
    try:
        return read_roster(data)
    except UnreadableRoster as error:
        raise unreadable_roster(who, error) from error


def unreadable_roster(who: Visitor, error: UnreadableRoster) -> Problem:
    """Return the problem that says, in the reader's language, why a file is no roster."""
    words = domain_catalogue("store", who.language, STORE_LOCALE)
    return Problem(
        "unreadable-roster", {"sentence": words.gettext(FILE_REASONS[error.reason]).format(**error.facts)}
    )


def bad_sentences(who: Visitor, plan: RosterPlan) -> list[str]:
    """Return why the first bad rows cannot be used, in the reader's language."""
    words = domain_catalogue("store", who.language, STORE_LOCALE)
    return [words.gettext(REASONS[each.reason]).format(**each.facts) for each in plan.bad[:MOST_SHOWN]]


def shown_plan(who: Visitor, plan: RosterPlan) -> dict[str, Any]:
    """Return what a page shows of a plan: numbers, new places and bad rows, in the reader's language."""
    sentences = bad_sentences(who, plan)
    bad = [(each.number, each.name, text) for each, text in zip(plan.bad, sentences, strict=False)]
    places = [
        *sorted(plan.new_institutions.values()),
        *sorted(plan.new_courses.values()),
        *(f"{course}: {title}" for course, title in sorted(plan.new_classes)),
    ]
    return {
        "plan": plan,
        "counts": plan.counts(),
        "bad": bad,
        "more_bad": max(0, len(plan.bad) - MOST_SHOWN),
        "places": places[:MOST_SHOWN],
        "more_places": max(0, len(places) - MOST_SHOWN),
        "people": sorted(plan.new_people)[:20],
        "changed": [
            (name, ", ".join(f"{old or '–'} → {new}" for old, new in changes.values()))
            for name, changes in sorted(plan.changed_people.items())[:20]
        ],
    }
