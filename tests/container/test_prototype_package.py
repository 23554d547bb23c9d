"""A prototype's archive runs without Isomo: from its folder, and as a container that its README describes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from hub.isomo_settings import load_settings
from hub.ops import image_builder, local_images
from labs.prototype_kit.project_archive import write_package
from tests.support.small_prototype import HEADER, shared_copy, trained_project

PATIENCE = 120.0
TAG = "isomo-test-prototype"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prototype")
    return shared_copy(trained_project(folder), folder / "shared")


def _unpacked(archive: Path, place: Path) -> Path:
    with tarfile.open(archive) as file:
        file.extractall(place, filter="data")
    (folder,) = place.iterdir()
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, alive: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert alive(), "it ended before it answered"
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("it did not answer")


def _own_test(folder: Path, address: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(folder / "test_application.py"), address, f"{HEADER}=colin"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    port = _free_port()
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "PROTOTYPE_USER_HEADER": HEADER,
        "PROTOTYPE_PORT": str(port),
    }
    subprocess.run([sys.executable, "approve.py", "state"], cwd=folder, env=env, check=True)
    words = [sys.executable, "-m", "labs.prototype_kit.application", "state"]
    with subprocess.Popen(words, cwd=folder, env=env) as child:
        try:
            _wait(f"http://127.0.0.1:{port}", lambda: child.poll() is None)
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()


def test_an_archive_runs_from_its_own_folder_and_answers_its_example_requests(shared, tmp_path):
    folder = _unpacked(write_package(shared, tmp_path / "a.tar.gz"), tmp_path / "out")
    with _running(folder) as address:
        done = _own_test(folder, address)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(done.stdout.splitlines()) == 2
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{address}/versions", timeout=10)
        assert refusal.value.code == 401


@pytest.mark.engine
@pytest.mark.full
def test_an_archive_with_its_wheels_is_built_and_run_without_a_network(shared, tmp_path):
    """The base is the one that all images share; the build reaches nothing."""
    settings = load_settings()
    wanted = local_images.image_names(settings)
    image_builder.ensure_images(docker.from_env(), settings, wanted, ("base",))
    base = wanted["base"]
    folder = _unpacked(write_package(shared, tmp_path / "a.tar.gz", wheels=True), tmp_path / "out")
    name, port = f"{TAG}-{os.getpid()}", _free_port()
    subprocess.run(
        ["docker", "build", "--network", "none", "--build-arg", f"BASE={base}", "-t", name, "."],
        cwd=folder,
        check=True,
    )
    run = ["docker", "run", "-d", "--name", name, "-p", f"127.0.0.1:{port}:8080", "-v", f"{name}:/state"]
    run += ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    run += ["--memory", "512m", "-e", f"PROTOTYPE_USER_HEADER={HEADER}", name]
    try:
        subprocess.run(run, check=True)
        alive = ["docker", "inspect", "-f", "{{.State.Running}}", name]
        _wait(
            f"http://127.0.0.1:{port}",
            lambda: "true" in subprocess.run(alive, capture_output=True, text=True, check=False).stdout,
        )
        done = _own_test(folder, f"http://127.0.0.1:{port}")
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        subprocess.run(["docker", "rm", "-f", name], check=False)
        subprocess.run(["docker", "volume", "rm", "-f", name], check=False)
        subprocess.run(["docker", "rmi", "-f", name], check=False)
