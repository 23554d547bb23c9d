"""Kernels of a learner's server: one waits ahead, and those that nobody uses are stopped."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from labs.kit import idle_kernels, spare_kernel
from labs.kit.spare_kernel import NAME, SPARES, fits_spare_kernel, order_of

SHOW = "import os, sys; print(os.getpid(), os.getcwd(), os.environ['ISOMO_TRIED'], 'pandas' in sys.modules, sys.argv[0])"


@pytest.fixture
def spares(monkeypatch):
    """The spare kernel of this process, which Jupyter's kernels use as in a learner's server."""
    factory = KernelProvisionerFactory.instance()
    place = f"{spare_kernel.__name__}:SpareProvisioner"
    entry = EntryPoint(NAME, place, KernelProvisionerFactory.GROUP_NAME)
    monkeypatch.setitem(factory.provisioners, NAME, entry)
    monkeypatch.setattr(factory, "default_provisioner_name", NAME)
    monkeypatch.setattr(SPARES, "_taken", -math.inf)
    yield SPARES
    SPARES.drop()


async def said_by(manager, code):
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        said = []
        await client.execute_interactive(
            code, timeout=60, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
        return "".join(said).split()
    finally:
        client.stop_channels()


def run_kernel(folder, before=lambda: None):
    """Start a kernel as a server does; return what it says of itself, and its manager's process."""

    async def both():
        manager = AsyncKernelManager()
        before()
        await manager.start_kernel(cwd=str(folder), env={**os.environ, "ISOMO_TRIED": "yes"})
        try:
            return await said_by(manager, SHOW), manager.provisioner.pid
        finally:
            await manager.shutdown_kernel(now=True)

    return asyncio.run(both())


def test_a_waiting_kernel_becomes_the_one_that_is_asked_for(spares, tmp_path):
    spares.prepare()
    waiting = spares._process
    said, pid = run_kernel(tmp_path)
    assert said[:3] == [str(waiting.pid), str(tmp_path), "yes"]
    assert said[4].startswith("ipykernel_launcher")
    assert pid == waiting.pid
    assert waiting.wait(30) is not None, "it ends with its kernel and serves nobody else"


def test_while_the_kernel_that_waited_begins_a_page_starts_no_second_one(spares, tmp_path, monkeypatch):
    spares.prepare()
    run_kernel(tmp_path)
    spares.prepare()  # A page asks before the server lists the kernel's session.
    assert spares._process is None
    monkeypatch.setattr(spare_kernel, "BEGIN_SECONDS", 0)
    spares.prepare()
    assert spares._process is not None, "the next one waits again"


def test_without_a_waiting_kernel_one_starts_as_always(spares, tmp_path):
    said, pid = run_kernel(tmp_path)
    assert said[:3] == [str(pid), str(tmp_path), "yes"]


def test_a_waiting_kernel_that_died_costs_nobody_a_kernel(spares, tmp_path):
    def kill():
        spares.prepare()
        spares._process.kill()
        spares._process.wait()

    said, pid = run_kernel(tmp_path, kill)
    assert said[0] == str(pid)


def test_only_one_kernel_waits_and_it_goes_when_nobody_comes(spares, monkeypatch):
    spares.prepare()
    waiting = spares._process
    spares.prepare()
    assert spares._process is waiting
    spares.look()
    assert waiting.poll() is None
    monkeypatch.setattr(spare_kernel, "LONGEST_SECONDS", -1)
    spares.look()
    assert waiting.poll() is not None


@pytest.fixture
def quiet(monkeypatch):
    """The machine's next quiet moment, which comes when it is told to."""
    moment = asyncio.Event()

    async def wait(_longest):
        await moment.wait()

    monkeypatch.setattr(spare_kernel, "wait_until_quiet", wait)
    return moment


def postponed(spares, quiet, between):
    """Begin a postponed start, do `between`, then let the quiet moment come; return whether a kernel waits."""

    async def both():
        task = asyncio.create_task(spares.prepare_later())
        await asyncio.sleep(0)
        between()
        assert spares._process is None
        quiet.set()
        await task
        return spares._process is not None

    return asyncio.run(both())


def test_while_others_wait_for_their_servers_the_kernel_starts_at_a_quiet_moment(spares, quiet):
    assert postponed(spares, quiet, between=lambda: None)
    spares.prepare()


def test_a_page_that_is_opened_meanwhile_does_not_start_it_before(spares, quiet):
    assert postponed(spares, quiet, between=spares.prepare)


def test_a_learner_who_runs_a_cell_before_the_quiet_moment_needs_no_spare_kernel_after_it(spares, quiet):
    def run_a_cell():
        assert spares.take({}) is None, "a kernel starts as always"

    assert not postponed(spares, quiet, between=run_a_cell)
    spares.prepare()
    assert spares._process is not None, "the next one waits again"


@pytest.mark.parametrize(("told", "waits"), [("1", "prepare_later"), ("", "prepare")])
def test_the_environment_of_a_server_says_whether_its_kernel_waits_for_a_quiet_moment(
    told, waits, monkeypatch
):
    monkeypatch.setenv(spare_kernel.LATER, told)
    monkeypatch.setattr(KernelProvisionerFactory, "_instance", None)
    monkeypatch.setattr(spare_kernel.Provisioners, "_instance", None)
    called = []
    app = SimpleNamespace(kernel_manager=None, io_loop=SimpleNamespace(add_callback=called.append))
    spare_kernel.install_spare_kernels(app)
    assert called[0] == getattr(SPARES, waits)


def test_a_server_knows_its_provisioners_without_a_search_through_all_packages(monkeypatch):
    monkeypatch.setattr(KernelProvisionerFactory, "_get_all_provisioners", lambda: pytest.fail("it searched"))
    factory = spare_kernel.Provisioners()
    assert factory.provisioners[NAME].load() is spare_kernel.SpareProvisioner
    assert factory.provisioners["local-provisioner"].load() is LocalProvisioner


def test_a_waiting_kernel_goes_with_its_server(spares):
    spares.prepare()
    waiting = spares._process
    waiting.stdin.close()  # As when the server's process ends.
    assert waiting.wait(30) == 0


KILLED_SERVER = """
import asyncio, os, signal
from importlib.metadata import EntryPoint
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from labs.kit.spare_kernel import NAME, SPARES, SpareProvisioner

factory = KernelProvisionerFactory.instance()
place = f"{SpareProvisioner.__module__}:SpareProvisioner"
factory.provisioners[NAME] = EntryPoint(NAME, place, KernelProvisionerFactory.GROUP_NAME)
factory.default_provisioner_name = NAME

async def serve():
    SPARES.prepare()
    manager = AsyncKernelManager()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    print(manager.provisioner.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(serve())
"""


def test_a_kernel_goes_with_a_server_that_is_killed(tmp_path):
    said = tmp_path / "said"  # A pipe would be the kernel's too, and end with it only.
    with said.open("w") as file:
        server = subprocess.run(
            [sys.executable, "-c", KILLED_SERVER], stdout=file, stderr=subprocess.DEVNULL, check=False
        )
    assert server.returncode == -signal.SIGKILL
    kernel = Path("/proc", said.read_text().split()[-1])
    end = time.monotonic() + 30
    while kernel.exists():
        assert time.monotonic() < end, "its kernel lives on"
        time.sleep(0.1)


def test_a_kernel_of_another_program_does_not_wait_in_ours():
    assert fits_spare_kernel(
        [sys.executable, "-m", "ipykernel_launcher", "-f", "k.json"], {"env": {}, "cwd": "/"}
    )
    assert not fits_spare_kernel(["R", "--slave"], {})
    assert not fits_spare_kernel([sys.executable, "-m", "ipykernel_launcher"], {"stdout": 3})


def test_the_order_can_be_sent_in_one_line():
    order = order_of(
        [sys.executable, "-m", "ipykernel_launcher", "-f", "k.json"], {"cwd": "/", "env": {"A": "é\n"}}
    )
    assert order["argv"] == ["ipykernel_launcher", "-f", "k.json"]
    assert order["env"] == {"A": "é\n", "JPY_PARENT_PID": str(os.getpid())}
    assert "\n" not in json.dumps(order)


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def session(minutes, state="idle", path="labs/triage/triage.ipynb"):
    last = (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    return {"id": "s", "path": path, "kernel": {"id": "k", "last_activity": last, "execution_state": state}}


def test_a_kernel_rests_after_the_minutes_and_never_while_it_works():
    found = [session(21), session(19), session(500, "busy"), session(500, "starting")]
    assert list(idle_kernels.too_long_idle(found, 20 * 60, NOW)) == [found[0]]


class App:
    """A server's part that is looked at."""

    def __init__(self, *sessions):
        self.ended = []
        self.log = SimpleNamespace(info=lambda *_: None)
        self.session_manager = SimpleNamespace(list_sessions=self.list_sessions, delete_session=self.end)
        self.sessions = sessions

    async def list_sessions(self):
        return list(self.sessions)

    async def end(self, name):
        self.ended.append(name)


@pytest.mark.parametrize(
    ("path", "opened", "rests"),
    [
        ("labs/triage/triage.ipynb", "", True),
        ("labs/triage/triage.ipynb", "labs/triage/triage.ipynb", False),
        ("mine.ipynb", "", False),
        ("labs/other/other.ipynb", "", False),
    ],
)
def test_only_a_lab_at_the_desk_rests_not_a_notebook_in_jupyterlab(path, opened, rests, monkeypatch):
    monkeypatch.setattr(idle_kernels, "opens_in_desk", lambda place: place.slug == "triage")
    monkeypatch.setattr(idle_kernels.Place, "is_there", True)
    app = App(session(1000, path=path))
    kernels = idle_kernels.IdleKernels(app, 20)

    async def look():
        await kernels.opened(None, "", {"action": "get", "path": opened})
        return await kernels.look()

    assert asyncio.run(look()) == ([path] if rests else [])
    assert app.ended == (["s"] if rests else [])
