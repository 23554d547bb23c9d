"""Idle kernels of the desk are stopped after a while; the desk starts the kernel again and replays the lab.

Only the desk does that. A lab that its owner opened in JupyterLab keeps its kernel: what was computed there would
be lost.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.ioloop import PeriodicCallback

from labs.kit.desk_server import opens_in_desk
from labs.kit.home_files import Home
from labs.kit.lab_folder import Place
from labs.kit.spare_kernel import SPARES

MINUTES = "ISOMO_IDLE_KERNEL_MINUTES"
LOOK_SECONDS = 60
CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"


class IdleKernels:
    """Looks at the kernels of one server."""

    def __init__(self, app: Any, minutes: float) -> None:
        self._app, self._seconds = app, minutes * 60
        self._in_jupyterlab: set[str] = set()

    async def opened(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        """Remember a notebook that JupyterLab opened: the desk asks for none that way."""
        del logger, schema_id
        if data.get("action") == "get":
            self._in_jupyterlab.add(str(data.get("path", "")).strip("/"))

    async def look(self) -> list[str]:
        """Stop kernels that are idle for long; return the paths of their notebooks."""
        sessions = await self._app.session_manager.list_sessions()
        idle = list(too_long_idle(sessions, self._seconds, datetime.now(UTC)))
        idle = [each for each in idle if await asyncio.to_thread(self._is_at_desk, str(each["path"]))]
        for session in idle:
            kernel = session["kernel"]["id"]
            await self._app.session_manager.delete_session(session["id"])
            close_sockets(kernel)
            self._app.log.info("kernel-rests path=%s", session["path"])
        if idle:
            SPARES.drop()
        return [str(session["path"]) for session in idle]

    def _is_at_desk(self, path: str) -> bool:
        parts = path.strip("/").split("/")
        if len(parts) != 3 or parts[0] != "labs" or "/".join(parts) in self._in_jupyterlab:
            return False
        place = Place(Home.own(), parts[1])
        return place.is_there and opens_in_desk(place)


def too_long_idle(sessions: Iterable[Any], seconds: float, now: datetime) -> Iterable[Any]:
    """Return those of `sessions`, as the server lists them, whose kernel did nothing for so long."""
    for session in sessions:
        kernel = session["kernel"]
        last = datetime.fromisoformat(str(kernel["last_activity"]).replace("Z", "+00:00"))
        if kernel["execution_state"] == "idle" and (now - last).total_seconds() > seconds:
            yield session


def close_sockets(kernel: str) -> None:
    """Tell browsers that a kernel is gone: Jupyter leaves their sockets open, and nobody would answer."""
    for connection in list(ZMQChannelsWebsocketConnection._open_sockets):
        if connection.kernel_id == kernel:
            connection.websocket_handler.close()


def install_idle_watch(app: Any) -> None:
    """Begin to look, if this server's settings say after how many minutes a kernel is idle."""
    minutes = float(os.environ.get(MINUTES, "0") or 0)
    if minutes <= 0:
        return
    kernels = IdleKernels(app, minutes)
    app.event_logger.add_listener(schema_id=CONTENTS, listener=kernels.opened)
    every = min(LOOK_SECONDS, minutes * 60)
    app.io_loop.add_callback(PeriodicCallback(kernels.look, every * 1000).start)
