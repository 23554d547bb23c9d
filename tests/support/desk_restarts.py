"""A learner's server at one port that is killed and started again, also as another Isomo's, under an open tab."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from hub.ops.desk_build import ensure_desk
from labs.authoring import lab_preview
from labs.authoring.lab_spec import find_lab
from labs.datasets.learners_data import ready_data
from tests.support.desk_served import SLUG, Served
from tests.support.hub_run import free_ports
from tests.support.labs_served import HEADERS, TOKEN


class Restarts:
    """The server of one learner, with a build of the desk that may be replaced."""

    def __init__(self, root: Path) -> None:
        ready_data()
        self.root, self.desk = root, root / "desk-build"
        shutil.copytree(ensure_desk(), self.desk)
        home = lab_preview.lay_out(find_lab(SLUG), "en", root)
        (self.port,) = free_ports(1)
        words, env = lab_preview.command(sys.executable, home, SLUG, self.port, browser=False)
        self.words = [*words, f"--IdentityProvider.token={TOKEN}"]
        self.env = {**env, "ISOMO_DESK": str(self.desk)}
        self.process: subprocess.Popen[bytes] | None = None
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.root / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.words, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                httpx.get(f"{self.address}/api/status", headers=HEADERS).raise_for_status()
                return
            except httpx.HTTPError:
                assert self.process.poll() is None, (self.root / "server.log").read_text()[-3000:]
                time.sleep(0.2)
        raise AssertionError((self.root / "server.log").read_text()[-3000:])

    def kill(self) -> None:
        """Kill it and its kernels without a warning."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def upgrade(self, version: str = "0123456789ab") -> None:
        """Put another Isomo's desk in place: another version, a script under another name, a worker that keeps it."""
        names = json.loads((self.desk / "names.json").read_text())
        new = f"new-{names['script']}"
        worker = (self.desk / names["worker"]).read_text()
        assert {names["version"] in worker, names["script"] in worker} == {True}
        for path in self.desk.glob(f"{names['worker']}*"):
            path.unlink()
        worker = worker.replace(names["version"], version).replace(names["script"], new)
        (self.desk / names["worker"]).write_text(worker)
        for path in self.desk.glob(f"{names['script']}*"):
            path.rename(self.desk / path.name.replace(names["script"], new))
        first = [new if name == names["script"] else name for name in names["first"]]
        made = {**names, "script": new, "first": first, "version": version}
        (self.desk / "names.json").write_text(json.dumps(made))


@contextmanager
def restarts(root: Path) -> Iterator[tuple[Restarts, Served]]:
    """A server that runs, and what is on its disk."""
    made = Restarts(root)
    try:
        made.start()
        yield made, Served(made.address, root, [])
    finally:
        made.kill()
