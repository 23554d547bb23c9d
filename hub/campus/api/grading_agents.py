"""For graders on other machines: the same few calls on the store that the agent on this machine makes, over HTTP.

They come with a token of their own, which opens this and nothing else. Files travel by the sha-256 of their content.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from hub.campus.api.typed_body import documented_body, file_answer, read_json
from hub.campus.problem_codes import Problem
from hub.campus.request_bodies import read_body
from hub.campus.request_context import Campus, address_of, campus_of
from hub.campus.web.class_number import MOST
from hub.store import GradedRecord, GradingJob

router = APIRouter(prefix="/grading", tags=["grading"])
LARGEST = 64_000_000
"""Bytes of one result: a graded notebook and its page, in base64."""
LONGEST_LEASE = 600.0
SIDES = ("source", "submitted", "handed_out")
"""Fields of a job that are files."""


def grader_campus(request: Request) -> Campus:
    """The campus, for a grader. Raises Problem (not-found) for anybody else, and counts them."""
    campus = campus_of(request)
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = campus.secrets.grader_token
    if kind.lower() != "token" or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
        campus.store.refusals.count("", "grading", address_of(request))
        raise Problem("not-found")
    return campus


async def read_grader_body(request: Request) -> bytes:
    """Return the body. Raises Problem if it is too large."""
    return await read_body(request, LARGEST, Problem("too-large", {"limit": LARGEST // 1_000_000}))


Grader = Annotated[Campus, Depends(grader_campus)]
Said = Annotated[bytes, Depends(read_grader_body)]
Name = Annotated[str, Field(max_length=255)]
Number = Annotated[int, Field(ge=0, le=MOST)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class ClaimBody(BaseModel):
    """The agent that takes an attempt, for how long, and which one if it is named."""

    worker: Name = ""
    seconds: Seconds = 0
    lab: Name = ""
    learner: Name = ""
    attempt: Number = 0


class LeaseBody(BaseModel):
    """Attempts that a grader still works on."""

    worker: Name
    attempts: Annotated[list[Number], Field(max_length=1_000)]
    seconds: Seconds


class JobBody(BaseModel):
    """The name of a job."""

    attempt_id: Number
    run: Number
    receipt: Name = ""
    course: Name = ""
    lab: Name = ""
    lab_version: Name = ""
    learner: Name = ""


class ReturnBody(JobBody):
    """A job that is given back: untried, or for `reason`, to be tried after `seconds`."""

    seconds: Seconds = 0
    reason: str = ""
    tried: bool = False


class GradedTaskBody(BaseModel):
    """The result of one task."""

    model_config = ConfigDict(extra="forbid")
    grade_id: Name
    outcome: Annotated[str, Field(max_length=20)]
    score: Annotated[float, Field(allow_inf_nan=False)] | None
    max_score: Annotated[float, Field(allow_inf_nan=False)]
    message: str
    said: dict[str, Any] | None = None
    flags: list[Any]


class GradedBody(BaseModel):
    """A result; both files are base64."""

    model_config = ConfigDict(extra="forbid")
    tasks: list[GradedTaskBody]
    notebook: Base64Bytes
    feedback_html: Base64Bytes
    engine: Name
    cpu_seconds: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    wall_seconds: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    problem: str | None = None
    said: dict[str, Any] | None = None


class ResultBody(BaseModel):
    """A result and the job that it belongs to."""

    job: JobBody
    graded: GradedBody


@router.get("/waiting")
def waiting_attempts(
    campus: Grader,
    lab: str = "",
    learner: str = "",
    attempt: Annotated[int, Query(ge=0, le=MOST)] = 0,
) -> dict[str, bool]:
    """Return whether an attempt waits that nobody holds."""
    return {"waiting": campus.store.gradings.is_waiting(lab=lab, learner=learner, attempt=attempt)}


@router.post(
    "/claims",
    openapi_extra=documented_body(ClaimBody),
    responses={204: {"description": "Nothing waits."}},
)
def claim_attempt(campus: Grader, wish: Said) -> Response:
    """Take the oldest attempt that waits, or the one that is named: 204 where there is none."""
    asked = read_json(ClaimBody, wish)
    job = campus.store.gradings.claim(
        asked.worker,
        min(asked.seconds, LONGEST_LEASE),
        lab=asked.lab,
        learner=asked.learner,
        attempt=asked.attempt,
    )
    if job is None:
        return Response(status_code=204)
    return Response(json.dumps(job_said(job)), media_type="application/json")


def job_said(job: GradingJob) -> dict[str, Any]:
    """A job as JSON: its files by the hash of their content."""
    names = {side: {name: _sha(data) for name, data in getattr(job, side).items()} for side in SIDES}
    plain = {key: value for key, value in vars(job).items() if key not in (*SIDES, "released")}
    return {**plain, **names, "released": sorted(job.released)}


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@router.get("/files/{sha256}", response_class=Response, responses=file_answer("application/octet-stream"))
def file_by_hash(campus: Grader, sha256: str) -> Response:
    """One file, by the hash of its content."""
    try:
        return Response(campus.store.blobs.get(sha256), media_type="application/octet-stream")
    except (OSError, ValueError) as error:
        raise Problem("not-found") from error


@router.put("/leases", status_code=204, openapi_extra=documented_body(LeaseBody))
def renew_leases(campus: Grader, wish: Said) -> None:
    """Hold what a grader is still working on."""
    asked = read_json(LeaseBody, wish)
    campus.store.gradings.renew(asked.worker, asked.attempts, min(asked.seconds, LONGEST_LEASE))


@router.post("/returns", status_code=204, openapi_extra=documented_body(ReturnBody))
def give_back(campus: Grader, wish: Said) -> None:
    """Give an attempt back: untried, or after `seconds` because of `reason`."""
    asked = read_json(ReturnBody, wish)
    job = _job(campus, asked)
    if asked.reason:
        campus.store.gradings.postpone(job, asked.seconds, asked.reason[:2000], tried=asked.tried)
    else:
        campus.store.gradings.release(job)


@router.post("/results", openapi_extra=documented_body(ResultBody))
def keep_result(campus: Grader, wish: Said) -> dict[str, bool]:
    """Keep a result, once: `{"new": false}` if this run of this attempt was recorded before."""
    asked = read_json(ResultBody, wish)
    return {"new": campus.store.gradings.record(_job(campus, asked.job), record_from(asked.graded))}


def _job(campus: Campus, named: JobBody) -> GradingJob:
    """Return what the store needs to know of a job. Raises Problem for an attempt that is not there."""
    if campus.store.attempts.by_id(named.attempt_id) is None:
        raise Problem("not-found")
    texts = named.model_dump(include={"receipt", "course", "lab", "lab_version", "learner"})
    return GradingJob(attempt_id=named.attempt_id, run=named.run, number=0, source={}, submitted={}, **texts)


def record_from(graded: GradedBody) -> GradedRecord:
    """Return a result from its JSON form."""
    rest = graded.model_dump(exclude={"notebook", "feedback_html"})
    return GradedRecord(notebook=graded.notebook, feedback_html=graded.feedback_html, **rest)
