"""A program's look at its own token, and its end."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Who
from hub.store.api_tokens import ApiToken
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["tokens"], prefix="/token")


class TokenModel(BaseModel):
    """The token that a call was made with."""

    name: str
    username: str
    scopes: list[str] = Field(description="What it may do, within what its person may do.")
    made_at: str
    expires_at: str


@router.get("")
def read_token(who: Who, request: Request) -> TokenModel:
    """Return name, scopes and end of the token that the call carries."""
    found = _own(request)
    return TokenModel(
        name=found.name,
        username=who.name,
        scopes=list(found.scopes),
        made_at=utc_text(found.made_at),
        expires_at=utc_text(found.expires_at),
    )


@router.delete("", status_code=204)
def end_token(who: Who, request: Request) -> None:
    """Revoke the token that the call carries, for example when a program is taken out of use."""
    found = _own(request)
    who.campus.store.tokens.revoke(who.name, found.id)
    who.note("revoked-token", found.name)


def _own(request: Request) -> ApiToken:
    """Return the call's own token. Raises Problem for a browser and for a notebook server."""
    found: ApiToken | None = getattr(request.state, "api_token", None)
    if found is None:
        raise Problem("not-found")
    return found
