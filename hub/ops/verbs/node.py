"""Verb `node`: machines of a Swarm. `list` shows them, `add` shows how one joins, `drain` empties one politely."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict

from hub import container_engine
from hub.errors import IsomoError
from hub.ops import docker_daemon, installation, local_images, swarm_nodes, terminal
from hub.ops.words import _
from hub.options import Parser
from hub.settings import Settings

STOP_SECONDS = 60


def arguments() -> Parser:
    """Return the verb's parser."""
    parser = Parser("node")
    parser.add_argument("what", choices=("list", "add", "drain", "resume"), help=_("what to do"))
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help=_("the machine's name or id, for drain and resume")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))
    return parser


def command(argv: list[str]) -> int:
    """`node list|add|drain NAME|resume NAME [--json]`."""
    options = arguments().parse_args(argv)
    settings = installation.current()
    if settings.spawner != "swarm":
        raise IsomoError(
            _("Learners' servers run on this machine only."),
            _('For several machines write spawner = "swarm" in isomo.toml, then run ./isomo up.'),
        )
    client = docker_daemon.connect()
    swarm_nodes.require_manager(client)
    if options.what == "add":
        return show_join(client, settings)
    nodes = swarm_nodes.list_nodes(client, settings)
    if options.what == "list":
        return show_nodes(nodes, options)
    if not options.name:
        raise IsomoError(
            _("node {what} needs the name of a machine.").format(what=options.what),
            _("There are: {names}").format(names=", ".join(node.name for node in nodes)),
        )
    node = swarm_nodes.find_node(nodes, options.name)
    if options.what == "resume":
        swarm_nodes.set_availability(client, node, "active")
        terminal.plain(_("{name} takes servers again.").format(name=node.name))
        return 0
    return drain(client, settings, node)


def show_nodes(nodes: list[swarm_nodes.Node], options: argparse.Namespace) -> int:
    """Print all machines."""
    if options.json:
        terminal.plain(json.dumps({"nodes": [asdict(node) for node in nodes]}))
        return 0
    for node in nodes:
        states = {
            ("ready", "active"): _("takes servers"),
            ("ready", "pause"): _("takes no new servers"),
            ("ready", "drain"): _("emptied"),
        }
        state = states.get((node.state, node.availability), _("does not answer"))
        if node.role == "services":
            state += ", " + _("kept for services")
        text = _("{state}; memory {memory}; {count} learners' servers").format(
            state=state, memory=terminal.amount(node.memory), count=len(node.servers)
        )
        terminal.line(node.name, text)
    return 0


def show_join(client: container_engine.DockerClient, settings: Settings) -> int:
    """Print what to type on a new machine; the lab image lies in the shared folder for it."""
    found = swarm_nodes.require_manager(client)
    client.swarm.reload()
    token = client.swarm.attrs["JoinTokens"]["Worker"]
    addresses = [each["Addr"] for each in found.get("RemoteManagers") or []]
    image = local_images.names(settings)["lab"]
    if not local_images.exists(client, image):
        raise IsomoError(
            _("The lab image is not made yet, so a new machine has nothing to start."),
            _("Run ./isomo up first, then the same again."),
        )
    with terminal.step(_("Writing the lab image into the shared folder")).running():
        place = swarm_nodes.save_image(client, settings, image)
    terminal.plain(
        _(
            "Mount homes, projects and images of {path} on the new machine, at the same paths. Then type there:"
        ).format(path=settings.state)
    )
    terminal.plain(f"  docker load --input {place}")
    terminal.plain(f"  docker swarm join --token {token} {addresses[0]}")
    terminal.plain(_("The token is a secret: it lets any machine join. Afterwards type here: ./isomo doctor"))
    return 0


def drain(client: container_engine.DockerClient, settings: Settings, node: swarm_nodes.Node) -> int:
    """Stop the servers of one machine through the hub, then empty it; their owners start again elsewhere."""
    if node.id == swarm_nodes.require_manager(client).get("NodeID"):
        raise IsomoError(
            _("{name} is this machine; the way to all learners' servers leads through it.").format(
                name=node.name
            ),
            _("To keep new servers off it: docker node update --label-add isomo.role=services {name}").format(
                name=node.name
            ),
        )
    swarm_nodes.set_availability(client, node, "pause")
    known = swarm_nodes.owners(settings, node.servers)
    stopped = sum(swarm_nodes.stop_server(settings, *who) for who in known.values())
    end = time.monotonic() + STOP_SECONDS
    while left := _left(client, settings, node):
        if time.monotonic() > end:
            raise IsomoError(
                _("{count} servers on {name} did not stop in {seconds} seconds.").format(
                    count=left, name=node.name, seconds=STOP_SECONDS
                ),
                _("It takes no new ones. Type the same again, or look at its engine's log."),
            )
        time.sleep(0.5)
    swarm_nodes.set_availability(client, node, "drain")
    terminal.plain(
        _("{name} is empty: {count} servers were stopped, with all work kept.").format(
            name=node.name, count=stopped
        )
    )
    terminal.plain(
        _(
            "Each starts on another machine when its owner goes on. To use this one again: ./isomo node resume {name}"
        ).format(name=node.name)
    )
    return 0


def _left(client: container_engine.DockerClient, settings: Settings, node: swarm_nodes.Node) -> int:
    return sum(len(each.servers) for each in swarm_nodes.list_nodes(client, settings) if each.id == node.id)
