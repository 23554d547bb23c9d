"""A hub with both proxies on free ports, with people kept in memory: for tests of what goes over HTTP."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from hub.hub_process.hub_proxies import proxy_argv, proxy_env
from hub.isomo_settings import Settings, parse_settings
from hub.node_programs import ensure_node
from hub.secret_keys import Secrets
from tests.support.hub_people import PASSWORD, Town

ROOT = Path(__file__).resolve().parents[2]

CONFIG = """\
import sys
import tempfile
sys.path.insert(0, {root!r})
from hub.hub_process.jupyterhub_setup import configure_hub, prepare_database
from hub.hub_process.hub_turn import wait_for_turn
from hub.hub_process.spare_networks import prepare_networks
from hub.secret_keys import Secrets
from hub.isomo_settings import load_settings
from hub.store import Store

settings = load_settings()
prepare_database(settings)
wait_for_turn(settings)
prepare_networks(settings)
store = Store.open(settings)
configure_hub(c, settings, Secrets.load(settings), directory=lambda: store, image={image!r})
{more}
"""


PORTS = range(21000, 30000, 150)
"""First ports of the blocks that test processes share out among them."""
_claims: list[Any] = []


def _own_block() -> int:
    """Claim a block of ports for this process; the claim ends with the process, however it ends."""
    if not _claims:
        for start in PORTS:
            file = (Path(tempfile.gettempdir()) / f"isomo-test-ports-{start}.lock").open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                continue
            _claims.extend((start, file))
            break
        else:
            raise RuntimeError("no free block of ports")
    return int(_claims[0])


def free_ports(count: int) -> list[int]:
    """Return `count` ports in a row on which nobody listens, of a block that no other test process uses."""
    first = _own_block()
    for start in range(first, first + PORTS.step - count, count):
        try:
            for port in range(start, start + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return list(range(start, start + count))
    raise RuntimeError("no free ports")


@dataclass
class Hub:
    """Starts and stops the three processes; each may be killed alone."""

    folder: Path
    more: str = ""
    settings_more: dict[str, Any] = field(default_factory=dict)
    image: str = ""
    env_more: dict[str, str] = field(default_factory=dict)
    hub_env: dict[str, str] = field(default_factory=dict)
    """For the hub alone, over what all processes have: its way to the engine."""
    verify: Any = True
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        public, learner, hub, campus, api, learner_api = free_ports(6)
        self.values: dict[str, Any] = {
            "address": f"http://127.0.0.1:{public}",
            "learner_address": f"http://127.0.0.1:{learner}",
            "state": str(self.folder / "state"),
            "evaluate": True,
            "ports": {"hub": hub, "campus": campus, "proxy_api": api, "learner_proxy_api": learner_api},
            **self.settings_more,
        }
        self.settings: Settings = parse_settings(self.values)
        self.settings.state.mkdir(parents=True, exist_ok=True)
        self.town = Town(self.settings)
        self.write()

    def write(self) -> None:
        lines = [
            line
            for key, value in self.values.items()
            if not isinstance(value, dict)
            for line in [_toml(key, value)]
        ]
        for key, value in self.values.items():
            if isinstance(value, dict):
                lines += [f"[{key}]", *(_toml(name, inner) for name, inner in value.items())]
        (self.folder / "isomo.toml").write_text("\n".join(lines) + "\n")
        (self.folder / "config.py").write_text(
            CONFIG.format(root=str(ROOT), more=self.more, image=self.image)
        )

    @property
    def env(self) -> dict[str, str]:
        token = Secrets.load(self.settings).proxy_auth_token
        return {
            **os.environ,
            **proxy_env(token),
            "PYTHONPATH": str(ROOT),
            **self.env_more,
            "ISOMO_SETTINGS": str(self.folder / "isomo.toml"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def start(self) -> Hub:
        for which in ("campus", "learner"):
            self.start_proxy(which)
        self.start_hub()
        return self

    def start_proxy(self, which: Any) -> None:
        ensure_node()  # A fresh checkout has no proxy yet.
        self.run(f"proxy-{which}", proxy_argv(self.settings, which))

    def start_hub(self) -> None:
        self.run("hub", [sys.executable, "-m", "jupyterhub", "-f", str(self.folder / "config.py")])
        self.wait_for(f"{self.settings.address}/hub/health")
        if "campus" in self.processes:  # The hub answers before its proxy knows the way to the campus.
            self.wait_for(f"{self.settings.address}/services/campus/api/openapi.json", redirects=False)

    def start_campus(self) -> None:
        self.run("campus", [sys.executable, "-m", "hub.campus"])

    def run(self, name: str, argv: list[str]) -> None:
        env = self.env | (self.hub_env if name == "hub" else {})
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                argv, env=env, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )

    def wait_for(self, url: str, seconds: float = 120, *, redirects: bool = True) -> None:
        """Wait until something answers at `url` without an error; a redirect is an answer unless told otherwise."""

        def answers() -> bool:
            try:
                found = httpx.get(url, timeout=5, verify=self.verify).status_code
            except httpx.HTTPError:
                return False
            return found < (400 if redirects else 300)

        self.wait_until(answers, url, seconds)

    def wait_until(self, holds: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait until `holds()`; a process that ends meanwhile, or the time, is a failure with its last words."""
        end = time.monotonic() + seconds
        while not holds():
            ended = [name for name, process in self.processes.items() if process.poll() is not None]
            assert not ended, f"{ended} ended\n" + "\n".join(self.log(name)[-4000:] for name in ended)
            assert time.monotonic() < end, f"{what} did not come\n{self.log('hub')[-4000:]}"
            time.sleep(0.2)

    def log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def stop(self, name: str, sig: int = signal.SIGTERM) -> None:
        process = self.processes.pop(name)
        process.send_signal(sig)
        process.wait(30)

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)
        for pid in self.servers():
            with contextlib.suppress(ProcessLookupError):  # It may be going by itself already.
                os.kill(pid, signal.SIGTERM)  # They outlive their hub, by design.

    def servers(self) -> dict[int, dict[str, str]]:
        """Environment of each server of this hub that is a plain process, as its own code would see it."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                text = (folder / "environ").read_bytes().decode(errors="replace")
                if b"labs.kit.spare_process" in (folder / "cmdline").read_bytes():
                    continue  # A kernel that waits in a server is no server.
            except OSError:
                continue
            env = dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
            # Ports come again; a home is below this hub's own folder.
            if "JUPYTERHUB_USER" in env and env.get("HOME", "").startswith(str(self.settings.state)):
                found[int(folder.name)] = env
        return found

    def browser(self) -> httpx.Client:
        """Return a client that behaves like a browser that navigates."""
        return httpx.Client(
            base_url=self.settings.address,
            follow_redirects=False,
            verify=self.verify,
            timeout=60,
            headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html", "Accept-Language": "en"},
        )

    def signed_in(self, name: str, password: str = PASSWORD) -> httpx.Client:
        browser = self.browser()
        sign_in(browser, name, password)
        return browser


def follow(browser: httpx.Client, url: str, hops: int = 15) -> list[httpx.Response]:
    """Follow redirects across both origins as a browser does; returns every answer."""
    answers = []
    for _ in range(hops):
        answers.append(browser.get(url))
        if answers[-1].status_code not in (302, 303):
            return answers
        url = urljoin(str(answers[-1].url), answers[-1].headers["location"])
    raise AssertionError([str(answer.url) for answer in answers])


def open_server(browser: httpx.Client, name: str) -> list[httpx.Response]:
    """Start a server as its owner does, and go through to JupyterLab."""
    answer = browser.get(f"/hub/spawn/{name}?next=/user/{name}/lab")
    for _ in range(240):
        if "spawn-pending" not in answer.headers.get("location", "") and "<progress" not in answer.text:
            break
        time.sleep(0.5)
        answer = browser.get(f"/hub/spawn-pending/{name}?next=/user/{name}/lab")
    assert answer.headers.get("location") == f"/user/{name}/lab", answer.text
    return follow(browser, answer.headers["location"])


def sign_in(browser: httpx.Client, name: str, password: str) -> httpx.Response:
    page = browser.get("/hub/login")
    return browser.post(
        "/hub/login", data={"username": name, "password": password, "_xsrf": form_token(page.text)}
    )


def form_token(html: str) -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', html)
    assert found, html
    return found[1]


def _toml(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}"
    if isinstance(value, (list, tuple)):
        return f"{key} = {list(value)!r}"
    return f"{key} = {value}" if isinstance(value, (int, float)) else f'{key} = "{value}"'
