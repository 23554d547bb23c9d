"""Launches from a learning platform (LTI 1.3): ltiauthenticator's flow, with tokens verified as an office's are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from ltiauthenticator.lti13.auth import LTI13Authenticator
from ltiauthenticator.lti13.error import ValidationError
from ltiauthenticator.lti13.handlers import LTI13CallbackHandler, LTI13LoginInitHandler, get_nonce
from ltiauthenticator.lti13.validator import LTI13LaunchValidator
from tornado.web import HTTPError
from traitlets import Any as AnyTrait

from hub.hub_process.openid_person import NoAccountError, admit_person
from hub.hub_process.openid_tokens import NotTheirsError, Provider, ProviderAwayError
from hub.hub_process.other_sign_in import OtherTurn
from hub.isomo_settings import Settings
from hub.optional_sections import LOCAL, Lti, OpenId
from hub.shared_names import CAMPUS
from hub.store import Store
from hub.store.lti_lines import SCORE_SCOPE
from hub.store.refused_change import RefusedChange

CALLBACK = "/hub/lti13/oauth_callback"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
GRADES_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LEARNER = re.compile(r"http://purl\.imsglobal\.org/vocab/lis/v2/membership(#|/)Learner")
LAB_PATH = re.compile(re.escape(CAMPUS) + r"/open/([^/?#]+)/([^/?#]+)")
CUSTOM = "custom_"


class PlatformKeys(Provider):
    """The platform as an identity provider whose addresses are in the settings: there is nothing to discover."""

    def __init__(self, named: Lti, ca_bundle: Path | None = None) -> None:
        super().__init__(as_openid(named), ca_bundle)
        self._known = {
            "issuer": named.issuer,
            "authorization_endpoint": named.login_address,
            "jwks_uri": named.keys_address,
        }

    def metadata(self) -> dict[str, Any]:
        """Return the addresses of the settings."""
        return self._known


class Platform(LTI13Authenticator):
    """The platform as ltiauthenticator knows one, with its keys."""

    keys = AnyTrait()


def as_openid(named: Lti) -> OpenId:
    """Return what a platform's claims mean in the words for an office's provider: no group gives a role here."""
    return OpenId(
        issuer=named.issuer,
        client_id=named.client_id,
        secret_file=Path("-"),
        username_claim=named.username_claim,
        name_claim=named.name_claim,
        new_accounts=named.new_accounts,
    )


def learning_platform(accounts: Any, settings: Settings) -> Platform | None:
    """Return the platform that the settings name; None if they name none."""
    named = settings.lti
    if named is None:
        return None
    made = Platform(
        parent=accounts,
        issuer=named.issuer,
        client_id={named.client_id},
        authorize_url=named.login_address,
        jwks_endpoint=named.keys_address,
    )
    made.keys = PlatformKeys(named, settings.ca_bundle)
    return made


def flat_claims(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return a launch's claims with its custom parameters by their short names, and the language of its page."""
    custom, shown = claims.get(f"{CLAIM}custom"), claims.get(f"{CLAIM}launch_presentation")
    named = {f"{CUSTOM}{name}": value for name, value in custom.items()} if isinstance(custom, dict) else {}
    language = {"locale": shown["locale"]} if isinstance(shown, dict) and shown.get("locale") else {}
    return {**language, **claims, **named}


def target_page(claims: Mapping[str, Any], address: str) -> str:
    """Return the page here that a launch asks for; the campus' first page if it names none of ours."""
    wanted = str(claims.get(f"{CLAIM}target_link_uri", ""))
    parts, ours = urlsplit(wanted), urlsplit(address)
    if (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc) or not parts.path.startswith(f"{CAMPUS}/"):
        return f"{CAMPUS}/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def wanted_lab(page: str) -> tuple[str, str] | None:
    """Return the course and lab that a page of ours opens; None for any other page."""
    found = LAB_PATH.fullmatch(page)
    return (unquote(found[1]), unquote(found[2])) if found else None


def line_item(claims: Mapping[str, Any]) -> str | None:
    """Return the address of the gradebook's line that this launch may write to; None if there is none."""
    said = claims.get(GRADES_CLAIM)
    if not isinstance(said, dict) or SCORE_SCOPE not in (said.get("scope") or ()):
        return None
    address = said.get("lineitem")
    parts = urlsplit(address) if isinstance(address, str) else None
    secure = parts and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))
    return str(address) if secure else None


def is_learner(claims: Mapping[str, Any]) -> bool:
    """Return whether the platform calls somebody a learner of the course that they come from."""
    said = claims.get(f"{CLAIM}roles")
    return isinstance(said, list) and any(LEARNER.match(str(each)) for each in said)


def arrange_enrolment(store: Store, named: Lti, claims: Mapping[str, Any], name: str, page: str) -> None:
    """Put a learner who comes for a lab into its course, and keep which line of the gradebook wants their points."""
    wanted = wanted_lab(page)
    if wanted is None or not is_learner(claims) or store.courses.get(wanted[0]) is None:
        return
    course, lab = wanted
    if named.enrol and not store.courses.roles(course, name):
        try:
            store.enrolments.enrol(course, name)
        except RefusedChange:
            return  # The course is over: its page says so.
        store.audit.add(name, "enrolled-by-platform", f"{course} from {named.issuer}")
    address = line_item(claims)
    released = store.courses.lab(course, lab) is not None
    if address and released and named.token_address and "learner" in store.courses.roles(course, name):
        store.lti_lines.link(name, course, lab, str(claims["sub"]), address)


class LtiTurn(OtherTurn):
    """Mixin: while it is the platform's turn, ltiauthenticator's handlers meet it."""

    def other_system(self, accounts: Any) -> Any:
        """Return the platform."""
        return accounts.platform

    def named_platform(self) -> Lti:
        """Return the settings' platform. Raises HTTPError if there is none."""
        named: Lti | None = self.settings["authenticator"].settings.lti  # type: ignore[attr-defined]
        if named is None:
            raise HTTPError(404)
        return named


class LtiLogin(LtiTurn, LTI13LoginInitHandler):
    """The platform sends a browser here first; it is sent back there to say who it is."""

    def post(self) -> None:
        """Check that it is the platform of the settings, then go back there."""
        named = self.named_platform()
        client = self.get_argument("client_id", named.client_id)
        if self.get_argument("iss", "").rstrip("/") != named.issuer or client != named.client_id:
            self.back_to_login("unknown-platform", self.get_argument("iss", ""))
            return
        self.other_turn = True
        super().post()

    get = post

    def get_redirect_uri(self) -> str:
        """Return the address of the settings, whatever a request calls this host."""
        return f"{self.settings['authenticator'].settings.address}{CALLBACK}"

    def authorize_redirect(self, *args: Any, **kwargs: Any) -> None:
        """Name ourselves, also where the platform did not."""
        super().authorize_redirect(*args, **{**kwargs, "client_id": self.named_platform().client_id})

    def _set_oauth_cookie(self, key: str, value: str) -> None:
        # The platform's answer is a form that another site posts: without `None` a browser sends no cookie along.
        secure = self.settings["authenticator"].settings.address.startswith("https:")
        site = {"samesite": "None", "secure": True} if secure else {}
        self._set_cookie(key, value, expires_days=1, httponly=True, encrypted=True, **site)


class LtiLaunch(LtiTurn, LTI13CallbackHandler):
    """The platform sends the browser here with a token that says who it is and what to open."""

    async def post(self) -> None:
        """Verify who it is, find the account, sign in, open what was asked for."""
        named, accounts = self.named_platform(), self.authenticator
        try:
            claims = await self._claims()
            source = as_openid(named)
            name = await accounts.in_thread(admit_person, accounts.store, source, claims)
            page = target_page(claims, accounts.settings.address)
            await accounts.in_thread(arrange_enrolment, accounts.store, named, claims, name, page)
        except ProviderAwayError as error:
            self.back_to_login("platform-away", error)
            return
        except (NotTheirsError, ValidationError, HTTPError) as error:
            self.back_to_login("launch-again", error)
            return
        except NoAccountError as error:
            self.back_to_login("not-here", error)
            return
        if await self.come_in(name, page):
            self.log.info("signed-in-by-lti name=%s", name)
            self.redirect(page)

    async def _claims(self) -> dict[str, Any]:
        """Return the verified claims of the launch. Raises NotTheirsError, ValidationError, HTTPError."""
        accounts = self.authenticator
        self.check_state()
        nonce_state = self._get_nonce_state_cookie()
        if not nonce_state:
            raise NotTheirsError("the browser has no nonce of ours")
        platform = cast("Platform", accounts.platform)
        token = self.get_body_argument("id_token", "")
        claims = await accounts.in_thread(platform.keys.verify, token, get_nonce(nonce_state))
        LTI13LaunchValidator(parent=platform).validate_id_token(claims)
        return flat_claims(claims)
