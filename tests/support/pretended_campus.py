"""A campus in memory, next to a pretended hub that knows tokens and plays its part of OAuth.

The real hub is in the container and browser tests; here it is a dictionary behind httpx's own mock transport.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.testclient import TestClient

from hub.campus.campus_app import app_with_routes, furnish_app
from hub.campus.hub_client import HubClient
from hub.store import Store
from tests.support.small_stores import COURSE, LAB, RIGHT, filled

ROOT = "/services/campus"
API = f"{ROOT}/api/v1"
CAMPUS = "access:services!service=campus"


@dataclass
class FakeHub:
    """Tokens by value, and OAuth codes with the challenge they were asked with."""

    users: dict[str, dict] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    away: bool = False
    servers: dict[str, dict] = field(default_factory=dict)
    stopped: list[tuple[str, str]] = field(default_factory=list)
    """Whose servers were stopped, and which."""
    shares: set[tuple[str, str]] = field(default_factory=set)
    """Servers of applications, each with a person whom the hub admits there."""
    running: set[str] = field(default_factory=set)
    """Who has a server that answers when they sign in."""
    looked_up: list[str] = field(default_factory=list)
    """Whose token the campus asked about, each time."""

    def token(self, name: str, *, scopes: tuple[str, ...] = (CAMPUS,), ready: bool = False) -> str:
        token = f"token-{name}-{len(self.users)}"
        servers = {"": {"ready": ready}}
        self.users[token] = {"kind": "user", "name": name, "scopes": list(scopes), "servers": servers}
        return token

    def authorize(self, address: str, name: str) -> dict[str, str]:
        """Return what a signed-in browser brings back from the hub's authorize page."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = (name, asked["code_challenge"])
        return {"code": code, "state": asked["state"]}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("refused")
        if request.url.path.endswith("/oauth2/token"):
            return self._exchange(
                {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
            )
        if "/users/" in request.url.path:
            return self._of_a_user(request)
        if "/shares/" in request.url.path:
            return self._of_shares(request)
        user = self.users.get(request.headers["authorization"].removeprefix("token "))
        self.looked_up.append(user["name"] if user else "")
        return httpx.Response(200, json=user) if user else httpx.Response(403)

    def _of_a_user(self, request: httpx.Request) -> httpx.Response:
        """Answer what the hub lets its campus do about somebody: look, and stop servers."""
        name, _, server = request.url.path.partition("/users/")[2].partition("/servers/")
        if request.method == "DELETE":
            self.stopped.append((name, server))
            return httpx.Response(204)
        known = any(user["name"] == name for user in self.users.values())
        return (
            httpx.Response(200, json={"servers": self.servers.get(name, {})})
            if known
            else httpx.Response(404)
        )

    def _of_shares(self, request: httpx.Request) -> httpx.Response:
        """List shares two at a time, give one, or take one."""
        owner, _, server = request.url.path.partition("/shares/")[2].partition("/")
        if request.method == "GET":
            start, shares = int(request.url.params["offset"]), sorted(self.shares)
            items = [{"server": {"name": each[0]}, "user": {"name": each[1]}} for each in shares]
            following = {"offset": start + 2} if start + 2 < len(items) else None
            return httpx.Response(
                200, json={"items": items[start : start + 2], "_pagination": {"next": following}}
            )
        share = (server, json.loads(request.content)["user"])
        if server not in self.servers.get(owner, {}):
            return httpx.Response(404)
        if request.method == "POST":
            self.shares.add(share)
        else:
            self.shares.discard(share)
        return httpx.Response(200, json={})

    def _exchange(self, form: dict[str, str]) -> httpx.Response:
        name, challenge = self.codes.pop(form["code"], ("", ""))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return httpx.Response(400)
        return httpx.Response(200, json={"access_token": self.token(name, ready=name in self.running)})


_routes = lru_cache(
    app_with_routes
)  # Declaring them takes longer than most tests; each campus furnishes them again.


class Campus:
    """The application, its store and the pretended hub."""

    def __init__(self, folder: Path, store: Store | None = None, **more: object) -> None:
        self.store = store or filled(folder, **more)
        self.settings = self.store.settings
        self.hub = FakeHub()
        client = httpx.Client(transport=httpx.MockTransport(self.hub))
        self.app = _routes()
        furnish_app(self.app, self.settings, self.store, HubClient(self.settings.hub_api_url, client))

    def client(self, **more: object) -> TestClient:
        """Somebody whom nobody knows."""
        return TestClient(
            self.app,
            base_url=self.settings.address,
            follow_redirects=False,
            raise_server_exceptions=False,
            **more,
        )

    def program(self, name: str, **more: object) -> TestClient:
        """Return a program with the token of `name`'s server."""
        return self.client(headers={"Authorization": f"token {self.hub.token(name, **more)}"})

    def browser(self, name: str) -> TestClient:
        """Return a browser in which `name` signed in through the hub."""
        made = self.client(headers={"Origin": self.settings.address})
        asked = made.get(f"{ROOT}/").headers["location"]
        back = made.get(f"{ROOT}/oauth_callback", params=self.hub.authorize(asked, name))
        assert back.status_code == 302, back.text
        return made


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return made.getvalue()


def work(content: bytes = RIGHT, answers: object = None) -> bytes:
    files = {f"{LAB}.ipynb": content}
    return zipped(files | ({"answers.json": json.dumps(answers).encode()} if answers is not None else {}))


def attempts_url(course: str = COURSE, lab: str = LAB) -> str:
    return f"{API}/courses/{course}/labs/{lab}/attempts"


def form_key(page: str) -> str:
    """Return the key that a page's forms carry."""
    found = re.search(r'name="key" value="([0-9a-f]+)"', page)
    assert found, page
    return found[1]


def build_lab(
    state: Path,
    slug: str = "bars",
    version: str = "abc123",
    title: str = "Bars",
    number: int = 0,
    builds_on: Sequence[str] = (),
    *,
    track: str = "everyone",
) -> None:
    """A built lab in the library, in two languages."""
    folder = state / "labs" / slug / version
    for part in ("release/en", "release/fr", "source"):
        (folder / part).mkdir(parents=True)
        (folder / part / f"{slug}.ipynb").write_bytes(RIGHT)
    about = {
        "slug": slug,
        "title": {"en": title, "fr": f"{title} (fr)"},
        "minutes": 25,
        "number": number,
        "version": version,
        "track": track,
        "builds_on": list(builds_on),
        "tasks": [{"id": "add", "kind": "code", "points": 2}],
    }
    (folder / "lab.json").write_text(json.dumps(about))
