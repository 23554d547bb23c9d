"""The marks of a course: every learner at every lab, as a page and as files, and their sign-off."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.marks_view import Wish, final_state, marks_file, marks_page, sign_off, withdraw_signoff
from hub.campus.request_context import Sender, Who
from hub.campus.web.page_rendering import PageNumber, back_to, pages_of

router = APIRouter(prefix="/courses/{course}/marks")


@router.get("")
def show_marks(
    course: str,
    request: Request,
    who: Who,
    *,
    q: str = "",
    group: str = "",
    state: str = "",
    lab: str = "",
    sort: str = "name",
    page: PageNumber = 1,
) -> Response:
    """Show a line for each learner and a column for each lab."""
    who.must_train(course)
    store = who.campus.store
    table = store.marks.table(course)
    wish = Wish(q[:100], group, state, lab, sort, page)
    final = final_state(who, course, table)
    signed_by = final.signed.signed_by if final.signed else ""
    return pages_of(request).show(
        who,
        "marks.html",
        course=store.courses.get(course),
        shown=marks_page(table, wish),
        final=final,
        signer=store.people.names({signed_by}).get(signed_by) or signed_by,
    )


@router.get("/file.{kind}")
def send_marks(course: str, kind: str, who: Who) -> Response:
    """Send the marks as CSV or as an Excel file."""
    content, media_type, name = marks_file(who, course, kind)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


@router.post("/final")
def make_final(course: str, who: Sender, digest: Annotated[str, Form()] = "") -> Response:
    """Sign the marks off as they were on the page that was looked at."""
    sign_off(who, course, digest)
    return back_to(f"/courses/{quote(course, safe='')}/marks")


@router.post("/not-final")
def make_not_final(course: str, who: Sender) -> Response:
    """Take the sign-off back."""
    withdraw_signoff(who, course)
    return back_to(f"/courses/{quote(course, safe='')}/marks")
