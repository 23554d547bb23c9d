"""Points for a learning platform's gradebook (Assignment and Grade Services 2.0): what was returned, no more."""

from __future__ import annotations

import logging
import secrets
import ssl
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import jwt

from hub.isomo_settings import Settings
from hub.optional_sections import Lti
from hub.platform_key import ALGORITHM, platform_key, public_jwk
from hub.store import Store
from hub.store.graded_results import TO_BE_MARKED, Result
from hub.store.lti_lines import SCORE_SCOPE, DueLine

log = logging.getLogger("platform-scores")
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TIMEOUT = 20.0
MOST_AT_ONCE = 200
"""Scores of one round; the next round goes on."""
TOKEN_SECONDS = 300.0
"""How long a token is used when the platform does not say how long it is good."""


class PlatformAwayError(Exception):
    """The platform does not answer, or gives no token: every other score would fail too."""


class ScoreRefusedError(Exception):
    """The platform does not take this score."""


def scores_address(line_item: str) -> str:
    """Return where a line's scores go: `/scores` at the end of its path, before any query (AGS 2.0, 3.4).

    >>> scores_address("https://lms.example/lines/7?type_id=2")
    'https://lms.example/lines/7/scores?type_id=2'
    """
    parts = urlsplit(line_item)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/scores"))


def score_message(result: Result, subject: str, now: datetime) -> dict[str, Any]:
    """Return a score as AGS wants it. Work that waits for a person is told without points.

    The time has milliseconds: a platform refuses a score that is not newer than the one it has.
    """
    final = all(result.shown_outcome(each) != TO_BE_MARKED for each in result.verdicts)
    points = {"scoreGiven": max(0.0, result.score), "scoreMaximum": result.max_score} if final else {}
    return {
        "userId": subject,
        "timestamp": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded" if final else "PendingManual",
        **points,
    }


class Platform:
    """A platform's token and scores endpoints. Give one to a round; it keeps its token as long as that is good."""

    def __init__(self, settings: Settings, named: Lti) -> None:
        self._settings, self._named = settings, named
        trusted = ssl.create_default_context(cafile=str(settings.ca_bundle) if settings.ca_bundle else None)
        self._client = httpx.Client(timeout=TIMEOUT, verify=trusted)
        self._token, self._until = "", 0.0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, line_item: str, message: dict[str, Any]) -> None:
        """Send one score. Raises PlatformAwayError or ScoreRefusedError."""
        headers = {"Authorization": f"Bearer {self._access()}", "Content-Type": SCORE_TYPE}
        try:
            answer = self._client.post(scores_address(line_item), json=message, headers=headers)
        except httpx.HTTPError as error:
            raise PlatformAwayError(type(error).__name__) from error
        if answer.status_code == 401:
            self._until = 0.0  # The next one asks for a new token.
        if answer.status_code >= 500:
            raise PlatformAwayError(f"it answers {answer.status_code}")
        if answer.status_code >= 300:
            raise ScoreRefusedError(f"it answers {answer.status_code}")

    def _access(self) -> str:
        """Return a token for scores, asked for with an assertion that our key signs (RFC 7523)."""
        if time.monotonic() < self._until:
            return self._token
        address, now = str(self._named.token_address), int(time.time())
        claims = {
            "iss": self._named.client_id,
            "sub": self._named.client_id,
            "aud": address,
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_hex(16),
        }
        kid = public_jwk(self._settings)["kid"]
        signed = jwt.encode(claims, platform_key(self._settings), algorithm=ALGORITHM, headers={"kid": kid})
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
            "scope": SCORE_SCOPE,
        }
        try:
            answer = self._client.post(address, data=form)
            answer.raise_for_status()
            said = answer.json()
            self._token = str(said["access_token"])
            seconds = float(said.get("expires_in", TOKEN_SECONDS))
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise PlatformAwayError(f"no token: {type(error).__name__}") from error
        self._until = time.monotonic() + max(0.0, seconds - 30)
        return self._token


class ScoreSender:
    """Tells the platform of the settings what was returned; a score that fails is tried again later."""

    def __init__(self, store: Store) -> None:
        self._store, self._seen = store, 0

    def one_round(self) -> int:
        """Send what is due; return how many scores the platform took. Without `[lti]` nothing is looked for."""
        named = self._store.settings.lti
        if named is None or named.token_address is None:
            return 0
        self._seen = self._store.lti_lines.mark_due(self._seen)
        due = self._store.lti_lines.claim()
        if due is None:
            return 0
        platform, taken = Platform(self._store.settings, named), 0
        try:
            for _turn in range(MOST_AT_ONCE):
                taken += self._send(platform, due)
                due = self._store.lti_lines.claim()
                if due is None:
                    break
        except PlatformAwayError as error:
            log.warning("platform-away reason=%s", error)
        finally:
            platform.close()
        return taken

    def _send(self, platform: Platform, due: DueLine) -> int:
        lines, line = self._store.lti_lines, due.line
        result = self._store.results.result_for(due.attempt, returned_only=True)
        if result is None:
            lines.sent(due)
            return 0
        try:
            platform.send(line.line_item, score_message(result, line.subject, datetime.now(UTC)))
        except PlatformAwayError as error:
            lines.put_off(due, str(error))
            raise
        except ScoreRefusedError as error:
            lines.put_off(due, str(error))
            log.warning("score-refused learner=%s lab=%s reason=%s", line.username, line.lab, error)
            return 0
        lines.sent(due)
        return 1
