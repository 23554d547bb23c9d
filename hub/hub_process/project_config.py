"""JupyterHub's configuration for data teams: one account that owns all shared applications, and who reaches them."""

from __future__ import annotations

from traitlets.config import Config

from hub.names import APPLICATIONS
from hub.secrets import Secrets
from hub.settings import Settings


class TrustedClients(frozenset[str]):
    """OAuth clients of the installation itself: signing in to them asks for no confirmation.

    The hub takes a list of names; applications come and go while it runs.
    """

    def __contains__(self, name: object) -> bool:
        """Return whether `name` is listed, or is the client of a shared application."""
        return super().__contains__(name) or str(name).startswith(f"jupyterhub-user-{APPLICATIONS}-")


def projects(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Let the campus start and stop applications, and let everybody reach their first page.

    Who may use one is decided in the application, which tells a person who is not invited whom to ask. The hub's
    shares would need a campus that may open every learner's server to others.
    """
    if not settings.prototypes:
        return
    own = [each["oauth_client_id"] for each in c.JupyterHub.services if each.get("oauth_no_confirm")]
    c.JupyterHub.tornado_settings["oauth_no_confirm_list"] = TrustedClients(own)
    for role in c.JupyterHub.load_roles:
        if role["name"] == "user":
            role["scopes"].append(f"access:servers!user={APPLICATIONS}")
        if role["name"] == "campus":
            role["scopes"].append(f"servers!user={APPLICATIONS}")
    c.JupyterHub.load_roles.append(
        {
            "name": "applications",
            "description": "The account that owns shared applications; nobody signs in as it",
            "scopes": [],
            "users": [APPLICATIONS],
        }
    )
