"""A campus behind a real HTTP port, in this process; only the hub's knowledge of tokens is pretended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from hub.store import Store
from tests.support.pretended_campus import ROOT, Campus


@contextmanager
def served(folder: Path, store: Store | None = None) -> Iterator[tuple[Campus, str]]:
    """A campus with the usual people, or with those of `store`, and its address."""
    made = Campus(folder, store)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(made.app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield made, f"http://127.0.0.1:{listener.getsockname()[1]}{ROOT}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
