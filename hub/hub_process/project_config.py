"""JupyterHub's configuration for data teams: one account that owns all shared applications, and who reaches them."""

from __future__ import annotations

from traitlets.config import Config

from hub.isomo_settings import Settings
from hub.secret_keys import Secrets
from hub.shared_names import APPLICATIONS

CLIENT = f"jupyterhub-user-{APPLICATIONS}-"
"""Beginning of the hub's name for an application's OAuth client; the project's name follows."""


class TrustedClients(frozenset[str]):
    """OAuth clients of the installation itself: signing in to them asks for no confirmation.

    The hub takes a list of names; applications come and go while it runs.
    """

    def __contains__(self, name: object) -> bool:
        """Return whether `name` is listed, or is the client of a shared application."""
        return super().__contains__(name) or str(name).startswith(CLIENT)


def add_projects(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Let the campus start, stop and share applications, and no other account's servers.

    The hub admits people who have its share of an application, and administrators, who may switch it off there.
    """
    if not settings.prototypes:
        return
    own = [each["oauth_client_id"] for each in c.JupyterHub.services if each.get("oauth_no_confirm")]
    c.JupyterHub.tornado_settings["oauth_no_confirm_list"] = TrustedClients(own)
    for role in c.JupyterHub.load_roles:
        if role["name"] == "group-administrator":
            role["scopes"] = [*role["scopes"], f"access:servers!user={APPLICATIONS}"]
        if role["name"] == "campus":
            # The hub lets nobody share what they may not enter themselves.
            role["scopes"] += [
                f"{scope}!user={APPLICATIONS}" for scope in ("servers", "access:servers", "shares")
            ]
    c.JupyterHub.load_roles.append(
        {
            "name": "applications",
            "description": "The account that owns shared applications; nobody signs in as it",
            "scopes": [],
            "users": [APPLICATIONS],
        }
    )
