"""The bare distribution that every image begins with: pulled if a registry answers, else made from packages."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import requests.exceptions

from hub import container_engine
from hub.isomo_settings import Settings
from hub.ops import docker_daemon, local_images, terminal_output
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

ANSWER_SECONDS = 8
"""How long a registry may take to say whether it has an image."""
FORGET_SECONDS = 24 * 3600
"""How long a registry that did not answer is not asked again."""
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
"""Python of a release; the registry's image of it comes with that Python, so that no package is missing."""


def ensure_base_image(
    client: container_engine.DockerClient, settings: Settings, step: terminal_output.Step
) -> str:
    """Name of an image with the bare distribution and Python."""
    name, release = local_images.image_distribution()
    made = made_name(settings.project, name, release)
    if local_images.image_exists(client, made):
        return made
    step.detail = _("asking the image registry")
    wanted = registry_name(name, release)
    if wanted and pull_image(settings, wanted, step):
        return wanted
    step.detail = _("from the packages of {release}").format(release=release)
    make_base_image(client, made, release)
    return made


def registry_name(name: str, release: str) -> str | None:
    """Return the image registry's name for a release with its Python; None if it has none."""
    python = PYTHONS.get(release) if name == "debian" else None
    return f"python:{python}-slim-{release}" if python else None


def made_name(project: str, name: str, release: str) -> str:
    """Return our name for the release that we made ourselves."""
    command = " ".join(local_images.base_command(release, Path("base.tar"), []))
    return f"{project}-{name}:{release}-{hashlib.sha256(command.encode()).hexdigest()[:8]}"


def registry_note(settings: Settings) -> Path:
    """Return the path of the note that no registry answered."""
    return settings.state / "run" / "registry-away.json"


def asked_lately(path: Path, now: float) -> bool:
    """Return whether a registry did not answer a short time ago."""
    try:
        return now - float(json.loads(path.read_text())["at"]) < FORGET_SECONDS
    except (OSError, ValueError, KeyError, TypeError):
        return False


def pull_image(settings: Settings, name: str, step: terminal_output.Step) -> bool:
    """Return whether the registry gave us `name`; one that did not answer is not asked for a day."""
    path = registry_note(settings)
    if asked_lately(path, time.time()):
        return False
    try:
        quick: Any = container_engine.from_env(timeout=ANSWER_SECONDS).api
        quick.inspect_distribution(name)
        step.detail = _("fetching {name}").format(name=name)
        repository, _sign, tag = name.rpartition(":")
        container_engine.from_env(timeout=900).images.pull(repository, tag)
    except (container_engine.DockerException, requests.exceptions.RequestException):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"at": time.time(), "image": name}))
        return False
    return True


def apt_sources(release: str, folder: Path = Path("/etc/apt")) -> list[Path]:
    """Return the host's lists of package mirrors that speak of `release`."""
    found = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))]
    found += sorted((folder / "sources.list.d").glob("*.sources"))
    return [path for path in found if path.is_file() and speaks_of(path.read_text(errors="replace"), release)]


def speaks_of(text: str, release: str) -> bool:
    """Return whether a list of mirrors has packages of `release` itself."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return any(
        word in (release, f"{release}-updates") for line in lines for word in line.replace("/", " ").split()
    )


def make_base_image(client: container_engine.DockerClient, name: str, release: str) -> None:
    """Make the image `name` from the distribution's packages."""
    if not shutil.which("mmdebstrap"):
        if not docker_daemon.can_install(
            docker_daemon.os_release(), os.geteuid(), bool(shutil.which("apt-get"))
        ):
            raise IsomoError(
                _(
                    "No image registry answers, and mmdebstrap, which makes a base image without one, is missing."
                ),
                _(
                    "Install mmdebstrap, or let this machine reach an image registry, then run ./isomo up again."
                ),
            )
        docker_daemon.apt_install(["mmdebstrap"], _("Installing mmdebstrap"))
    with tempfile.TemporaryDirectory(prefix="isomo-base-") as folder:
        archive = Path(folder) / "base.tar"
        run_mmdebstrap(local_images.base_command(release, archive, apt_sources(release)), release)
        repository, _sign, tag = name.rpartition(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=tag)


def run_mmdebstrap(command: list[str], release: str) -> None:
    """Run mmdebstrap. Raises IsomoError with its last words."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = "\n".join(f"  {text}" for text in done.stdout.strip().splitlines()[-6:])
        raise IsomoError(
            _("The base image could not be made from the packages of {release}:\n{last}").format(
                release=release, last=last
            ),
            _("Check that this machine's package mirror can be reached (apt-get update), then try again."),
        )
