"""Two hubs for the benches of starting: Isomo's, and JupyterHub with DockerSpawner as it comes, on one machine.

Stock has the same packages, those included that Isomo's image leaves out, the same limits, and a notebook that does
what the lab's first cells do. One of the two runs at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.bench_command import print_progress
from bench.bench_courses import ROOT
from hub import container_engine
from hub.campus.built_labs import find_built
from hub.isomo_settings import load_settings
from hub.node_programs import ensure_node, proxy_command
from hub.ops import local_images
from labs.authoring.lab_build import build_lab
from labs.authoring.lab_spec import find_lab
from labs.datasets.learners_data import DATA, ready_data
from tests.support.hub_people import COURSE, PASSWORD
from tests.support.hub_run import Hub, form_token, free_ports
from tests.support.small_labs import image, network, remove_all

LAB = "sort-the-letters"
CELL, PART = "letters", "part-2"
READY = "letters are here"
PROJECT, STOCK = "bench-start", "bench-stock"
OURS = {
    "evaluate": False,
    "project": PROJECT,
    "network": {"name": PROJECT, "bridge": "benchstart0", "subnet": "10.236.0.0/16"},
}
STOCK_SUBNET, STOCK_GATEWAY = "10.237.0.0/16", "10.237.0.1"
LEFT_OUT = ("rfc3987_syntax", "debugpy", "notebook", "widgetsnbextension")
"""Packages that images/steps/packages.sh takes out of ours; stock keeps them."""

STOCK_CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://{gateway}:{hub}"
c.JupyterHub.hub_connect_url = "http://{gateway}:{hub}"
c.JupyterHub.db_url = "sqlite:///{folder}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie-secret"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = "{image}"
c.DockerSpawner.pull_policy = "skip"
c.DockerSpawner.network_name = "{network}"
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.prefix = "{network}"
c.DockerSpawner.notebook_dir = "/home/learner"
c.DockerSpawner.volumes = {{"{folder}/homes/{{username}}": "/home/learner"}}
c.DockerSpawner.extra_create_kwargs = {{"user": "1000:1000", "working_dir": "/home/learner"}}
c.DockerSpawner.extra_host_config = {{"init": True}}
c.DockerSpawner.mem_limit = "1G"
c.DockerSpawner.cpu_limit = 1.0
c.DockerSpawner.environment = {{"HOME": "/home/learner", "OMP_NUM_THREADS": "1"}}
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.Spawner.default_url = "/lab"
"""

PATIENCE = "c.Spawner.start_timeout = 600\nc.Spawner.http_timeout = 600\n"

STOCK_CELL = f'import pandas as pd\nletters = pd.read_csv("letters.csv")\nprint("{READY}")\nletters.head(3)'
STOCK_MODEL = """from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
words = CountVectorizer().fit(letters.text)
model = LogisticRegression(max_iter=200).fit(words.transform(letters.text[:3000]), letters.tray[:3000])
print("model is here")"""


@dataclass
class Stock:
    """JupyterHub with DockerSpawner."""

    folder: Path
    image: str
    names: list[str]
    patient: bool = False
    """Flag: wait ten minutes for a server, not the half minute after which JupyterHub gives up by itself."""
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> Stock:
        """Write the configuration and start the hub with its proxy."""
        port, hub, api = free_ports(3)
        self.address = f"http://127.0.0.1:{port}"
        for name in self.names:
            self._make_home(name)
        text = STOCK_CONFIG.format(
            port=port, hub=hub, api=api, folder=self.folder, gateway=STOCK_GATEWAY, image=self.image,
            password=PASSWORD, network=STOCK, proxy=list(map(str, proxy_command())),
        )  # fmt: skip
        text += PATIENCE if self.patient else ""
        (self.folder / "jupyterhub_config.py").write_text(text)
        words = [sys.executable, "-m", "jupyterhub", "-f", str(self.folder / "jupyterhub_config.py")]
        env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        with (self.folder / "hub.log").open("wb") as log:
            self.processes.append(subprocess.Popen(words, cwd=self.folder, env=env, stdout=log, stderr=log))
        _until(lambda: _answers(f"{self.address}/hub/health"), f"the stock hub\n{self._log()}")
        return self

    def _log(self) -> str:
        return (self.folder / "hub.log").read_text()[-3000:]

    def _make_home(self, name: str) -> None:
        import nbformat
        from nbformat.v4 import new_code_cell, new_notebook

        home = self.folder / "homes" / name
        home.mkdir(parents=True)
        (home / "letters.csv").write_bytes(letters_csv())
        cells = [new_code_cell(STOCK_CELL), new_code_cell(STOCK_MODEL)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(new_notebook(cells=cells, metadata=kernel), home / "first.ipynb")
        for path in (home, *home.iterdir()):
            os.chown(path, 1000, 1000)

    def stop(self) -> None:
        """Stop the hub and its proxy."""
        for process in self.processes:
            process.terminate()
            process.wait(60)

    def signed_in(self, name: str) -> httpx.Client:
        """Return a browser's client in which `name` is signed in."""
        client = httpx.Client(base_url=self.address, timeout=120, headers={"Accept": "text/html"})
        page = client.get("/hub/login")
        sent = {"username": name, "password": PASSWORD, "_xsrf": form_token(page.text)}
        answer = client.post("/hub/login", data=sent)
        if answer.status_code not in (302, 303):
            raise RuntimeError(f"{name} could not sign in: {answer.status_code}")
        return client


def letters_csv() -> bytes:
    """Return the lab's letters as a table that pandas reads."""
    import pandas as pd

    ready_data()
    os.environ.setdefault("ISOMO_DATA", str(DATA))
    from labs.datasets.loader import load as load_data

    found = load_data("letters")
    table = pd.DataFrame({"text": found["text"], "tray": found["category"]})
    return table.to_csv(index=False).encode()


def stock_image(client: Any) -> str:
    """Return an image with all packages of the lock file, as pip installs them; it is made if it is missing."""
    settings = load_settings()
    image(client, "lab")
    parent = local_images.image_names(settings)["lab-packages"]
    if not local_images.image_exists(client, parent):
        image(client, "lab-packages")
    name = f"bench-stock-lab:{parent.rpartition(':')[2]}"
    if local_images.image_exists(client, name):
        return name
    print_progress("making the stock image")
    wheels = Path(ROOT / ".isomo" / "wheels").resolve()
    script = (
        "set -e; cd /opt/venv/lib/python3*/site-packages; for name in " + " ".join(LEFT_OUT) + "; do "
        "/opt/venv/bin/python -m zipfile -e /wheels/$name-*.whl .; done; "
        "for data in *.data/data; do cp -r $data/. /opt/venv/; done; "
        "/opt/venv/bin/python -m compileall -q rfc3987_syntax debugpy notebook widgetsnbextension || true"
    )
    made = client.containers.run(
        parent,
        ["sh", "-c", script],
        user="0",
        detach=True,
        volumes={str(wheels): {"bind": "/wheels", "mode": "ro"}},
    )
    try:
        if made.wait()["StatusCode"]:
            raise RuntimeError(made.logs().decode()[-2000:])
        repository, _, tag = name.partition(":")
        made.commit(repository, tag, conf={"Cmd": ["jupyterhub-singleuser"]})
    finally:
        made.remove(force=True)
    return name


@contextmanager
def stock_hub(names: list[str], *, patient: bool = False) -> Iterator[Stock]:
    """Run the stock hub for these people."""
    client = container_engine.from_env()
    made_from = stock_image(client)
    _remove_stock(client)
    pools = container_engine.IPAMConfig(
        pool_configs=[container_engine.IPAMPool(subnet=STOCK_SUBNET, gateway=STOCK_GATEWAY)]
    )
    made = client.networks.create(STOCK, ipam=pools)
    with tempfile.TemporaryDirectory(prefix="isomo-bench-stock-") as folder:
        Path(folder).chmod(0o755)
        ensure_node()
        stock = Stock(Path(folder), made_from, names, patient)
        try:
            yield stock.start()
        finally:
            stock.stop()
            _remove_stock(client, keep=made.id)
            made.remove()
            client.close()


def _remove_stock(client: Any, keep: str = "") -> None:
    for container in client.containers.list(all=True, filters={"name": f"{STOCK}-"}, ignore_removed=True):
        container.remove(force=True)
    for old in client.networks.list(names=[STOCK]):
        if old.id != keep:
            old.remove()


@contextmanager
def our_hub(names: list[str], **more: Any) -> Iterator[Hub]:
    """Run Isomo's hub and campus for these people, with the lab released."""
    client = container_engine.from_env()
    with tempfile.TemporaryDirectory(prefix="isomo-bench-start-") as folder:
        made = Hub(Path(folder), settings_more={**OURS, **more}, image=image(client, "lab"))
        for name in names:
            made.town.add(name)
        release_lab(made)
        with network(client, made):
            try:
                made.start()
                made.start_campus()
                made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
                yield made
            finally:
                made.stop_all()
                remove_all(client, PROJECT)
                client.close()


def release_lab(made: Hub) -> None:
    """Release the lab in the course, as a trainer does."""
    build_lab(find_lab(LAB), made.settings.state / "labs")
    built = find_built(made.settings.state / "labs", LAB)
    made.town.store.courses.release(
        COURSE, LAB, version=built.version, title=built.title, minutes=built.minutes, tasks=built.tasks,
        release=built.release_files(), source=built.source_files(), number=built.number,
    )  # fmt: skip


def stop_servers(project_label: str = "", prefix: str = "") -> None:
    """Remove the containers of a side, so that the next start is a cold one."""
    client = container_engine.from_env()
    filters = {"label": f"isomo.project={project_label}"} if project_label else {"name": f"{prefix}-"}
    for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
        container.remove(force=True)
    client.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code < 400
    except httpx.HTTPError:
        return False


def _until(holds: Any, what: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come")
        time.sleep(0.2)
