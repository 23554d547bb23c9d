"""A shared application as a service of a JupyterHub: the hub signs people in, a group opens it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.node_programs import ensure_node, proxy_command
from labs.prototype_kit.application.frozen_versions import APPROVED
from labs.prototype_kit.application.request_guard import FORM_KEY
from labs.prototype_kit.version_sharing import make_version, service_folder
from tests.support.hub_run import free_ports
from tests.support.small_prototype import CASE, OUR_PAGE, CaseStore, trained_project

ROOT = Path(__file__).resolve().parents[2]
HERE = "/services/letters-desk/"
PATIENCE = 90.0
CONFIG = """\
import sys
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = b"0" * 32
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.load_groups = {{"district-office": ["gloria"]}}
c.JupyterHub.services = [
    {{
        "name": "letters-desk",
        "url": "http://127.0.0.1:{service}",
        "oauth_no_confirm": True,
        "command": [sys.executable, "-m", "labs.prototype_kit.application", {state!r}],
        "environment": {{"PYTHONPATH": {root!r}}},
    }}
]
c.JupyterHub.load_roles = [
    {{"name": "letters-desk", "scopes": ["access:services!service=letters-desk"], "groups": ["district-office"]}}
]
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub that serves one approved prototype to the group district-office."""
    place = tmp_path_factory.mktemp("hub")
    project = trained_project(place)
    make_version(project, ("district-office",))
    store = CaseStore(service_folder(project))
    store.event("aline", APPROVED, 1, "read and tried")
    store.close()
    ensure_node()
    public, hub, api, service = free_ports(4)
    config = place / "jupyterhub_config.py"
    filled = CONFIG.format(
        public=public,
        hub=hub,
        api=api,
        service=service,
        proxy=proxy_command(),
        state=str(service_folder(project)),
        root=str(ROOT),
    )
    config.write_text(filled, "utf-8")
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    with (
        (place / "log").open("wb") as log,
        subprocess.Popen(command, cwd=place, stdout=log, stderr=log) as child,
    ):
        try:
            _wait(f"http://127.0.0.1:{public}{HERE}health", child)
            yield f"http://127.0.0.1:{public}"
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(60)


def _wait(address: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert child.poll() is None, "the hub ended"
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError("the application did not answer behind the hub")


def _sign_in(address: str, name: str) -> tuple[httpx.Client, httpx.Response]:
    """Open the application as a browser would; the hub asks who it is and sends the browser back."""
    client = httpx.Client(
        base_url=address, follow_redirects=True, timeout=60, headers={"Accept": "text/html"}
    )
    page = client.get(HERE)
    assert page.url.path == "/hub/login"
    token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
    assert token
    return client, client.post(page.url, data={"username": name, "password": "x", "_xsrf": token[1]})


def test_a_member_of_the_group_signs_in_at_the_hub_and_is_answered(address):
    client, page = _sign_in(address, "gloria")
    assert (page.status_code, page.url.path) == (200, HERE)
    assert "gloria ·" in page.text
    key = re.search(rf'name="{FORM_KEY}" value="(\w+)"', page.text)
    assert key
    assert client.post(HERE, data=CASE, headers=OUR_PAGE).status_code == 403
    answer = client.post(HERE, data=CASE | {FORM_KEY: key[1]}, headers=OUR_PAGE)
    assert answer.url.path == f"{HERE}cases/1"
    assert "What weighed most" in answer.text
    assert client.get(f"{HERE}static/application.css").status_code == 200
    asked = client.post(f"{HERE}api/decide", json={"cases": [CASE]}, headers=OUR_PAGE)
    assert asked.status_code == 401, "the browser's session opened the programs' way in"


def test_someone_outside_of_the_group_is_stopped_by_the_hub(address):
    _client, page = _sign_in(address, "mallory")
    assert page.status_code == 403
    assert "Which case needs a person first" not in page.text


def test_a_token_that_no_hub_gave_opens_nothing(address):
    answer = httpx.get(f"{address}{HERE}openapi.json", headers={"Authorization": "token made-up"})
    assert answer.status_code == 401
