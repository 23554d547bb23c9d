"""Packages for images, fetched on the host, where its mirrors and its certificate authority are known.

So no image is made with a network, and no certificate authority of an office comes near one.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from hub.isomo_settings import CHECKOUT, Settings
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

WHEELS = CHECKOUT / ".isomo" / "wheels"
PLATFORMS = ("2_28", "2_27", "2_24", "2_17", "2_12", "2_5")
"""Versions of the C library that wheels for Debian 12 and everything after it may ask for."""


def bootstrap_module() -> Any:
    """Return the `isomo` script as a module: it knows how to find a pip and what package clients need to know."""
    loader = importlib.machinery.SourceFileLoader("isomo_bootstrap", str(CHECKOUT / "isomo"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    if spec is None:
        raise ImportError(CHECKOUT / "isomo")
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode  # or it lies next to the script
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def image_requirements(lock: str, python: str, machine: str = "x86_64") -> str:
    """Return the lines of `lock` that hold for an image with this Python (`3.11.2`), without their conditions."""
    values = {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": machine,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    return "".join(_entries(lock, values))


def _entries(lock: str, values: Mapping[str, str]) -> Iterator[str]:
    for entry in re.split(r"\n(?=\S)", lock):
        head, *hashes = [part.strip() for part in entry.split("\\\n")]
        if not head or head.startswith("#"):
            continue
        wanted = Requirement(head)
        if wanted.marker is None or wanted.marker.evaluate(dict(values)):
            yield " \\\n    ".join([head.partition(";")[0].strip(), *hashes]) + "\n"


def download_command(
    pip: list[str], folder: Path, wanted: Path, python: str | None, machine: str
) -> list[str]:
    """Return pip's command; `python` is given if the image's Python is not the one that runs here."""
    command = [
        *pip,
        "download",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    ]
    command += ["--progress-bar=off", "--dest", str(folder), "--requirement", str(wanted)]
    if python:
        tag = "".join(python.split(".")[:2])
        command += ["--python-version", python, "--implementation", "cp"]
        for abi in (f"cp{tag}", "abi3", "none"):
            command += ["--abi", abi]
        for version in PLATFORMS:
            command += ["--platform", f"manylinux_{version}_{machine}"]
        command += ["--platform", f"manylinux2014_{machine}", "--platform", f"linux_{machine}"]
    return command


def fetch_wheels(settings: Settings, lock: Path, wanted: Path, python: str, machine: str) -> Path:
    """Fetch what `lock` pins for an image; `wanted` is written for pip inside. Returns the folder of wheels."""
    wanted.write_text(image_requirements(lock.read_text("utf-8"), python, machine), "utf-8")
    WHEELS.mkdir(parents=True, exist_ok=True)
    script = bootstrap_module()
    here = ".".join(map(str, sys.version_info[:3]))
    with tempfile.TemporaryDirectory(prefix="isomo-pip-") as scratch:
        pip = script.find_pip(Path(sys.prefix), Path(scratch))
        env = {
            **script.environment(),
            **({"PIP_CERT": str(settings.ca_bundle)} if settings.ca_bundle else {}),
        }
        command = download_command(pip, WHEELS, wanted, None if here == python else python, machine)
        done = _run(
            [*command, "--no-index", "--find-links", str(WHEELS)], env
        )  # All of it may be here already.
        if done.returncode:
            done = _run(command, env)
    if done.returncode:
        last = "\n".join(f"  {text}" for text in done.stdout.strip().splitlines()[-5:])
        raise IsomoError(
            _("Packages for the images could not be fetched:\n{last}").format(last=last), script.advice(last)
        )
    return WHEELS


def _run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


def copy_pip(folder: Path) -> None:
    """Put a pip, and nothing else, where Python will find it with `folder` on its path."""
    script = bootstrap_module()
    with tempfile.TemporaryDirectory(prefix="isomo-pip-") as scratch:
        pip = script.find_pip(Path(sys.prefix), Path(scratch))
        said = subprocess.run([*pip, "--version"], text=True, capture_output=True, check=True).stdout
        found = re.search(r" from (.+?)[/\\]pip \(python", said)
        if found is None:
            raise IsomoError(_("No pip was found for the images."), said)
        place = Path(found[1])
        if place.is_file():
            with zipfile.ZipFile(place) as wheel:
                wheel.extractall(folder)
        else:
            shutil.copytree(place / "pip", folder / "pip", ignore=shutil.ignore_patterns("__pycache__"))
