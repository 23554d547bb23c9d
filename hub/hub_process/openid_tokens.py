"""Metadata of the office's OpenID provider, and the check that an identity token is really its own."""

from __future__ import annotations

import hmac
import ssl
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import httpx
import jwt

from hub.optional_sections import OpenId

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make. A shared secret (HS256) or none at all proves nothing."""
LEEWAY = 60
"""Seconds that the two clocks may differ."""
BELIEVED = 3600.0
KEYS_AT_MOST_EVERY = 5.0
"""Seconds between two requests for the provider's keys, whatever key a token names."""
TIMEOUT = 10.0


class ProviderAwayError(Exception):
    """The provider does not answer, or not as a provider does."""


class NotTheirsError(Exception):
    """An identity token that the provider did not make for this sign-in."""


class Provider:
    """One OpenID Connect provider: its addresses and its keys, asked for when they are needed first."""

    def __init__(self, settings: OpenId, ca_bundle: Path | None = None) -> None:
        self.settings = settings
        context = ssl.create_default_context(cafile=str(ca_bundle) if ca_bundle else None)
        self._client = httpx.Client(timeout=TIMEOUT, verify=context, follow_redirects=True)
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, list[jwt.PyJWK]] | None = None

    def metadata(self) -> dict[str, Any]:
        """Return the provider's discovery document. Raises ProviderAwayError."""
        with self._lock:
            known = self._metadata
        if known is not None and time.monotonic() - known[0] < BELIEVED:
            return known[1]
        found = self._get(f"{self.settings.issuer}/.well-known/openid-configuration")
        if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise ProviderAwayError(f"it calls itself {found.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(found.get(name), str):
                raise ProviderAwayError(f"its configuration has no {name}")
        with self._lock:
            self._metadata = (time.monotonic(), found)
        return found

    def _get(self, url: str, token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self._client.get(url, headers=headers)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAwayError(str(error) or type(error).__name__) from error
        if not isinstance(found, dict):
            raise ProviderAwayError(f"{url} is not a JSON object")
        return cast("dict[str, Any]", found)

    def keys(self, *, fresh: bool = False) -> list[jwt.PyJWK]:
        """Return the provider's keys; with `fresh` asked again, unless that was done seconds ago."""
        with self._lock:
            known = self._keys
        age = time.monotonic() - known[0] if known else BELIEVED
        if known and (age < KEYS_AT_MOST_EVERY or (age < BELIEVED and not fresh)):
            return known[1]
        said = self._get(self.metadata()["jwks_uri"])
        found = []
        for each in said.get("keys", []):
            try:
                found.append(jwt.PyJWK.from_dict(each))
            except (jwt.PyJWTError, AttributeError, TypeError):
                continue  # A kind of key that we do not use, such as one for encryption.
        with self._lock:
            self._keys = (time.monotonic(), found)
        return found

    def verify(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an identity token that this provider made for this sign-in.

        A provider changes its keys when it likes: a token that no known key fits is tried with fresh ones. Raises
        NotTheirsError or ProviderAwayError.
        """
        try:
            claims = self._decode(token, self.keys())
        except NotTheirsError:
            claims = self._decode(token, self.keys(fresh=True))
        if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
            raise NotTheirsError("the nonce is of another sign-in")
        parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if len(parties) > 1 and claims.get("azp") != self.settings.client_id:
            raise NotTheirsError("it was made for another client")
        return claims

    def _decode(self, token: str, keys: list[jwt.PyJWK]) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise NotTheirsError(str(error)) from error
        if header.get("alg") not in ALGORITHMS:
            raise NotTheirsError(f"its signature is {header.get('alg')!r}")
        named = [key for key in keys if key.key_id == header.get("kid")] if header.get("kid") else keys
        reason = "no key of the provider fits"
        for key in named:
            try:
                return jwt.decode(
                    token,
                    key.key,
                    algorithms=[str(header["alg"])],
                    audience=self.settings.client_id,
                    issuer=[self.settings.issuer, f"{self.settings.issuer}/"],
                    leeway=LEEWAY,
                    options={"require": ["exp", "iat", "iss", "aud", "sub"]},
                )
            except (jwt.PyJWTError, TypeError, ValueError) as error:
                reason = str(error)
        raise NotTheirsError(reason)

    def with_user_info(self, claims: Mapping[str, Any], access_token: str) -> dict[str, Any]:
        """Return the claims, completed by the user information endpoint if it speaks of the same person."""
        address = self.metadata().get("userinfo_endpoint")
        if not isinstance(address, str) or not access_token:
            return dict(claims)
        try:
            more = self._get(address, access_token)
        except ProviderAwayError:
            return dict(claims)
        if more.get("sub") != claims["sub"]:
            return dict(claims)
        return {**more, **claims}
