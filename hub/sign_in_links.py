"""One-time sign-in links: the store keeps only hashes; sending the form spends one, opening it does not."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from hub.isomo_settings import Settings

Kind = Literal["welcome", "sign-in", "reset"]
"""`welcome`: a first sign-in, which chooses a password. `reset`: chooses a new one. `sign-in`: just once."""


class Invitation(Protocol):
    """Facts that the store keeps about a link."""

    username: str
    kind: str
    expires_at: datetime


class Invitations(Protocol):
    """The store's table of links."""

    def add(self, token_sha256: str, username: str, kind: str, expires_at: datetime) -> Any:
        """Keep a new link."""

    def peek(self, token_sha256: str) -> Invitation | None:
        """Return the link, whether or not it was used or has expired."""

    def use(self, token_sha256: str, now: datetime) -> Invitation | None:
        """Spend the link, once for all callers; None if it was spent, has expired or never was."""


class HasInvitations(Protocol):
    """The part of the store that is needed here."""

    @property
    def invitations(self) -> Invitations:
        """The table of links."""


def create_link_token(store: HasInvitations, username: str, kind: Kind, ttl: timedelta) -> str:
    """Make a link's token for `username`, good for `ttl`; the token itself is kept nowhere."""
    token = new_token()
    store.invitations.add(token_digest(token), username, kind, datetime.now(UTC) + ttl)
    return token


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)


def link_address(settings: Settings, token: str) -> str:
    """Return the address that a person opens."""
    return f"{settings.address}/hub/welcome/{token}"


def token_digest(token: str) -> str:
    """Return what the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
