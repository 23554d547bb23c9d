"""Checks of a Swarm for `doctor`: the machines, the shared folder on each, encryption, swap."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hub import container_engine
from hub.isomo_settings import Settings
from hub.ops import local_images, swarm_nodes
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

TRIAL = (
    "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode transport "
    "aead rfc4106(gcm(aes)) 0x0000000000000000000000000000000000000000 128"
)
"""A rule of encryption in a namespace of its own: the kernel takes it only if it can encrypt."""


@dataclass(frozen=True)
class Seen:
    """One thing that was looked at: how it is, and what to do."""

    grade: Literal["good", "look", "bad"]
    what: str
    text: str
    do: str = ""


def swarm_checks(client: container_engine.DockerClient, settings: Settings) -> Iterator[Seen]:
    """Yield what is to be said of the Swarm."""
    try:
        swarm_nodes.require_manager(client)
    except IsomoError as error:
        yield Seen("bad", _("Swarm"), error.message, error.tip)
        return
    nodes = swarm_nodes.list_nodes(client, settings)
    yield from machine_findings(client, settings, nodes)
    yield encryption_finding(settings, can_encrypt())
    if swap := Path("/proc/swaps").read_text().splitlines()[1:]:
        text = _("on ({count}): a service cannot be kept off it").format(count=len(swap))
        yield Seen("look", _("Swap"), text, _("Run swapoff -a on every machine"))


def machine_findings(
    client: container_engine.DockerClient, settings: Settings, nodes: list[swarm_nodes.Node]
) -> Iterator[Seen]:
    """Yield each machine that is away, or cannot start a server."""
    away = [node.name for node in nodes if node.state != "ready"]
    for name in away:
        yield Seen(
            "bad",
            _("Machine"),
            _("{name} does not answer").format(name=name),
            _("Start it, or remove it: docker node rm {name}").format(name=name),
        )
    images = swarm_nodes.server_images(settings)
    if not all(local_images.image_exists(client, image) for image in images):
        return
    problems: dict[str, str] = {}
    for image in images:
        for number, problem in swarm_nodes.probe_nodes(client, settings, image).items():
            problems[number] = problems.get(number) or problem
    names = {node.id: node.name for node in nodes}
    for number, problem in problems.items():
        if problem and names.get(number) not in away:
            yield Seen(
                "bad", _("Machine"), f"{names.get(number, number)}: {problem}", machine_advice(problem)
            )
    well = [number for number, problem in problems.items() if not problem]
    wanted = [node for node in nodes if node.availability == "active"]
    text = _("{well} of {all} see the shared folder and have the images of servers").format(
        well=len(well), all=len(wanted)
    )
    yield Seen("good" if len(well) == len(wanted) else "look", _("Machines"), text)


def machine_advice(problem: str) -> str:
    """Return what to do about the engine's words for a machine that cannot start a server."""
    if "No such image" in problem:
        return _("It lacks an image of servers: ./isomo node add shows how to load it")
    if "bind source path" in problem or "exit" in problem:
        return _("Mount the shared file system there, at the same path as here")
    return _("Look at the engine's log on that machine")


def can_encrypt() -> bool | None:
    """Return whether this kernel can encrypt between machines; None if this user cannot find out."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return None
    words = TRIAL.split(" ")
    done = subprocess.run(["unshare", "--net", *words], capture_output=True, check=False, timeout=10)
    if done.returncode and b"permitted" in done.stderr:
        return None
    return done.returncode == 0


def encryption_finding(settings: Settings, able: bool | None) -> Seen:
    """Return whether what learners' servers send is encrypted between machines."""
    what = _("Encryption")
    if not settings.swarm.encrypted:
        text = _("off: what passes between machines can be read on their network")
        do = (
            _("Write encrypted = true in [swarm]")
            if able
            else _("This kernel lacks ESP; give the machines a separate network")
        )
        return Seen("look", what, text, do)
    if able is False:
        text = _("this kernel cannot encrypt between machines (it lacks ESP), so no server can start")
        return Seen(
            "bad",
            what,
            text,
            _("Load the module esp4 (modprobe esp4), or write encrypted = false in [swarm]"),
        )
    return Seen("good", what, _("between all machines"))
