"""A light stand-in for learners' servers, for `./isomo bench nation`: one process answers for all of them.

Towards the hub it does what a learner's server does: it answers the hub's question whether it is up, signs its
owner in by OAuth, asks the hub about the visitor's token every five minutes, and reports activity. It runs no code.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from jupyterhub import __version__

from hub.hub_process.container_spawner import EvaluationSpawner

EVERY_SECONDS = 300
"""How often a server reports activity and asks again about a visitor's token; JupyterHub's own figures."""
PORT = "ISOMO_BENCH_STAND_IN"
COOKIE = "stand-in"


class StandIn(EvaluationSpawner):
    """Spawner whose servers are all the stand-in; turns and environment are those of every server of ours."""

    async def start(self) -> tuple[str, int]:
        """Tell the stand-in whose server it is now."""
        port = int(os.environ[PORT])
        async with self.turn(), aiohttp.ClientSession() as client:
            told = {name: value for name, value in self.get_env().items() if name.startswith("JUPYTERHUB_")}
            async with client.post(f"http://127.0.0.1:{port}/known", json=told) as answer:
                answer.raise_for_status()
        self.pid = os.getpid()
        return "127.0.0.1", port

    async def poll(self) -> int | None:
        """Return None for a server that runs."""
        return None if self.pid else 0

    async def stop(self, now: bool = False) -> None:
        """Forget it; the stand-in goes on for all others."""
        self.pid = 0


@dataclass
class Server:
    """One learner's server."""

    env: dict[str, str]
    sessions: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Token and time of the last question to the hub, by cookie."""


class Servers:
    """All servers that the stand-in answers for."""

    def __init__(self) -> None:
        self.known: dict[str, Server] = {}
        self.client: aiohttp.ClientSession

    async def add(self, request: web.Request) -> web.Response:
        """Take up a server with the environment that its spawner made."""
        env = await request.json()
        self.known[env["JUPYTERHUB_USER"]] = Server(env)
        return web.Response()

    async def up(self, _request: web.Request) -> web.Response:
        """Answer the hub's question."""
        return web.json_response({"version": __version__}, headers={"X-JupyterHub-Version": __version__})

    async def page(self, request: web.Request) -> web.Response:
        """Show a page to the owner; send others to sign in."""
        server = self.known.get(request.match_info["name"])
        if server is None:
            raise web.HTTPNotFound
        cookie = request.cookies.get(COOKIE, "")
        if cookie not in server.sessions:
            asked = {
                "client_id": server.env["JUPYTERHUB_CLIENT_ID"],
                "redirect_uri": server.env["JUPYTERHUB_OAUTH_CALLBACK_URL"],
                "response_type": "code",
                "state": "stand-in",
            }
            raise web.HTTPFound(
                f"{server.env['JUPYTERHUB_PUBLIC_HUB_URL']}api/oauth2/authorize?{urlencode(asked)}"
            )
        token, asked_at = server.sessions[cookie]
        if time.monotonic() - asked_at > EVERY_SECONDS:
            await self._ask(server, token)
            server.sessions[cookie] = (token, time.monotonic())
        return web.Response(text="stand-in")

    async def callback(self, request: web.Request) -> web.Response:
        """Finish the sign-in."""
        name = request.match_info["name"]
        server = self.known[name]
        sent = {
            "client_id": server.env["JUPYTERHUB_CLIENT_ID"],
            "client_secret": server.env["JUPYTERHUB_API_TOKEN"],
            "grant_type": "authorization_code",
            "code": request.query["code"],
            "redirect_uri": server.env["JUPYTERHUB_OAUTH_CALLBACK_URL"],
        }
        async with self.client.post(f"{server.env['JUPYTERHUB_API_URL']}/oauth2/token", data=sent) as answer:
            answer.raise_for_status()
            token = (await answer.json())["access_token"]
        await self._ask(server, token)
        cookie = secrets.token_urlsafe(16)
        server.sessions[cookie] = (token, time.monotonic())
        answer_to = web.HTTPFound(f"/user/{name}/lab")
        answer_to.set_cookie(COOKIE, cookie, path=f"/user/{name}/")
        raise answer_to

    async def report_activity(self) -> None:
        """Report the activity of all servers, evenly over the interval, without end."""
        while True:
            for server in list(self.known.values()):
                await asyncio.sleep(EVERY_SECONDS / max(1, len(self.known)))
                now = datetime.now(UTC).isoformat()
                body = {"last_activity": now, "servers": {"": {"last_activity": now}}}
                headers = {"Authorization": f"token {server.env['JUPYTERHUB_API_TOKEN']}"}
                url = server.env["JUPYTERHUB_ACTIVITY_URL"]
                async with self.client.post(url, data=json.dumps(body), headers=headers):
                    pass
            await asyncio.sleep(0.5)

    async def _ask(self, server: Server, token: str) -> None:
        headers = {"Authorization": f"token {token}"}
        async with self.client.get(f"{server.env['JUPYTERHUB_API_URL']}/user", headers=headers) as answer:
            answer.raise_for_status()


async def serve_stand_in(port: int) -> None:
    """Answer for all servers until the process is stopped."""
    servers, app = Servers(), web.Application()
    app.add_routes(
        [
            web.post("/known", servers.add),
            web.get("/user/{name}/api", servers.up),
            web.get("/user/{name}/oauth_callback", servers.callback),
            web.get("/user/{name}/{rest:.*}", servers.page),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as servers.client:
        await servers.report_activity()


if __name__ == "__main__":
    asyncio.run(serve_stand_in(int(sys.argv[1])))
