"""Verb `node`: machines of a Swarm. `list` shows them, `add` shows how one joins, `drain` empties one politely.

`hand-over` lets the hub go on at another manager.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict

from sqlalchemy.exc import SQLAlchemyError

from hub import container_engine
from hub.hub_process import hub_turn
from hub.isomo_settings import Settings
from hub.ops import docker_daemon, local_images, swarm_nodes, terminal_output, this_installation
from hub.ops.verb_sentences import _, plural_sentence
from hub.verb_errors import IsomoError
from hub.verb_options import Parser

STOP_SECONDS = 60
TURN_SECONDS = 90
ROUND_SECONDS = 0.5


def arguments() -> Parser:
    """Return the verb's parser."""
    parser = Parser("node")
    parser.add_argument("what", choices=("list", "add", "drain", "resume", "hand-over"), help=_("what to do"))
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help=_("the machine's name or id, for drain and resume")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))
    return parser


def command(argv: list[str]) -> int:
    """`node list|add|drain NAME|resume NAME|hand-over [--json]`."""
    options = arguments().parse_args(argv)
    settings = this_installation.current_settings()
    if settings.spawner != "swarm":
        raise IsomoError(
            _("Learners' servers run on this machine only."),
            _('For several machines write spawner = "swarm" in isomo.toml, then run ./isomo up.'),
        )
    client = docker_daemon.connect_engine()
    swarm_nodes.require_manager(client)
    if options.what == "add":
        return show_join(client, settings)
    if options.what == "hand-over":
        return hand_over(settings)
    nodes = swarm_nodes.list_nodes(client, settings)
    if options.what == "list":
        return show_nodes(nodes, hub_states(settings), options)
    if not options.name:
        raise IsomoError(
            _("node {what} needs the name of a machine.").format(what=options.what),
            _("There are: {names}").format(names=", ".join(node.name for node in nodes)),
        )
    node = swarm_nodes.find_node(nodes, options.name)
    if options.what == "resume":
        swarm_nodes.set_availability(client, node, "active")
        terminal_output.print_sentence(_("{name} takes servers again.").format(name=node.name))
        return 0
    return drain_node(client, settings, node)


def hub_states(settings: Settings) -> dict[str, str]:
    """Return for each machine with a hub whether that `runs` or `waits`."""
    try:
        found = hub_turn.hub_candidates(settings)
    except SQLAlchemyError:
        return {}  # The machines are shown all the same.
    return {each.machine: "runs" if each.holds else "waits" for each in found}


def hand_over(settings: Settings) -> int:
    """Let the hub that has waited longest go on; learners' servers do not notice."""
    found = hub_turn.hub_candidates(settings)
    if len(found) < 2 or not found[0].holds:
        raise IsomoError(
            _("No other machine waits with a hub, so none can go on."),
            _(
                "Run ./isomo up on another manager first, with the same settings, a PostgreSQL database, and the "
                "state folder's shared parts."
            ),
        )
    hub_turn.end_turn(settings, found[0])
    end = time.monotonic() + TURN_SECONDS
    while time.monotonic() < end:
        time.sleep(ROUND_SECONDS)
        now = next((each for each in hub_turn.hub_candidates(settings) if each.holds), None)
        if now and now.machine != found[0].machine:
            terminal_output.print_sentence(
                _(
                    "{name} runs the hub now and answers in a few seconds; {before} waits. "
                    "Let the installation's address lead to {name}."
                ).format(name=now.machine, before=found[0].machine)
            )
            return 0
    raise IsomoError(
        _("No other hub went on within {seconds} seconds.").format(seconds=TURN_SECONDS),
        _("Look at what it says on the machine that waits: ./isomo logs hub"),
    )


def show_nodes(nodes: list[swarm_nodes.Node], hubs: dict[str, str], options: argparse.Namespace) -> int:
    """Print all machines; `hubs` says what the hub of a machine does."""
    if options.json:
        listed = [asdict(node) | {"hub": hubs.get(node.name)} for node in nodes]
        terminal_output.print_sentence(json.dumps({"nodes": listed}))
        return 0
    with_hub = {"runs": _("runs the hub"), "waits": _("waits with a hub")}
    for node in nodes:
        states = {
            ("ready", "active"): _("takes servers"),
            ("ready", "pause"): _("takes no new servers"),
            ("ready", "drain"): _("emptied"),
        }
        state = states.get((node.state, node.availability), _("does not answer"))
        if node.role == "services":
            state += ", " + _("kept for services")
        if node.name in hubs:
            state += ", " + with_hub[hubs[node.name]]
        text = plural_sentence(
            "{state}; memory {memory}; {count} learner's server",
            "{state}; memory {memory}; {count} learners' servers",
            len(node.servers),
        ).format(state=state, memory=terminal_output.bytes_text(node.memory), count=len(node.servers))
        terminal_output.print_fact(node.name, text)
    return 0


def show_join(client: container_engine.DockerClient, settings: Settings) -> int:
    """Print what to type on a new machine; the images of servers lie in the shared folder for it."""
    found = swarm_nodes.require_manager(client)
    client.swarm.reload()
    token = client.swarm.attrs["JoinTokens"]["Worker"]
    addresses = [each["Addr"] for each in found.get("RemoteManagers") or []]
    images = swarm_nodes.server_images(settings)
    if not all(local_images.image_exists(client, image) for image in images):
        raise IsomoError(
            _("The images of servers are not made yet, so a new machine has nothing to start."),
            _("Run ./isomo up first, then the same again."),
        )
    with terminal_output.long_step(_("Writing the images of servers into the shared folder")).running():
        places = swarm_nodes.save_images(client, settings, images)
    terminal_output.print_sentence(
        _(
            "Mount homes, projects and images of {path} on the new machine, at the same paths. Then type there:"
        ).format(path=settings.state)
    )
    for place in places:
        terminal_output.print_sentence(f"  docker load --input {place}")
    terminal_output.print_sentence(f"  docker swarm join --token {token} {addresses[0]}")
    terminal_output.print_sentence(
        _("The token is a secret: it lets any machine join. Afterwards type here: ./isomo doctor")
    )
    return 0


def drain_node(client: container_engine.DockerClient, settings: Settings, node: swarm_nodes.Node) -> int:
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
    known = swarm_nodes.service_owners(settings, node.servers)
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
    terminal_output.print_sentence(
        _("{name} is empty: {count} servers were stopped, with all work kept.").format(
            name=node.name, count=stopped
        )
    )
    terminal_output.print_sentence(
        _(
            "Each starts on another machine when its owner goes on. To use this one again: ./isomo node resume {name}"
        ).format(name=node.name)
    )
    return 0


def _left(client: container_engine.DockerClient, settings: Settings, node: swarm_nodes.Node) -> int:
    return sum(len(each.servers) for each in swarm_nodes.list_nodes(client, settings) if each.id == node.id)
