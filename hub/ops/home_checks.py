"""Checks for `doctor`: which limit homes and projects' folders have, tried in a container, and those that are large."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hub import container_engine, home_images, home_limits
from hub.hub_process.container_safety import HOME, host_config
from hub.hub_process.project_servers import FIRST_GROUP, FIRST_USER
from hub.isomo_settings import Limits, Settings
from hub.memory_sizes import Size
from hub.ops import docker_daemon, local_images
from hub.ops.swarm_checks import Seen
from hub.ops.verb_sentences import _, plural_sentence
from hub.project_places import project_folders, team_folder
from hub.verb_errors import IsomoError

PROBE_LIMIT = Size.parse("24 MiB")
FILL = """
import errno, fcntl, json, os, struct
os.mkdir("part")
for place in (".", "part"):
    try:  # Out of the quota: no number, and nothing to inherit.
        handle = os.open(place, os.O_RDONLY)
        found = list(struct.unpack("=5I8s", fcntl.ioctl(handle, 0x801C581F, bytes(28))))
        found[0], found[3] = found[0] & ~0x200, 0
        fcntl.ioctl(handle, 0x401C5820, struct.pack("=5I8s", *found))
    except OSError:
        pass
written, refused = 0, False
try:
    with open("part/filled", "wb", buffering=0) as file:
        while written < 2 * LIMIT:
            written += file.write(bytes(1 << 20))
        os.fsync(file.fileno())
except OSError as error:
    refused = error.errno in (errno.ENOSPC, errno.EDQUOT)
print(json.dumps({"refused": refused, "written": written}))
"""
"""Somebody who fills their folder, and first tries to take it out of what is counted."""


@dataclass(frozen=True)
class Limited:
    """What has a limit: homes, or projects' folders; `most` is the limit as it is told."""

    part: Literal["homes", "projects"]
    what: str
    most: str

    def folders(self, settings: Settings) -> list[Path]:
        """Return all folders of this kind."""
        return home_folders(settings) if self.part == "homes" else project_folders(settings.state)

    def image(self, settings: Settings) -> str:
        """Return the image in whose container a limit is tried."""
        return (local_images.lab_image if self.part == "homes" else local_images.bench_image)(settings)


def limited_homes(settings: Settings) -> Limited:
    """Return homes with their limits."""
    limit, trainer = settings.learner.home_quota, settings.trainer.home_quota
    differ = _("{limit} (a trainer's {trainer})").format(limit=limit, trainer=trainer)
    return Limited("homes", _("Limit of homes"), f"{limit}" if limit == trainer else differ)


def limited_projects(settings: Settings) -> Limited:
    """Return projects' folders with their limit."""
    return Limited("projects", _("Limit of projects"), f"{settings.data_team.folder_quota}")


def home_checks(settings: Settings) -> Iterator[Seen]:
    """Yield whether homes and projects' folders have a limit, those that are away, and those that are too large."""
    if not settings.evaluate and (settings.state / "homes").is_dir():
        yield limit_check(settings)
        if settings.prototypes:
            yield limit_check(settings, limited_projects(settings))
    folders = [home_images.folder_of(settings, image) for image in home_images.all_images(settings)]
    away = [_name(settings, folder) for folder in folders if not home_images.is_mounted(folder)]
    if away:
        text = _("not mounted, so that no server starts there: {names}").format(names=_short(away))
        yield Seen("bad", _("Images of homes"), text, _("Mount them: ./isomo up"))
    limit = settings.trainer.home_quota
    large = [home for home in home_folders(settings) if used_bytes(home) > limit]
    if large:
        text = _("{count} homes are larger than {limit}").format(count=len(large), limit=Size(limit))
        do = _("Ask their owners to tidy up: {names}").format(names=_short([home.name for home in large]))
        yield Seen("look", _("Homes"), text, do)
    yield from large_projects(settings)


def large_projects(settings: Settings) -> Iterator[Seen]:
    """Yield the projects' folders that are larger than their limit."""
    limit = settings.data_team.folder_quota
    large = [folder for folder in project_folders(settings.state) if used_bytes(folder) > limit]
    if large:
        text = plural_sentence(
            "{count} folder of a project is larger than {limit}",
            "{count} folders of projects are larger than {limit}",
            len(large),
        ).format(count=len(large), limit=limit)
        names = _short([_name(settings, folder) for folder in large])
        yield Seen("look", _("Projects"), text, _("Ask their teams to tidy up: {names}").format(names=names))


def limit_check(settings: Settings, kind: Limited | None = None) -> Seen:
    """Return whether homes, or another kind, have a limit that holds. No limit is claimed that was not tried."""
    kind = kind or limited_homes(settings)
    way = home_limits.way_here(settings, kind.part)
    if way == "none":
        return Seen("look", kind.what, _no_limit(settings, kind), _what_to_do(settings))
    if not home_limits.may_set_limits():
        do = _("Run this as root: sudo ./isomo doctor")
        return Seen("look", kind.what, _("it could not be tried"), do)
    try:
        client = docker_daemon.connect_engine(timeout=60)
        client.images.get(kind.image(settings))
    except (IsomoError, container_engine.ImageNotFound):
        return Seen("look", kind.what, _("it could not be tried"), _("Run ./isomo up"))
    problem = try_limit(client, settings, kind)
    if problem:
        text = _("it does not hold: {problem}").format(problem=problem)
        return Seen("bad", kind.what, text, _what_to_do(settings))
    text = _limit_holds(kind, way).format(limit=kind.most)
    without = sum(not home_limits.is_limited(settings, folder) for folder in kind.folders(settings))
    if without:
        text += "\n" + _without_limit(kind, without).format(count=without)
    return Seen("good", kind.what, text)


def _no_limit(settings: Settings, kind: Limited) -> str:
    if kind.part == "projects":
        return _("no limit: one team can fill the disk, and its folder is only watched")
    return _("no limit: a single file is never larger than {limit}, a home is only watched").format(
        limit=settings.trainer.home_quota
    )


def _limit_holds(kind: Limited, way: home_limits.Way) -> str:
    if kind.part == "projects":
        return (
            _(
                "a project's folder takes {limit}, kept by project quotas; "
                "one that was filled for a trial took no more"
            )
            if way == "quota"
            else _(
                "a project's folder takes {limit}, kept by an image for each; "
                "one that was filled for a trial took no more"
            )
        )
    return (
        _("a home takes {limit}, kept by project quotas; one that was filled for a trial took no more")
        if way == "quota"
        else _(
            "a home takes {limit}, kept by an image for each; one that was filled for a trial took no more"
        )
    )


def _without_limit(kind: Limited, without: int) -> str:
    if kind.part == "projects":
        return plural_sentence(
            "{count} folder gets it when a server of the project starts and no other one of it runs",
            "{count} folders get it when a server of the project starts and no other one of it runs",
            without,
        )
    return plural_sentence(
        "{count} home gets it when its owner's server starts again",
        "{count} homes get it when their owner's server starts again",
        without,
    )


def _what_to_do(settings: Settings) -> str:
    if settings.spawner == "swarm":
        return _("Have the file server keep project quotas: docs/how-to/limit-homes.md")
    return _(
        "Mount the file system of {path} with prjquota, or write home_images = true: docs/how-to/limit-homes.md"
    ).format(path=settings.state)


def try_limit(client: container_engine.DockerClient, settings: Settings, kind: Limited) -> str:
    """Fill a folder for a trial, in a container of its kind; return "" if its limit held, else what was seen."""
    name = f"trial-{secrets.token_hex(4)}"
    is_home = kind.part == "homes"
    folder = settings.state / "homes" / name if is_home else team_folder(settings.state, name)
    user, group = (home_limits.OWNER, home_limits.OWNER) if is_home else (FIRST_USER, FIRST_GROUP)
    try:
        folder.mkdir(mode=0o700, parents=True)
        os.chown(folder, user if is_home else 0, group)
        folder.chmod(0o700 if is_home else 0o2770)
        set_limit = home_limits.limit_home if is_home else home_limits.limit_project
        if not set_limit(settings, folder, PROBE_LIMIT):
            return _("it could not be set")
        found = json.loads(_filled(client, kind.image(settings), folder, f"{user}:{group}"))
        if found["refused"] and found["written"] <= PROBE_LIMIT:
            return ""
        return _("{written} were written into a folder of {limit}").format(
            written=Size(found["written"]), limit=PROBE_LIMIT
        )
    except (*docker_daemon.FAILURES, OSError, ValueError, KeyError) as error:
        return str(error).splitlines()[0]
    finally:
        home_limits.forget_home(settings, folder)
        shutil.rmtree(folder if is_home else folder.parent, ignore_errors=True)


def _filled(client: container_engine.DockerClient, image: str, folder: Path, user: str) -> bytes:
    taken = ("read_only", "tmpfs", "cap_drop", "security_opt", "pids_limit")
    safety: dict[str, Any] = {name: value for name, value in host_config(Limits()).items() if name in taken}
    said: bytes = client.containers.run(
        image,
        ["python3", "-c", f"LIMIT = {int(PROBE_LIMIT)}\n{FILL}"],
        remove=True,
        network_mode="none",
        user=user,
        working_dir=HOME,
        volumes={str(folder): {"bind": HOME, "mode": "rw"}},
        labels={"isomo.kind": "probe"},
        **safety,
    )
    return said


def home_folders(settings: Settings) -> list[Path]:
    """Return the folders of all homes."""
    return [home for home in (settings.state / "homes").glob("*") if home.is_dir()]


def used_bytes(folder: Path) -> int:
    """Return bytes that a folder takes up."""
    total = 0
    for place, _folders, files in os.walk(folder):
        for name in files:
            try:
                total += (Path(place) / name).lstat().st_blocks * 512
            except OSError:
                continue
    return total


def _name(settings: Settings, folder: Path) -> str:
    """Return the name of a home, or of a project's folder with the project."""
    return "/".join(folder.relative_to(settings.state).parts[1:])


def _short(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
