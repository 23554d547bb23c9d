"""Where a warm engine listens: in a folder of its user's alone, and for that user alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import closing

import pytest

from bench import bench_courses
from graders.nbgrader import autograde_script, warm_server, warm_socket


def test_an_engine_hangs_up_on_another_user_before_it_reads_a_word(tmp_path, monkeypatch):
    with closing(socket.socket(socket.AF_UNIX)) as listener, closing(socket.socket(socket.AF_UNIX)) as line:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        line.connect(str(tmp_path / "s"))
        other = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: other)
        monkeypatch.setattr(os, "fork", lambda: pytest.fail("a child was forked"))
        warm_server.Keeper(None, listener, 1, None)._accept()  # type: ignore[arg-type]
        assert line.recv(1) == b""


@pytest.fixture
def short_home():
    """A home whose path leaves room for a socket's: it may have 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="isomo-", dir="/tmp") as folder:
        yield folder


def test_no_engine_is_kept_with_another_users_rights(short_home):
    plain = {"HOME": short_home}
    assert warm_socket.socket_address(plain) is not None
    assert warm_socket.socket_address({**plain, "SUDO_UID": str(os.geteuid() + 1)}) is None
    assert warm_socket.socket_address({**plain, "PKEXEC_UID": str(os.geteuid() + 1)}) is None
    assert warm_socket.socket_address({**plain, "SUDO_UID": str(os.geteuid())}) is not None


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_no_socket_is_made_in_a_folder_that_others_can_enter(tmp_path, mode):
    (tmp_path / "isomo").mkdir()
    (tmp_path / "isomo").chmod(mode)
    assert warm_socket.socket_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) is None


def test_no_socket_is_made_through_a_link(tmp_path):
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "isomo").symlink_to(tmp_path / "target")
    assert warm_socket.socket_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) is None
    assert warm_socket.socket_folder({"XDG_RUNTIME_DIR": "relative"}) is None


def test_the_folder_is_private_and_in_the_cache_where_there_is_no_runtime_folder(tmp_path):
    assert warm_socket.socket_folder({"HOME": str(tmp_path)}) == tmp_path / ".cache" / "isomo"
    assert (tmp_path / ".cache" / "isomo").stat().st_mode & 0o777 == 0o700


def test_a_client_starts_with_the_standard_library_alone():
    program = (
        "import sys; from graders.nbgrader import autograde_script; "
        "print(*{name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env=bench_courses.nbgrader_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) <= {"graders", "__main__"}
    assert autograde_script.main.__module__ == "graders.nbgrader.autograde_script"
