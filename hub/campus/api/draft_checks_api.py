"""For graders on other machines: drafts of labs that wait for their check. The graders' own token opens this."""

from __future__ import annotations

import base64
import json
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from hub.campus.api.grading_agents import Grader, Name, Number, Said
from hub.campus.api.typed_body import documented_body, read_json
from hub.store.lab_drafts import DraftFinding, DraftJob, DraftResult

router = APIRouter(prefix="/grading/drafts", tags=["grading"])
LONGEST_LEASE = 900.0
"""Seconds for which a draft may be held: its check runs the engine three times."""
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Line = Annotated[int, Field(ge=0, le=10_000_000)]
Text = Annotated[str, Field(max_length=1_000)]


class DraftClaimBody(BaseModel):
    """Name of the grader that takes a draft, and for how long."""

    worker: Name = ""
    seconds: Seconds = 0


class DraftJobBody(BaseModel):
    """Name of a draft that is being checked, and the state of its files when it was claimed."""

    course: Name
    lab: Name
    bundle: Annotated[str, Field(max_length=64)]
    tries: Number = 0


class DraftFindingBody(BaseModel):
    """One thing to correct."""

    model_config = ConfigDict(extra="forbid")
    file: Annotated[str, Field(max_length=200)]
    line: Line
    sentence: Text
    key: Text = ""
    facts: Annotated[dict[str, Text], Field(max_length=12)] = {}


class DraftResultBody(BaseModel):
    """The outcome of a check and the draft that it belongs to; files are base64."""

    job: DraftJobBody
    findings: Annotated[list[DraftFindingBody], Field(max_length=1_000)]
    figures: dict[str, str] = {}
    kept: dict[str, Base64Bytes] = {}
    built: dict[str, Base64Bytes] = {}


@router.post(
    "/claims",
    openapi_extra=documented_body(DraftClaimBody),
    responses={204: {"description": "No draft waits."}},
)
def claim_draft(campus: Grader, wish: Said) -> Response:
    """Take the draft that waits longest, with its files in base64: 204 if none waits."""
    asked = read_json(DraftClaimBody, wish)
    job = campus.store.lab_drafts.claim(asked.worker, min(asked.seconds, LONGEST_LEASE))
    if job is None:
        return Response(status_code=204)
    files = {name: base64.b64encode(data).decode() for name, data in job.files.items()}
    return Response(json.dumps({**vars(job), "files": files}), media_type="application/json")


@router.post("/returns", status_code=204, openapi_extra=documented_body(DraftJobBody))
def give_back(campus: Grader, wish: Said) -> None:
    """Give a draft back whose check could not be made; it waits again, or is told so after several tries."""
    asked = read_json(DraftJobBody, wish)
    campus.store.lab_drafts.give_back(DraftJob(**asked.model_dump(), files={}))


@router.post("/results", openapi_extra=documented_body(DraftResultBody))
def keep_draft_result(campus: Grader, wish: Said) -> dict[str, bool]:
    """Keep the outcome of a check: `{"new": false}` if the draft was changed or removed meanwhile."""
    asked = read_json(DraftResultBody, wish)
    drafts = campus.store.lab_drafts
    draft = drafts.get(asked.job.course, asked.job.lab)
    if draft is None or draft.files_bundle != asked.job.bundle:
        return {"new": False}
    job = DraftJob(**asked.job.model_dump(), files=drafts.files(draft))
    findings = [DraftFinding(**each.model_dump()) for each in asked.findings]
    return {"new": drafts.record(job, DraftResult(findings, asked.figures, asked.kept, asked.built))}
