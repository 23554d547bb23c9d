"""Freeze a team's own page: its folder `app/` and the packages that it asks for, as one archive in a version."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.own_page import FOLDER, PACKAGES
from labs.prototype_kit.application.project_settings import Settings

REQUIREMENTS, WHEELS = "requirements.txt", "wheels"
LEFT_OUT = frozenset({"__pycache__", ".git", ".ipynb_checkpoints"})
MOST_OWN = 50 * 1024 * 1024
LARGEST = 500 * 1024 * 1024
"""The largest file of a version that the campus takes in."""


@dataclass(frozen=True)
class PackedPage:
    """The archive, and what a version tells of it."""

    data: bytes | None = None
    about: dict[str, object] = field(default_factory=dict)


def pack_own_page(project: Path, settings: Settings) -> PackedPage:
    """Return the project's own page as an archive, nothing if it has none. Raises PrototypeError with what to do."""
    if not settings.own_command:
        return PackedPage()
    folder = project / FOLDER
    files = list(_plain_files(folder))
    if not files:
        raise PrototypeError(
            N_(
                "prototype.toml names a command under [app], and the folder {folder} has no files. Put the page there."
            ),
            folder=FOLDER,
        )
    if sum(path.stat().st_size for path in files) > MOST_OWN:
        raise PrototypeError(
            N_("The folder {folder} has more than {most} MB. Leave data out: the page reads none."),
            folder=FOLDER,
            most=MOST_OWN // 1024**2,
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            _add(archive, path, f"{FOLDER}/{path.relative_to(folder)}")
        if (folder / REQUIREMENTS).is_file():
            with tempfile.TemporaryDirectory(prefix="packages-") as place:
                _install(project, folder / REQUIREMENTS, Path(place))
                for path in _plain_files(Path(place)):
                    _add(archive, path, f"{PACKAGES}/{path.relative_to(place)}")
    data = out.getvalue()
    if len(data) > LARGEST:
        raise PrototypeError(
            N_("With its packages, the page has more than {most} MB. Ask for fewer packages in {file}."),
            most=LARGEST // 1024**2,
            file=REQUIREMENTS,
        )
    names = [str(path.relative_to(folder)) for path in files]
    return PackedPage(data, {"app_sha256": hashlib.sha256(data).hexdigest(), "app_files": names})


def _plain_files(folder: Path) -> Iterator[Path]:
    """Yield the ordinary files below a folder, in order; no link is followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        for name in sorted(names):
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    # One time for all: the same files make the same archive.
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, path.read_bytes())


def _install(project: Path, requirements: Path, place: Path) -> None:
    """Install what the page asks for, from the project's folder `wheels` if there is one, else from pip's own index."""
    source = ["--no-index", "--find-links", str(project / WHEELS)] if (project / WHEELS).is_dir() else []
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--no-compile"]
    done = subprocess.run(
        [*command, *source, "--target", str(place), "-r", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PrototypeError(
            N_(
                "The packages of {file} could not be fetched: {reason}. On a machine that reaches a package index, type: "
                "pip download --only-binary=:all: -r {file} -d {wheels}. Put the folder {wheels} into the project, and share again."
            ),
            file=f"{FOLDER}/{REQUIREMENTS}",
            wheels=WHEELS,
            reason=(done.stderr.strip().splitlines() or ["?"])[-1][:200],
        )
