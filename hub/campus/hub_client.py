"""Questions of the campus to the hub: whose token is this, and is their server running."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from hub.campus.problem_codes import Problem
from hub.shared_names import AHEAD

REMEMBER = 30.0
"""Seconds that an answer about a token is believed; after a sign-out it may work that much longer."""
MOST_REMEMBERED = 20_000
SHARES_PAGE = 200
"""The most that the hub gives in one answer."""


@dataclass(frozen=True)
class HubUser:
    """Whom the hub knows a token to belong to."""

    name: str
    scopes: tuple[str, ...]
    ready: frozenset[str]
    """Names of their servers that answer; their own one, where labs are, is called ""."""

    @property
    def server_ready(self) -> bool:
        """Return whether the server with their labs answers."""
        return "" in self.ready

    @property
    def may_use_campus(self) -> bool:
        """Return whether the token was made for the campus, or for a server that may use it."""
        return bool({"access:services", "access:services!service=campus"} & set(self.scopes))


@dataclass(frozen=True)
class RunningServer:
    """A server at the hub: whose, its name ("" for the labs), whether it answers, and since when."""

    username: str
    name: str
    ready: bool
    started: str


class HubClient:
    """A client of the hub's API; answers about tokens are remembered for a short while."""

    def __init__(self, api_url: str, client: httpx.Client | None = None) -> None:
        self._url = api_url
        self._client = client or httpx.Client(timeout=10, trust_env=False)
        self._known: OrderedDict[str, tuple[float, HubUser | None]] = OrderedDict()
        self._lock = threading.Lock()

    def user(self, token: str, *, fresh: bool = False) -> HubUser | None:
        """Return who holds `token`; None if the hub does not know it. Raises Problem if the hub is away."""
        key, now = hashlib.sha256(token.encode()).hexdigest(), time.monotonic()
        with self._lock:
            known = self._known.get(key)
        if known and not fresh and now - known[0] < REMEMBER:
            return known[1]
        user = self._ask(token)
        with self._lock:
            self._known[key] = (now, user)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return user

    def _ask(self, token: str) -> HubUser | None:
        try:
            answer = self._client.get(f"{self._url}/user", headers={"Authorization": f"token {token}"})
        except httpx.HTTPError as error:
            raise Problem("hub-away") from error
        if answer.status_code in (401, 403, 404):
            return None
        if answer.status_code != 200:
            raise Problem("hub-away")
        said: dict[str, Any] = answer.json()
        if said.get("kind", "user") != "user":
            return None
        servers = said.get("servers") or {}
        ready = frozenset(str(name) for name, server in servers.items() if server.get("ready"))
        return HubUser(str(said["name"]), tuple(said.get("scopes") or ()), ready)

    def stop_servers(self, name: str, service_token: str) -> bool:
        """Stop every server of `name`, with the campus' own token; return whether the hub took all of it.

        A running server believes a browser for minutes without asking the hub, so it has to go itself; its token goes
        with it.
        """
        user = f"{self._url}/users/{quote(name, safe='')}"
        headers = {"Authorization": f"token {service_token}"}
        try:
            known = self._client.get(user, headers=headers)
            if known.status_code == 404:
                return True  # Somebody who never signed in.
            servers = known.json()["servers"]
            addresses = [f"{user}/servers/{quote(server, safe='')}" for server in servers]
            answers = [self._client.delete(address, headers=headers).status_code for address in addresses]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return False
        return all(status in (202, 204, 404) for status in answers)

    def delete_user(self, name: str, service_token: str) -> bool:
        """Remove an account from the hub, with its tokens; return whether the hub has it no longer."""
        headers = {"Authorization": f"token {service_token}"}
        try:
            answer = self._client.delete(f"{self._url}/users/{quote(name, safe='')}", headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code in (204, 404)

    def servers(self, service_token: str) -> list[RunningServer]:
        """Return every server that runs or starts. Raises Problem if the hub is away."""
        headers = {"Authorization": f"token {service_token}"}
        found: list[RunningServer] = []
        address = f"{self._url}/users?state=active&include_stopped_servers=false"
        while address:
            try:
                answer = self._client.get(
                    address, headers=headers | {"Accept": "application/jupyterhub-pagination+json"}
                )
                said = answer.json()
                for user in said["items"]:
                    found += [
                        RunningServer(
                            str(user["name"]), str(name), bool(each.get("ready")), str(each["started"])
                        )
                        for name, each in user["servers"].items()
                    ]
                address = ((said.get("_pagination") or {}).get("next") or {}).get("url") or ""
            except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
                raise Problem("hub-away") from error
        return found

    def count_running(self, service_token: str) -> int:
        """Return how many people's servers run, start or stop. Raises httpx.HTTPError or LookupError."""
        answer = self._client.get(
            f"{self._url}/users",
            params={"state": "active", "limit": 1},
            headers={
                "Authorization": f"token {service_token}",
                "Accept": "application/jupyterhub-pagination+json",
            },
        )
        return int(answer.raise_for_status().json()["_pagination"]["total"])

    def start_server(self, name: str, token: str) -> None:
        """Ask the hub to start the server of `name` with their `token`; those that people wait for go first.

        The hub answers when the server runs; nobody waits for that here.
        """
        user = f"{self._url}/users/{quote(name, safe='')}"
        with suppress(httpx.ReadTimeout):
            self._client.post(
                f"{user}/server",
                json={"user_options": {AHEAD: True}},
                headers={"Authorization": f"token {token}"},
                timeout=httpx.Timeout(5, read=0.5),
            )

    def server_ready(self, owner: str, server: str, service_token: str) -> bool:
        """Return whether a server answers, as the campus' own token may see it. Raises Problem if the hub is away."""
        try:
            answer = self._client.get(
                f"{self._url}/users/{quote(owner, safe='')}",
                headers={"Authorization": f"token {service_token}"},
            )
            servers = answer.json().get("servers") or {} if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError) as error:
            raise Problem("hub-away") from error
        return bool((servers.get(server) or {}).get("ready"))

    def change_server(self, owner: str, server: str, service_token: str, *, start: bool) -> bool:
        """Start or stop a server with the campus' own token; return whether the hub took it."""
        address = f"{self._url}/users/{quote(owner, safe='')}/servers/{quote(server, safe='')}"
        headers = {"Authorization": f"token {service_token}"}
        try:
            answer = self._client.request("POST" if start else "DELETE", address, headers=headers)
        except httpx.HTTPError:
            return False
        # 400 is a server that runs or starts already.
        return answer.status_code in ((201, 202, 400) if start else (202, 204, 404))

    def shares(self, owner: str, service_token: str) -> set[tuple[str, str]] | None:
        """Return each server of `owner` that is shared, with the person it is shared with; None if the hub is away."""
        headers = {"Authorization": f"token {service_token}"}
        offset: int | None = 0
        address, found = f"{self._url}/shares/{quote(owner, safe='')}", set[tuple[str, str]]()
        while offset is not None:
            try:
                answer = self._client.get(
                    address, params={"offset": offset, "limit": SHARES_PAGE}, headers=headers
                )
                said = answer.raise_for_status().json()
                found |= {
                    (str(each["server"]["name"]), str(each["user"]["name"]))
                    for each in said["items"]
                    if each["user"]
                }
                offset = (said["_pagination"]["next"] or {}).get("offset")
            except (httpx.HTTPError, ValueError, LookupError, TypeError):
                return None
        return found

    def share_server(self, owner: str, server: str, name: str, service_token: str, *, give: bool) -> bool:
        """Give a person the hub's share of a server, or take it; return whether the hub did.

        It refuses a server that never started and a person who never signed in: neither has a share.
        """
        address = f"{self._url}/shares/{quote(owner, safe='')}/{quote(server, safe='')}"
        headers = {"Authorization": f"token {service_token}"}
        try:
            answer = self._client.request(
                "POST" if give else "PATCH", address, json={"user": name}, headers=headers
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def exchange(self, form: dict[str, str]) -> str | None:
        """Trade an OAuth code for a token; None if the hub refuses it."""
        try:
            answer = self._client.post(f"{self._url}/oauth2/token", data=form)
        except httpx.HTTPError as error:
            raise Problem("hub-away") from error
        return str(answer.json()["access_token"]) if answer.status_code == 200 else None
