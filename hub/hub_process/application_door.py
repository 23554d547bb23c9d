"""The hub's door to applications: a member goes through the campus, which gives the share; others read whom to ask."""

from __future__ import annotations

from urllib.parse import quote

from jupyterhub.apihandlers.auth import OAuthAuthorizeHandler
from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError, authenticated

from hub.hub_process.login_pages import Spoken
from hub.hub_process.project_config import CLIENT
from hub.message_catalogues import N_
from hub.shared_names import CAMPUS

NOT_INVITED = N_("{name}, you are not invited to this application. Ask its approver: {approver}.")


class Authorize(OAuthAuthorizeHandler):
    """JupyterHub's page that admits a person to a server or service; who may not enter an application goes on."""

    async def get(self) -> None:
        """Admit people who have a part in the application, and tell others whom to ask."""
        try:
            await super().get()
        except HTTPError as refused:
            client = self.get_query_argument("client_id", "")
            if refused.status_code != 403 or not client.startswith(CLIENT):
                raise
            self.redirect(f"{self.hub.base_url}not-admitted/{quote(client.removeprefix(CLIENT), safe='')}")


class NotAdmitted(Spoken, BaseHandler):
    """A person whom the hub did not admit to an application."""

    @authenticated
    async def get(self, project: str) -> None:
        """Send a member to the campus, which gives the share; tell others whom to ask."""
        name, settings = self.current_user.name, self.authenticator.settings
        members = await self.authenticator.in_thread(self.authenticator.store.projects.present, project)
        if not settings.prototypes or not members:
            raise HTTPError(404)
        if name in {each.username for each in members}:
            self.redirect(f"{settings.address}{CAMPUS}/projects/{quote(project)}/open")
            return
        approver = "".join(each.username for each in members if each.part == "approver") or "–"
        raise HTTPError(403, self.say(NOT_INVITED).format(name=name, approver=approver))
