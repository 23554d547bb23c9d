"""Sign-in of the store's people, by password or by a one-time link. There is no default password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Any as AnyTrait
from traitlets import default

from hub.hub_process.code_form import CodeNeededError
from hub.hub_process.hub_database import count_users, prepare_tables
from hub.hub_process.hub_handlers import page_handlers
from hub.hub_process.password_rules import Passwords, Throttle
from hub.hub_process.sign_in_admission import TOO_MANY, Admitted
from hub.shared_names import APPLICATIONS, is_username
from hub.sign_in_links import HasInvitations, Invitations


class People(Protocol):
    """The part of the store that knows people."""

    def get(self, name: str) -> Any:
        """Return the person called `name`, or None."""

    def roles(self, name: str) -> list[str]:
        """Return names of the hub groups that this person belongs to."""

    def password_hash(self, name: str) -> str | None:
        """Return the kept hash, or None if this person has no password yet."""

    def set_password_hash(self, name: str, value: str) -> None:
        """Keep a new hash."""

    def disabled(self, name: str) -> bool:
        """Return whether an administrator has closed this account."""


class Directory(HasInvitations, Protocol):
    """The part of the store that signing in needs."""

    @property
    def people(self) -> People:
        """Accounts."""

    @property
    def invitations(self) -> Invitations:
        """One-time links."""

    @property
    def second_factors(self) -> Any:
        """One-time codes."""


class Accounts(Authenticator):
    """Local accounts; roles in the store become groups of the hub."""

    directory = AnyTrait(config=True, help="Returns the store (`Directory`)")
    settings = AnyTrait(config=True, help="The installation's settings")
    passwords = AnyTrait()
    throttle = AnyTrait()
    office = AnyTrait(help="The office's OpenID provider; None without [oidc]")
    platform = AnyTrait(help="The learning platform; None without [lti]")
    _workers = AnyTrait()

    @default("office")
    def _office(self) -> Any:
        from hub.hub_process.openid_pages import office_provider  # its pages need this module

        return office_provider(self, self.settings)

    @default("platform")
    def _platform(self) -> Any:
        from hub.hub_process.lti_pages import learning_platform  # its pages need this module

        return learning_platform(self, self.settings)

    @default("passwords")
    def _passwords(self) -> Passwords:
        return Passwords()

    @default("throttle")
    def _throttle(self) -> Throttle:
        return Throttle()

    @default("_workers")
    def _two_workers(self) -> ThreadPoolExecutor:
        # Argon2 wants a core and 64 MiB each time: a class that signs in at once must queue, not swap.
        return ThreadPoolExecutor(2, thread_name_prefix="sign-in")

    @property
    def store(self) -> Directory:
        """The store."""
        return self.directory()

    def address_of(self, request: Any) -> str:
        """Return the address a request comes from, as far as a person who guesses passwords cannot choose it.

        Tornado believes an X-Real-Ip header, which our proxies pass on from anybody; what they add themselves is
        the last entry of X-Forwarded-For. A learner's container reaches the hub directly: it is who it is.
        """
        peer = str(request.connection.context.address[0])
        if peer not in ("127.0.0.1", self.settings.inner_host):
            return peer
        return str(request.headers.get("X-Forwarded-For", peer)).rpartition(",")[2].strip()

    async def in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run `work` in a thread, so that the event loop goes on."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, work, *args)

    async def authenticate(self, handler: Any, data: Any) -> dict[str, Any] | None:
        """Check what a sign-in form sent, or take the word of a spent link."""
        if isinstance(data, Admitted):
            return await self.in_thread(self.person, data.username)
        name, password = str(data.get("username", "")).lower(), str(data.get("password", ""))
        return await self._by_password(name, password, self.address_of(handler.request))

    async def _by_password(self, name: str, password: str, address: str) -> dict[str, Any] | None:
        known = name if is_username(name) else NOBODY
        self._hold_back(known, address)
        right = await self.in_thread(self.check_password, known, password)
        person = await self.in_thread(self.person, known) if right else None
        if person is None:
            self.throttle.failed(known, address)
            self.log.warning("sign-in-refused name=%s address=%s", known, address)
            return None
        self.throttle.succeeded(known, address)
        if await self.in_thread(self.store.second_factors.is_on, known):
            raise CodeNeededError(known)
        self.log.info("signed-in name=%s address=%s", known, address)
        return person

    def _hold_back(self, name: str, address: str) -> None:
        wait = self.throttle.wait(name, address)
        if wait:
            self.log.warning("sign-in-throttled name=%s address=%s seconds=%d", name, address, wait)
            raise HTTPError(429, TOO_MANY)

    def check_password(self, name: str, password: str) -> bool:
        """Return whether this is the person's password; as much work for a name that nobody has."""
        people = self.store.people
        verified = self.passwords.check(None if name == NOBODY else people.password_hash(name), password)
        if verified.new_hash:
            people.set_password_hash(name, verified.new_hash)
        return verified.right

    def person(self, name: str) -> dict[str, Any] | None:
        """Name and groups of a person who may sign in; None for nobody, and for a closed account."""
        people = self.store.people
        if people.get(name) is None or people.disabled(name):
            return None
        return {"name": name, "groups": sorted(people.roles(name))}

    async def refresh_user(self, user: Any, _handler: Any = None, **_kwargs: Any) -> bool | dict[str, Any]:
        """Bring groups up to date; a person whose account was closed is signed out."""
        if user.name == APPLICATIONS:
            return True
        # Not among the two that sign people in: a class that does must not hold up everybody else's requests.
        person = await asyncio.to_thread(self.person, user.name)
        return person if person is not None else False

    def check_allow_config(self) -> None:
        """Prepare the hub's tables as well: this is what it calls between opening them and reading every user."""
        super().check_allow_config()
        if self.parent is not None:
            prepare_tables(self.parent.db, everybody=not self.allow_all)

    def validate_username(self, username: str) -> bool:
        """Return whether the hub may know this name: a person's, or the account that owns shared applications."""
        return username == APPLICATIONS or bool(super().validate_username(username))

    def get_handlers(self, app: Any) -> list[Any]:
        """Our own pages, and JupyterHub's in the visitor's language."""
        count_users(app.db)  # The users are known by now.
        return page_handlers()


NOBODY = "-"
"""Name used for every name that cannot be a user's."""
