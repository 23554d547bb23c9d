"""Labs in a JupyterLab with a learner's settings, and a campus that keeps what is handed in."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx

from labs.authoring import lab_preview
from labs.datasets.learners_data import ready_data
from labs.kit.campus_client import unpacked_files
from tests.support.hub_run import free_ports

TOKEN = "only-for-this-test"
HEADERS = {"Authorization": f"token {TOKEN}"}


@contextmanager
def labs_served(
    folders: Sequence[Path], root: Path, language: str = "en", env: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The address of a JupyterLab with these labs in one home, `root`."""
    ready_data()
    for folder in folders:
        home = lab_preview.lay_out(folder, language, root)
    (port,) = free_ports(1)
    words, known = lab_preview.command(sys.executable, home, folders[-1].name[3:], port, browser=False)
    address = f"http://127.0.0.1:{port}"
    with (root / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*words, f"--IdentityProvider.token={TOKEN}"],
            env={**known, **(env or {})},
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(240):
            try:
                httpx.get(f"{address}/api/status", headers=HEADERS).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None, (root / "server.log").read_text()[-3000:]
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def campus_served() -> Iterator[tuple[dict[str, str], list[dict[str, bytes]]]]:
    """The environment that leads to a campus, and the list of what was handed in there."""
    arrived: list[dict[str, bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/live"):
                self.say(200, b'{"reported": true, "messages": [], "next_seconds": 120}')
                return
            arrived.append(unpacked_files(body))
            receipt = {"receipt": f"R-{len(arrived)}", "attempt": len(arrived), "lab": "lab"}
            answer = json.dumps({**receipt, "received_at": "2026-01-01T00:00:00Z"}).encode()
            self.say(201, answer)

        def say(self, status: int, answer: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        yield {"ISOMO_CAMPUS_URL": address, "JUPYTERHUB_API_TOKEN": "a-token", "ISOMO_COURSE": "c"}, arrived
    finally:
        server.shutdown()
        server.server_close()
        running.join(10)
