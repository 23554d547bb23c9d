"""The announcement that everybody reads, for programs such as a monitor."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus.announcement_actions import LONGEST, MOST_HOURS, make_announcement
from hub.campus.request_context import Visitor, Who

router = APIRouter(tags=["installation"], prefix="/announcement")
Text = Annotated[str, Field(max_length=LONGEST)]


class AnnouncementModel(BaseModel):
    """The announcement that is shown now, by language; empty if there is none."""

    text: dict[str, str]


class AnnouncementBody(BaseModel):
    """Texts by language, such as `{"en": "…", "fr": "…"}`, and for how many hours."""

    text: Annotated[dict[str, Text], Field(min_length=1, max_length=20)]
    hours: int = Field(24, ge=1, le=MOST_HOURS)


@router.get("")
def read_announcement(who: Who) -> AnnouncementModel:
    """Return what everybody reads now."""
    return _shown(who)


@router.put("")
def put_announcement(who: Who, wish: AnnouncementBody) -> AnnouncementModel:
    """Show an announcement, in the place of an earlier one; for administrators."""
    make_announcement(who, wish.text, wish.hours)
    return _shown(who)


@router.delete("", status_code=204)
def end_announcement(who: Who) -> None:
    """Show nothing any more; for administrators."""
    make_announcement(who, {}, 1)


def _shown(who: Visitor) -> AnnouncementModel:
    current = who.campus.store.announcements.current
    texts = {code: current(code) for code in who.campus.settings.languages}
    return AnnouncementModel(text={code: text for code, text in texts.items() if text})
