"""Verb `upgrade`: a newer version of Isomo, checked first, with a way back that keeps what was handed in since."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub.isomo_settings import CHECKOUT, Settings
from hub.ops import process_supervisor, startup_checks, terminal_output, this_installation
from hub.ops.backup_run import last_report, make_backup
from hub.ops.checkout_versions import Change, Checkout
from hub.ops.database_copies import copy_databases
from hub.ops.verb_sentences import _
from hub.private_files import make_private_folder
from hub.store.database_connections import Database, knows_revision
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

ROOM = 2 * 10**9


@dataclass(frozen=True)
class Record:
    """The last upgrade: where it came from, and the folder with the databases as they were."""

    at: str
    commit: str
    version: str
    revision: str | None
    copies: str


def command(argv: list[str]) -> int:
    """`upgrade [--check] [--to VERSION] [--offline]`, or `upgrade --back`."""
    options = parse_options("upgrade", argv)
    settings, checkout = this_installation.current_settings(), Checkout(CHECKOUT)
    if options.back:
        return go_back(settings, checkout)
    change = find_change(checkout, options)
    if change is None:
        terminal_output.print_sentence(_("This is the newest version already; nothing was changed."))
        return 0
    show_change(settings, checkout, change)
    if options.check:
        terminal_output.print_sentence(_("Nothing was changed. To take this version: ./isomo upgrade"))
        return 0
    return go_forward(settings, checkout, change)


def find_change(checkout: Checkout, options: Namespace) -> Change | None:
    """Return what would change; None if nothing would. Raises IsomoError if an upgrade cannot be made."""
    checkout.require_clean()
    if not options.offline:
        checkout.fetch()
    commit = checkout.resolve(options.to)
    if commit == checkout.head:
        return None
    if not checkout.is_newer(commit):
        raise IsomoError(
            _("{name} does not build on the version that is here.").format(name=options.to or commit[:10]),
            _("To return to the version before the last upgrade: ./isomo upgrade --back"),
        )
    return checkout.change_to(commit)


def show_change(settings: Settings, checkout: Checkout, change: Change) -> None:
    """Say what is here, what would come, and what it asks for."""
    here = checkout.head
    terminal_output.print_fact(_("Here"), f"{checkout.version_of(here)} ({here[:10]})")
    terminal_output.print_fact(
        _("New"),
        _("{version} ({commit}), {count} changes").format(
            version=change.version, commit=change.commit[:10], count=change.commits
        ),
    )
    names = ", ".join(change.migrations) or _("stays as it is")
    terminal_output.print_fact(_("Database"), names)
    terminal_output.print_fact(
        _("Packages"), _("new ones are fetched") if change.packages else _("stay as they are")
    )
    report = last_report(settings)
    if report is None or not report.well:
        terminal_output.print_fact(
            _("Backup"), _("none yet; the databases are copied before anything is changed")
        )
    else:
        terminal_output.print_fact(
            _("Backup"),
            _("{time} ago").format(time=terminal_output.duration_text(report.age.total_seconds())),
        )


def go_forward(settings: Settings, checkout: Checkout, change: Change) -> int:
    """Keep what is needed for the way back, take the new files, and let their own `up` do the rest."""
    startup_checks.require_room(settings.state, ROOM, _("the upgrade"))
    record = keep_record(settings, checkout)
    checkout.go_to(change.commit)
    if run_new("up", *(["--evaluate"] if settings.evaluate else [])) == 0:
        terminal_output.print_sentence(_("Isomo runs in version {version}.").format(version=change.version))
        terminal_output.print_sentence(
            _("If something is wrong with it, return to the version before: ./isomo upgrade --back")
        )
        return 0
    terminal_output.print_sentence(_("The new version did not start. Returning to the version before."))
    # Only the new version knows how to take its own changes of the database back.
    if Database(settings.database_url).revision() != record.revision:
        return 1 if run_new("upgrade", "--back") == 0 else say_stuck(record)
    checkout.go_to(record.commit)
    again = run_new("up", *(["--evaluate"] if settings.evaluate else []))
    return 1 if again == 0 else say_stuck(record)


def say_stuck(record: Record) -> int:
    """Say where everything is if neither version starts; returns the exit code."""
    raise IsomoError(
        _("Neither the new version nor the one before starts."),
        _(
            "Nothing is lost. The databases as they were are in {folder}; the version before is {commit}."
        ).format(folder=record.copies, commit=record.commit),
    )


def keep_record(settings: Settings, checkout: Checkout) -> Record:
    """Copy the databases, make a backup if there is a place for it, and write down where this upgrade began."""
    now = datetime.now(UTC)
    folder = make_private_folder(make_private_folder(settings.state / "upgrades") / f"{now:%Y%m%d-%H%M%S}")
    with terminal_output.long_step(_("Copying the databases")).running():
        copy_databases(settings, folder)
    if settings.backup.repository is not None:
        with terminal_output.long_step(_("Making a backup")).running():
            make_backup(settings)
    head = checkout.head
    revision = Database(settings.database_url).revision()
    record = Record(now.isoformat(), head, checkout.version_of(head), revision, str(folder))
    record_file(settings).write_text(json.dumps(asdict(record)), "utf-8")
    return record


def record_file(settings: Settings) -> Path:
    """Return where the last upgrade is written down."""
    return settings.state / "upgrades" / "last.json"


def go_back(settings: Settings, checkout: Checkout) -> int:
    """Return to the version before the last upgrade. What was handed in since stays."""
    record = last_record(settings)
    checkout.require_clean()
    database = Database(settings.database_url)
    with terminal_output.long_step(
        _("Returning to version {version}").format(version=record.version)
    ).running():
        # Hub, campus and grader stop for this moment; learners' servers go on.
        process_supervisor.machine_supervisor(settings).stop()
        if record.revision is not None and database.revision() != record.revision:
            if not knows_revision(record.revision):
                say_stuck(record)
            database.downgrade(record.revision)
        database.engine.dispose()
        checkout.go_to(record.commit)
    record_file(settings).rename(record_file(settings).with_name("undone.json"))
    done = run_new("up", *(["--evaluate"] if settings.evaluate else []))
    if done:
        return say_stuck(record)
    terminal_output.print_sentence(_("Isomo runs in version {version}. What was handed in meanwhile is kept.").format(
        version=record.version
    ))  # fmt: skip
    return 0


def last_record(settings: Settings) -> Record:
    """Return the last upgrade. Raises IsomoError if there was none."""
    try:
        return Record(**json.loads(record_file(settings).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        raise IsomoError(
            _("No upgrade was made here, so there is no version to return to."),
            _("Versions that were here: git reflog"),
        ) from None


def run_new(*words: str) -> int:
    """Run `./isomo WORDS…` of the files that are in the checkout now, in a separate process."""
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "isomo"), *words], cwd=CHECKOUT, check=False
    ).returncode
