"""Verb `backup`: an encrypted copy of everything, made while Isomo runs."""

from __future__ import annotations

import json
from dataclasses import asdict

from hub.isomo_settings import Settings
from hub.ops import terminal_output, this_installation
from hub.ops.backup_run import Report, make_backup, snapshot_tag
from hub.ops.restic_backups import password_file, repository_of
from hub.ops.verb_sentences import _, plural_sentence
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`backup [--list] [--json]`."""
    options = parse_options("backup", argv)
    settings = this_installation.current_settings()
    if options.list:
        return show_list(settings, options.json)
    with terminal_output.long_step(_("Making a backup")).running():
        report = make_backup(settings)
    if options.json:
        terminal_output.print_sentence(json.dumps(asdict(report)))
        return 0
    show_report(settings, report)
    if password_file(settings).is_relative_to(settings.state):
        warn_about_password(settings)
    return 0


def show_report(settings: Settings, report: Report) -> None:
    """Say what was kept, and where."""
    terminal_output.print_fact(_("Backup"), _("{snapshot} in {place}").format(
        snapshot=report.snapshot, place=settings.backup.repository
    ))  # fmt: skip
    kept = plural_sentence(
        "{files} file, {size}; {added} of it new", "{files} files, {size}; {added} of it new", report.files
    )
    terminal_output.print_fact(_("Kept"), kept.format(
        files=report.files, size=terminal_output.bytes_text(report.size), added=terminal_output.bytes_text(report.added)
    ))  # fmt: skip
    terminal_output.print_fact(_("Attempts"), str(report.attempts))
    terminal_output.print_fact(_("Time"), terminal_output.duration_text(report.seconds))
    if report.problem:
        text = _("The backup is kept, but old ones could not be removed: {problem}")
        terminal_output.print_sentence(text.format(problem=report.problem))
    if report.unreadable:
        text = plural_sentence(
            "{count} file could not be read; the next backup tries it again.",
            "{count} files could not be read; the next backup tries them again.",
            report.unreadable,
        )
        terminal_output.print_sentence(text.format(count=report.unreadable))


def warn_about_password(settings: Settings) -> None:
    """Say where the password is: without it, no backup can be opened."""
    terminal_output.print_sentence(
        _(
            "Keep a copy of {file} on another machine or on paper: without it nobody can open the backups."
        ).format(file=password_file(settings))
    )


def show_list(settings: Settings, as_json: bool) -> int:
    """Show the backups that there are, the newest last."""
    found = repository_of(settings).snapshots(snapshot_tag(settings))
    if as_json:
        rows = [
            {"snapshot": each["short_id"], "time": each["time"], "host": each["hostname"]} for each in found
        ]
        terminal_output.print_sentence(json.dumps({"snapshots": rows}))
        return 0
    for each in found:
        terminal_output.print_fact(
            str(each["short_id"]), str(each["time"])[:16].replace("T", " ") + f"  {each['hostname']}"
        )
    if not found:
        terminal_output.print_sentence(_("There is no backup yet. Make one: ./isomo backup"))
    return 0
