"""Identity of a person: signed in and known from the hub, from an office's own proxy, or from the terminal
that serves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from labs.prototype_kit.application.project_settings import Settings


@dataclass(frozen=True)
class Person:
    """A signed-in person."""

    name: str
    groups: frozenset[str] = field(default_factory=frozenset)
    admin: bool = False


class Identity(Protocol):
    """A way to know who asks."""

    def person(self, request: HTTPConnection) -> Person | None:
        """Return who asks, None if nobody is signed in."""

    def program(self, request: HTTPConnection) -> Person | None:
        """Return who asks by a program; a session that a browser sends by itself does not count."""

    def session(self, request: HTTPConnection) -> str | None:
        """Return what names a browser's session, None if a header that only a program sends signs the request."""

    def sign_in(self, request: Request) -> Response | None:
        """Return the answer that begins a sign-in, None if there is no way to."""


class LocalIdentity:
    """Everyone is the person who started the program; it listens on this machine only."""

    def __init__(self, name: str) -> None:
        self.name = name

    def person(self, _request: HTTPConnection) -> Person:
        """Return the person at this terminal."""
        return Person(self.name)

    program = person

    def session(self, _request: HTTPConnection) -> str:
        """Return the name of the person at this terminal."""
        return self.name

    def sign_in(self, _request: Request) -> None:
        """There is nothing to sign in to."""


class HeaderIdentity:
    """An office's own proxy signs people in and names them in a header that it sets itself."""

    def __init__(self, header: str) -> None:
        self.header = header

    def person(self, request: HTTPConnection) -> Person | None:
        """Return the person that the proxy named."""
        name = request.headers.get(self.header, "").strip()
        return Person(name) if re.fullmatch(r"[\w.@+-]{1,100}", name) else None

    program = person
    """The proxy alone knows how programs sign in."""

    def session(self, request: HTTPConnection) -> str:
        """Return the name that the proxy gave: it keeps the sessions."""
        return request.headers.get(self.header, "").strip()

    def sign_in(self, _request: Request) -> None:
        """The proxy does that before a request comes here."""


@dataclass(frozen=True)
class Rights:
    """Rights of one person here."""

    use: bool
    review: bool
    approve: bool
    switch: bool
    """Turn the application off and on again."""
    team: bool


def rights_of(person: Person, settings: Settings) -> Rights:
    """Return the rights of a person; nobody approves what they have built."""
    named = {*settings.users, *settings.team, *settings.reviewers, settings.approver}
    use = (
        person.name in named
        or "*" in settings.users
        or bool(person.groups & set(settings.groups))
        or person.admin
    )
    approver = (
        bool(settings.approver) and person.name == settings.approver and person.name not in settings.team
    )
    return Rights(
        use=use,
        review=person.name in settings.reviewers,
        approve=approver,
        switch=approver or person.admin,
        team=person.name in settings.team,
    )
