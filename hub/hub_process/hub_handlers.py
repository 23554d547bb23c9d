"""The pages of the hub, in the order in which they are looked up."""

from __future__ import annotations

from typing import Any

from jupyterhub.handlers import BaseHandler, Template404, default_handlers

from hub.hub_process.application_door import Authorize, NotAdmitted
from hub.hub_process.login_pages import ChangePassword, SignIn, Spoken, Welcome
from hub.hub_process.lti_pages import LtiLaunch, LtiLogin
from hub.hub_process.openid_pages import OpenIdCallback, OpenIdLogin, SignOut
from hub.hub_process.second_factor import SecondStep, SetUpSecondFactor


def page_handlers() -> list[tuple[str, Any]]:
    """Our pages, then every page of JupyterHub's with our mixin; the first match counts."""
    return [
        (r"/api/oauth2/authorize", _spoken(Authorize)),
        (r"/not-admitted/([a-z0-9-]{1,30})", NotAdmitted),
        (r"/openid", OpenIdLogin),
        (r"/openid/callback", OpenIdCallback),
        (r"/lti13/oauth_login", LtiLogin),
        (r"/lti13/oauth_callback", LtiLaunch),
        (r"/logout", SignOut),
        (r"/second-step", SecondStep),
        (r"/second-factor", SetUpSecondFactor),
        (r"/login", SignIn),
        (r"/welcome/([A-Za-z0-9_-]{1,100})", Welcome),
        (r"/password", ChangePassword),
        *(
            (path, _spoken(handler))
            for path, handler, *_ in default_handlers
            if issubclass(handler, BaseHandler)
        ),
    ]


def last_handlers() -> list[tuple[str, Any]]:
    """What no page answers; JupyterHub's own answer knows one language only."""
    return [(r"/(?!api/|logo|static/).*", _spoken(Template404))]


def _spoken(handler: type) -> type:
    return type(handler.__name__, (Spoken, handler), {"__doc__": handler.__doc__})
