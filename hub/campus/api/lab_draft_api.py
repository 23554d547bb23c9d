"""Drafts of labs for programs: send a folder, read the findings, release; rename and withdraw released labs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.campus import lab_drafting
from hub.campus.api.typed_body import documented_files, file_answer
from hub.campus.course_actions import released_lab
from hub.campus.file_bundles import pack_files
from hub.campus.finding_words import worded_finding
from hub.campus.lab_folder import LONGEST_TITLE, MOST_MINUTES, read_facts, uploaded_files
from hub.campus.request_bodies import Body
from hub.campus.request_context import Visitor, Who
from hub.store.lab_drafts import DraftFinding, LabDraft, findings_of
from hub.store.signed_receipts import utc_text, utc_text_or_none

router = APIRouter(tags=["teaching"])
DRAFT = "/courses/{course}/drafts/{lab}"


class FindingModel(BaseModel):
    """One thing to correct; `line` is 0 if it is about a whole file.

    `sentence` is in the language of the person who asks, `key` and `facts` say the same to programs.
    """

    file: str
    line: int
    sentence: str
    key: str
    facts: dict[str, str]


class DraftModel(BaseModel):
    """A draft: `state` is edited, waiting, good, not-yet (read the findings) or failed (ask for a check again)."""

    course: str
    lab: str
    title: str
    minutes: int
    languages: list[str]
    state: str
    saved_by: str
    saved_at: str
    checked_at: str | None
    findings: list[FindingModel]
    files: dict[str, int]


class DraftReleaseBody(BaseModel):
    """Until when the lab is open; left out for no end."""

    closes_at: str | None = Field(None, max_length=40)


class LabNameBody(BaseModel):
    """Title by language and minutes in this course; an empty object and 0 bring the author's own back."""

    title: Annotated[dict[str, Annotated[str, Field(max_length=LONGEST_TITLE)]], Field(max_length=8)] = {}
    minutes: int = Field(0, ge=0, le=MOST_MINUTES)


class LabNameModel(BaseModel):
    """A released lab by its names, and whether it is withdrawn."""

    course: str
    lab: str
    title: dict[str, str]
    minutes: int
    state: str
    withdrawn: bool


def _finding(who: Visitor, found: DraftFinding) -> FindingModel:
    sentence = worded_finding(found, who.language).sentence
    return FindingModel(**{**vars(found), "sentence": sentence})


def _model(who: Visitor, draft: LabDraft) -> DraftModel:
    files = who.campus.store.lab_drafts.files(draft)
    facts = read_facts(files)
    return DraftModel(
        course=draft.course,
        lab=draft.lab,
        title=facts.title,
        minutes=facts.minutes,
        languages=list(facts.languages),
        state=draft.state,
        saved_by=draft.saved_by,
        saved_at=utc_text(draft.saved_at),
        checked_at=utc_text_or_none(draft.checked_at),
        findings=[_finding(who, each) for each in findings_of(draft)],
        files={name: len(data) for name, data in files.items()},
    )


@router.get("/courses/{course}/drafts")
def list_drafts(course: str, who: Who) -> list[DraftModel]:
    """Return the drafts of a course."""
    who.must_train(course)
    return [_model(who, each) for each in who.campus.store.lab_drafts.list(course)]


@router.get(DRAFT)
def read_draft(course: str, lab: str, who: Who) -> DraftModel:
    """Return a draft and the findings of its newest check."""
    return _model(who, lab_drafting.draft_for(who, course, lab))


@router.put(DRAFT, openapi_extra=documented_files("application/zip"))
def put_draft(course: str, lab: str, who: Who, body: Body) -> DraftModel:
    """Take a lab's folder as a zip in the place of the draft, or as a new one, and have it checked."""
    who.must_train(course)
    files, _is_folder = uploaded_files([(f"{lab}.zip", body)])
    if who.campus.store.lab_drafts.get(course, lab) is None:
        lab_drafting.begin_draft(who, course, lab, "", files)
    else:
        lab_drafting.upload_to_draft(who, course, lab, files, is_folder=True)
    return _model(who, lab_drafting.draft_for(who, course, lab))


@router.get(f"{DRAFT}/files", response_class=Response, responses=file_answer("application/zip"))
def read_files(course: str, lab: str, who: Who) -> Response:
    """Send a draft's files as a zip, with the translations that the check brought up to date."""
    draft = lab_drafting.draft_for(who, course, lab)
    return Response(pack_files(who.campus.store.lab_drafts.files(draft)), media_type="application/zip")


@router.post(f"{DRAFT}/checks", status_code=202)
def check_again(course: str, lab: str, who: Who) -> DraftModel:
    """Have a draft checked; read it until its state is another than waiting."""
    lab_drafting.ask_check(who, course, lab)
    return _model(who, lab_drafting.draft_for(who, course, lab))


@router.put(f"{DRAFT}/release")
def release_lab_draft(course: str, lab: str, who: Who, wish: DraftReleaseBody) -> LabNameModel:
    """Release the lab that the newest check built."""
    lab_drafting.release_draft(who, course, lab, wish.closes_at)
    return _name(who, course, lab)


@router.delete(DRAFT, status_code=204)
def remove_lab_draft(course: str, lab: str, who: Who) -> None:
    """Remove a draft; a lab that was released from it stays."""
    lab_drafting.remove_draft(who, course, lab)


@router.put("/courses/{course}/labs/{lab}/name")
def rename_lab(course: str, lab: str, who: Who, wish: LabNameBody) -> LabNameModel:
    """Give a released lab another title and other minutes."""
    known = set(who.campus.settings.languages)
    title = {code: text for code, text in wish.title.items() if code in known}
    lab_drafting.rename_lab(who, course, lab, title, wish.minutes)
    return _name(who, course, lab)


@router.put("/courses/{course}/labs/{lab}/withdrawal")
def withdraw_released_lab(course: str, lab: str, who: Who) -> LabNameModel:
    """Take a released lab off the learners' lists; what was handed in and marked stays."""
    lab_drafting.withdraw_lab(who, course, lab, withdrawn=True)
    return _name(who, course, lab)


@router.delete("/courses/{course}/labs/{lab}/withdrawal")
def bring_back(course: str, lab: str, who: Who) -> LabNameModel:
    """Put a withdrawn lab back on the learners' lists."""
    lab_drafting.withdraw_lab(who, course, lab, withdrawn=False)
    return _name(who, course, lab)


def _name(who: Visitor, course: str, lab: str) -> LabNameModel:
    found = released_lab(who, course, lab)
    about: dict[str, Any] = {"course": course, "lab": lab, "title": found.title, "minutes": found.minutes}
    return LabNameModel(**about, state=found.state(), withdrawn=found.withdrawn_at is not None)
