"""A real hub with data teams' containers: one project with its people, for tests of containers and of browsers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from tests.support.hub_run import Hub
from tests.support.small_labs import image, lab_image, network

NAME = "letters-desk"
SERVER = f"project-{NAME}"
SETTINGS = {
    "evaluate": False,
    "prototypes": True,
    "project": "try-bench",
    "network": {"name": "try-bench", "bridge": "trybench0", "subnet": "10.233.0.0/16"},
}


@contextmanager
def project_hub(folder: Path, docker_client: Any, **settings: object) -> Iterator[Hub]:
    """Run a hub with the project letters-desk: deborah and dan build, aline approves and reviews, colin uses."""
    bench = image(docker_client, "bench")
    more = f"c.LabSpawner.bench_image = {bench!r}"
    settings = SETTINGS | {"engine": {"images": [bench]}} | settings
    made = Hub(folder, more, settings_more=settings, image=lab_image(docker_client))
    for name in ("deborah", "dan"):
        made.town.add(name, role="data-team")
    for name in ("aline", "colin"):
        made.town.add(name)
    projects = made.town.store.projects
    projects.add(NAME, "Letters desk", "triage", "deborah")
    for name, part in (("dan", "team"), ("aline", "approver"), ("colin", "user"), ("aline", "reviewer")):
        projects.join(NAME, name, part, "deborah")
    with network(docker_client, made):
        try:
            made.start()
            made.start_campus()
            made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
            yield made
        finally:
            made.stop_all()


def container_name(hub: Hub, owner: str, server: str) -> str:
    """Return the name of a server's container."""
    key = Secrets.load(hub.settings).names_key
    return f"try-bench-{opaque_name(key, owner)}-{opaque_name(key, f'{owner}/{server}')}"


def open_folder(hub: Hub, name: str) -> tuple[Any, Any]:
    """Start a member's server in the project, as its page does."""
    browser = hub.signed_in(name)
    path = f"/user/{name}/{SERVER}/lab"
    answer = browser.get(f"/hub/spawn/{name}/{SERVER}?next={path}")
    for _ in range(240):
        if "spawn-pending" not in answer.headers.get("location", "") and "<progress" not in answer.text:
            break
        time.sleep(0.5)
        answer = browser.get(f"/hub/spawn-pending/{name}/{SERVER}?next={path}")
    return browser, answer


def run(container: Any, command: str) -> str:
    """Run a command of a shell in a container; return what it said."""
    return str(container.exec_run(["sh", "-c", command]).output.decode().strip())
