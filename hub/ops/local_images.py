"""The images: named by what goes into them, so that nothing is made twice and nothing old is used."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from pathlib import Path

from hub import container_engine
from hub.isomo_settings import CHECKOUT, Settings
from hub.ops import desk_build, docker_daemon
from hub.secret_keys import Secrets
from images import image_contents
from images.image_contents import LEFT_OUT, Files, Recipe

STEPS = CHECKOUT / "images" / "steps"
LOCKS = CHECKOUT / "images" / "locks"
FALLBACK = ("debian", "bookworm")
"""The distribution of the images if the host's own is not one that we can make."""
RUN = ("lab", "grader")
"""Short names of the images that containers are started from; the others are only built upon."""
MERGED_USR = Path("/usr/share/mmdebstrap/hooks/merged-usr")
"""mmdebstrap's own hook that merges /usr without the package that does it on old systems."""
MADE = "isomo.made-of"
"""Label of an image: the recipe and the digest of what went in; other installations here use it as it is."""


def image_distribution() -> tuple[str, str]:
    """Return the distribution of the images and its release: the host's own, if it is Debian or Ubuntu."""
    release = docker_daemon.os_release()
    found = release.get("ID", ""), release.get("VERSION_CODENAME", "")
    return found if found[0] in ("debian", "ubuntu") and found[1] else FALLBACK


def base_command(release: str, archive: Path, sources: list[Path]) -> list[str]:
    """Return the command that makes the smallest system of `release` with what we need, from the host's mirrors."""
    packages = list(image_contents.BASE_PACKAGES)
    command = ["mmdebstrap", "--quiet", "--variant=minbase"]
    if MERGED_USR.is_dir():
        # Without this the package that merges /usr comes with perl: 50 MB.
        packages.append("usr-is-merged")
        command.append(f"--hook-dir={MERGED_USR}")
    command.append(f"--include={','.join(packages)}")
    excluded = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*")
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in excluded]
    command += ["--dpkgopt=path-include=/usr/share/doc/*/copyright"]
    # Nothing of the host's apt configuration stays in the image: it may name the office's servers.
    command += ["--customize-hook=rm -rf $1/etc/apt/sources.list.d/* $1/etc/apt/sources.list"]
    return [*command, release, str(archive), *map(str, sources)]


def expand_files(files: Files, root: Path = CHECKOUT) -> list[tuple[Path, str]]:
    """Return each file that `files` names, with its place in the image."""
    found = []
    for path in sorted(root.glob(files.pattern)):
        relative = path.relative_to(root)
        if path.is_file() and not path.is_symlink() and not set(relative.parts) & set(LEFT_OUT):
            kept = Path(*relative.parts[files.strip :])
            found.append((path, f"{files.place}/{kept.as_posix()}"))
    return found


def digest_of(recipe: Recipe, parent: str, extra: str) -> str:
    """Twelve hex digits that change whenever anything that goes into the image does."""
    digest = hashlib.sha256()

    def add(*words: str | bytes) -> None:
        for word in words:
            data = word.encode() if isinstance(word, str) else word
            digest.update(len(data).to_bytes(8, "big") + data)

    add(recipe.name, parent, extra, json.dumps(recipe.config, sort_keys=True))
    if recipe.lock:
        add((LOCKS / f"{recipe.lock}.txt").read_bytes())
    if recipe.step:
        add((STEPS / recipe.step).read_bytes())
    for kind, group in (("kept", recipe.files), ("shown", recipe.shown)):
        for path, place in (pair for files in group for pair in expand_files(files)):
            mode = "x" if path.stat().st_mode & stat.S_IXUSR else "-"
            add(kind, place, mode, path.read_bytes())
    return digest.hexdigest()[:12]


def holdout_secret(settings: Settings) -> str:
    """Return the secret from which this installation's hidden data is drawn; the sources do not tell it."""
    return hmac.digest(Secrets.load(settings).names_key, b"holdout", "sha256").hex()


def image_digests(settings: Settings) -> dict[str, str]:
    """Return the digest of each image, by its name."""
    found: dict[str, str] = {}
    for recipe in image_contents.RECIPES:
        parent = found[recipe.parent] if recipe.parent else ""
        found[recipe.name] = digest_of(recipe, parent, _extra(recipe, settings))
    return found


def _extra(recipe: Recipe, settings: Settings) -> str:
    if recipe.parent is None:
        name, release = image_distribution()
        return " ".join([name, *base_command(release, Path("base.tar"), [])])
    if recipe.desk:
        return desk_build.source_digest()
    if recipe.holdout:
        return hashlib.sha256(holdout_secret(settings).encode()).hexdigest()
    return ""


def image_names(settings: Settings) -> dict[str, str]:
    """Full name of each image, by its short one."""
    return {name: f"{settings.project}-{name}:{digest}" for name, digest in image_digests(settings).items()}


def lab_image(settings: Settings) -> str:
    """Return the image of learners' servers: what `./isomo up` told its processes, else what this checkout wants."""
    return os.environ.get("ISOMO_LAB_IMAGE") or image_names(settings)["lab"]


def grader_image(settings: Settings) -> str:
    """Return the image that submissions are graded in, found the same way."""
    return os.environ.get("ISOMO_GRADER_IMAGE") or image_names(settings)["grader"]


def bench_image(settings: Settings) -> str:
    """Return the image of data teams' servers and applications; empty if this installation has no projects."""
    return image_names(settings)["bench"] if settings.prototypes and not settings.evaluate else ""


def needed_images(settings: Settings) -> tuple[str, ...]:
    """Return short names of the images that this installation starts containers from."""
    return (*RUN, "bench") if settings.prototypes else RUN


def image_exists(client: container_engine.DockerClient, name: str) -> bool:
    """Return whether the engine has an image called `name`."""
    try:
        client.images.get(name)
    except container_engine.ImageNotFound:
        return False
    return True


def image_size(client: container_engine.DockerClient, name: str) -> int:
    """Return bytes of an image with its parents."""
    return int(client.images.get(name).attrs["Size"])


def missing_images(
    client: container_engine.DockerClient, wanted: dict[str, str], which: tuple[str, ...] = RUN
) -> list[str]:
    """Short names of the images in `which` that are not there under their `wanted` names."""
    return [name for name in which if not image_exists(client, wanted[name])]


def made_of(name: str, digest: str) -> str:
    """Return the label's value."""
    return f"{name}:{digest}"


def old_images(client: container_engine.DockerClient, settings: Settings) -> list[str]:
    """Return names of images of this installation that this checkout no longer uses."""
    wanted = set(image_names(settings).values())
    repositories = {name.partition(":")[0] for name in wanted}
    tags = [tag for image in client.images.list() for tag in image.tags]
    return sorted(tag for tag in tags if tag.rpartition(":")[0] in repositories and tag not in wanted)
