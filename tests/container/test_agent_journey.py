"""The whole way of one real lab, over the API: released, opened, handed in by two, graded in the grader's container,
feedback returned, each seeing their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from graders.agent.linux_calls import container_seccomp
from hub.isomo_settings import load_settings, parse_settings
from hub.ops import image_builder, local_images
from hub.store import Store
from labs.authoring.lab_build import build_lab
from labs.authoring.lab_spec import LABS
from tests.container.test_campus_served import signed_in
from tests.support.grading_agent import Agent, gradings, wait_for
from tests.support.hub_run import Hub, open_server
from tests.support.lab_work import edition
from tests.support.pretended_campus import API, ROOT, form_key
from tests.support.small_stores import COURSE, TRAINER, fill

pytestmark = pytest.mark.engine
SLUG = "where-to-set-the-bar"
FOLDER = LABS / f"03-{SLUG}"
AMINA, BOSCO = "amina.k", "bosco.n"
PAGE = f"{ROOT}/courses/{COURSE}/labs/{SLUG}"
HANDED_IN = """
import sys
from pathlib import Path
from labs.kit import hand_in, lab
from labs.kit.home_files import Home
from labs.kit.lab_opening import open_lab
course, slug, work = sys.argv[1:]
home = Home.own()
problem = open_lab(home, hand_in.connect_campus(), course, slug, "en")
assert problem is None, problem
for file in Path(work).iterdir():
    (home.lab(slug) / file.name).write_bytes(file.read_bytes())
lab.start(slug)
lab.submit()
"""


@dataclass
class Journey:
    """Hub, campus and agent; the trainer's browser; learners' servers with their tokens."""

    hub: Hub
    agent: Agent
    servers: dict[str, dict[str, str]]
    trainer: Any

    def client(self, name: str) -> httpx.Client:
        """A program in somebody's own server."""
        inner = self.hub.settings.campus_url.removesuffix(ROOT)
        token = self.servers[name]["JUPYTERHUB_API_TOKEN"]
        return httpx.Client(base_url=inner, headers={"Authorization": f"token {token}"}, timeout=60)

    def hand_in(self, name: str, work: dict[str, bytes], folder: Path) -> dict[str, Any]:
        """What the learner's notebook does: open the lab, work, `lab.submit()`; returns the receipt."""
        home, files = folder / name, folder / f"{name}-work"
        for place in (home, files):
            place.mkdir()
        for file, content in work.items():
            (files / file).write_bytes(content)
        env = {
            **os.environ,
            **self.servers[name],
            "HOME": str(home),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }
        command = [sys.executable, "-c", HANDED_IN, COURSE, SLUG, str(files)]
        done = subprocess.run(command, env=env, cwd=LABS.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (receipt,) = (home / ".isomo" / "receipts").glob("*.json")
        return dict(json.loads(receipt.read_text()))


@pytest.fixture(scope="module")
def grader(docker_client) -> str:
    """The grader's image of this checkout."""
    settings = load_settings()
    wanted = local_images.image_names(settings)
    image_builder.ensure_images(docker_client, settings, wanted)
    return wanted["grader"]


@pytest.fixture(scope="module")
def journey(tmp_path_factory, grader) -> Iterator[Journey]:
    """Two learners whose servers run, and a trainer at a browser. Only the learners' servers are plain processes."""
    hub = Hub(tmp_path_factory.mktemp("journey"))
    fill(hub.town.store)
    build_lab(FOLDER, hub.settings.state / "labs")
    place = tmp_path_factory.mktemp("agent")
    settings = parse_settings({**hub.values, "evaluate": False, "project": "isomojourney"})
    agent = Agent(place, Store(settings), env={"ISOMO_GRADER_IMAGE": grader})
    try:
        hub.start()
        hub.start_campus()
        hub.wait_for(f"{hub.settings.campus_url}/api/openapi.json")
        for name in (AMINA, BOSCO):
            open_server(signed_in(hub, name), name)
        servers = {env["JUPYTERHUB_USER"]: env for env in hub.servers().values()}
        with agent:
            yield Journey(hub, agent, servers, signed_in(hub, TRAINER))
    finally:
        hub.stop_all()


def test_a_real_lab_goes_the_whole_way(journey, tmp_path, docker_client, monkeypatch):
    trainer, store = journey.trainer, journey.hub.town.store
    data = tmp_path / "data"
    command = [sys.executable, "-m", "labs.datasets", "build", "--out", str(data), "--part", "learner"]
    subprocess.run(command, check=True, cwd=LABS.parent, capture_output=True)
    monkeypatch.setenv("ISOMO_DATA", str(data))
    course_page = trainer.get(f"{ROOT}/courses/{COURSE}").text
    assert trainer.post(f"{PAGE}/release", data={"key": form_key(course_page)}).status_code == 303

    mine = edition(FOLDER, "", data, tmp_path)
    solved, blank = mine.solved(), mine.blank()
    works = {
        AMINA: {f"{SLUG}.ipynb": solved.notebook, "answers.json": solved.answers},
        BOSCO: {f"{SLUG}.ipynb": blank.notebook},
    }
    receipts = {name: journey.hand_in(name, work, tmp_path) for name, work in works.items()}
    assert {name: receipt["learner"] for name, receipt in receipts.items()} == {AMINA: AMINA, BOSCO: BOSCO}

    journey.agent.wait_for(lambda: store.progress(COURSE, SLUG).graded == 2, 300)
    assert set(gradings(store).values()) == {1}
    container = docker_client.containers.list(
        filters={"label": "isomo.project=isomojourney"}, ignore_removed=True
    )[0]
    _nobody_sees_before_it_is_returned(journey, receipts)
    assert trainer.post(f"{PAGE}/return", data={"key": form_key(trainer.get(PAGE).text)}).status_code == 303
    _each_sees_their_own(journey, receipts)
    _is_shut_in(container)


def _nobody_sees_before_it_is_returned(journey, receipts):
    with journey.client(AMINA) as amina:
        said = amina.get(f"{API}/attempts/{receipts[AMINA]['receipt']}").json()
    assert said["state"] == "graded"
    assert "score" not in said


def _each_sees_their_own(journey, receipts):
    scores = {}
    for name, other in ((AMINA, BOSCO), (BOSCO, AMINA)):
        with journey.client(name) as client:
            said = client.get(f"{API}/attempts/{receipts[name]['receipt']}").json()
            page = client.get(f"{API}/attempts/{receipts[name]['receipt']}/feedback").text
            for where in ("", "/feedback", "/files"):
                assert client.get(f"{API}/attempts/{receipts[other]['receipt']}{where}").status_code == 404
        scores[name] = said["score"]
        assert said["problem"] is None
        assert "HIDDEN TESTS" not in page
        assert "isomo-judge" not in page
    by_hand = {"j-why"}
    with journey.client(AMINA) as client:
        said = client.get(f"{API}/attempts/{receipts[AMINA]['receipt']}").json()
    wrong = [
        each for each in said["verdicts"] if each["outcome"] != "passed" and each["grade_id"] not in by_hand
    ]
    assert wrong == []
    assert scores[BOSCO] == 0
    assert scores[AMINA] > 0


def _is_shut_in(container):
    """What surrounds the sandboxes: no network, nothing writable, no capability, limits, a filter of system calls."""
    facts = container.client.api.inspect_container(container.id)
    host = facts["HostConfig"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["CapDrop"]) == ("none", True, ["ALL"])
    assert host["Privileged"] is False
    assert host["Memory"] > 0
    assert host["MemorySwap"] == host["Memory"]
    assert host["PidsLimit"] > 0
    assert host["CpuQuota"] > 0
    assert (host["Binds"] or []) == []
    assert facts["Mounts"] == []
    assert any("seccomp=" in option for option in host["SecurityOpt"])
    assert "no-new-privileges" in host["SecurityOpt"]
    look = "id -u; ls /sys/class/net; touch /x /mnt/x /media/x 2>&1; env"
    seen = container.exec_run(["sh", "-c", look]).output.decode()
    assert seen.splitlines()[:2] == ["1000", "lo"]
    assert seen.count("Read-only file system") == 3
    assert "TOKEN" not in seen
    assert "SECRET" not in seen


def test_a_graders_container_makes_no_call_that_its_list_lacks(docker_client, grader):
    tries = """
import ctypes, os, socket
libc = ctypes.CDLL(None)
# ptrace, bpf, keyctl, io_uring_setup, memfd_secret, and a number that is no call yet.
print([libc.syscall(number, 0, 0, 0, 0, 0) for number in (101, 321, 250, 425, 447, 600)])
print(os.memfd_create("x") > 0, socket.socket(socket.AF_INET).fileno() > 0)
try:
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
except OSError as error:
    print(type(error).__name__)
"""
    options = ["no-new-privileges", f"seccomp={json.dumps(container_seccomp())}"]
    said = docker_client.containers.run(
        grader,
        ["python3", "-c", tries],
        remove=True,
        cap_drop=["ALL"],
        security_opt=options,
        network_mode="none",
    )
    assert said.decode().splitlines() == [str([-1] * 6), "True True", "PermissionError"]


def test_a_grader_that_is_killed_is_started_anew(journey, docker_client, tmp_path):
    """The container dies in the middle of grading; what it held is graded in the next one, once."""
    from tests.support.grading_agent import submit_many
    from tests.support.small_stores import LAB

    store = journey.hub.town.store
    attempts = submit_many(store, 3, seconds=3.0)
    label = {"label": "isomo.project=isomojourney"}
    wait_for(lambda: store.gradings.progress(COURSE, LAB).total == 3 and _held(store), 120, journey.agent.log)
    for container in docker_client.containers.list(filters=label, ignore_removed=True):
        container.kill()
    journey.agent.wait_for(lambda: store.progress(COURSE, LAB).graded == len(attempts), 300)
    assert {gradings(store)[each.id] for each in attempts} == {1}
    assert {store.results.result_for(each.id).score for each in attempts} == {2.0}
    submit_many(store, 5, seconds=0.0)
    journey.agent.wait_for(lambda: store.progress(COURSE, LAB).graded == len(attempts) + 5, 300)
    # One engine for what comes next; nothing is left of the killed one, nor of the one that ran its work apart.
    assert len(docker_client.containers.list(all=True, filters=label, ignore_removed=True)) == 1


def _held(store: Store) -> int:
    from tests.support.grading_agent import held

    return held(store)
