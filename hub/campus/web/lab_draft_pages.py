"""Pages on which a trainer writes a lab: begin, upload, edit file by file, read findings, preview, release."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from hub.campus import lab_drafting
from hub.campus.file_bundles import pack_files
from hub.campus.finding_words import worded_finding
from hub.campus.lab_folder import (
    LARGEST_FOLDER,
    MOST_FILES,
    LabFacts,
    check_file_name,
    check_name,
    read_facts,
    starter_files,
    text_of,
    uploaded_files,
)
from hub.campus.lab_preview import preview_cells
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.store.lab_drafts import findings_of

router = APIRouter(prefix="/courses/{course}/drafts")
Typed = Annotated[str, Form()]


def draft_path(course: str, lab: str = "", **query: str | int) -> str:
    """Return the address of a draft's page, below the campus."""
    path = f"/courses/{quote(course, safe='')}/drafts{'/' if lab else ''}{quote(lab, safe='')}"
    named = {name: value for name, value in query.items() if value}
    return f"{path}{'?' if named else ''}{urlencode(named)}"


async def upload_form(
    request: Request, who: Who, course: str
) -> tuple[Visitor, dict[str, str], list[tuple[str, bytes]]]:
    """Read a form with files, after it is known that its sender trains here. Raises Problem."""
    who.must_train(course)
    too_large = Problem("draft-too-large", {"limit": LARGEST_FOLDER, "most": MOST_FILES})
    if int(request.headers.get("content-length") or 0) > 2 * LARGEST_FOLDER:
        raise too_large
    async with request.form(max_files=MOST_FILES, max_fields=10) as form:
        if not who.owns_form(str(form.get("key", ""))):
            raise Problem("stale-form")
        given = [each for each in form.getlist("files") if isinstance(each, UploadFile) and each.filename]
        files = [(str(each.filename), await each.read()) for each in given]
        texts = {name: str(value) for name, value in form.items() if not isinstance(value, UploadFile)}
        return who, texts, files


UploadForm = Annotated[tuple[Visitor, dict[str, str], list[tuple[str, bytes]]], Depends(upload_form)]


def _zip(name: str, files: dict[str, bytes]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(
        pack_files({f"{name}/{path}": data for path, data in files.items()}), 200, headers, "application/zip"
    )


@router.get("")
def new_lab(course: str, request: Request, who: Who) -> Response:
    """Show the ways to begin a lab."""
    who.must_train(course)
    return pages_of(request).show(
        who,
        "new_lab.html",
        course=who.campus.store.courses.get(course),
        drafts=who.campus.store.lab_drafts.list(course),
        limit=LARGEST_FOLDER,
        most=MOST_FILES,
    )


@router.post("")
def begin_draft(course: str, sent: UploadForm) -> Response:
    """Begin a draft: from files if some were chosen, else from the starter."""
    who, texts, chosen = sent
    lab = texts.get("lab", "").strip()
    files = uploaded_files(chosen)[0] if chosen else None
    lab_drafting.begin_draft(who, course, lab, texts.get("title", "").strip(), files)
    return redirect_done(who, draft_path(course, lab), "draft-begun")


@router.get("/starter.zip")
def starter_lab(course: str, who: Who, lab: str = "my-lab") -> Response:
    """Send the starter: a small lab that works."""
    who.must_train(course)
    check_name(lab)
    return _zip(lab, starter_files(lab, lab.replace("-", " ").capitalize()))


@router.get("/{lab}")
def draft_page(course: str, lab: str, request: Request, who: Who) -> Response:
    """Show a draft: how its check went, its files, and what can be done with it."""
    draft = lab_drafting.draft_for(who, course, lab)
    files = who.campus.store.lab_drafts.files(draft)
    facts = read_facts(files)
    return pages_of(request).show(
        who,
        "lab_draft.html",
        course=who.campus.store.courses.get(course),
        draft=draft,
        findings=[worded_finding(each, who.language) for each in findings_of(draft)],
        files={name: len(data) for name, data in files.items()},
        removed=list(who.campus.store.lab_drafts.removed_files(draft)),
        editable={name for name, data in files.items() if text_of(data) is not None},
        facts=facts,
        released=who.campus.store.courses.lab(course, lab),
        limit=LARGEST_FOLDER,
        most=MOST_FILES,
    )


@router.get("/{lab}/folder.zip")
def draft_folder(course: str, lab: str, who: Who) -> Response:
    """Send a draft's files."""
    draft = lab_drafting.draft_for(who, course, lab)
    return _zip(lab, who.campus.store.lab_drafts.files(draft))


@router.post("/{lab}/upload")
def upload_files(course: str, lab: str, sent: UploadForm) -> Response:
    """Take files into a draft; what is refused leaves it as it was."""
    who, _texts, chosen = sent
    lab_drafting.draft_for(who, course, lab)
    if not chosen:
        raise Problem("no-file-chosen")
    files, is_folder = uploaded_files(chosen)
    lab_drafting.upload_to_draft(who, course, lab, files, is_folder=is_folder)
    return redirect_done(who, draft_path(course, lab), "draft-uploaded", number=len(files))


@router.get("/{lab}/file")
def edit_file(
    course: str, lab: str, request: Request, who: Who, *, name: str = "", line: int = 0
) -> Response:
    """Show one text file of a draft in a field, an empty one if there is none of this name yet.

    `line` is shown above it with the findings of this file.
    """
    draft = lab_drafting.draft_for(who, course, lab)
    check_file_name(name)
    files = who.campus.store.lab_drafts.files(draft)
    data = files.get(name, b"")
    text = text_of(data)
    if text is None:
        raise Problem("draft-file-no-text", {"file": name})
    lines = text.splitlines()
    first, last = max(line - 3, 0), line + 2
    return pages_of(request).show(
        who,
        "draft_file.html",
        course=who.campus.store.courses.get(course),
        draft=draft,
        name=name,
        is_there=name in files,
        text=text,
        before=lab_drafting.file_digest(data),
        line=line,
        around=[(first + number, one) for number, one in enumerate(lines[first:last], 1)] if line > 0 else [],
        findings=[worded_finding(each, who.language) for each in findings_of(draft) if each.file == name],
    )


@router.post("/{lab}/file")
def save_file(
    course: str,
    lab: str,
    who: Sender,
    *,
    name: Typed = "",
    text: Typed = "",
    before: Typed = "",
    act: Typed = "save",
) -> Response:
    """Save one file; `act` = check has the draft checked, `remove` removes the file, `put-back` brings it back."""
    if act == "remove":
        lab_drafting.remove_file(who, course, lab, name)
        return redirect_done(who, draft_path(course, lab), "draft-file-removed", name=name)
    if act == "put-back":
        lab_drafting.put_file_back(who, course, lab, name)
        return redirect_done(who, draft_path(course, lab), "draft-file-back", name=name)
    lab_drafting.save_file(who, course, lab, name, text=text, before=before, checks=act == "check")
    if act == "check":
        return redirect_done(who, draft_path(course, lab), "draft-asked")
    path = f"{draft_path(course, lab)}/file?{urlencode({'name': name})}"
    return redirect_done(who, path, "draft-file-saved", name=name)


@router.post("/{lab}/facts")
def set_facts(
    course: str,
    lab: str,
    who: Sender,
    *,
    title: Typed = "",
    minutes: Typed = "",
    languages: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Set title, minutes and languages."""
    number = int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 6 else 0
    lab_drafting.set_facts(who, course, lab, LabFacts(title, number, tuple(languages or ())))
    return redirect_done(who, draft_path(course, lab), "draft-asked")


@router.post("/{lab}/check")
def check_draft(course: str, lab: str, who: Sender) -> Response:
    """Have a draft checked."""
    lab_drafting.ask_check(who, course, lab)
    return redirect_done(who, draft_path(course, lab), "draft-asked")


@router.get("/{lab}/preview")
def preview_draft(course: str, lab: str, request: Request, who: Who, lang: str = "") -> Response:
    """Show a draft as its learners will read it."""
    built, files = lab_drafting.built_draft(who, course, lab)
    languages = who.campus.settings.languages
    shown = lang if lang in languages else who.language
    release = {
        name.removeprefix("release/"): data for name, data in files.items() if name.startswith("release/")
    }
    about: dict[str, Any] = {
        "course": who.campus.store.courses.get(course),
        "lab": built,
        "shown": shown,
        "draft": lab,
    }
    cells = preview_cells(release, lab, shown, list(languages))
    return pages_of(request).show(who, "preview.html", **about, cells=cells)


@router.post("/{lab}/release")
def release_draft(course: str, lab: str, who: Sender, closes_at: Typed = "") -> Response:
    """Release a draft in its course, or its newer version."""
    lab_drafting.release_draft(who, course, lab, closes_at or None)
    return redirect_done(who, f"/courses/{quote(course, safe='')}/labs/{quote(lab, safe='')}", "released")


@router.post("/{lab}/remove")
def remove_draft(course: str, lab: str, who: Sender) -> Response:
    """Remove a draft; what was released from it stays."""
    lab_drafting.remove_draft(who, course, lab)
    return redirect_done(who, draft_path(course), "draft-removed", name=lab)
