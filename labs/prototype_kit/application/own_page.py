"""A team's own page: its frozen files, and the process that serves them, there while somebody uses it."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path, PurePosixPath

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.confined_command import kernel_version
from labs.prototype_kit.application.disk_room import must_have_room
from labs.prototype_kit.application.frozen_versions import Version
from labs.prototype_kit.application.model_file import file_hash

FILE = "app.zip"
"""In a version: the project's folder `app/` and, in `site-packages/`, what its requirements ask for."""
FOLDER, PACKAGES = "app", "site-packages"
"""Streamlit takes itself for a checkout of its developers in a folder of any other name, and then refuses a port."""
HERE = "127.0.0.1"
START_SECONDS = 60.0
QUIET_SECONDS = 600.0
ROOT = Path(__file__).resolve().parents[3]
MOST_FILES, MOST_BYTES = 50_000, 2 * 10**9


def has_own_page(version: Version) -> bool:
    """Return whether the version brings a page of its team."""
    return bool(version.settings.own_command) and (version.folder / FILE).is_file()


def unpack_page(version: Version, state: Path) -> Path:
    """Return the folder with the version's own page, unpacked once.

    Raises:
        PrototypeError: the file was changed.
        OSError: it does not fit; room for what people decide stays free.
    """
    packed, wanted = version.folder / FILE, str(version.about.get("app_sha256", ""))
    if not wanted or file_hash(packed) != wanted:
        raise PrototypeError(
            N_(
                "The files of the team's own page are not those that were approved: someone or something changed them. "
                "They were not run. Go back to an earlier version, or share again."
            )
        )
    place = state / "own" / wanted[:16]
    if not place.is_dir():
        place.parent.mkdir(exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".unpacked-", dir=place.parent))
        try:
            with zipfile.ZipFile(packed) as archive:
                entries = archive.infolist()
                _must_be_plain(entries)
                must_have_room(place.parent, sum(entry.file_size for entry in entries))
                archive.extractall(aside)
            with contextlib.suppress(OSError):  # Another process was first.
                aside.rename(place)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return place


def _must_be_plain(entries: list[zipfile.ZipInfo]) -> None:
    paths = [PurePosixPath(entry.filename) for entry in entries]
    if (
        len(entries) > MOST_FILES
        or sum(entry.file_size for entry in entries) > MOST_BYTES
        or any(path.is_absolute() or ".." in path.parts for path in paths)
    ):
        raise PrototypeError(
            N_("The files of the team's own page are too many, too large, or wrongly named.")
        )


class OwnPage:
    """The process of one version's own page."""

    def __init__(self, version: Version, state: Path, quiet: float = QUIET_SECONDS) -> None:
        self.version, self.state, self.quiet = version, state, quiet
        self.open = 0
        """Connections that are open now: while there are any, the process is not quiet."""
        self._child: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._writable: Path | None = None
        self._lock = threading.Lock()
        self._used = time.monotonic()

    def port(self) -> int:
        """Return the port that the page answers on, started first if it does not run. Raises PrototypeError."""
        with self._lock:
            self._used = time.monotonic()
            if self._child is None or self._child.poll() is not None:
                self._end()
                self._start()
            return self._port

    def _start(self) -> None:
        if not kernel_version():
            raise PrototypeError(
                N_(
                    "The team's own page cannot be kept apart from the cases here, so it is not run: this machine's kernel has no "
                    "Landlock (Linux 5.13 or newer). Use the page “One case”, and tell the administrator."
                )
            )
        place = unpack_page(self.version, self.state)
        self._writable = Path(tempfile.mkdtemp(prefix="own-page-"))
        with socket.socket() as probe:
            probe.bind((HERE, 0))
            self._port = int(probe.getsockname()[1])
        command = [
            word.replace("{port}", str(self._port)) for word in shlex.split(self.version.settings.own_command)
        ]
        if command[0] in ("python", "python3"):
            command[0] = sys.executable
        readable = [str(place), str(self.version.folder), str(ROOT / "labs"), sys.prefix, sys.base_prefix]
        words = [sys.executable, "-m", "labs.prototype_kit.application.confined_command", str(self._port)]
        self._child = subprocess.Popen(
            [*words, ":".join(readable), str(self._writable), "--", *command],
            cwd=place / FOLDER,
            env=self._environment(place),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        self._wait()

    def _environment(self, place: Path) -> dict[str, str]:
        packages = place / PACKAGES
        path = os.pathsep.join(
            (str(packages / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", ""))
        )
        return {
            "PATH": path,
            "PYTHONPATH": os.pathsep.join((str(place / FOLDER), str(packages), str(ROOT))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "HOME": str(self._writable),
            "TMPDIR": str(self._writable),
            "PORT": str(self._port),
            "PROTOTYPE_VERSION": str(self.version.folder),
        }

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while self._child is not None and self._child.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection((HERE, self._port), 1):
                return
            time.sleep(0.05)
        self._end()
        raise PrototypeError(
            N_(
                "The team's own page did not start. Use the page “One case”, and tell the team: the application's log says why."
            )
        )

    def end_if_quiet(self) -> None:
        """End the process if nobody used it for a while."""
        if not self.open and time.monotonic() - self._used > self.quiet:
            self.close()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._writable is not None:
            shutil.rmtree(self._writable, ignore_errors=True)
            self._writable = None
