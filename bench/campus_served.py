"""A campus as its own process for `bench campus`, with a pretended hub that knows the readers' tokens."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from hub.campus.campus_app import spare_loaded_code, take_short_turns
from hub.store import Store
from tests.support.pretended_campus import CAMPUS, Campus
from tests.support.small_stores import settings_for

START_SECONDS = 120


@contextmanager
def campus_process(folder: Path, database: str) -> Iterator[tuple[str, int]]:
    """Run a campus on the state of `folder`; yield its address and its process number."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.campus_served", str(folder), database, str(port)]
    )
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The campus of the benchmark did not start.")


def session_cookies(store: Store, readers: Collection[str]) -> dict[str, str]:
    """Begin a session for each reader and return the cookies' values."""
    return {name: store.sessions.begin(name, token_of(name)) for name in sorted(readers)}


def token_of(name: str) -> str:
    """Return the token that the pretended hub knows a reader by."""
    return f"bench-token-{name}"


class _Readers(dict[str, dict[str, object]]):
    """Users of the pretended hub: everybody whose token has the right form."""

    def get(self, token: str, default: object = None) -> object:  # type: ignore[override]
        name = token.removeprefix("bench-token-")
        return {"kind": "user", "name": name, "scopes": [CAMPUS], "servers": {"": {"ready": True}}}


def serve_campus(folder: Path, database: str, port: int) -> None:
    """Serve until told to stop, as `hub.campus.__main__` does."""
    campus = Campus(folder, Store.open(settings_for(folder, database=database)))
    campus.hub.users = _Readers()
    spare_loaded_code()
    take_short_turns()
    uvicorn.run(
        campus.app, host="127.0.0.1", port=port, access_log=False, log_level="warning", server_header=False
    )


if __name__ == "__main__":
    serve_campus(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
