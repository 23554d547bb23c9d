"""Verb `check-settings`: what the settings file would run, or each mistake in it as one sentence."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from hub.isomo_settings import Limits, Settings, SettingsError, load_settings
from hub.memory_sizes import Size
from hub.ops import terminal_output
from hub.ops.verb_sentences import _
from hub.settings_checks import require_workable
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`check-settings [FILE] [--json]`: exit code 0 if `up` would accept the file, else 1."""
    options = parse_options("check-settings", argv)
    file = Path(options.file) if options.file else None
    try:
        settings = load_settings(file)
        require_workable(settings, file)
    except SettingsError as error:
        return _refuse(str(error).splitlines(), options.json)
    if options.json:
        terminal_output.print_sentence(
            json.dumps({"valid": True, "errors": [], "settings": settings_summary(settings)})
        )
        return 0
    for label, text in settings_facts(settings):
        terminal_output.print_fact(label, text)
    terminal_output.print_sentence(_("These settings are in order."))
    return 0


def _refuse(errors: list[str], as_json: bool) -> int:
    if as_json:
        terminal_output.print_sentence(json.dumps({"valid": False, "errors": errors, "settings": None}))
    else:
        sys.stderr.write("\n".join(errors) + "\n")
    return 1


def database_shown(settings: Settings) -> str:
    """Return the database without its password, which may also be a word after the `?`."""
    if settings.database == "sqlite":
        return f"SQLite, {settings.state / 'isomo.sqlite'}"
    url = make_url(settings.database_url).difference_update_query(["password"])
    return url.render_as_string(hide_password=True)


def limits_shown(limits: Limits) -> dict[str, Any]:
    """Return the limits of one kind of container, as numbers: bytes, cores, a count."""
    return {
        "memory": int(limits.memory),
        "cpu": limits.cpu,
        "home_quota": int(limits.home_quota),
        "processes": limits.processes,
    }


def settings_summary(settings: Settings) -> dict[str, Any]:
    """Return what would run, for programs."""
    return {
        "address": settings.address,
        "learner_address": settings.learner_address,
        "encrypted": settings.tls is not None,
        "database": database_shown(settings),
        "state": str(settings.state),
        "languages": list(settings.languages),
        "timezone": settings.timezone,
        "evaluate": settings.evaluate,
        "limits": {name: limits_shown(getattr(settings, name)) for name in ("learner", "trainer", "grading")},
    }


def settings_facts(settings: Settings) -> list[tuple[str, str]]:
    """Return what would run, for people."""
    limits = {
        _("Learner"): settings.learner,
        _("Trainer"): settings.trainer,
        _("Grading"): settings.grading,
    }
    return [
        (_("Address"), settings.address),
        (_("Notebooks"), settings.learner_address),
        (_("Database"), database_shown(settings)),
        (_("State folder"), str(settings.state)),
        (_("Languages"), ", ".join(settings.languages)),
        (_("Time zone"), settings.timezone),
        *((label, _limits_line(each)) for label, each in limits.items()),
    ]


def _limits_line(limits: Limits) -> str:
    return _("{memory} memory, {cpu} cores, {processes} processes").format(
        memory=Size(limits.memory), cpu=f"{limits.cpu:g}", processes=limits.processes
    )
