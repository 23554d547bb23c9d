"""Verb `status`: what runs, and where."""

from __future__ import annotations

import json
from typing import Any

from hub.hub_process import hub_turn, server_networks
from hub.isomo_settings import Settings
from hub.ops import docker_daemon, health_checks, process_supervisor, terminal_output, this_installation
from hub.ops.backup_run import last_report
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`status [--json]`: exit code 0 if everything runs and answers, else 3."""
    options = parse_options("status", argv)
    settings = this_installation.current_settings()
    states = process_supervisor.machine_supervisor(settings).states()
    if options.json:
        return say_json(settings, states)
    if not states:
        terminal_output.print_sentence(_("Isomo is not running. Start it: ./isomo up"))
        return 3
    silent = health_checks.silent_parts(settings)
    terminal_output.print_fact(_("Address"), settings.address)
    holder = hub_turn.waits_for(settings)
    for state in states:
        waits = holder if state.name == "hub" else None
        terminal_output.print_fact(
            state.name, waiting_hub(waits) if waits else state_words(state, state.name in silent)
        )
    backup_line(settings)
    fine = engine_line(settings)
    if settings.evaluate:
        terminal_output.print_sentence(
            _("Learners are not isolated from each other or from this machine: this is for looking only.")
        )
    return 0 if fine and not silent and all(state.running for state in states) else 3


def say_json(settings: Settings, states: list[process_supervisor.State]) -> int:
    """Print what runs as one JSON object; returns the exit code."""
    silent = health_checks.silent_parts(settings) if states else []
    processes = [
        {
            "name": state.name,
            "running": state.running,
            "answers": state.running and state.name not in silent,
            "pid": state.pid if state.running else None,
            "seconds": round(state.since) if state.running else None,
        }
        for state in states
    ]
    holder = hub_turn.waits_for(settings) if states else None
    found = _engine_or_silence(settings) if states else None
    fine = bool(states) and all(each["answers"] for each in processes) and not silent
    fine &= found is None or found["answers"]
    said = {
        "well": fine,
        "address": settings.address,
        "evaluate": settings.evaluate,
        "waits_for": holder,
        "processes": processes,
        "engine": found,
    }
    terminal_output.print_sentence(json.dumps(said))
    return 0 if fine else 3


def backup_line(settings: Settings) -> None:
    """Say when the last backup was made, if backups are made here."""
    report = last_report(settings)
    if settings.backup.repository is None or report is None:
        return
    ago = terminal_output.duration_text(report.age.total_seconds())
    text = _("{time} ago, {added} new") if report.well else _("failed {time} ago; ./isomo doctor says why")
    terminal_output.print_fact(
        _("Backup"), text.format(time=ago, added=terminal_output.bytes_text(report.added))
    )


def engine_facts(settings: Settings) -> dict[str, Any] | None:
    """Version of the engine and the number of learners' servers; None without an engine.

    Raises IsomoError if the engine does not answer.
    """
    if settings.evaluate:
        return None
    client = docker_daemon.connect_engine(timeout=10)
    if settings.spawner == "swarm":
        count = len(server_networks.learner_services(client, settings))
    else:
        count = sum(
            each.status == "running" for each in docker_daemon.our_containers(client, settings, "lab")
        )
    return {"answers": True, "version": docker_daemon.engine_version(client), "learner_servers": count}


def _engine_or_silence(settings: Settings) -> dict[str, Any] | None:
    try:
        return engine_facts(settings)
    except IsomoError:
        return {"answers": False, "version": None, "learner_servers": None}


def waiting_hub(holder: str) -> str:
    """Return what the hub of this machine does while `holder` runs the hub."""
    return _("waits: {name} runs the hub; if it fails, this one goes on").format(name=holder)


def state_words(state: process_supervisor.State, silent: bool) -> str:
    """Return one process in words."""
    if not state.running:
        return _("not running; ./isomo logs {name} says why").format(name=state.name)
    text = _("running for {time} (process {pid})").format(
        time=terminal_output.duration_text(state.since), pid=state.pid
    )
    return (
        _("{text}, but it does not answer; ./isomo logs {name}").format(text=text, name=state.name)
        if silent
        else text
    )


def engine_line(settings: Settings) -> bool:
    """Say how the engine is, and how many learners' servers run. Returns whether it answers."""
    try:
        found = engine_facts(settings)
    except IsomoError as error:
        terminal_output.print_fact(_("Docker engine"), f"{error.message}\n{stopped_engine()}")
        return False
    if found is None:
        return True
    terminal_output.print_fact(_("Docker engine"), _("{version} answers").format(version=found["version"]))
    terminal_output.print_fact(_("Learners' servers"), str(found["learner_servers"]))
    return True


def stopped_engine() -> str:
    """Return what an engine that stopped means, and what to do."""
    return _(
        "Nobody can open a lab until it runs again; work that was saved is kept. Start it with ./isomo up: pages, "
        "marks and receipts go on meanwhile."
    )
