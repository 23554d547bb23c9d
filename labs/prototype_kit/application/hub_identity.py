"""Sign in through the hub: OAuth 2 with PKCE, as JupyterHub's own services do, without JupyterHub's packages.

`jupyterhub.services.auth` brings the hub's handlers and database layer with it: 70 MiB that an application's
container does not need.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from labs.prototype_kit.application.person_identity import Person

SESSION_SECONDS = 12 * 3600
CHECKED_SECONDS = 60
"""How long an answer of the hub about a token is believed: who is taken out of a group loses access within it."""
STATE_SECONDS = 1800
MOST_SIGN_INS = 2000


@dataclass(frozen=True)
class HubSettings:
    """Settings that the hub gives a service through its environment."""

    api: str
    authorize: str
    token: str
    client: str
    prefix: str
    access: frozenset[str]
    """Scopes of which a person's token must hold one."""
    administrators: str = ""
    """A hub group whose members may switch the application off."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> HubSettings | None:
        """Return the settings, None if no hub started this process."""
        if not environ.get("JUPYTERHUB_API_TOKEN"):
            return None
        prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
        client = environ.get("JUPYTERHUB_CLIENT_ID", f"service-{environ.get('JUPYTERHUB_SERVICE_NAME', '')}")
        base = environ.get("JUPYTERHUB_HOST", "") + environ.get("JUPYTERHUB_BASE_URL", "/") + "hub/"
        return cls(
            api=environ["JUPYTERHUB_API_URL"].rstrip("/"),
            authorize=(environ.get("JUPYTERHUB_PUBLIC_HUB_URL") or base) + "api/oauth2/authorize",
            token=environ["JUPYTERHUB_API_TOKEN"],
            client=client,
            prefix=prefix,
            access=_access_scopes(environ, client),
            administrators=environ.get("ISOMO_ADMINISTRATORS", ""),
        )


def _access_scopes(environ: Mapping[str, str], client: str) -> frozenset[str]:
    """Return the scopes that open this application: as a service, or as a server that the hub started."""
    told = environ.get("JUPYTERHUB_OAUTH_ACCESS_SCOPES", "")
    if not client.startswith("service-") and told:
        return frozenset(map(str, json.loads(told)))
    return frozenset({"access:services", f"access:services!service={client.removeprefix('service-')}"})


def _token(request: HTTPConnection) -> str:
    """Return the hub token of the header `Authorization`, an empty string if it holds none."""
    kind, _space, given = request.headers.get("authorization", "").partition(" ")
    return given if kind.lower() in ("token", "bearer") else ""


class HubIdentity:
    """Sessions of people whom the hub knows. They live in memory: after a restart, a browser passes the hub once."""

    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings
        self._begun: dict[str, tuple[float, str, str]] = {}
        self._sessions: dict[str, tuple[float, str]] = {}
        self._checked: dict[str, tuple[float, Person]] = {}
        self.cookie = "prototype-" + hashlib.sha256(settings.client.encode()).hexdigest()[:12]

    def person(self, request: HTTPConnection) -> Person | None:
        """Return the person of the session, or of a hub token in the header `Authorization`."""
        if _token(request):
            return self.program(request)
        until, token = self._sessions.get(request.cookies.get(self.cookie, ""), (0.0, ""))
        return self._person_of(token) if time.monotonic() < until else None

    def program(self, request: HTTPConnection) -> Person | None:
        """Return the person of a hub token in the header `Authorization`."""
        given = _token(request)
        return self._person_of(given) if given else None

    def session(self, request: HTTPConnection) -> str | None:
        """Return the session's cookie, None for a program."""
        return None if _token(request) else request.cookies.get(self.cookie, "")

    def sign_in(self, request: Request) -> Response:
        """Send the browser to the hub."""
        now = time.monotonic()
        self._begun = {key: kept for key, kept in self._begun.items() if now < kept[0]}
        while len(self._begun) >= MOST_SIGN_INS:
            self._begun.pop(next(iter(self._begun)))
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        self._begun[state] = (now + STATE_SECONDS, verifier, request.url.path)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self.settings.client,
            "redirect_uri": self.settings.prefix + "oauth_callback",
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        answer = RedirectResponse(f"{self.settings.authorize}?{urlencode(query)}", 302)
        answer.set_cookie(
            self.cookie + "-state",
            state,
            STATE_SECONDS,
            path=self.settings.prefix,
            httponly=True,
            samesite="lax",
        )
        return answer

    def finish(self, request: Request) -> Response | None:
        """Take the code that the hub sent back; None if this browser began no such sign-in."""
        state = request.query_params.get("state", "")
        until, verifier, wanted = self._begun.pop(state, (0.0, "", ""))
        begun = request.cookies.get(self.cookie + "-state", "")
        same = secrets.compare_digest(begun.encode(), state.encode())
        if time.monotonic() >= until or not same:
            return None
        form = {
            "client_id": self.settings.client,
            "client_secret": self.settings.token,
            "grant_type": "authorization_code",
            "code": request.query_params.get("code", ""),
            "code_verifier": verifier,
            "redirect_uri": self.settings.prefix + "oauth_callback",
        }
        found = self._ask("/oauth2/token", urlencode(form).encode(), "")
        if not isinstance(found, dict) or not found.get("access_token"):
            return None
        session = secrets.token_urlsafe(32)
        self._sessions = {key: kept for key, kept in self._sessions.items() if time.monotonic() < kept[0]}
        self._sessions[session] = (time.monotonic() + SESSION_SECONDS, str(found["access_token"]))
        answer = RedirectResponse(wanted, 302)
        secure = request.headers.get("x-forwarded-proto", request.url.scheme).startswith("https")
        answer.set_cookie(
            self.cookie,
            session,
            SESSION_SECONDS,
            path=self.settings.prefix,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        return answer

    def _person_of(self, token: str) -> Person | None:
        key = hashlib.sha256(token.encode()).hexdigest()
        until, known = self._checked.get(key, (0.0, Person("")))
        if time.monotonic() < until:
            return known
        found = self._ask("/user", None, token)
        if not isinstance(found, dict) or not found.get("name") or found.get("kind") != "user":
            return None
        if not self._may_reach(found):
            return None
        groups = frozenset(map(str, found.get("groups") or ()))
        admin = bool(found.get("admin")) or self.settings.administrators in groups
        person = Person(str(found["name"]), groups, admin)
        if len(self._checked) > MOST_SIGN_INS:
            self._checked.clear()
        self._checked[key] = (time.monotonic() + CHECKED_SECONDS, person)
        return person

    def _may_reach(self, model: dict[str, object]) -> bool:
        """Return whether the token was made for this service: a token of another one opens nothing here."""
        scopes = model.get("scopes")
        return isinstance(scopes, list) and bool(self.settings.access & set(scopes))

    def _ask(self, path: str, form: bytes | None, token: str) -> object:
        asked = urllib.request.Request(self.settings.api + path, data=form)  # noqa: S310 - the hub's own address
        if token:
            asked.add_header("Authorization", f"token {token}")
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
                return json.loads(answer.read(1024 * 1024))
        except (urllib.error.URLError, OSError, ValueError):
            return None


def hub_identity(environ: Mapping[str, str] | None = None) -> HubIdentity | None:
    """Return the hub's way of signing in, None if no hub started this process."""
    settings = HubSettings.read(os.environ if environ is None else environ)
    return HubIdentity(settings) if settings else None
