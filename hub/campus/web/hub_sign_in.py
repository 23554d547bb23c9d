"""Signing in to the campus through the hub: OAuth 2 with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hub.campus.problem_codes import Problem
from hub.campus.request_context import COOKIE, PREFIX, Campus, Sender, campus_of
from hub.isomo_settings import Settings

CLIENT = "service-campus"
STATE_COOKIE = "isomo-sign-in-"
"""One for each sign-in that was begun: several tabs may ask at once, as after a restart of the browser."""
router = APIRouter()


def is_local(path: str) -> bool:
    """Return whether `path` leads to a page of the campus and nowhere else."""
    return path.startswith(f"{PREFIX}/") and "//" not in path and "\\" not in path and path.isprintable()


def begin_sign_in(settings: Settings, wanted: str) -> Response:
    """Send a browser to the hub; what it wanted and the PKCE secret wait in a short-lived cookie."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": CLIENT,
        "redirect_uri": f"{settings.address}{PREFIX}/oauth_callback",
        "response_type": "code",
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    answer = RedirectResponse(f"{settings.address}/hub/api/oauth2/authorize?{urlencode(query)}", 302)
    kept = json.dumps({"verifier": verifier, "next": wanted if is_local(wanted) else f"{PREFIX}/"})
    value = base64.urlsafe_b64encode(kept.encode()).decode()
    set_cookie(answer, settings, STATE_COOKIE + state, value, 1800)
    return answer


def set_cookie(answer: Response, settings: Settings, name: str, value: str, seconds: int) -> None:
    """A cookie that scripts cannot read and other sites cannot send."""
    secure = settings.address.startswith("https")
    answer.set_cookie(name, value, max_age=seconds, path=PREFIX, httponly=True, samesite="lax", secure=secure)


@router.get("/sign-in")
def sign_in(request: Request) -> Response:
    """Begin at the hub."""
    return begin_sign_in(campus_of(request).settings, f"{PREFIX}/")


@router.get("/oauth_callback")
def oauth_callback(request: Request, code: str = "", state: str = "") -> Response:
    """The hub sends the browser back here with a code."""
    campus = campus_of(request)
    kept = _kept(request, state)
    if kept is None or not code:
        raise Problem("sign-in-again")
    verifier, wanted = kept
    answer = RedirectResponse(wanted, 302)
    set_cookie(answer, campus.settings, COOKIE, _session(campus, code, verifier), 12 * 3600)
    answer.delete_cookie(STATE_COOKIE + state, path=PREFIX)
    return answer


def _kept(request: Request, state: str) -> tuple[str, str] | None:
    """The PKCE secret and the wanted page that this browser keeps for `state`, None if it keeps none."""
    try:
        found = json.loads(base64.urlsafe_b64decode(request.cookies.get(STATE_COOKIE + state, "")))
        return str(found["verifier"]), str(found["next"])
    except (ValueError, KeyError, TypeError):
        return None


def _session(campus: Campus, code: str, verifier: str) -> str:
    token = campus.hub.exchange(
        {
            "client_id": CLIENT,
            "client_secret": campus.secrets.campus_token,
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": f"{campus.settings.address}{PREFIX}/oauth_callback",
        }
    )
    user = campus.hub.user(token) if token else None
    person = campus.store.people.get(user.name) if user else None
    if token is None or person is None or person.disabled_at is not None:
        raise Problem("no-account")
    return campus.store.sessions.begin(person.username, token)


@router.post("/sign-out")
def sign_out(request: Request, who: Sender) -> Response:
    """End the session here, then at the hub."""
    campus = campus_of(request)
    campus.store.sessions.end(who.session or "")
    answer = RedirectResponse(f"{campus.settings.address}/hub/logout", 303)
    answer.delete_cookie(COOKIE, path=PREFIX)
    return answer
