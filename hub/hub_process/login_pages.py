"""The hub's pages in the visitor's language, and our own: one-time links and the change of password."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from babel import Locale
from jupyterhub import orm
from jupyterhub.handlers import BaseHandler, LoginHandler
from jupyterhub.utils import new_token
from sqlalchemy.exc import SQLAlchemyError
from tornado.web import HTTPError, authenticated

from hub.hub_process.code_form import CodeNeededError, ask_code
from hub.hub_process.password_rules import MAXIMUM_LENGTH, MINIMUM_LENGTH
from hub.hub_process.password_strength import is_easy_to_guess
from hub.hub_process.sign_in_admission import TOO_MANY, Admitted
from hub.isomo_settings import Settings
from hub.message_catalogues import N_, chosen_language, domain_catalogue
from hub.shared_names import CAMPUS
from hub.sign_in_links import Invitation, token_digest
from hub.verb_errors import IsomoError

LANGUAGE_COOKIE = "isomo-language"


class Spoken:
    """Mixin for the hub's handlers: their templates speak the visitor's language."""

    own_language = ""

    def template_extras(self) -> dict[str, Any]:
        """Return what every template of ours may use."""
        settings: Settings = self.authenticator.settings  # type: ignore[attr-defined]
        return {
            "_": self.say,
            "language": self.language,
            "languages": [(code, _own_name(code)) for code in settings.languages],
            "evaluate": settings.evaluate,
            "campus": f"{settings.address}{CAMPUS}/",
            "minimum_length": MINIMUM_LENGTH,
            "office": settings.oidc.label if settings.oidc else "",
            "announcement_text": self.announcement(),
        }

    def announcement(self) -> str:
        """Return what the administrator tells everybody now; empty if the store does not answer."""
        with contextlib.suppress(SQLAlchemyError, IsomoError):
            return str(self.authenticator.store.announcements.current(self.language))  # type: ignore[attr-defined]
        return ""

    @property
    def template_namespace(self) -> dict[str, Any]:
        """JupyterHub's namespace and ours."""
        return {**super().template_namespace, **self.template_extras()}  # type: ignore[misc]

    @property
    def language(self) -> str:
        """The language asked for: in the address, by the person's account, in the cookie, or by the browser."""
        asked = (
            self.get_query_argument("lang", "")  # type: ignore[attr-defined]
            or self.own_language
            or self.get_cookie(LANGUAGE_COOKIE, "")  # type: ignore[attr-defined]
        )
        accepted = self.request.headers.get("Accept-Language", "")  # type: ignore[attr-defined]
        return chosen_language(asked, accepted, self.authenticator.settings.languages)  # type: ignore[attr-defined]

    def say(self, text: str) -> str:
        """Return `text` in the visitor's language."""
        return domain_catalogue("hub", self.language).gettext(text)

    async def prepare(self) -> None:
        """Read the language of whom is signed in; remember one chosen in the address, here and at the campus."""
        chosen = self.get_query_argument("lang", "")  # type: ignore[attr-defined]
        if chosen in self.authenticator.settings.languages:  # type: ignore[attr-defined]
            self.set_cookie(  # type: ignore[attr-defined]
                LANGUAGE_COOKIE, chosen, path="/", expires_days=365, httponly=True, samesite="Lax"
            )
        await super().prepare()  # type: ignore[misc]
        if not self.current_user:  # type: ignore[attr-defined]
            return
        name, people = self.current_user.name, self.authenticator.store.people  # type: ignore[attr-defined]
        if chosen and chosen == self.language:
            await self.authenticator.in_thread(people.set_language, name, chosen)  # type: ignore[attr-defined]
        else:
            with contextlib.suppress(SQLAlchemyError, IsomoError):
                person = await self.authenticator.in_thread(people.get, name)  # type: ignore[attr-defined]
                self.own_language = person.language if person else ""


@lru_cache
def _own_name(code: str) -> str:
    """Return the name a language gives itself, as its speakers would look for it in a list."""
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


class SignIn(Spoken, LoginHandler):
    """JupyterHub's sign-in, with sentences that say what to do next."""

    def _render(self, login_error: str | None = None, username: str | None = None, **kwargs: Any) -> Any:
        if login_error and login_error.startswith("Invalid username"):
            login_error = REFUSED
        elif login_error and "expired" in login_error:
            login_error = TOO_OLD
        login_error = login_error or PROBLEMS.get(self.get_query_argument("problem", ""))
        said = self.say(login_error) if login_error else None
        return super()._render(login_error=said, username=username, **kwargs)

    async def post(self) -> None:
        """Sign in, or ask for the second step."""
        try:
            await super().post()
        except CodeNeededError as needed:
            await ask_code(self, needed.username, next_page=self.get_argument("next", ""))


class FormPage(Spoken, BaseHandler):
    """A page with a form that answers a mistake with the same form and a sentence."""

    def set_default_headers(self) -> None:
        """A link's address is a secret: it goes to no other site and into no cache."""
        super().set_default_headers()
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def check_xsrf_cookie(self) -> None:
        """Say that the form is too old, which is what a wrong token nearly always means."""
        try:
            super().check_xsrf_cookie()
        except HTTPError as error:
            raise HTTPError(403, self.say(TOO_OLD)) from error

    def new_password(self, *, required: bool, about: Iterable[str] = ()) -> str | None:
        """Return the password chosen in the form, or None; raises ValueError with a sentence about what is wrong.

        `about` are words that a guesser would try first: user name and name.
        """
        password = self.get_body_argument("password", "", strip=False)
        again = self.get_body_argument("again", "", strip=False)
        if not password and not again and not required:
            return None
        if len(password) < MINIMUM_LENGTH:
            raise ValueError(TOO_SHORT)
        if len(password) > MAXIMUM_LENGTH:
            raise ValueError(TOO_LONG)
        if password != again:
            raise ValueError(NOT_THE_SAME)
        if is_easy_to_guess(password, about):
            raise ValueError(EASY_TO_GUESS)
        return password

    async def keep_password(self, username: str, password: str) -> None:
        """Keep a new password and end every session that the old one began."""
        accounts = self.authenticator
        kept = await accounts.in_thread(accounts.passwords.hash, password)
        await accounts.in_thread(accounts.store.people.set_password_hash, username, kept)
        user = self.find_user(username)
        if user is not None:
            end_sessions(self.db, user)
        self.log.info("password-changed name=%s", username)

    async def show(self, template: str, *, status: int = 200, **values: Any) -> None:
        """Answer with a page of ours."""
        self.set_status(status)
        self.finish(await self.render_template(template, **values))


class Welcome(FormPage):
    """A one-time link: opening it shows a form, and only sending the form spends it.

    Mail programs and messengers open links to show a preview; that must not use them up.
    """

    async def prepare(self) -> None:
        """Keep the token out of the log, which holds every address."""
        await super().prepare()
        self.request.uri = "/hub/welcome/…"

    async def get(self, token: str) -> None:
        """Show whose link it is, and the form."""
        invitation = await self._peek(token)
        if invitation is None:
            await self.show("link_spent.html", status=404)
            return
        await self._form(invitation)

    async def post(self, token: str) -> None:
        """Spend the link, keep the password if one was chosen, and sign in."""
        invitation = await self._peek(token)
        if invitation is None:
            await self.show("link_spent.html", status=404)
            return
        try:
            password = self.new_password(
                required=invitation.kind != "sign-in", about=await self._about(invitation.username)
            )
        except ValueError as mistake:
            await self._form(invitation, mistake=self.say(str(mistake)))
            return
        await self._admit(token, password)

    async def _peek(self, token: str) -> Invitation | None:
        """Return the link if it is good; guessing tokens is slowed down like guessing passwords."""
        accounts = self.authenticator
        address = accounts.address_of(self.request)
        if accounts.throttle.wait(LINK, address):
            raise HTTPError(429, self.say(TOO_MANY))
        invitation = await accounts.in_thread(accounts.store.invitations.peek, token_digest(token))
        if invitation is None:
            accounts.throttle.failed(LINK, address)
            return None
        open_account = await accounts.in_thread(accounts.person, invitation.username)
        return invitation if open_account and not _is_spent(invitation) else None

    async def _about(self, username: str) -> tuple[str, str]:
        person = await self.authenticator.in_thread(self.authenticator.store.people.get, username)
        return username, person.display_name if person else ""

    async def _form(self, invitation: Invitation, mistake: str = "") -> None:
        person = await self.authenticator.in_thread(self.authenticator.store.people.get, invitation.username)
        await self.show(
            "welcome.html",
            status=400 if mistake else 200,
            display_name=person.display_name if person else invitation.username,
            username=invitation.username,
            required=invitation.kind != "sign-in",
            mistake=mistake,
        )

    async def _admit(self, token: str, password: str | None) -> None:
        accounts = self.authenticator
        invitation = await accounts.in_thread(
            accounts.store.invitations.use, token_digest(token), datetime.now(UTC)
        )
        if invitation is None:
            await self.show("link_spent.html", status=404)
            return
        if password is not None:
            await self.keep_password(invitation.username, password)
        if await accounts.in_thread(accounts.store.second_factors.is_on, invitation.username):
            await ask_code(self, invitation.username)
            return
        self.set_session_cookie()  # A new session: the earlier user is signed out.
        user = await self.login_user(Admitted(invitation.username))
        if user is None:
            await self.show("link_spent.html", status=403)
            return
        self.log.info("signed-in-by-link name=%s kind=%s", invitation.username, invitation.kind)
        self.redirect(self.get_next_url(user))


def _is_spent(invitation: Invitation) -> bool:
    if getattr(invitation, "used_at", None) is not None:
        return True
    expires = invitation.expires_at
    return (expires if expires.tzinfo else expires.replace(tzinfo=UTC)) <= datetime.now(UTC)


class ChangePassword(FormPage):
    """Change one's own password; every other session of this person ends."""

    @authenticated
    async def get(self) -> None:
        """Show the form."""
        await self._form()

    async def _form(self, mistake: str = "") -> None:
        people = self.authenticator.store.people
        kept = await self.authenticator.in_thread(people.password_hash, self.current_user.name)
        await self.show(
            "password.html", status=400 if mistake else 200, mistake=mistake, has_password=kept is not None
        )

    @authenticated
    async def post(self) -> None:
        """Check the old password, keep the new one."""
        user = self.current_user
        try:
            await self._check_old(user.name)
            password = self.new_password(required=True, about=(user.name,))
        except ValueError as mistake:
            await self._form(self.say(str(mistake)))
            return
        await self.keep_password(user.name, password or "")
        self.set_session_cookie()
        self.set_login_cookie(user)
        await self.show("password.html", done=True)

    async def _check_old(self, name: str) -> None:
        accounts = self.authenticator
        address = accounts.address_of(self.request)
        if await accounts.in_thread(accounts.store.people.password_hash, name) is None:
            return  # Came by link and never chose one: there is nothing to check against.
        if accounts.throttle.wait(name, address):
            raise ValueError(TOO_MANY)
        old = self.get_body_argument("old", "", strip=False)
        if not await accounts.in_thread(accounts.check_password, name, old):
            accounts.throttle.failed(name, address)
            raise ValueError(OLD_IS_WRONG)


def end_sessions(db: Any, user: Any) -> None:
    """Make every cookie and token of `user` worthless, except the tokens of servers that run.

    JupyterHub alone keeps old cookies good after a change of password; somebody who changes it because it was
    stolen wants the thief out.
    """
    user.orm_user.cookie_id = new_token()
    running = {
        found.id
        for spawner in user.spawners.values()
        if spawner.api_token and (found := orm.APIToken.find(db, spawner.api_token))
    }
    for token in db.query(orm.APIToken).filter_by(user_id=user.id):
        if token.id not in running:
            db.delete(token)
    db.commit()


LINK = "-link"
REFUSED = N_(
    "This user name and password do not go together. Try again, or ask your trainer for a new sign-in link."
)
TOO_OLD = N_("This page was open for too long, so nothing was sent. Try again.")
PROBLEMS = {
    "provider-away": N_(
        "Your office's sign-in does not answer. Try again in a minute, or use your user name and password here."
    ),
    "try-again": N_("Your office's sign-in was not finished. Try again."),
    "no-account": N_(
        "Your office's sign-in knows you, but you have no account here. Ask your trainer or administrator for one."
    ),
    "unknown-platform": N_(
        "A learning platform sent you here that this installation does not know. "
        "Tell the administrator of your course there."
    ),
    "platform-away": N_(
        "Your learning platform does not answer. Open the lab there again in a minute, "
        "or use your user name and password here."
    ),
    "launch-again": N_("The way from your learning platform was not finished. Open the lab there again."),
    "not-here": N_(
        "Your learning platform knows you, but you have no account here. "
        "Ask your trainer or administrator for one."
    ),
    "closed": N_("Your account here is closed. Ask your administrator to open it."),
}
"""What the sign-in page says after a way through the office's provider that led nowhere."""
TOO_SHORT = N_("This password is too short. Write at least 10 characters; a few words are easy to remember.")
TOO_LONG = N_("This password is too long. Write at most 1024 characters.")
EASY_TO_GUESS = N_(
    "This password is easy to guess. Put three or four words together that have nothing to do with each other."
)
NOT_THE_SAME = N_("The two passwords are not the same. Write the new one twice.")
OLD_IS_WRONG = N_("The old password is not right, so nothing was changed. Try again.")
