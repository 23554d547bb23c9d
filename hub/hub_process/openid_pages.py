"""Sign-in through the office's OpenID Connect provider, next to local accounts (oauthenticator's flow, with PKCE)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jupyterhub.handlers import LogoutHandler
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthLoginHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import HTTPError
from traitlets import Any as AnyTrait

from hub.hub_process.login_pages import Spoken
from hub.hub_process.openid_person import NoAccountError, admit_person
from hub.hub_process.openid_tokens import TIMEOUT, NotTheirsError, Provider, ProviderAwayError
from hub.hub_process.other_sign_in import OtherTurn
from hub.isomo_settings import Settings
from hub.shared_names import CLEAR_SITE, DESK_FILES, SIGN_OUT_DONE

CALLBACK = "/hub/openid/callback"
LEAVE = f"{DESK_FILES}/leave"
ASK_SECONDS = 2.0
CAME_BY = "isomo-came-by-openid"
"""Cookie of a browser that signed in through the provider, so that signing out goes there too."""


class OfficeProvider(GenericOAuthenticator):
    """The provider as an OAuth 2 server, with its identity tokens verified."""

    provider = AnyTrait()

    async def get_token_info(self, handler: Any, params: dict[str, Any]) -> dict[str, Any]:
        """Trade the code for tokens, and remember which nonce they must hold."""
        try:
            found = await super().get_token_info(handler, params)
        except HTTPClientError as error:
            if error.code >= 500:
                raise ProviderAwayError(str(error)) from error
            raise NotTheirsError(f"the provider refused the code: {error}") from error
        except OSError as error:
            raise ProviderAwayError(str(error)) from error
        return {**found, "isomo_nonce": nonce_of(handler.get_state_cookie())}

    async def token_to_user(self, token_info: dict[str, Any]) -> dict[str, Any]:
        """Return verified claims in the place of whatever an unverified token says."""
        token = token_info.get("id_token")
        if not isinstance(token, str):
            raise NotTheirsError("there is no identity token")
        accounts, provider = self.parent, self.provider
        claims = await accounts.in_thread(provider.verify, token, token_info["isomo_nonce"])
        access = str(token_info.get("access_token", ""))
        completed: dict[str, Any] = await accounts.in_thread(provider.with_user_info, claims, access)
        return completed


def office_provider(accounts: Any, settings: Settings) -> OfficeProvider | None:
    """Return the provider that the settings name; None if they name none."""
    named = settings.oidc
    if named is None:
        return None
    made = OfficeProvider(
        parent=accounts,
        client_id=named.client_id,
        client_secret=named.secret_file.read_text("utf-8").strip(),
        oauth_callback_url=f"{settings.address}{CALLBACK}",
        scope=["openid", "profile", "email"],
        username_claim="sub",
        allow_all=True,
    )
    made.provider = Provider(named, settings.ca_bundle)
    authority = {"ca_certs": str(settings.ca_bundle)} if settings.ca_bundle else {}
    made.http_request_kwargs = {"connect_timeout": TIMEOUT, "request_timeout": TIMEOUT, **authority}
    return made


def nonce_of(state_cookie: str) -> str:
    """Return the nonce of a sign-in: it follows from the state, which only this browser and the hub know."""
    return hashlib.sha256(f"nonce:{state_cookie}".encode()).hexdigest()


class _OfficeTurn(OtherTurn):
    """Mixin: while it is the office's turn, oauthenticator's handlers meet the provider."""

    def other_system(self, accounts: Any) -> Any:
        """Return the provider."""
        return accounts.office


class OpenIdLogin(_OfficeTurn, OAuthLoginHandler):
    """Sends a browser to the provider."""

    async def get(self) -> None:
        """Ask the provider where people sign in, and go there."""
        accounts = self.authenticator
        if accounts.office is None:
            raise HTTPError(404)
        try:
            found = await accounts.in_thread(accounts.office.provider.metadata)
        except ProviderAwayError as error:
            self.back_to_login("provider-away", error)
            return
        accounts.office.authorize_url = found["authorization_endpoint"]
        accounts.office.token_url = found["token_endpoint"]
        self.other_turn = True
        super().get()

    def set_state_cookie(self, state_cookie_value: str) -> None:
        """Remember the state, from which the nonce follows."""
        self._nonce = nonce_of(state_cookie_value)
        super().set_state_cookie(state_cookie_value)

    def authorize_redirect(self, *args: Any, **kwargs: Any) -> None:
        """Send the nonce along."""
        kwargs["extra_params"] = {**kwargs["extra_params"], "nonce": self._nonce}
        super().authorize_redirect(*args, **kwargs)


class OpenIdCallback(_OfficeTurn, OAuthCallbackHandler):
    """The provider sends the browser back here."""

    async def get(self) -> None:
        """Verify who it is, find the account, sign in."""
        accounts = self.authenticator
        if accounts.office is None:
            raise HTTPError(404)
        try:
            claims = await self._claims()
            named = accounts.settings.oidc
            name = await accounts.in_thread(admit_person, accounts.store, named, claims)
        except ProviderAwayError as error:
            self.back_to_login("provider-away", error)
            return
        except (NotTheirsError, HTTPError) as error:
            self.back_to_login("try-again", error)
            return
        except NoAccountError as error:
            self.back_to_login("no-account", error)
            return
        if not await self.come_in(name, self.get_next_url()):
            return
        self.set_cookie(CAME_BY, "1", path=self.hub.base_url, expires_days=30, httponly=True, samesite="Lax")
        self.log.info("signed-in-by-openid name=%s", name)
        self.redirect(self.get_next_url(self.current_user))

    async def _claims(self) -> dict[str, Any]:
        self.other_turn = True
        try:
            self.check_arguments()
            if not self.authenticator.token_url:  # The hub was started again meanwhile.
                found = await self.authenticator.parent.in_thread(self.authenticator.provider.metadata)
                self.authenticator.token_url = found["token_endpoint"]
            model = await self.authenticator.authenticate(self)
            claims: dict[str, Any] = model["auth_state"][self.authenticator.user_auth_state_key]
            return claims
        finally:
            self.other_turn = False


async def _learner_origin_answers(settings: Settings) -> bool:
    """Return whether the page that forgets would be shown: signing out never depends on it."""
    scheme = "https" if settings.tls and settings.address.startswith("https:") else "http"
    address = f"{scheme}://127.0.0.1:{settings.learner_port}{LEAVE}"
    try:
        answer = await AsyncHTTPClient().fetch(address, validate_cert=False, request_timeout=ASK_SECONDS)
    except (HTTPClientError, OSError):
        return False
    return bool(answer.code == 200)


def _sent_by_learner_origin(headers: Mapping[str, str]) -> bool:
    """Return whether a page of another origin sent the browser here; browsers that do not tell are believed."""
    return headers.get("Sec-Fetch-Site", "") in ("same-site", "cross-site")


class SignOut(Spoken, LogoutHandler):
    """Ends the session here and, for who came through the provider, there.

    In a training room the next person at this machine would else be signed in as the one before, by one click.
    """

    async def get(self) -> None:
        """Pass once through the learners' origin, which sends and forgets what this browser keeps of its learner."""
        settings = self.authenticator.settings
        done = self.get_query_argument(SIGN_OUT_DONE, "")
        if self.current_user and not done and await _learner_origin_answers(settings):
            self.redirect(f"{settings.learner_address}{LEAVE}")
            return
        if self.current_user and done and _sent_by_learner_origin(self.request.headers):
            # A page there, or a worker that answers for it, may not end the session with its own traces left.
            self.redirect(f"{settings.address}{CLEAR_SITE}")
            return
        await super().get()

    async def render_logout_page(self) -> None:
        """Go on to the provider's own sign-out, or back to the sign-in page."""
        accounts = self.authenticator
        came, named = self.get_cookie(CAME_BY), accounts.settings.oidc
        self.clear_cookie(CAME_BY, path=self.hub.base_url)
        if not came or accounts.office is None or not named.end_session:
            await super().render_logout_page()
            return
        try:
            found = await accounts.in_thread(accounts.office.provider.metadata)
        except ProviderAwayError:
            found = {}
        address = found.get("end_session_endpoint")
        if not isinstance(address, str):
            await super().render_logout_page()
            return
        back = {
            "client_id": named.client_id,
            "post_logout_redirect_uri": f"{accounts.settings.address}/hub/login",
        }
        self.redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(back)}")
