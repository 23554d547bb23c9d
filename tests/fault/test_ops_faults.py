"""What stands in the way of `./isomo up`, and what happens to a running Isomo when its engine stops."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.container.test_ops_up import answers, until
from tests.support.whole_installation import Install

ENGINE = "/var/run/docker.sock"


def install(tmp_path: Path, **more) -> Install:
    made = Install(tmp_path / "isomo", project="try-fault", port=8160, octet=227, **more)
    made.write_settings()
    return made


def refused(isomo: Install) -> str:
    """What `up` says where it can not start; nothing was started then."""
    done = isomo.run("up", check=False)
    assert done.returncode == 1
    assert "not running" in isomo.run("status", check=False).stdout
    return done.stderr


def test_a_port_that_is_taken_is_named_with_the_program_that_holds_it(tmp_path):
    isomo = install(tmp_path)
    with socket.create_server(("127.0.0.1", 8160)):
        said = refused(isomo)
    assert "Port 8160 is taken by" in said
    assert Path(sys.executable).resolve().name[:6] in said
    assert "choose other ports in isomo.toml" in said


def test_a_disk_without_room_is_told_before_anything_is_started(tmp_path):
    image, disk = tmp_path / "disk.img", tmp_path / "isomo" / "state"
    disk.mkdir(parents=True)
    with image.open("wb") as file:
        file.truncate(60 << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)
    try:
        said = refused(install(tmp_path))
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert f"The disk is full: {disk} has" in said
    assert "Isomo needs 300 MB" in said
    assert "Nothing was started." in said


def test_an_engine_that_was_named_and_does_not_answer_is_told_and_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    said = refused(install(tmp_path))
    assert "The Docker engine does not answer (nothing listens at its socket)." in said
    assert "unset DOCKER_HOST" in said
    assert "./isomo up --evaluate" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('adress = "http://127.0.0.1:8000"', "adress is not a setting. Did you mean address?"),
        ('idle_minutes = "long"', 'idle_minutes is "long". Write a whole number of minutes'),
        ("evaluate = 1", "evaluate is 1. Write true or false"),
    ],
)
def test_a_setting_nobody_knows_or_of_the_wrong_kind_is_told_with_what_would_be_right(tmp_path, words, said):
    isomo = install(tmp_path)
    isomo.settings_file.write_text(f"{words}\n{isomo.settings_file.read_text()}")
    done = isomo.run("up", check=False)
    assert done.returncode == 1
    assert said in done.stderr


class Relay:
    """Stands between an installation and the engine, so that one of them can lose it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open: list[socket.socket] = []
        self.start()

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        threading.Thread(target=self._serve, args=(self.listener,), daemon=True).start()

    def stop(self) -> None:
        """As an engine that was killed: its socket refuses, and whoever spoke with it is cut off."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in self.open:
            each.close()
        self.open.clear()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                near = listener.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(ENGINE)
            self.open += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.mark.engine
def test_an_engine_that_stops_is_told_while_pages_go_on_and_all_is_well_when_it_is_back(
    tmp_path_factory, monkeypatch
):
    folder = tmp_path_factory.mktemp("e")
    relay = Relay(folder / "engine.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{relay.path}")
    isomo = install(folder)
    try:
        isomo.up()
        relay.stop()
        status = isomo.run("status", check=False)
        assert status.returncode == 3
        assert "The Docker engine does not answer" in status.stdout
        assert "work that was saved is kept" in status.stdout
        assert "Engine" in isomo.run("doctor", check=False).stdout
        assert httpx.get(f"{isomo.address}/hub/login").status_code == 200
        relay.start()
        until(lambda: answers(isomo))
        assert "nothing was changed" in isomo.run("up").stdout
    finally:
        relay.stop()
        relay.start()
        isomo.down()
