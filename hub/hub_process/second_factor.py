"""One-time codes (RFC 6238): setting them up, and the second step of signing in."""

from __future__ import annotations

import secrets
import time
from io import BytesIO

import pyotp
import segno
from tornado.web import HTTPError, authenticated

from hub.hub_process.code_form import ask_code, ticket_holder
from hub.hub_process.login_pages import FormPage
from hub.hub_process.sign_in_admission import TOO_MANY, Admitted
from hub.message_catalogues import N_
from hub.store import Store

STEP = 30
WINDOW = 1
"""Steps before and after the present one that are taken too: telephones' clocks are a little off."""
SPARE_CODES = 8
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
"""Without the letters and digits that are mistaken for each other on paper."""

WRONG_CODE = N_(
    "This code is not right, or it was used before. Wait for the next one in your telephone, then write it here."
)
TOO_LATE = N_("This took too long, so nothing was done. Sign in again.")


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the step of time whose code this is; None if it is of none that counts now."""
    present = int(now) // STEP
    generator = pyotp.HOTP(secret)
    for step in range(present - WINDOW, present + WINDOW + 1):
        if secrets.compare_digest(generator.at(step), code):
            return step
    return None


def spend_code(store: Store, username: str, typed: str) -> bool:
    """Return whether `typed` is a code of this person that was not used before, and spend it."""
    code = "".join(typed.split()).lower()
    secret = store.second_factors.secret(username)
    if secret is None or not code:
        return False
    step = matching_step(secret, code, time.time()) if code.isascii() and code.isdigit() else None
    if step is not None:
        return store.second_factors.use_step(username, step)
    return store.second_factors.use_spare_code(username, code)


def new_spare_codes() -> list[str]:
    """Return codes for the day on which the telephone is not there; each is good once."""
    return ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(SPARE_CODES)]


def secret_qr_code(secret: str, username: str, office: str) -> str:
    """Return the QR code that a telephone's program reads, as SVG."""
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=office)
    drawn = BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=5, xmldecl=False, svgns=True, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode()


class SecondStep(FormPage):
    """After a right password: the code. Guessing codes is slowed down like guessing passwords."""

    async def get(self) -> None:
        """There is nothing to see without a first step."""
        self.redirect(f"{self.hub.base_url}login")

    async def post(self) -> None:
        """Check the code and sign in."""
        accounts = self.authenticator
        name = await accounts.in_thread(ticket_holder, accounts.store, self.get_body_argument("ticket", ""))
        if name is None:
            raise HTTPError(403, self.say(TOO_LATE))
        address = accounts.address_of(self.request)
        if accounts.throttle.wait(name, address):
            raise HTTPError(429, self.say(TOO_MANY))
        next_page = self.get_argument("next", "")
        if not await accounts.in_thread(spend_code, accounts.store, name, self.get_body_argument("code", "")):
            accounts.throttle.failed(name, address)
            self.log.warning("second-step-refused name=%s address=%s", name, address)
            await ask_code(self, name, mistake=self.say(WRONG_CODE), next_page=next_page)
            return
        accounts.throttle.succeeded(name, address)
        self.set_session_cookie()
        user = await self.login_user(Admitted(name))
        if user is None:
            raise HTTPError(403, self.say(TOO_LATE))
        self.redirect(self.get_next_url(user))


class SetUpSecondFactor(FormPage):
    """A person's own second factor: make one, see that there is one, take it away."""

    @authenticated
    async def get(self) -> None:
        """Show how it is."""
        await self._show()

    async def _show(self, mistake: str = "") -> None:
        accounts, name = self.authenticator, self.current_user.name
        factors = accounts.store.second_factors
        if await accounts.in_thread(factors.is_on, name):
            await self.show("second_factor.html", status=400 if mistake else 200, on=True, mistake=mistake)
            return
        secret = await accounts.in_thread(self._secret, name)
        office = accounts.settings.address.partition("://")[2]
        await self.show(
            "second_factor.html",
            status=400 if mistake else 200,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            picture=secret_qr_code(secret, name, f"Isomo {office}"),
            mistake=mistake,
        )

    def _secret(self, name: str) -> str:
        """Return the secret that waits to be confirmed, making it if there is none: a reload changes nothing."""
        factors = self.authenticator.store.second_factors
        found = factors.secret(name)
        if found is None:
            factors.begin(name, pyotp.random_base32())
            found = factors.secret(name)
        return str(found)

    @authenticated
    async def post(self) -> None:
        """Confirm a new one with its first code, or take the one away that there is."""
        accounts, name = self.authenticator, self.current_user.name
        address = accounts.address_of(self.request)
        if accounts.throttle.wait(name, address):
            raise HTTPError(429, self.say(TOO_MANY))
        on = await accounts.in_thread(accounts.store.second_factors.is_on, name)
        typed = self.get_body_argument("code", "")
        done = await accounts.in_thread(self._take_away if on else self._confirm, name, typed)
        if done is None:
            accounts.throttle.failed(name, address)
            await self._show(self.say(WRONG_CODE))
            return
        await self.show("second_factor.html", done=True, codes=done)

    def _confirm(self, name: str, typed: str) -> list[str] | None:
        store: Store = self.authenticator.store
        code = "".join(typed.split())
        step = (
            matching_step(str(store.second_factors.secret(name)), code, time.time())
            if code.isascii()
            else None
        )
        if step is None:
            return None
        codes = new_spare_codes()
        store.second_factors.confirm(name, step, codes)
        store.audit.add(name, "second-factor-on", name)
        return codes

    def _take_away(self, name: str, typed: str) -> list[str] | None:
        store: Store = self.authenticator.store
        if not spend_code(store, name, typed):
            return None
        store.second_factors.remove(name)
        store.audit.add(name, "second-factor-off", name)
        return []
