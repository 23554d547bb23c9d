"""The page of a person's own tokens: make one for a program, see when it was used, revoke it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.token_scopes import SCOPES
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.store.api_tokens import LONGEST_NAME

router = APIRouter(prefix="/me/tokens")
LONGEST_LIFE, USUAL_LIFE = timedelta(days=366), timedelta(days=90)


@router.get("")
def tokens_page(request: Request, who: Who) -> Response:
    """Show one's own tokens, and the form for another one."""
    return _page(request, who)


@router.post("")
def make_token(
    request: Request,
    who: Sender,
    name: Annotated[str, Form()],
    until: Annotated[str, Form()],
    scope: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a token and show it, once."""
    open_ones = open_scopes(who)
    called = " ".join(name.split())
    if not 0 < len(called) <= LONGEST_NAME or not called.isprintable():
        raise Problem("bad-title", {"most": LONGEST_NAME})
    chosen = [each for each in open_ones if each in (scope or [])]
    if not chosen or set(scope or []) - set(open_ones):
        raise Problem("no-scope")
    expires = _end_of(until, ZoneInfo(who.campus.settings.timezone))
    token = who.campus.store.tokens.make(who.name, called, chosen, expires)
    who.note("made-token", f"{called}: {', '.join(chosen)} until {expires:%Y-%m-%d}")
    return _page(request, who, token)


@router.post("/{number}/revoke")
def revoke_token(number: ClassNumber, who: Sender) -> Response:
    """End one of one's own tokens."""
    name = who.campus.store.tokens.revoke(who.name, number)
    if name is not None:
        who.note("revoked-token", name)
    return redirect_done(who, "/me/tokens", "token-revoked")


def open_scopes(who: Visitor) -> list[str]:
    """Return the scopes that this person can give. Raises Problem for a person without any."""
    found = who.possible_scopes
    if not found:
        who.refuse("tokens")
    if who.is_administrator:
        who.must_administer()
    return found


def _page(request: Request, who: Visitor, token: str = "") -> Response:
    open_ones = open_scopes(who)
    today = datetime.now(ZoneInfo(who.campus.settings.timezone)).date()
    return pages_of(request).show(
        who,
        "tokens.html",
        token=token,
        tokens=who.campus.store.tokens.of_person(who.name),
        scopes=[(each, SCOPES[each]) for each in open_ones],
        words=SCOPES,
        longest_name=LONGEST_NAME,
        first_day=today + timedelta(days=1),
        usual_day=today + USUAL_LIFE,
        last_day=today + LONGEST_LIFE,
    )


def _end_of(day: str, zone: ZoneInfo) -> datetime:
    """Return the end of a day as it was typed. Raises Problem for one that is over, or over a year away."""
    try:
        typed = date.fromisoformat(day)
    except ValueError:
        raise Problem("bad-expiry", {"value": day[:40]}) from None
    today = datetime.now(zone).date()
    if not today < typed <= today + LONGEST_LIFE:
        raise Problem("bad-expiry", {"value": day[:40]})
    return datetime.combine(typed, time(23, 59, 59), zone).astimezone(UTC)
