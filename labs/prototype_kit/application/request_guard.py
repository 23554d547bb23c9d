"""Rules for every request: headers, size, same site, identity, language."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from labs.prototype_kit.application.bench_sentences import LANGUAGES

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LANGUAGE_COOKIE = "prototype-language"
FORM_KEY = "isomo-form-key"
"""Field of every form of ours that carries the key of its reader's session."""
FORM_KEY_FILE = "form.key"


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Add what keeps a browser from running or leaking anything."""
    answer = await call_next(request)
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def is_own_site(request: HTTPConnection) -> bool:
    """Return whether a change was asked for by one of our own pages, or by a program that is no browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def is_read_by_script(request: HTTPConnection) -> bool:
    """Return whether a script asked for a page, which a browser then shows to nobody.

    Learners' servers share this origin, so their pages may read what a script fetches: cases, and a form's key.
    """
    return request.headers.get("sec-fetch-dest", "document") != "document"


def form_secret(state: Path) -> bytes:
    """Return the secret that form keys are made with; kept, so that open forms outlive a restart."""
    path = state / FORM_KEY_FILE
    aside = state / f".{FORM_KEY_FILE}.{secrets.token_hex(8)}"
    if not path.exists():
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        aside.rename(path)
    return path.read_bytes()


def form_key(secret: bytes, session: str) -> str:
    """Return the key that forms of one session carry."""
    return hmac.new(secret, session.encode(), hashlib.sha256).hexdigest()


def is_form_key(secret: bytes, session: str, given: object) -> bool:
    """Return whether a form brought the key of its session."""
    return hmac.compare_digest(form_key(secret, session).encode(), str(given).encode())


def number_in(text: object) -> int | None:
    """Return the whole number that somebody sent, None if it is none, or larger than the store can hold."""
    return int(str(text)) if re.fullmatch("[0-9]{1,18}", str(text)) else None


def stated_length(request: Request) -> int:
    """Return how many bytes a request says it brings; zero if it does not say."""
    return number_in(request.headers.get("content-length")) or 0


def language_of(request: HTTPConnection) -> str:
    """Return the language asked for, else the cookie's, else the browser's, else English."""
    for asked in (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    for part in request.headers.get("accept-language", "").split(","):
        if part.strip()[:2].lower() in LANGUAGES:
            return part.strip()[:2].lower()
    return "en"
