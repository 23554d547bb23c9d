"""Verb `logs`: what the processes said."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hub.isomo_settings import Settings
from hub.ops import docker_daemon, process_supervisor, this_installation
from hub.ops.process_list import unit_name
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

LINES = 40


def command(argv: list[str]) -> int:
    """`logs [NAME] [-f]`."""
    options = parse_options("logs", argv)
    names = [options.name] if options.name else []
    settings = this_installation.current_settings()
    known = sorted(
        {
            *available_logs(settings),
            *(state.name for state in process_supervisor.machine_supervisor(settings).states()),
        }
    )
    if names and names[0] not in known:
        raise IsomoError(
            _("There is no log called {name}.").format(name=names[0]),
            _("There are: {names}.").format(names=", ".join(known)) if known else _("Nothing has run yet."),
        )
    if not known:
        raise IsomoError(_("There are no logs yet."), _("Start Isomo: ./isomo up"))
    chosen = names or known
    sys.stdout.flush()
    show = journal_command if in_journal(settings, chosen) else tail_command
    words = show(settings, chosen, options.follow)
    os.execvp(words[0], words)  # noqa: S606 - the log's own program takes over, Ctrl-C included


def available_logs(settings: Settings) -> list[str]:
    """Return names of the log files."""
    return [path.stem for path in sorted((settings.state / "logs").glob("*.log"))]


def in_journal(settings: Settings, names: list[str]) -> bool:
    """Return whether systemd keeps these logs."""
    return docker_daemon.has_systemd() and not any(log_file(settings, name).exists() for name in names)


def log_file(settings: Settings, name: str) -> Path:
    """Return the log of one process."""
    return settings.state / "logs" / f"{name}.log"


def tail_command(settings: Settings, names: list[str], follow: bool) -> list[str]:
    """Return the command that shows log files."""
    files = [str(log_file(settings, name)) for name in names]
    return ["tail", f"--lines={LINES}", *(["--follow=name", "--retry"] if follow else []), *files]


def journal_command(settings: Settings, names: list[str], follow: bool) -> list[str]:
    """Return the command that shows the journal of systemd."""
    units = [word for name in names for word in ("--unit", unit_name(settings, name))]
    return ["journalctl", "--no-pager", f"--lines={LINES}", *(["--follow"] if follow else []), *units]
