"""`isomo prototype package`: an archive that an IT department builds and runs without Isomo."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from labs.prototype_kit.application import openapi_document
from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.frozen_versions import APPROVED, Version, live_number, read_version
from labs.prototype_kit.version_sharing import service_folder

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOCKS = (ROOT / "images" / "locks" / "application.txt", HERE / "application-lock.txt")
"""Where the lock is: in a checkout, and in the data team's image."""
LEFT_OUT = ("__pycache__",)
EPOCH = 1_700_000_000


def write_package(project: Path, out: Path | None = None, wheels: bool = False) -> Path:
    """Write the live version of a project as `NAME-VERSION.tar.gz` and return its path.

    With `wheels`, the packages of the lock go in too, so that the image is built without any network.
    """
    state = service_folder(project)
    store = CaseStore(state)
    number = live_number(store)
    approvals = [event for event in store.events() if event["what"] == APPROVED]
    store.close()
    if number is None:
        raise PrototypeError(
            N_("Only an approved version is packaged. Share it, and let the approver approve it.")
        )
    version = read_version(state, number)
    approval = next((event for event in reversed(approvals) if event["version"] == number), None)
    name = f"{version.settings.name}-{number}"
    path = out or project / f"{name}.tar.gz"
    aside = path.with_name(f".{path.name}.new")
    with tarfile.open(aside, "w:gz") as archive:
        for place, data in archive_files(version, approval).items():
            entry = tarfile.TarInfo(f"{name}/{place}")
            entry.size, entry.mtime, entry.mode = len(data), EPOCH, 0o755 if place.endswith(".sh") else 0o644
            archive.addfile(entry, io.BytesIO(data))
        if wheels:
            with tempfile.TemporaryDirectory(prefix="wheels-") as folder:
                fetch_wheels(Path(folder))
                archive.add(folder, f"{name}/wheels")
    aside.replace(path)
    return path


def lock_file() -> Path:
    """Return the application's lock file."""
    return next(path for path in LOCKS if path.is_file())


def fetch_wheels(folder: Path) -> None:
    """Fetch the packages of the lock, and a pip that installs them, into `folder`."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--dest",
        str(folder),
    ]
    for wanted in (["--require-hashes", "-r", str(lock_file())], ["pip"]):
        done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
        if done.returncode:
            raise PrototypeError(
                N_(
                    "The packages could not be fetched: {reason}. Check that the package mirror can be reached, or leave out --wheels."
                ),
                reason=(done.stderr.strip().splitlines() or ["?"])[-1],
            )


def archive_files(version: Version, approval: dict[str, Any] | None) -> dict[str, bytes]:
    """Return each file of the archive."""
    templates = HERE / "package"
    name, number = version.settings.name, version.number
    files = {path.name: _filled(path, name, number) for path in sorted(templates.iterdir())}
    files["requirements.txt"] = lock_file().read_bytes()
    files["openapi.json"] = _json(openapi_document.openapi_document(version))
    examples = example_cases(version)
    files["examples/request.json"] = _json({"cases": examples})
    files["examples/batch.csv"] = _csv(examples)
    files["APPROVAL.json"] = _json(approval or {})
    for language, card in version.about["card"].items():
        files[f"card.{language}.md"] = card.encode()
    for path in sorted(version.folder.iterdir()):
        files[f"state/versions/{number}/{path.name}"] = path.read_bytes()
    files["labs/__init__.py"] = b'"""Packages of the application."""\n'
    files["labs/prototype_kit/__init__.py"] = (HERE / "__init__.py").read_bytes()
    for path in sorted((HERE / "application").rglob("*")):
        if path.is_file() and not set(LEFT_OUT) & set(path.parts):
            files[f"labs/prototype_kit/{path.relative_to(HERE)}"] = path.read_bytes()
    return files


def _filled(path: Path, name: str, number: int) -> bytes:
    return path.read_text("utf-8").replace("{name}", name).replace("{number}", str(number)).encode()


def example_cases(version: Version) -> list[dict[str, str]]:
    """Return two invented cases that fit the contract: nothing of the data goes into an archive."""
    plain = {
        "text": "A short text",
        "category": "",
        "whole": "1",
        "number": "1.5",
        "date": "2026-11-23",
        "yes-no": "yes",
    }
    return [
        {
            column.name: (column.known[turn % len(column.known)] if column.known else plain[column.type])
            for column in version.contract.features
        }
        for turn in (0, 1)
    ]


def _csv(rows: list[dict[str, str]]) -> bytes:
    import csv

    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n").encode()
