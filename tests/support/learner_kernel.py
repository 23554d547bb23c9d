"""Runs code where a learner's code runs: in a kernel of their server, through the learners' origin."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.support.hub_run import Hub


async def kernel(hub: Hub, browser: httpx.Client, name: str) -> WebSocketClientConnection:
    """Return a websocket to a fresh kernel of `name`'s server, which `browser` has opened before."""
    base = f"{hub.settings.learner_address}/user/{name}"
    answer = browser.post(f"{base}/api/kernels", json={}, headers=own_headers(browser, name))
    assert answer.status_code == 201, answer.text
    url = f"{base.replace('http', 'ws', 1)}/api/kernels/{answer.json()['id']}/channels"
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in _cookies(browser, name))
    return await websocket_connect(
        HTTPRequest(url, headers={"Cookie": cookies, "Origin": hub.settings.learner_address})
    )


def _cookies(browser: httpx.Client, name: str) -> list[Any]:
    return [cookie for cookie in browser.cookies.jar if cookie.path.startswith(f"/user/{name}")]


def own_headers(browser: httpx.Client, name: str) -> dict[str, str]:
    """Return what a script of the notebook server's own page sends with a request."""
    xsrf = next(cookie.value for cookie in _cookies(browser, name) if cookie.name == "_xsrf")
    return {"X-XSRFToken": str(xsrf), "Sec-Fetch-Mode": "cors"}


async def ask(socket: WebSocketClientConnection, code: str, seconds: float = 120) -> str:
    """Run `code` in the kernel behind `socket`; returns what it prints."""
    await socket.write_message(json.dumps(_request(code)))
    printed = ""
    while True:
        message = await asyncio.wait_for(socket.read_message(), seconds)
        assert message is not None, "the kernel's socket was closed"
        answer: dict[str, Any] = json.loads(message)
        if answer["parent_header"].get("msg_id") != "asked":
            continue
        if answer["msg_type"] == "stream":
            printed += answer["content"]["text"]
        if answer["msg_type"] == "error":
            raise AssertionError("\n".join(answer["content"]["traceback"]))
        if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
            return printed


class Kernel:
    """A kernel that stays, for one question after the other."""

    def __init__(self, hub: Hub, browser: httpx.Client, name: str) -> None:
        self._runner = asyncio.Runner()
        self._socket = self._runner.run(kernel(hub, browser, name))

    def run(self, code: str) -> str:
        """Run `code`; returns what it prints."""
        return self._runner.run(ask(self._socket, code))

    def close(self) -> None:
        """Leave; the kernel ends with its server."""
        self._runner.run(self._leave())
        self._runner.close()

    async def _leave(self) -> None:
        self._socket.close()


def _request(code: str) -> dict[str, Any]:
    return {
        "header": {
            "msg_id": "asked",
            "username": "",
            "session": "s",
            "msg_type": "execute_request",
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False, "store_history": False},
        "channel": "shell",
        "buffers": [],
    }
