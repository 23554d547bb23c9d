"""The context of a request: the installation, who asks, in which language."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request

from hub.campus.grading_progress import Live
from hub.campus.hub_client import HubClient
from hub.campus.kept_answers import KeptAnswers
from hub.campus.live_presence import LivePresence
from hub.campus.problem_codes import WARNINGS, Problem
from hub.campus.recent_figures import RecentFigures
from hub.campus.start_ahead import AheadStarts
from hub.campus.token_scopes import ANY_TOKEN, NO_TOKEN, scope_for, scopes_open_to
from hub.isomo_settings import Settings
from hub.message_catalogues import chosen_language, domain_catalogue
from hub.secret_keys import Secrets
from hub.shared_names import CAMPUS
from hub.store import Store
from hub.store.api_tokens import PREFIX as TOKEN_PREFIX
from hub.store.table_models import Course, Person

PREFIX = CAMPUS
API = f"{PREFIX}/api/v1"
COOKIE = "isomo-campus"
LANGUAGE_COOKIE = "isomo-language"
MESSAGE_COOKIE = "isomo-message"
"""Message about the last action, which the next page shows; see hub.campus.web.done_messages."""
LOCALE = Path(__file__).parent / "locale"


@dataclass
class Campus:
    """One running campus: settings, store, secrets, and its line to the hub."""

    settings: Settings
    store: Store
    secrets: Secrets
    hub: HubClient
    live: Live
    ahead: AheadStarts
    presence: LivePresence = field(default_factory=LivePresence)
    figures: RecentFigures = field(default_factory=RecentFigures)
    answers: KeptAnswers = field(default_factory=KeptAnswers)


@dataclass
class Visitor:
    """A person who asks. `session` is the cookie's value, None for programs with a token."""

    campus: Campus
    person: Person
    token: str
    session: str | None
    address: str
    path: str
    message: str = ""
    """The message cookie, if the request brought one."""
    scopes: frozenset[str] | None = None
    """Scopes of the person's own token; None for a browser and for a server of the hub."""

    @property
    def name(self) -> str:
        """User name."""
        return self.person.username

    @cached_property
    def roles(self) -> set[str]:
        """Roles in the hub."""
        return set(self.campus.store.people.roles(self.name))

    @cached_property
    def memberships(self) -> list[tuple[Course, str]]:
        """Courses this person has a part in, one line for each role."""
        return self.campus.store.courses.courses_for(self.name)

    @cached_property
    def courses(self) -> dict[str, set[str]]:
        """Courses this person has a part in, with their roles there."""
        found: dict[str, set[str]] = {}
        for course, role in self.memberships:
            found.setdefault(course.id, set()).add(role)
        return found

    @property
    def teaching(self) -> list[Course]:
        """Courses this person trains in."""
        return [course for course, role in self.memberships if role == "trainer"]

    @cached_property
    def sees_projects(self) -> bool:
        """Return whether data teams' projects are on this installation and this person has to do with them."""
        if not self.campus.settings.prototypes:
            return False
        return bool({"data-team", "administrator"} & self.roles) or bool(
            self.campus.store.projects.projects_for(self.name)
        )

    @property
    def is_administrator(self) -> bool:
        """Return whether this person runs the installation."""
        return "administrator" in self.roles

    @property
    def first_page(self) -> str:
        """Return the page this person begins at: their labs; without any course, the page of their role."""
        if not self.memberships and self.is_administrator and self.session is not None:
            return "/people"
        if not self.memberships and "coordinator" in self.roles and self.person.institution:
            return "/overview"
        return "/"

    def trains(self, course: str) -> bool:
        """Return whether this person releases and grades in `course`."""
        return "trainer" in self.courses.get(course, set())

    def must_see(self, course: str) -> None:
        """Raise not-found unless this person has a part in `course`."""
        if course not in self.courses:
            self.refuse(f"course {course}")

    def must_train(self, course: str) -> None:
        """Raise a Problem unless this person trains in `course`."""
        self.must_see(course)
        if not self.trains(course):
            self.count_refusal(f"train {course}")
            raise Problem("not-allowed")

    @property
    def administers(self) -> bool:
        """Return whether this person runs the installation, and sits at a browser or made a token for this at one."""
        return self.is_administrator and (self.session is not None or self.scopes is not None)

    @property
    def possible_scopes(self) -> list[str]:
        """Scopes that this person can give a token; none for a learner."""
        return scopes_open_to(
            administers=self.is_administrator,
            teaches=bool(self.teaching),
            coordinates="coordinator" in self.roles,
            sees_projects=self.sees_projects,
        )

    def must_manage(self, course: str) -> None:
        """Raise a Problem unless this person trains in `course` or runs the installation."""
        if not self.administers:
            self.must_train(course)
        elif self.campus.store.courses.get(course) is None:
            raise Problem("no-such-course", {"name": course})

    def must_administer(self) -> None:
        """Raise not-found unless this person runs the installation and sits at a browser, or made a token for this.

        A token of the hub is not enough: the one inside a notebook server would do whatever its notebooks are told to.
        """
        if not self.administers:
            self.refuse("administration")
        if self.campus.settings.second_factor and not self.has_second_step:
            raise Problem("second-factor")

    @property
    def has_second_step(self) -> bool:
        """Return whether more than a password opens this account here: a code, or the office's provider alone."""
        store = self.campus.store
        if store.second_factors.is_on(self.name):
            return True
        return self.person.password_hash is None and store.identities.has_any(self.name)

    def refuse(self, about: str) -> NoReturn:
        """Answer 404 to a request for what is not this person's, and count it."""
        self.count_refusal(about)
        raise Problem("not-found")

    def count_refusal(self, about: str) -> None:
        """Count a refused request; the audit page shows how many there were."""
        self.campus.store.refusals.count(self.name, about, self.address)

    def note(self, what: str, about: str) -> None:
        """Write a line into the audit log."""
        self.campus.store.audit.add(self.name, what, about, self.address)

    @property
    def language(self) -> str:
        """The language this person reads."""
        have = self.campus.settings.languages
        return self.person.language if self.person.language in have else have[0]

    def say(self, text: str, **facts: object) -> str:
        """A sentence in this person's language."""
        return campus_sentence(self.language, text, facts)

    @property
    def form_key(self) -> str:
        """Return the key that this session's forms carry, so that no other site can send them.

        It differs on each page: in a compressed page the size would tell a key that stays the same (BREACH, 2013).
        """
        pad = secrets.token_bytes(32)
        return (pad + _mixed(pad, self._session_key)).hex()

    def owns_form(self, sent: str) -> bool:
        """Return whether a form carries a key of this session."""
        try:
            given = bytes.fromhex(sent)
        except ValueError:
            return False
        return len(given) == 64 and hmac.compare_digest(_mixed(given[:32], given[32:]), self._session_key)

    @property
    def _session_key(self) -> bytes:
        key = self.campus.secrets.campus_token.encode()
        return hmac.new(key, f"form:{self.session}".encode(), hashlib.sha256).digest()


def _mixed(one: bytes, other: bytes) -> bytes:
    """Return two texts of bytes mixed by exclusive or; mixing twice gives back the first."""
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def campus_of(request: Request) -> Campus:
    """The campus this request reached."""
    found: Campus = request.app.state.campus
    return found


def visitor_or_none(request: Request) -> Visitor | None:
    """Return who asks, by token or by cookie; None if nobody that we know. Raises Problem for a token that is over."""
    campus = campus_of(request)
    session, token = request.cookies.get(COOKIE), ""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    given = given.strip()
    if kind.lower() in ("token", "bearer") and given.startswith(TOKEN_PREFIX):
        return _program(request, given)
    if kind.lower() in ("token", "bearer") and given:
        session, token = None, given
    elif session and (kept := campus.store.sessions.find(session)):
        token = kept.hub_token
    user = campus.hub.user(token) if token else None
    if user is None or not user.may_use_campus:
        return None
    person = campus.store.people.get(user.name)
    if person is None or person.disabled_at is not None:
        return None
    request.state.person = person
    message = request.cookies.get(MESSAGE_COOKIE, "")
    return Visitor(campus, person, token, session, address_of(request), request.url.path, message)


def _program(request: Request, token: str) -> Visitor:
    """Return the person whose own token a program sent. Raises Problem if it is over, or not for this route."""
    campus, address = campus_of(request), address_of(request)
    found = campus.store.tokens.find(token)
    person = campus.store.people.get(found.username) if found else None
    if found is None or person is None or person.disabled_at is not None:
        campus.store.refusals.count("", "token", address)
        raise Problem("token-over")
    request.state.person = person
    made = Visitor(campus, person, "", None, address, request.url.path, scopes=frozenset(found.scopes))
    route = getattr(request.scope.get("route"), "path", "").removeprefix(API)
    wanted = scope_for(request.method, route)
    if wanted is NO_TOKEN or not request.url.path.startswith(f"{API}/"):
        made.count_refusal("token-never")
        raise Problem("token-never")
    if wanted != ANY_TOKEN and wanted not in found.scopes:
        made.count_refusal("token-scope")
        raise Problem("token-scope", {"scope": wanted})
    request.state.api_token = found
    return made


def known_visitor(request: Request) -> Visitor:
    """Return who asks. Raises Problem if nobody that we know."""
    found = visitor_or_none(request)
    if found is None:
        raise Problem("sign-in")
    if request.method not in ("GET", "HEAD") and found.session:
        check_origin(request)
    return found


def check_origin(request: Request) -> None:
    """A browser's change must come from our own pages."""
    ours = urlsplit(campus_of(request).settings.address)
    origin = request.headers.get("origin") or request.headers.get("referer") or ""
    theirs = urlsplit(origin)
    if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
        raise Problem("stale-form")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem("stale-form")


def address_of(request: Request) -> str:
    """Return the network address that a request comes from.

    Our own proxy tells it; from anybody else the header is worth nothing.
    """
    peer = request.client.host if request.client else ""
    told = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
    ours = peer in ("127.0.0.1", campus_of(request).settings.inner_host)
    return told if told and ours else peer


def language_of(request: Request) -> str:
    """The person's language once it is known who asks, else the one chosen at the hub, else the browser's."""
    have = campus_of(request).settings.languages
    person: Person | None = getattr(request.state, "person", None)
    asked = person.language if person is not None else request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen_language(asked, request.headers.get("accept-language", ""), have)


def campus_sentence(language: str, text: str, facts: Mapping[str, object] | None = None) -> str:
    """A sentence in `language`, facts filled in."""
    return domain_catalogue("campus", language, LOCALE).gettext(text).format(**(facts or {}))


def warning_texts(warnings: list[Any], language: str) -> list[str]:
    """The warnings of an attempt, as sentences."""
    return [
        campus_sentence(language, WARNINGS[each["code"]], each)
        for each in warnings
        if each.get("code") in WARNINGS
    ]


def form_visitor(request: Request, key: Annotated[str, Form()] = "") -> Visitor:
    """Return who sent one of our forms. Raises Problem unless it carries this session's key."""
    found = known_visitor(request)
    if not found.owns_form(key):
        raise Problem("stale-form")
    return found


Who = Annotated[Visitor, Depends(known_visitor)]
Sender = Annotated[Visitor, Depends(form_visitor)]
