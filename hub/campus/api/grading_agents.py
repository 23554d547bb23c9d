"""For graders on other machines: the same few calls on the store that the agent beside us makes, over HTTP.

They come with a token of their own, which opens this and nothing else. Files travel by the sha-256 of their content.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from hub.campus.context import Campus, address_of, campus_of
from hub.campus.problems import Problem
from hub.store import GradedRecord, GradingJob

router = APIRouter(prefix="/grading", tags=["grading"])
LARGEST = 64_000_000
"""Bytes of one result: a graded notebook and its page, in base64."""
LONGEST_LEASE = 600.0
SIDES = ("source", "submitted", "handed_out")
"""Fields of a job that are files."""


def grader(request: Request) -> Campus:
    """The campus, for a grader. Raises Problem (not-found) for anybody else, and counts them."""
    campus = campus_of(request)
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = campus.secrets.grader_token
    if kind.lower() != "token" or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
        campus.store.refusals.count("", "grading", address_of(request))
        raise Problem("not-found")
    return campus


async def said(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises Problem where it is none, or too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise Problem("too-large", {"limit": LARGEST // 1_000_000})
        parts.append(part)
    try:
        found = json.loads(b"".join(parts))
    except (ValueError, RecursionError) as error:
        raise Problem("bad-request", {"fields": "JSON"}) from error
    if not isinstance(found, dict):
        raise Problem("bad-request", {"fields": "JSON"})
    return found


Grader = Annotated[Campus, Depends(grader)]
Said = Annotated[dict[str, Any], Depends(said)]


@router.get("/waiting")
def waiting(campus: Grader, lab: str = "", learner: str = "", attempt: int = 0) -> dict[str, bool]:
    """Whether an attempt waits that nobody holds."""
    return {"waiting": campus.store.gradings.is_waiting(lab=lab, learner=learner, attempt=attempt)}


@router.post("/claims")
def claim(campus: Grader, wish: Said) -> Response:
    """Take the oldest attempt that waits, or the one that is named: 204 where there is none."""
    job = campus.store.gradings.claim(
        str(wish.get("worker", ""))[:255],
        min(float(wish.get("seconds", 0)), LONGEST_LEASE),
        lab=str(wish.get("lab", "")),
        learner=str(wish.get("learner", "")),
        attempt=int(wish.get("attempt", 0)),
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


@router.get("/files/{sha256}")
def file(campus: Grader, sha256: str) -> Response:
    """One file, by the hash of its content."""
    try:
        return Response(campus.store.blobs.get(sha256), media_type="application/octet-stream")
    except (OSError, ValueError) as error:
        raise Problem("not-found") from error


@router.put("/leases", status_code=204)
def renew(campus: Grader, wish: Said) -> None:
    """Hold what a grader is still working on."""
    attempts = [int(each) for each in wish["attempts"]]
    campus.store.gradings.renew(str(wish["worker"]), attempts, min(float(wish["seconds"]), LONGEST_LEASE))


@router.post("/returns", status_code=204)
def give_back(campus: Grader, wish: Said) -> None:
    """Give an attempt back: untried, or after `seconds` because of `reason`."""
    job = _job(wish)
    if wish.get("reason"):
        seconds, reason = min(float(wish["seconds"]), 86_400.0), str(wish["reason"])[:2000]
        campus.store.gradings.postpone(job, seconds, reason, tried=bool(wish.get("tried")))
    else:
        campus.store.gradings.release(job)


@router.post("/results")
def result(campus: Grader, wish: Said) -> dict[str, bool]:
    """Keep a result, once: `{"new": false}` if this run of this attempt was recorded before."""
    try:
        graded = record_from(wish["graded"])
        job = _job(wish["job"])
    except (KeyError, TypeError, ValueError) as error:
        raise Problem("bad-request", {"fields": "graded, job"}) from error
    return {"new": campus.store.gradings.record(job, graded)}


def _job(wish: dict[str, Any]) -> GradingJob:
    """What the store needs to know of a job that a grader speaks of."""
    texts: dict[str, Any] = {
        name: str(wish.get(name, "")) for name in ("receipt", "course", "lab", "lab_version", "learner")
    }
    return GradingJob(
        attempt_id=int(wish["attempt_id"]), run=int(wish["run"]), number=0, source={}, submitted={}, **texts
    )


def record_from(graded: dict[str, Any]) -> GradedRecord:
    """A result from its JSON form."""
    return GradedRecord(
        **{**graded, **{name: base64.b64decode(graded[name]) for name in ("notebook", "feedback_html")}}
    )
