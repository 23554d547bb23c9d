"""Verb `up`: from whatever there is to a running hub. What is there already is left as it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

from hub import container_engine, home_images, home_limits, node_programs, private_files
from hub.hub_process import hub_turn
from hub.isomo_settings import Settings, load_settings
from hub.ops import (
    docker_daemon,
    docker_network,
    health_checks,
    host_firewall,
    image_builder,
    local_images,
    process_list,
    process_supervisor,
    single_run,
    startup_checks,
    state_preparation,
    swarm_nodes,
    terminal_output,
    this_installation,
)
from hub.ops.verb_sentences import _
from hub.ops.verbs.status import waiting_hub
from hub.settings_checks import require_workable
from hub.store import Store
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`up [--evaluate]`."""
    options = parse_options("up", argv)
    started = time.monotonic()
    require_workable(load_settings())  # Before `chosen` leaves its mark: a refusal changes nothing.
    settings = this_installation.settings_for(options.evaluate)
    startup_checks.require_privileges(settings)
    startup_checks.require_room(settings.state, startup_checks.STATE_BYTES, _("Isomo"))
    supervisor = process_supervisor.machine_supervisor(settings)
    require_ports(
        settings, supervisor
    )  # Before the long steps; the learners' network may not be there to ask yet.
    private_files.close_to_others(settings.state)
    for name in ("run", "logs", "labs", "homes"):
        private_files.make_private_folder(settings.state / name)
    with single_run.only_one(settings.state / "run" / "up.lock"):
        bring_up(settings, supervisor, started)
    return 0


def bring_up(settings: Settings, supervisor: process_supervisor.Supervisor, started: float) -> None:
    """Make what is missing, start what does not run, and say where to go; `started` is a monotonic time."""
    wanted = {} if settings.evaluate else local_images.image_names(settings)
    changed = make_surroundings(settings, wanted)
    node_programs.ensure_node()
    store = Store.migrate(settings)
    if home_limits.may_set_limits():
        home_images.mount_all(settings, lambda text: terminal_output.print_fact(_("Homes"), text))
    changed |= state_preparation.build_labs(settings)
    touched = start_processes(settings, supervisor, wanted)
    say_ready(settings, store, bool(changed or touched), time.monotonic() - started)


def make_surroundings(settings: Settings, wanted: dict[str, str]) -> bool:
    """Make engine, images and network, or their stand-in. Return whether anything was made."""
    if settings.grading.queue:
        image_builder.workers_environment(settings)
    if settings.evaluate:
        image_builder.lab_environment()
        image_builder.grader_environment()
        terminal_output.print_fact(
            _("Docker engine"), _("not used: learners are not isolated from each other or from this machine")
        )
        return False
    client = docker_daemon.ensure_engine(settings)
    terminal_output.print_fact(
        _("Docker engine"), _("{version} answers").format(version=docker_daemon.engine_version(client))
    )
    made = make_images(client, settings, wanted)
    new = docker_network.ensure_network(client, settings)
    restored = host_firewall.ensure_rules(settings)
    if settings.spawner == "swarm":
        new |= swarm_nodes.ensure_door_ways(client, settings, wanted["lab"])
    return bool(made or new or restored)


def make_images(
    client: container_engine.DockerClient, settings: Settings, wanted: dict[str, str]
) -> list[str]:
    """Make the images that are missing, and say what there is."""
    started = time.monotonic()
    which = local_images.needed_images(settings)
    if local_images.missing_images(client, wanted, which):
        place = Path(client.info()["DockerRootDir"])
        startup_checks.require_room(place, image_builder.NEEDED, _("making the images"))
    made = image_builder.ensure_images(client, settings, wanted, which)
    sizes = ", ".join(
        f"{name} {terminal_output.bytes_text(local_images.image_size(client, wanted[name]))}"
        for name in which
    )
    took = (
        _("made in {time}").format(time=terminal_output.duration_text(time.monotonic() - started))
        if made
        else _("up to date")
    )
    terminal_output.print_fact(_("Images"), f"{sizes:<34}{took}")
    return made


def require_ports(settings: Settings, supervisor: process_supervisor.Supervisor) -> None:
    """Raise IsomoError if another program holds a port of ours."""
    startup_checks.ports_free(settings, {state.name for state in supervisor.states() if state.running})


def start_processes(
    settings: Settings, supervisor: process_supervisor.Supervisor, pictures: dict[str, str]
) -> list[str]:
    """Start what does not run, restart what has changed; return the names of both."""
    require_ports(settings, supervisor)
    wanted = process_list.program_list(settings, os.environ, pictures)
    touched = supervisor.apply(wanted)
    names = {program.name for program in wanted}

    def grader_runs() -> bool:
        up = {state.name for state in supervisor.states() if state.running}
        return "grader" in up or "grader" not in names

    health_checks.wait_for_parts(settings, grader_runs)
    listed = ", ".join(program.name for program in wanted)
    terminal_output.print_fact(
        _("Running"), _("{names}, supervised by {label}").format(names=listed, label=supervisor.label)
    )
    say_turn(settings)
    return touched


def say_turn(settings: Settings) -> None:
    """Say if the hub of this machine waits, because another machine's one runs."""
    if holder := hub_turn.waits_for(settings):
        terminal_output.print_fact(_("Hub"), waiting_hub(holder))


def say_ready(settings: Settings, store: Store, changed: bool, seconds: float) -> None:
    """The last lines: where to go, and how to come in."""
    terminal_output.print_fact(
        _("Isomo is ready"),
        f"{settings.address:<34}" + _("after {time}").format(time=terminal_output.duration_text(seconds)),
    )
    if not changed:
        terminal_output.print_sentence(_("Everything was running already; nothing was changed."))
    link = state_preparation.administrator_link(settings, store)
    if link:
        terminal_output.print_sentence(
            _("Sign in once as administrator (valid {minutes} minutes):").format(
                minutes=state_preparation.LINK_MINUTES
            )
        )
        terminal_output.print_sentence(f"  {link}")
    else:
        terminal_output.print_sentence(_("A new sign-in link for anybody: ./isomo invite NAME"))
    terminal_output.print_sentence(
        _("Next: ./isomo demo   ·   ./isomo status   ·   ./isomo doctor   ·   ./isomo down")
    )
