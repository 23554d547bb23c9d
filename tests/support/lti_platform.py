"""A learning platform, simulated after LTI 1.3 and Assignment and Grade Services 2.0: it checks what the tool sends."""

from __future__ import annotations

import html
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
CLIENT = "isomo-at-the-platform"
DEPLOYMENT = "1"


@dataclass
class LearningPlatform:
    """The platform: its people by `login_hint`, each with claims; scores by line. `tool_keys` returns the tool's JWKS."""

    people: dict[str, dict[str, Any]]
    callback: str = ""
    tool_keys: Any = None
    away: bool = False
    scores: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    seen_assertions: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform._get(self)

            def do_POST(self) -> None:
                platform._post(self)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def section(self, **more: Any) -> dict[str, Any]:
        """Return `[lti]` of the installation that this platform knows."""
        return {
            "issuer": self.address,
            "client_id": CLIENT,
            "login_address": f"{self.address}/auth",
            "keys_address": f"{self.address}/keys",
            "token_address": f"{self.address}/token",
            **more,
        }

    def start_launch(self, who: str, target: str) -> dict[str, str]:
        """Return the parameters with which the platform sends a browser to the tool first."""
        return {
            "iss": self.address,
            "login_hint": who,
            "target_link_uri": target,
            "lti_message_hint": target,
            "client_id": CLIENT,
            "lti_deployment_id": DEPLOYMENT,
        }

    def claims(self, who: str, target: str, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        mine = dict(self.people[who])
        line = mine.pop("line", None)
        grades = {"scope": [SCORE_SCOPE], "lineitem": f"{self.address}/lines/{line}"} if line else {}
        return {
            "iss": self.address,
            "aud": CLIENT,
            "sub": who,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}deployment_id": DEPLOYMENT,
            f"{CLAIM}target_link_uri": target,
            f"{CLAIM}resource_link": {"id": "link-1"},
            f"{CLAIM}roles": [f"{ROLE}Learner"],
            **({"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": grades} if line else {}),
            **mine,
        }

    def token_for(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "platform"})

    def launch(self, browser: httpx.Client, who: str, target: str) -> httpx.Response:
        """Send a browser through a whole launch; return the tool's last answer."""
        fields, action = self.form(browser, who, target)
        return browser.post(action, data=fields)

    def form(self, browser: httpx.Client, who: str, target: str) -> tuple[dict[str, str], str]:
        """Return the form that the platform has the browser post, and where."""
        first = browser.get(f"/hub/lti13/oauth_login?{urlencode(self.start_launch(who, target))}")
        assert first.status_code == 302, first.text
        assert first.headers["location"].startswith(f"{self.address}/auth?"), first.headers["location"]
        page = httpx.get(first.headers["location"])
        assert page.status_code == 200, page.text
        fields = {name: html.unescape(value) for name, value in FIELD.findall(page.text)}
        action = re.search(r'action="([^"]+)"', page.text)
        assert action
        return fields, html.unescape(action[1])

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        if self.away:
            _answer(request, 503, b"")
        elif parts.path == "/keys":
            found = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            _json(request, {"keys": [{**found, "kid": "platform", "alg": "RS256", "use": "sig"}]})
        elif parts.path == "/auth":
            self._authorize(request, {name: each[0] for name, each in parse_qs(parts.query).items()})
        else:
            _answer(request, 404, b"")

    def _authorize(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        wanted = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": CLIENT,
            "redirect_uri": self.callback,
        }
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        if wrong or asked.get("login_hint") not in self.people or not asked.get("nonce"):
            _answer(request, 400, f"refused: {wrong}".encode())
            return
        token = self.token_for(self.claims(asked["login_hint"], asked["lti_message_hint"], asked["nonce"]))
        fields = {"state": asked["state"], "id_token": token}
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in fields.items()
        )
        form = f'<form method="post" action="{html.escape(self.callback)}">{inputs}</form>'
        _answer(request, 200, f"{form}<script>document.forms[0].submit()</script>".encode(), "text/html")

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        path = urlsplit(request.path).path
        if self.away:
            _answer(request, 503, b"")
        elif path == "/token":
            self._give_token(request, {name: each[0] for name, each in parse_qs(body.decode()).items()})
        elif found := re.fullmatch(r"/lines/(\w+)/scores", path):
            self._take_score(request, found[1], body)
        else:
            _answer(request, 404, b"")

    def _give_token(self, request: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        try:
            assert form["grant_type"] == "client_credentials"
            assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            assert form["scope"] == SCORE_SCOPE
            signed = form["client_assertion"]
            header = jwt.get_unverified_header(signed)
            keys = {each["kid"]: jwt.PyJWK.from_dict(each) for each in self.tool_keys()["keys"]}
            claims = jwt.decode(
                signed,
                keys[header["kid"]].key,
                algorithms=["RS256"],
                audience=f"{self.address}/token",
                issuer=CLIENT,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
            )
            assert claims["sub"] == CLIENT
            assert claims["jti"] not in self.seen_assertions
            self.seen_assertions.add(claims["jti"])
        except (AssertionError, KeyError, jwt.PyJWTError) as error:
            self.refused.append(repr(error))
            _answer(request, 400, b'{"error": "invalid_client"}')
            return
        token = secrets.token_hex(16)
        self.tokens.add(token)
        said = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": SCORE_SCOPE}
        _json(request, said)

    def _take_score(self, request: BaseHTTPRequestHandler, line: str, body: bytes) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            _answer(request, 401, b"")
            return
        score, known = json.loads(body), self.scores.setdefault(line, [])
        fits = request.headers.get("Content-Type") == SCORE_TYPE and {
            "userId", "timestamp", "activityProgress", "gradingProgress"
        } <= set(score)  # fmt: skip
        points = "scoreGiven" not in score or (score["scoreGiven"] >= 0 and score["scoreMaximum"] > 0)
        newer = all(each["timestamp"] < score["timestamp"] for each in known)
        precise = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", score.get("timestamp", ""))
        if not (fits and points and newer and precise):
            self.refused.append(body.decode())
            _answer(request, 409 if fits else 400, b"")
            return
        known.append(score)
        _answer(request, 200, b"")


FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


def _json(request: BaseHTTPRequestHandler, said: dict[str, Any]) -> None:
    _answer(request, 200, json.dumps(said).encode(), "application/json")


def _answer(request: BaseHTTPRequestHandler, code: int, body: bytes, kind: str = "text/plain") -> None:
    request.send_response(code)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
