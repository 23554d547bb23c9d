"""Debian's Firefox for Playwright: run in its place, this starts it and passes on what both say.

Playwright speaks WebDriver BiDi to it (the channel `moz-firefox`) and begins with a command that Firefox does not know
yet; that one is answered here. A Firefox that knows it makes this module unnecessary.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, WebSocketHandler, websocket_connect

TOUCH = "ISOMO_FIREFOX_TOUCH"
"""Environment variable of the relay: what Playwright does with a mouse is done with a finger."""
UNKNOWN = "emulation.setMediaFeaturesOverride"
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
LARGEST = 1 << 28
"""Bytes of one message: a picture of a page is one."""
ROOT = Path(__file__).resolve().parents[2]


def firefox_path() -> str | None:
    """Return Debian's Firefox, if it is installed."""
    return shutil.which("firefox-esr")


def relay_script(folder: Path, *, touch: bool = False) -> Path:
    """Write a program that Playwright starts as its Firefox; with `touch`, a click of its mouse is a tap."""
    made = folder / ("firefox-touch" if touch else "firefox")
    start = f"{TOUCH}={int(touch)} PYTHONPATH={ROOT} exec {sys.executable}"
    made.write_text(f'#!/bin/sh\n{start} -m {__name__} "$@"\n')
    made.chmod(0o755)
    return made


def with_a_finger(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a command with touches in place of a mouse's moves and clicks; Playwright has no touch for Firefox."""
    for source in asked.get("params", {}).get("actions", ()):
        if asked["method"] == "input.performActions" and source.get("type") == "pointer":
            source["parameters"] = {"pointerType": "touch"}
            source["id"] = "finger"
    return asked


class _Relay(WebSocketHandler):
    """One connection of Playwright, and the one to Firefox behind it."""

    other: WebSocketClientConnection

    def initialize(self, target: str) -> None:
        self.target = target

    def check_origin(self, origin: str) -> bool:
        """Take any program of this machine."""
        return True

    async def open(self, *_words: str) -> None:
        self.other = await websocket_connect(f"{self.target}/session", max_message_size=LARGEST)
        self.pumping = asyncio.ensure_future(self._pump())

    async def _pump(self) -> None:
        while (text := await self.other.read_message()) is not None:
            await self.write_message(text)
        self.close()

    async def on_message(self, message: str | bytes) -> None:
        asked = json.loads(message)
        if asked["method"] == UNKNOWN:
            await self.write_message({"type": "success", "id": asked["id"], "result": {}})
        elif os.environ.get(TOUCH) == "1":
            await self.other.write_message(json.dumps(with_a_finger(asked)))
        else:
            await self.other.write_message(message)

    def on_close(self) -> None:
        if hasattr(self, "other"):
            self.other.close()


async def _run(words: list[str]) -> int:
    pipe = asyncio.subprocess.PIPE
    firefox = await asyncio.create_subprocess_exec(firefox_path() or "firefox-esr", *words, stderr=pipe)
    assert firefox.stderr
    async for line in firefox.stderr:
        if found := LISTENING.search(line):
            sockets = bind_sockets(0, "127.0.0.1")
            handlers: list[Any] = [("/.*", _Relay, {"target": found[1].decode()})]
            server = HTTPServer(Application(handlers, websocket_max_message_size=LARGEST))
            server.add_sockets(sockets)
            os.write(2, b"WebDriver BiDi listening on ws://127.0.0.1:%d\n" % sockets[0].getsockname()[1])
        else:
            os.write(2, line)
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(sys.argv[1:])))
