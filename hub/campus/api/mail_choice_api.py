"""Which kinds of mail a person wants."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus.request_context import Who
from hub.store.mail_queue import KINDS

router = APIRouter(tags=["account"])
Kind = Literal["feedback", "closing", "late", "class"]


class MailChoice(BaseModel):
    """Kinds of mail that this person gets: feedback, a lab that closes, one that closed without their work, a class."""

    wanted: Annotated[list[Kind], Field(max_length=len(KINDS))]


@router.get("/me/mails")
def read_choice(who: Who) -> MailChoice:
    """Return which kinds of mail this person gets."""
    refused = who.campus.store.mails.refused_kinds(who.name)
    return MailChoice.model_validate({"wanted": [kind for kind in KINDS if kind not in refused]})


@router.put("/me/mails")
def put_choice(who: Who, wish: MailChoice) -> MailChoice:
    """Keep which kinds of mail this person gets; what waits of the others is not sent."""
    who.campus.store.mails.choose(who.name, wish.wanted)
    return read_choice(who)
