"""`bench arrival`: from handing in to the score on the learner's page, while work arrives at a steady rate.

Through the campus API and its pages as a browser gets them; graded by the agent in the grader container, or on the
host with `--host` or if there is no Docker engine. Only the hub's knowledge of tokens is pretended.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.bench_command import print_progress
from bench.bench_courses import ROOT

COURSE, LAB, PEOPLE = "bench", "triage", 40
LOOK = 0.2
ANSWER = """import pandas as pd
from sklearn.linear_model import LogisticRegression
def flags(bar, number={number}):
    X = [[n % 17, n % 5] for n in range(200)]
    y = [int(n % 17 > 11) for n in range(200)]
    model = LogisticRegression().fit(X, y)
    return pd.Series(model.predict_proba(X)[:, 1] >= bar)"""
TEST = """assert 0 < flags(0.5).sum() < 200
### BEGIN HIDDEN TESTS
assert flags(1.1).sum() == 0
### END HIDDEN TESTS"""


def measure(argv: list[str]) -> dict[str, Any]:
    """Hand in at a rate; `p50` and `p95` are seconds until the learner's page has the score."""
    parser = argparse.ArgumentParser(prog="isomo bench arrival", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="submissions (default 100)")
    parser.add_argument("--rate", type=float, default=5.0, help="arriving in a second (default 5)")
    parser.add_argument("--host", action="store_true", help="grade on the host, without a container")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="isomo-arrival-") as folder:
        image = "" if args.host else grader_image()
        return Run(Path(folder), image).measure(args.count, args.rate)


def grader_image() -> str:
    """Return the grader's image, if the Docker engine answers and has it; else nothing, and the host does it."""
    from hub.isomo_settings import load_settings
    from hub.ops import docker_daemon, local_images
    from hub.verb_errors import IsomoError

    try:
        client = docker_daemon.connect_engine()
    except IsomoError:
        return ""
    name = local_images.grader_image(load_settings())
    if not local_images.image_exists(client, name):
        print_progress(
            "the grader image of this checkout is not there (./isomo up makes it): grading on the host"
        )
        return ""
    return name


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Processor seconds of a process and its children that still run (a grader container's are its own)."""
    top = psutil.Process(process.pid)
    return sum(sum(each.cpu_times()[:2]) for each in (top, *top.children(recursive=True)))


class Hub(BaseHTTPRequestHandler):
    """Knows that the token of a person is their name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.headers.get("Authorization", "").removeprefix("token ")
        said = (
            f'{{"kind": "user", "name": "{name}", "scopes": ["access:services"], "servers": {{}}}}'.encode()
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Run:
    """One campus with one agent, and the people who hand in."""

    def __init__(self, folder: Path, image: str) -> None:
        from tests.support.hub_run import free_ports

        self.image = image
        # One for all: making a client costs more than all that it then asks.
        limits = httpx.Limits(max_connections=PEOPLE, max_keepalive_connections=PEOPLE)
        self.client = httpx.Client(timeout=60, trust_env=False, limits=limits)
        self.hub_port, self.campus_port, *_rest = free_ports(4)
        self.env = {
            **os.environ, "ISOMO_SETTINGS": str(folder / "isomo.toml"), "PYTHONPATH": str(ROOT),
            "ISOMO_GRADER_IMAGE": image,
        }  # fmt: skip
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.campus_port}/services/campus"
        # `evaluate` for the campus, which then listens on this machine alone; the agent has a separate file.
        (folder / "isomo.toml").write_text(self._settings(evaluate=True))
        (folder / "agent.toml").write_text(self._settings(evaluate=not image))

    def _settings(self, *, evaluate: bool) -> str:
        text = (
            f'state = "{self.folder / "state"}"\nevaluate = {str(evaluate).lower()}\nproject = "isomobench"\n'
        )
        return f"{text}[ports]\nhub = {self.hub_port}\ncampus = {self.campus_port}\n"

    def measure(self, count: int, rate: float) -> dict[str, Any]:
        self._fill()
        hub = ThreadingHTTPServer(("127.0.0.1", self.hub_port), Hub)
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        agent_env = {**self.env, "ISOMO_SETTINGS": str(self.folder / "agent.toml")}
        campus, agent = self._start("hub.campus", self.env), self._start("graders.agent", agent_env)
        try:
            self._warm()
            print_progress(f"handing in {count} times, {rate:g} a second")
            before = {name: cpu_seconds(process) for name, process in (("campus", campus), ("agent", agent))}
            seconds = sorted(self._arrivals(count, rate))
            spent = {
                name: cpu_seconds(process) - before[name]
                for name, process in (("campus", campus), ("agent", agent))
            }
            print_progress(
                "processor seconds each: "
                + ", ".join(f"{name} {each / count:.3f}" for name, each in spent.items())
            )
        finally:
            for process in (agent, campus):
                process.terminate()
            for process in (agent, campus):
                process.wait(30)
            hub.shutdown()
        return {
            "count": len(seconds),
            "rate": rate,
            "p50": round(seconds[len(seconds) // 2], 2),
            "p95": round(seconds[int(len(seconds) * 0.95)], 2),
            "worst": round(seconds[-1], 2),
            "graded_in": "container" if self.image else "host",
        }

    def _fill(self) -> None:
        from hub.isomo_settings import load_settings
        from hub.store import Store
        from tests.support.small_stores import notebook

        store = Store.migrate(load_settings(self.folder / "isomo.toml"))
        store.courses.add(COURSE, "Bench")
        for number in range(PEOPLE):
            store.people.add(f"learner{number}", f"Learner {number}")
            store.courses.add_member(COURSE, f"learner{number}", "learner")
        source = notebook(f"### BEGIN SOLUTION\n{ANSWER.format(number=-1)}\n### END SOLUTION", TEST)
        release = notebook("# YOUR CODE HERE\nraise NotImplementedError()", TEST.split("\n", maxsplit=1)[0])
        store.courses.release(
            COURSE, LAB, version="1", title={"en": "Triage"}, minutes=10, tasks=[],
            release={f"{LAB}.ipynb": release}, source={f"{LAB}.ipynb": source},
        )  # fmt: skip
        store.courses.return_at_once(COURSE, LAB, at_once=True)

    def _start(self, module: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{module}.log").open("wb") as log:
            return subprocess.Popen([sys.executable, "-m", module], env=env, cwd=ROOT, stdout=log, stderr=log)

    def _warm(self) -> None:
        """Wait for the campus and the engine, with one submission that is not counted."""
        print_progress("waiting for campus and engine")
        end = time.monotonic() + 120
        while True:
            try:
                self._one(-1)
                return
            except (httpx.HTTPError, AssertionError) as error:
                if time.monotonic() > end:
                    logs = "\n".join(path.read_text()[-1500:] for path in self.folder.glob("*.log"))
                    raise RuntimeError(f"it does not start: {error}\n{logs}") from error
                time.sleep(0.3)

    def _arrivals(self, count: int, rate: float) -> list[float]:
        began = time.monotonic()
        with ThreadPoolExecutor(PEOPLE) as pool:
            waiting = []
            for number in range(count):
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
                waiting.append(pool.submit(self._one, number))
            found = []
            for number, each in enumerate(waiting):
                found.append(each.result())
                if number % 20 == 19:
                    print_progress(f"  {number + 1} of {count}, the last after {found[-1]:.2f} s")
        return found

    def _one(self, number: int) -> float:
        """Hand in as somebody, then look at the page until the score is there; seconds in between."""
        from tests.support.pretended_campus import zipped
        from tests.support.small_stores import notebook

        name = f"learner{number % PEOPLE}"
        work = zipped(
            {f"{LAB}.ipynb": notebook(ANSWER.format(number=number), TEST.split("\n", maxsplit=1)[0])}
        )
        mine = {"Authorization": f"token {name}"}
        began = time.monotonic()
        url = f"{self.url}/api/v1/courses/{COURSE}/labs/{LAB}/attempts"
        answer = self.client.post(url, content=work, headers=mine)
        assert answer.status_code in (200, 201), answer.text
        page = f"{self.url}/attempts/{answer.json()['receipt']}"
        while time.monotonic() < began + 60:
            text = self.client.get(page, headers=mine).text
            if 'class="score">2 / 2<' in text:
                return time.monotonic() - began
            assert 'class="score"' not in text, text
            time.sleep(LOOK)
        raise AssertionError(f"no score after 60 s: {answer.json()['receipt']}")
