"""Checks for `doctor`: which limit homes have, tried in a container as a learner has one, and homes that are large."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub import container_engine, home_limits
from hub.hub_process.container_safety import HOME, host_config
from hub.isomo_settings import Limits, Settings
from hub.memory_sizes import Size
from hub.ops import docker_daemon, local_images
from hub.ops.swarm_checks import Seen
from hub.ops.verb_sentences import _, plural_sentence
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
"""A learner who fills their home, and first tries to take it out of what is counted."""


def home_checks(settings: Settings) -> Iterator[Seen]:
    """Yield whether homes have a limit, and the homes that are larger than theirs."""
    if not settings.evaluate and (settings.state / "homes").is_dir():
        yield limit_check(settings)
    limit = settings.trainer.home_quota
    large = [home for home in home_folders(settings) if used_bytes(home) > limit]
    if large:
        text = _("{count} homes are larger than {limit}").format(count=len(large), limit=Size(limit))
        do = _("Ask their owners to tidy up: {names}").format(names=_short(large))
        yield Seen("look", _("Homes"), text, do)


def limit_check(settings: Settings) -> Seen:
    """Return whether homes have a limit that holds. No limit is claimed that was not tried."""
    way = home_limits.way_here(settings)
    if way == "none":
        text = _("no limit: a single file is never larger than {limit}, a home is only watched").format(
            limit=settings.trainer.home_quota
        )
        return Seen("look", _("Limit of homes"), text, _what_to_do(settings))
    if not home_limits.may_set_limits():
        return Seen(
            "look",
            _("Limit of homes"),
            _("it could not be tried"),
            _("Run this as root: sudo ./isomo doctor"),
        )
    try:
        client = docker_daemon.connect_engine(timeout=60)
        client.images.get(local_images.lab_image(settings))
    except (IsomoError, container_engine.ImageNotFound):
        return Seen("look", _("Limit of homes"), _("it could not be tried"), _("Run ./isomo up"))
    problem = try_limit(client, settings)
    if problem:
        return Seen(
            "bad",
            _("Limit of homes"),
            _("it does not hold: {problem}").format(problem=problem),
            _what_to_do(settings),
        )
    limit = settings.learner.home_quota
    most = (
        f"{limit}"
        if limit == settings.trainer.home_quota
        else _("{limit} (a trainer's {trainer})").format(limit=limit, trainer=settings.trainer.home_quota)
    )
    text = (
        _("a home takes {limit}, kept by project quotas; one that was filled for a trial took no more")
        if way == "quota"
        else _(
            "a home takes {limit}, kept by an image for each; one that was filled for a trial took no more"
        )
    ).format(limit=most)
    without = sum(not home_limits.is_limited(settings, home) for home in home_folders(settings))
    if without:
        text += "\n" + plural_sentence(
            "{count} home gets it when its owner's server starts again",
            "{count} homes get it when their owner's server starts again",
            without,
        ).format(count=without)
    return Seen("good", _("Limit of homes"), text)


def _what_to_do(settings: Settings) -> str:
    if settings.spawner == "swarm":
        return _("Have the file server keep project quotas: docs/how-to/limit-homes.md")
    return _(
        "Mount the file system of {path} with prjquota, or write home_images = true: docs/how-to/limit-homes.md"
    ).format(path=settings.state)


def try_limit(client: container_engine.DockerClient, settings: Settings) -> str:
    """Fill a home for a trial, in a container as learners have; return "" if its limit held, else what was seen."""
    home = settings.state / "homes" / f"trial-{secrets.token_hex(4)}"
    home.mkdir(mode=0o700)
    try:
        os.chown(home, home_limits.OWNER, home_limits.OWNER)
        if not home_limits.limit_home(settings, home, PROBE_LIMIT):
            return _("it could not be set")
        found = json.loads(_filled(client, settings, home))
        if found["refused"] and found["written"] <= PROBE_LIMIT:
            return ""
        return _("{written} were written into a home of {limit}").format(
            written=Size(found["written"]), limit=PROBE_LIMIT
        )
    except (*docker_daemon.FAILURES, OSError, ValueError, KeyError) as error:
        return str(error).splitlines()[0]
    finally:
        home_limits.forget_home(settings, home)
        shutil.rmtree(home, ignore_errors=True)


def _filled(client: container_engine.DockerClient, settings: Settings, home: Path) -> bytes:
    taken = ("read_only", "tmpfs", "cap_drop", "security_opt", "pids_limit")
    safety: dict[str, Any] = {name: value for name, value in host_config(Limits()).items() if name in taken}
    said: bytes = client.containers.run(
        local_images.lab_image(settings),
        ["python3", "-c", f"LIMIT = {int(PROBE_LIMIT)}\n{FILL}"],
        remove=True,
        network_mode="none",
        user=f"{home_limits.OWNER}:{home_limits.OWNER}",
        working_dir=HOME,
        volumes={str(home): {"bind": HOME, "mode": "rw"}},
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


def _short(found: list[Path]) -> str:
    return ", ".join(path.name for path in found[:3]) + (" …" if len(found) > 3 else "")
