"""Records of a course for an office's own systems: statements of the Experience API; marks as CSV are in `marks`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import select

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Who
from hub.campus.xapi_statements import VERSION, xapi_statements
from hub.store.table_models import Attempt

router = APIRouter(tags=["records"], prefix="/courses/{course}/xapi")
MOST = 500
"""Attempts of one answer."""


class StatementResult(BaseModel):
    """Statements, the oldest first; `more` is the address of the next part, empty after the last."""

    statements: list[dict[str, Any]]
    more: str = Field(description="Relative address of the next part.")


@router.get("/statements", response_model=StatementResult)
def read_statements(
    course: str,
    who: Who,
    since: str = "",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> JSONResponse:
    """Return what learners attempted and scored since a moment; names are user names, and no answer is in it."""
    who.must_train(course)
    store = who.campus.store
    query = select(Attempt).where(Attempt.course == course, Attempt.id > after)
    if since:
        query = query.where(Attempt.received_at >= _moment(since))
    with store.database.read() as session:
        found = list(session.scalars(query.order_by(Attempt.id).limit(limit)))
    languages = {code: code for code in who.campus.settings.languages}
    more = f"?after={found[-1].id}&limit={limit}" if len(found) == limit else ""
    said = {"statements": list(xapi_statements(store, course, found, languages)), "more": more}
    return JSONResponse(said, headers={"X-Experience-API-Version": VERSION})


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        raise Problem("bad-date", {"value": text[:40]}) from None
