"""Makes images: a container of the parent runs one step without a network, and what it left is kept.

No builder besides the engine is needed. What a step may see is mounted at /mnt and so in no layer.
"""

from __future__ import annotations

import contextlib
import platform
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub import container_engine
from hub.isomo_settings import CHECKOUT, Settings
from hub.ops import base_image, desk_build, image_wheels, local_images, terminal_output
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError
from images import image_contents
from images.image_contents import Files, Recipe

NEEDED = 6 * 10**9
"""Free bytes on the engine's disk before images are made from nothing."""


def ensure_images(
    client: container_engine.DockerClient,
    settings: Settings,
    wanted: dict[str, str],
    which: tuple[str, ...] = local_images.RUN,
) -> list[str]:
    """Make the images in `which` that are missing under their `wanted` names; returns the short names of those made."""
    made: list[str] = []
    for name in which:
        for recipe in image_contents.line_to(name):
            if local_images.image_exists(client, wanted[name]):
                break
            if _needed(client, wanted, recipe, name):
                make_image(client, settings, recipe, wanted)
                made.append(recipe.name)
    return made


def _needed(
    client: container_engine.DockerClient, wanted: dict[str, str], recipe: Recipe, target: str
) -> bool:
    """Return whether `recipe` must be made for `target`: it is not there, nor anything between the two."""
    chain = [each.name for each in image_contents.line_to(target)]
    later = chain[chain.index(recipe.name) :]
    return not any(local_images.image_exists(client, wanted[name]) for name in later)


def make_image(
    client: container_engine.DockerClient, settings: Settings, recipe: Recipe, wanted: dict[str, str]
) -> None:
    """Make one image, or give one that another installation of this machine made its name here too."""
    repository, _sign, tag = wanted[recipe.name].rpartition(":")
    label = local_images.made_of(recipe.name, tag)
    same = client.images.list(filters={"label": f"{local_images.MADE}={label}"})
    if same:
        same[0].tag(repository, tag)
        return
    with terminal_output.long_step(_("Making the image {name}").format(name=repository)).running() as step:
        parent = (
            wanted[recipe.parent] if recipe.parent else base_image.ensure_base_image(client, settings, step)
        )
        with staged_files(client, settings, recipe, parent, step) as folder:
            step.detail = ""
            container = step_container(client, settings, recipe, parent, folder)
            finish_step(client, container, recipe, (repository, tag, label))
    seconds, bytes_ = (
        terminal_output.duration_text(step.seconds),
        terminal_output.bytes_text(local_images.image_size(client, wanted[recipe.name])),
    )
    terminal_output.print_fact(
        "", _("made {name}: {size} in {time}").format(name=repository, size=bytes_, time=seconds)
    )


@contextlib.contextmanager
def staged_files(
    client: container_engine.DockerClient,
    settings: Settings,
    recipe: Recipe,
    parent: str,
    step: terminal_output.Step,
) -> Iterator[Path]:
    """A folder with all that the step of `recipe` may see."""
    with tempfile.TemporaryDirectory(prefix="isomo-image-") as name:
        folder = Path(name)
        for each in ("files", "shown", "pip"):
            (folder / each).mkdir()
        place_files(recipe.files, folder / "files")
        place_files(recipe.shown, folder / "shown")
        shutil.copy(local_images.STEPS / str(recipe.step), folder / "step.sh")
        if recipe.desk:
            step.detail = _("building the desk")
            place_desk(folder / "files")
            step.detail = ""
        if recipe.holdout:
            (folder / "holdout").write_text(local_images.holdout_secret(settings))
        if recipe.lock:
            step.detail = _("fetching packages")
            python = python_of(client, parent)
            lock = local_images.LOCKS / f"{recipe.lock}.txt"
            image_wheels.copy_pip(folder / "pip")
            image_wheels.fetch_wheels(settings, lock, folder / "requirements.txt", python, platform.machine())
        yield folder


def place_files(files: tuple[Files, ...], folder: Path) -> None:
    """Copy what `files` names into `folder`, each at its place in the image."""
    for path, where in (pair for each in files for pair in local_images.expand_files(each)):
        target = folder / where.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def place_desk(folder: Path) -> None:
    """Copy the built desk to its place in the image, building it first if it is missing."""
    shutil.copytree(desk_build.ensure_desk(), folder / image_contents.PLACE.lstrip("/") / "desk")


def python_of(client: container_engine.DockerClient, image: str) -> str:
    """Return the Python of an image, as `3.11.2`."""
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    said = client.containers.run(image, ["python3", "-c", code], remove=True, network_mode="none", user="0:0")
    return str(said.decode().strip())


def step_mounts(recipe: Recipe, folder: Path) -> dict[str, dict[str, str]]:
    """Return what the building container sees, read-only, in folders that are empty in every image."""
    seen = {str(folder): {"bind": "/mnt", "mode": "ro"}}
    if recipe.lock:
        seen[str(image_wheels.WHEELS)] = {"bind": "/media", "mode": "ro"}
    return seen


def step_container(
    client: container_engine.DockerClient, settings: Settings, recipe: Recipe, parent: str, folder: Path
) -> Any:
    """Return a container of `parent` that will run the step of `recipe`."""
    return client.containers.create(
        parent,
        entrypoint=["sh", "/mnt/step.sh"],
        command=[],
        user="0:0",
        working_dir="/",
        network_mode="none",
        volumes=step_mounts(recipe, folder),
        labels={"isomo.project": settings.project, "isomo.kind": "build"},
    )


def finish_step(
    client: container_engine.DockerClient, container: Any, recipe: Recipe, result: tuple[str, str, str]
) -> None:
    """Run the step and keep what it leaves as the image `result`: repository, tag, label."""
    repository, tag, label = result
    try:
        container.start()
        if container.wait(timeout=3600)["StatusCode"]:
            raise failed_step(repository, container)
        client.api.commit(container.id, repository, tag, conf=config_of(recipe, label))
    finally:
        container.remove(force=True, v=True)


def config_of(recipe: Recipe, label: str) -> dict[str, Any]:
    """Return what the image starts as; whatever the building container started as is overwritten."""
    wanted = {"User": "0:0", "WorkingDir": "/", "Entrypoint": [], "Cmd": ["python3"], **recipe.config}
    if not wanted["Entrypoint"]:
        # An empty list would leave the building step's own.
        wanted["Entrypoint"] = ["/usr/bin/env"]
    own = {local_images.MADE: label, "isomo.project": "", "isomo.kind": ""}
    return {**wanted, "Labels": {**image_labels(recipe.name), **own}}


def image_labels(name: str) -> dict[str, str]:
    """The labels of the Open Container Initiative that say what an image is; those without a value are left out."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    known = {
        "title": f"isomo-{name}",
        "description": project["description"],
        "version": project["version"],
        "revision": checkout_commit(),
        # The image also holds the packages of its distribution, under their own licences in /usr/share/doc.
        "licenses": project["license"],
        "source": project.get("urls", {}).get("Source", ""),
    }
    return {f"org.opencontainers.image.{key}": value for key, value in known.items() if value}


def checkout_commit(folder: Path = CHECKOUT) -> str:
    """Return the commit of this checkout; nothing if there is no git or no repository."""
    if not shutil.which("git"):
        return ""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def failed_step(repository: str, container: Any) -> IsomoError:
    """Return an error with the last words of a step that failed."""
    last = container.logs(tail=8).decode(errors="replace").strip()
    said = "\n".join(f"  {text}" for text in last.splitlines())
    full = "No space left" in last
    return IsomoError(
        _("The image {name} could not be made:\n{said}").format(name=repository, said=said),
        _("The engine's disk is full. Free about 6 GB, then run ./isomo up again.")
        if full
        else _("Run ./isomo doctor; if it finds nothing, send these lines to whoever looks after Isomo."),
    )


def remove_old(client: container_engine.DockerClient, settings: Settings) -> list[str]:
    """Remove images of earlier versions that no container uses; returns their names."""
    gone = []
    for name in local_images.old_images(client, settings):
        with contextlib.suppress(container_engine.APIError):
            client.images.remove(name)
            gone.append(name)
    return gone


def grader_environment() -> Path:
    """Return the environment of graders on the host itself, for `--evaluate`."""
    return Path(image_wheels.bootstrap_module().ensure("grader"))


def workers_environment(settings: Settings) -> Path:
    """Return the environment that knows the task queue. Raises IsomoError if there is no database for it."""
    if settings.database == "sqlite":
        raise IsomoError(
            _("grading.queue is true, and the queue needs PostgreSQL; this installation uses SQLite."),
            _('Write database = "postgresql://…" into isomo.toml, or take grading.queue out.'),
        )
    return Path(image_wheels.bootstrap_module().ensure("workers"))


def lab_environment() -> Path:
    """Return the environment of the lab's packages on the host itself, with the learner's data, for `--evaluate`."""
    python = Path(image_wheels.bootstrap_module().ensure("lab"))
    (packages,) = (python.parent.parent / "lib").glob("python3*/site-packages")
    (packages / "isomo.pth").write_text(f"{CHECKOUT}\n")
    with terminal_output.long_step(_("Building the learner's desk")).running():
        desk_build.ensure_desk()
    with terminal_output.long_step(_("Making the data of the labs")).running():
        command = [str(python), "-m", "labs.datasets", "ready"]
        subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    return python
