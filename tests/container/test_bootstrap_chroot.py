"""The front door on a bare machine: a minimal Debian or Ubuntu with nothing added but Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]
CHECKOUT = "/srv/isomo"
CACHE = "/var/cache/packages"
# What an office tells its machines about the way out: mirrors and proxies.
WAY_OUT = ("PIP_INDEX_URL", "npm_config_registry", "http_proxy", "https_proxy", "no_proxy")
UBUNTU = "noble"
# Debian 12 has no package with it: F6ECB3762474EDA9D21B7022871920D1991BC93C, as Ubuntu publishes it.
UBUNTU_KEY = ROOT / "tests" / "support" / "ubuntu_archive_key.asc"
# What every Ubuntu has: its apt is not among the required packages, its pip is in universe, which installers switch on.
OF_UBUNTU = ("--include=apt", "--components=main,universe", f"--keyring={UBUNTU_KEY}")
# Mounts end with the namespace they were made in, whatever happens to the test.
ENTER = """\
set -eu
root=$1; shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" env -i "$@"
"""


@dataclass
class Machine:
    """A minimal system in a folder, with a checkout of Isomo."""

    root: Path
    user: str

    def environment(self) -> list[str]:
        """What the user's shell would have set, and nothing else of this machine."""
        env = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root" if self.user == "root" else f"/home/{self.user}",
            "PIP_CACHE_DIR": f"{CACHE}/pip",
            "npm_config_cache": f"{CACHE}/npm",
        }
        env |= {name: os.environ[name] for name in WAY_OUT if name in os.environ}
        if (self.root / "etc" / "office-ca.crt").exists():
            env["SSL_CERT_FILE"] = "/etc/office-ca.crt"
        return [f"{name}={value}" for name, value in env.items()]

    def run(self, script: str, timeout: float = 540) -> subprocess.CompletedProcess[str]:
        """Run a line of shell in the checkout as the user."""
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        command += ["sh", "-c", ENTER, "enter", str(self.root), *self.environment()]
        if self.user != "root":
            command += ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        command += ["sh", "-c", f"cd {CHECKOUT}; {script}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        print(f"$ {script}\n{done.stdout}\n{done.stderr}")
        return done


def _mirror(release: str) -> list[str]:
    """This machine's own mirror of Debian's packages; none, for mmdebstrap's own choice."""
    if release == UBUNTU:
        return []
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.split()[0] for line in done.stdout.splitlines() if line.endswith(" Debian")]
    return found[:1]


def _check_out(root: Path) -> None:
    """What a clone would hold: the project's files, without anything made from them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = root / CHECKOUT.lstrip("/") / name
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def _machine(root: Path, release: str, user: str) -> Machine:
    build = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--include=python3",
        *(OF_UBUNTU if release == UBUNTU else ()),
        release,
        str(root),
        *_mirror(release),
    ]
    subprocess.run(build, check=True, timeout=540)
    _check_out(root)
    (root / CACHE.lstrip("/")).mkdir(parents=True)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    if bundle := os.environ.get("SSL_CERT_FILE"):
        shutil.copy(bundle, root / "etc" / "office-ca.crt")
    if user != "root":
        subprocess.run(["chroot", str(root), "useradd", "--create-home", user], check=True)
        subprocess.run(["chroot", str(root), "chown", "-R", f"{user}:", CHECKOUT, CACHE], check=True)
    return Machine(root, user)


@pytest.fixture
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    release, user = request.param
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        missing("Being root, with mmdebstrap to make a small Debian,")
    root = tmp_path / release
    try:
        yield _machine(root, release, user)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(root)], check=False)


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(("bookworm", "visitor"), id="Debian 12, a user"),
        pytest.param(("trixie", "root"), id="Debian 13, root"),
        pytest.param(("bookworm", "root"), id="Debian 12, root", marks=pytest.mark.full),
        pytest.param(("trixie", "visitor"), id="Debian 13, a user", marks=pytest.mark.full),
        pytest.param((UBUNTU, "root"), id="Ubuntu 24.04, root", marks=pytest.mark.full),
        pytest.param((UBUNTU, "visitor"), id="Ubuntu 24.04, a user", marks=pytest.mark.full),
    ],
    indirect=True,
)
def test_a_machine_with_nothing_but_python_is_set_up_by_one_command(machine: Machine) -> None:
    """No pip, no ensurepip, no Node, no certificates, empty package lists: a verb runs, also after a kill."""
    bare = machine.run("command -v node npm pip pip3; python3 -c 'import ensurepip'")
    assert bare.stdout == ""
    assert "No module named 'ensurepip'" in bare.stderr
    packages = machine.run("dpkg --get-selections").stdout

    machine.run("timeout --signal=KILL 8 ./isomo setup")
    both = machine.run("./isomo setup & ./isomo setup; code=$?; wait; exit $code")
    assert both.returncode == 0
    assert both.stdout.count("configurable-http-proxy 5.3.0 are ready.") == 2
    assert both.stderr.count("Python packages are ready") == 1, "two at once must not do the work twice"

    again = machine.run("./isomo setup")
    assert (again.returncode, again.stderr) == (0, "")
    assert machine.run("dpkg --get-selections").stdout == packages, "set-up may not install system packages"

    status, doctor = machine.run("./isomo status"), machine.run("./isomo doctor")
    assert "Start it: ./isomo up" in status.stdout
    assert "Engine" in doctor.stdout
    assert "mistake" not in status.stderr + doctor.stderr
