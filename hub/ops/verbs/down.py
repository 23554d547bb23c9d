"""Verb `down`: stop everything that `up` started. Homes, marks and everything else that was made stay."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil
from sqlalchemy.exc import SQLAlchemyError

from hub import container_engine
from hub.hub_process import hub_turn
from hub.isomo_settings import Settings
from hub.ops import (
    docker_daemon,
    docker_network,
    host_firewall,
    process_supervisor,
    swarm_nodes,
    terminal_output,
    this_installation,
)
from hub.ops.verb_sentences import _
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`down`."""
    parse_options("down", argv)
    settings = this_installation.current_settings()
    others = other_hubs(settings)
    stopped = process_supervisor.machine_supervisor(settings).stop()
    if others:
        return leave_to(settings, others, stopped)
    servers = end_processes(settings) if settings.evaluate else end_containers(settings)
    if not stopped and not servers:
        terminal_output.print_sentence(_("Nothing was running."))
        return 0
    if stopped:
        terminal_output.print_fact(_("Stopped"), ", ".join(stopped))
    terminal_output.print_fact(
        _("Learners' servers"), _("{count} stopped; everybody's work is kept").format(count=servers)
    )
    return 0


def other_hubs(settings: Settings) -> list[str]:
    """Return the other machines with a hub of this installation, the one that goes on first."""
    try:
        found = hub_turn.hub_candidates(settings)
    except SQLAlchemyError:
        return []
    here = hub_turn.machine_name() if found else ""
    return [each.machine for each in found if each.machine != here]


def leave_to(settings: Settings, others: list[str], stopped: list[str]) -> int:
    """Stop this machine's part only: another machine's hub goes on, with the learners' servers of all machines."""
    hub_turn.step_back(settings)
    if stopped:
        terminal_output.print_fact(_("Stopped"), ", ".join(stopped))
    terminal_output.print_fact(
        _("Learners' servers"),
        _("go on, with the hub of {name}; ./isomo down on the last machine with a hub stops them").format(
            name=others[0]
        ),
    )
    return 0


def end_containers(settings: Settings) -> int:
    """Stop and remove our containers, the network and the firewall rules; returns how many containers."""
    try:
        client = docker_daemon.connect_engine()
    except docker_daemon.NoEngineError:
        terminal_output.print_fact(_("Docker engine"), _("does not answer; no container can be running"))
        return 0
    elsewhere = swarm_nodes.remove_all(client, settings) if settings.spawner == "swarm" else 0
    containers = docker_daemon.our_containers(client, settings)
    for container in containers:
        with contextlib.suppress(container_engine.APIError):
            container.stop(timeout=5)
        with contextlib.suppress(container_engine.APIError):
            container.remove(force=True)
    docker_network.remove_network(client, settings)
    if os.geteuid() == 0:
        host_firewall.remove_rules(settings)
    return len(containers) + elsewhere


def end_processes(settings: Settings) -> int:
    """Stop learners' servers that are plain processes; returns how many."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            env = process.environ()
            if "JUPYTERHUB_USER" in env and env.get("ISOMO_CAMPUS_URL") == settings.campus_url:
                found.append(process)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGTERM)
    for process in psutil.wait_procs(found, timeout=10)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(found)
