"""A learner's server loads JupyterLab when somebody first opens it (labs/kit/late_jupyterlab.py)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from labs.kit import late_jupyterlab
from tests.support.hub_run import ROOT, free_ports

TOKEN = "only-for-this-test"
LOADED = "] jupyterlab | extension was successfully loaded."


class Server:
    """A Jupyter server with a learner's settings."""

    def __init__(self, address: str, log: Path) -> None:
        self.client = httpx.Client(
            base_url=address, headers={"Authorization": f"token {TOKEN}"}, timeout=120, follow_redirects=True
        )
        self._log = log

    def answers(self) -> bool:
        try:
            return self.client.get("api/status").status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def has_jupyterlab(self) -> bool:
        return LOADED in self._log.read_text()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (port,) = free_ports(1)
    settings = ROOT / "images" / "jupyter"
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_PATH": f"{settings / 'learner'}:{settings / 'common'}",
        "PYTHONPATH": str(ROOT),
    }
    words = [
        sys.executable,
        "-m",
        "jupyter_server",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.base_url=/user/amina.k/",
    ]
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*words, f"--IdentityProvider.token={TOKEN}"], cwd=tmp_path, env=env, stdout=file, stderr=file
        )
    try:
        found = Server(f"http://127.0.0.1:{port}/user/amina.k/", log)
        end = time.monotonic() + 120
        while not found.answers():
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(0.2)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def test_a_server_starts_without_jupyterlab_and_has_it_at_the_first_request_for_it(server: Server) -> None:
    assert server.client.get("labs-of-mine").status_code == 404
    assert not server.has_jupyterlab
    page = server.client.get("lab")
    assert (page.status_code, "jupyter-config-data" in page.text) == (200, True)
    assert server.has_jupyterlab
    assert server.client.get("doc/tree/labs/first.ipynb").status_code == 200
    assert server.client.get("lab/api/settings").status_code == 200


def test_a_page_of_jupyterlab_that_was_open_before_a_restart_finds_its_addresses(server: Server) -> None:
    kept = {"data": {}, "metadata": {"id": "default"}}
    xsrf = {"X-XSRFToken": "none"}
    answer = server.client.put("lab/api/workspaces/default", json=kept, headers=xsrf)
    assert answer.status_code == 204, answer.text


def test_a_server_that_has_jupyterlab_from_its_start_does_not_load_it_again() -> None:
    rules: list[Any] = []
    app = SimpleNamespace(
        extension_manager=SimpleNamespace(extensions={"jupyterlab": SimpleNamespace(enabled=True)}),
        web_app=SimpleNamespace(default_router=SimpleNamespace(rules=rules)),
    )
    late_jupyterlab._load_jupyter_server_extension(app)
    assert not rules
