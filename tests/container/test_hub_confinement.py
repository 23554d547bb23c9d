"""A hub that was taken over, confined as `./isomo up` starts it: what root can still do from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from hub.isomo_settings import CHECKOUT
from hub.ops.docker_daemon import SOCKET
from hub.ops.hub_confinement import is_confined

pytestmark = pytest.mark.engine

TRIALS = """
import ctypes, json, os, socket, subprocess
from pathlib import Path

def works(act):
    try:
        return act() is not False
    except OSError:
        return False

def run(*words):
    return subprocess.run(words, capture_output=True, check=False).returncode == 0

def reaches(path):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)

state, socket_path = Path(os.environ["ISOMO_STATE"]), os.environ["REAL_SOCKET"]
out = state / "homes" / "out"
homes = state / "homes"
print(json.dumps({
    "makes a home": works(lambda: ((homes / "a").mkdir(), os.chown(homes / "a", 1000, 1000), (homes / "a").chmod(0o700))),
    "writes a database": works(lambda: (state / "isomo.sqlite").write_text("x")),
    "makes a lock": works(lambda: __import__("multiprocessing").Lock() and 2),
    "makes a temporary file": works(lambda: __import__("tempfile").TemporaryFile().close()),
    "reads the host's names": works(lambda: Path("/etc/hosts").read_text()),
    "writes into /etc": works(lambda: Path("/etc/isomo-trial").write_text("x")),
    "writes through a link": works(lambda: (out.symlink_to("/etc"), (out / "isomo-trial").write_text("x"))),
    "changes the program": works(lambda: (Path(os.environ["PYTHONPATH"]) / "isomo-trial").write_text("x")),
    "puts a link in the place of a log": works(lambda: (state / "logs" / "hub.log").symlink_to("/etc/isomo-trial")),
    "reaches the engine": works(lambda: reaches(socket_path)),
    "sees services": works(lambda: bool(set(os.listdir("/run")) - {"postgresql", "systemd", "resolvconf", "nscd"})),
    "sees disks": works(lambda: any(Path("/dev", each).is_block_device() for each in os.listdir("/dev"))),
    "makes a disk": works(lambda: os.mknod(state / "disk", 0o60600, os.makedev(8, 0))),
    "sees the roots of containers": works(lambda: bool(os.listdir("/var/lib/docker"))),
    "enters another process' root": works(lambda: os.listdir(f"/proc/{os.getppid()}/root/")),
    "reads another process' secrets": works(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes()),
    "changes the kernel": works(lambda: Path("/proc/sys/kernel/core_pattern").write_text("core")),
    "mounts": works(lambda: run("mount", "-t", "tmpfs", "none", str(homes))),
    "makes / writable": works(lambda: run("mount", "-o", "remount,rw,bind", "/")),
    "takes a cover away": works(lambda: run("umount", "/run")),
    "takes a cover away as root of a namespace": works(lambda: run("unshare", "-Urm", "umount", "/run")),
    "changes the firewall": works(lambda: run("iptables", "-N", "ISOMO-TRIAL")),
    "status": Path("/proc/self/status").read_text(),
}))
"""
WORK = {
    *("makes a home", "writes a database", "makes a lock", "makes a temporary file"),
    "reads the host's names",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, Any]:
    """What works in the confined process, by name."""
    if os.geteuid():
        pytest.skip("An ordinary user's hub has no rights of root to give up.")
    state = tmp_path_factory.mktemp("confined") / "state"
    for name in ("homes", "logs", "run"):
        (state / name).mkdir(parents=True)
    env = {**os.environ, "ISOMO_STATE": str(state), "PYTHONPATH": str(CHECKOUT), "REAL_SOCKET": str(SOCKET)}
    env.pop("ISOMO_SETTINGS", None)
    done = subprocess.run(
        [sys.executable, "-m", "hub.ops.hub_confinement", sys.executable, "-c", TRIALS],
        env=env,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_confined_hub_does_its_work(found):
    assert {name for name, works in found.items() if works is True} >= WORK


def test_a_hub_that_was_taken_over_changes_nothing_of_the_machine(found):
    assert {name for name, works in found.items() if works is True} <= WORK


def test_the_kernel_shows_whether_the_hub_is_confined(found):
    assert is_confined(found["status"])
    assert not is_confined("CapEff:\t000001ffffffffff\n")
    assert not is_confined("")
