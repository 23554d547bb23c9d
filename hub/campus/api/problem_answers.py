"""Refusals for programs: problem details (RFC 9457) with the sentence that people read."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from hub.campus.problem_codes import Problem
from hub.campus.request_context import campus_sentence, language_of

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:isomo:problem:"


class ProblemModel(BaseModel):
    """A refusal. `error` and `message` are what `type` and `detail` say, for clients older than those."""

    type: str = Field(description="`urn:isomo:problem:` and the code; codes do not change.")
    title: str = Field(description="The code as English words.")
    status: int
    detail: str = Field(description="What happened and what to do next, in the caller's language.")
    instance: str = Field(description="Path that was asked for.")
    error: str = Field(description="The code.")
    message: str = Field(description="The same as `detail`.")


def problem_answer(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a refusal as problem details."""
    said = campus_sentence(language_of(request), problem.sentence, problem.facts)
    told = ProblemModel(
        type=TYPE + problem.code,
        title=problem.code.replace("-", " ").capitalize(),
        status=problem.status,
        detail=said,
        instance=quote(request.scope["path"]),
        error=problem.code,
        message=said,
    )
    sent = dict(headers or {})
    if problem.status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    return JSONResponse(told.model_dump(), problem.status, sent, media_type=MEDIA_TYPE)
