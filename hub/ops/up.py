"""Verb `up`: from whatever there is to a running hub. What is there already is left as it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import docker

from hub import private_files, runtime
from hub.ops import (
    answers,
    build,
    checks,
    context,
    engine,
    firewall,
    images,
    network,
    prepare,
    programs,
    say,
    supervise,
)
from hub.ops.words import _
from hub.options import parse_options
from hub.settings import Settings, load
from hub.settings_checks import require_workable
from hub.store import Store


def command(argv: list[str]) -> int:
    """`up [--evaluate]`."""
    options = parse_options("up", argv)
    started = time.monotonic()
    require_workable(load())  # Before `chosen` leaves its mark: a refusal changes nothing.
    settings = context.chosen(options.evaluate)
    checks.privileged(settings)
    checks.room(settings.state, checks.STATE_BYTES, _("Isomo"))
    keeper = supervise.supervisor(settings)
    ports(settings, keeper)  # Before the long steps; the learners' network may not be there to ask yet.
    private_files.close_to_others(settings.state)
    for name in ("run", "logs", "labs", "homes"):
        private_files.make_private_folder(settings.state / name)
    wanted = {} if settings.evaluate else images.names(settings)
    changed = surroundings(settings, wanted)
    runtime.ensure_node()
    store = Store.migrate(settings)
    changed |= prepare.labs(settings)
    touched = processes(settings, keeper, wanted)
    say_ready(settings, store, bool(changed or touched), time.monotonic() - started)
    return 0


def surroundings(settings: Settings, wanted: dict[str, str]) -> bool:
    """Engine, images and network, or their stand-in. Returns whether anything was made."""
    if settings.grading.queue:
        build.workers_environment(settings)
    if settings.evaluate:
        build.lab_environment()
        build.grader_environment()
        say.line(
            _("Docker engine"), _("not used: learners are not isolated from each other or from this machine")
        )
        return False
    client = engine.ensure(settings)
    say.line(_("Docker engine"), _("{version} answers").format(version=engine.version(client)))
    made = pictures(client, settings, wanted)
    new = network.ensure(client, settings)
    restored = firewall.ensure(settings)
    return bool(made or new or restored)


def pictures(client: docker.DockerClient, settings: Settings, wanted: dict[str, str]) -> list[str]:
    """Make the images that are missing, and say what there is."""
    started = time.monotonic()
    if images.missing(client, wanted):
        place = Path(client.info()["DockerRootDir"])
        checks.room(place, build.NEEDED, _("making the images"))
    made = build.ensure(client, settings, wanted)
    sizes = ", ".join(f"{name} {say.amount(images.size(client, wanted[name]))}" for name in ("lab", "grader"))
    took = (
        _("made in {time}").format(time=say.duration(time.monotonic() - started)) if made else _("up to date")
    )
    say.line(_("Images"), f"{sizes:<34}{took}")
    return made


def ports(settings: Settings, keeper: supervise.Supervisor) -> None:
    """Raise IsomoError where another program holds a port of ours."""
    checks.ports_free(settings, {state.name for state in keeper.states() if state.running})


def processes(settings: Settings, keeper: supervise.Supervisor, pictures: dict[str, str]) -> list[str]:
    """Start what does not run, start anew what has changed; returns the names of both."""
    ports(settings, keeper)
    wanted = programs.programs(settings, os.environ, pictures)
    touched = keeper.apply(wanted)
    names = {program.name for program in wanted}

    def grader_runs() -> bool:
        up = {state.name for state in keeper.states() if state.running}
        return "grader" in up or "grader" not in names

    answers.wait(settings, grader_runs)
    listed = ", ".join(program.name for program in wanted)
    say.line(_("Running"), _("{names}, supervised by {label}").format(names=listed, label=keeper.label))
    return touched


def say_ready(settings: Settings, store: Store, changed: bool, seconds: float) -> None:
    """The last lines: where to go, and how to come in."""
    say.line(
        _("Isomo is ready"), f"{settings.address:<34}" + _("after {time}").format(time=say.duration(seconds))
    )
    if not changed:
        say.plain(_("Everything was running already; nothing was changed."))
    link = prepare.administrator_link(settings, store)
    if link:
        say.plain(
            _("Sign in once as administrator (valid {minutes} minutes):").format(minutes=prepare.LINK_MINUTES)
        )
        say.plain(f"  {link}")
    else:
        say.plain(_("A new sign-in link for anybody: ./isomo invite NAME"))
    say.plain(_("Next: ./isomo demo   ·   ./isomo status   ·   ./isomo doctor   ·   ./isomo down"))
