"""Verb `restore`: bring a backup back into an empty state folder, and prove that nothing is missing."""

from __future__ import annotations

import contextlib
import json
import shutil
from argparse import Namespace
from pathlib import Path
from typing import Any, cast

from alembic.util import CommandError

from hub import home_images
from hub.isomo_settings import Settings
from hub.ops import process_supervisor, terminal_output, this_installation
from hub.ops.application_cases import place_cases
from hub.ops.backup_run import STAGING, snapshot_tag
from hub.ops.database_copies import DUMP, SQLITE_FILES, is_whole, load_postgres
from hub.ops.restic_backups import Repository
from hub.ops.restore_check import Checked, check_state
from hub.ops.verb_sentences import _, plural_sentence
from hub.private_files import close_to_others, make_private_folder
from hub.store.database_connections import knows_revision
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

HOLDS_WORK = ("isomo.sqlite", "blobs", "homes", home_images.FOLDER, "projects", "keys")


def command(argv: list[str]) -> int:
    """`restore [--from PLACE] [--password-file FILE] [--snapshot ID] [--into FOLDER] [--json]`."""
    options = parse_options("restore", argv)
    settings = this_installation.current_settings()
    if options.into:
        settings = settings.model_copy(update={"state": Path(options.into).expanduser().resolve()})
    require_empty(settings)
    repository = restore_source(settings, options)
    with terminal_output.long_step(_("Restoring")).running():
        about, checked = restore_snapshot(settings, repository, options.snapshot, options.tag)
    if options.json:
        terminal_output.print_sentence(json.dumps({"state": str(settings.state), **vars(checked)}))
    else:
        show_restored(settings, about, checked)
    return 1 if checked.problems else 0


def restore_source(settings: Settings, options: Namespace) -> Repository:
    """Return the repository to restore from. Raises IsomoError if place or password are not known."""
    place = getattr(options, "from") or settings.backup.repository
    if not place:
        raise IsomoError(
            _("isomo.toml names no place for backups."),
            _("Say where the backup is: ./isomo restore --from /mnt/backup/isomo --password-file FILE"),
        )
    named = options.password_file or settings.backup.password_file
    if named is None or not Path(named).is_file():
        raise IsomoError(
            _("The backup's password is needed, and no file with it was named."),
            _("Write the password that you kept into a file: ./isomo restore --password-file FILE"),
        )
    return Repository(place, Path(named))


def require_empty(settings: Settings) -> None:
    """Raise IsomoError if the state folder holds work, or Isomo runs on it: nothing is ever overwritten."""
    if process_supervisor.machine_supervisor(settings).states():
        raise IsomoError(_("Isomo is running."), _("Stop it first: ./isomo down"))
    # An empty `keys` folder or one that only holds the backups' password is no work of anybody.
    there = [name for name in HOLDS_WORK if _holds_files(settings.state / name)]
    if there:
        raise IsomoError(
            _("{folder} holds an installation already ({names}).").format(
                folder=settings.state, names=", ".join(there)
            ),
            _("Name an empty folder: ./isomo restore --into FOLDER, or move this one away first."),
        )


def _holds_files(path: Path) -> bool:
    if path.is_dir():
        return any(each.name != "backup_password" for each in path.iterdir())
    return path.exists()


def restore_snapshot(
    settings: Settings, repository: Repository, snapshot: str, named: str | None
) -> tuple[dict[str, Any], Checked]:
    """Fetch a snapshot into a folder next to the state, put the databases in place, move it over, check it."""
    state = make_private_folder(settings.state)
    part = make_private_folder(state / "restoring")
    try:
        wanted = ["--tag", named or snapshot_tag(settings)] if snapshot == "latest" else []
        repository.must("restore", snapshot, *wanted, "--target", str(part))
        about = backup_description(part / STAGING)
        require_known(about)
        place_databases(settings, part, about)
        damaged = place_cases(part, part / STAGING)
        for each in sorted(part.iterdir()):
            if each.name != STAGING:
                _move(each, state / each.name)
        kept = part / STAGING / "isomo.toml"
        if kept.exists():
            _move(kept, state / "isomo.toml.of-the-backup")
    finally:
        shutil.rmtree(part, ignore_errors=True)
    close_to_others(state)
    checked = check_state(settings, about)
    for project in damaged:
        checked.problems.append(_("The cases of the application {name} are damaged.").format(name=project))
    return about, checked


def _move(source_: Path, target: Path) -> None:
    if target.is_dir() and source_.is_dir():
        for each in source_.iterdir():
            each.replace(target / each.name)
        return
    source_.replace(target)


def backup_description(staging: Path) -> dict[str, Any]:
    """Return what the backup says of itself. Raises IsomoError if it is no backup of Isomo."""
    with contextlib.suppress(OSError, ValueError):
        return cast("dict[str, Any]", json.loads((staging / "about.json").read_text("utf-8")))
    raise IsomoError(
        _("This is not a backup that ./isomo backup made."),
        _("Look at what there is with restic snapshots, and name one with --snapshot ID"),
    )


def require_known(about: dict[str, Any]) -> None:
    """Raise IsomoError if the backup is of a newer version than this checkout."""
    with contextlib.suppress(CommandError):
        if knows_revision(about.get("revision")):
            return
    raise IsomoError(
        _("This backup is of a newer version of Isomo than this checkout."),
        _("Take a checkout of that version or a newer one, then restore again."),
    )


def place_databases(settings: Settings, part: Path, about: dict[str, Any]) -> None:
    """Put the copies of the databases where they belong; each is checked first."""
    staging = part / STAGING
    kind = "sqlite" if settings.database == "sqlite" else "postgresql"
    if about.get("database") != kind:
        raise IsomoError(
            _("This backup is of {was}, and isomo.toml names {now}.").format(
                was=about.get("database"), now=kind
            ),
            _("Set database in isomo.toml to the kind that the backup is of, then restore again."),
        )
    if kind == "postgresql":
        load_postgres(settings.database_url, staging / DUMP)
        return
    for name in SQLITE_FILES:
        if (staging / name).exists():
            if not is_whole(staging / name):
                raise IsomoError(
                    _("The copy of {file} in this backup is damaged.").format(file=name),
                    _("Restore an earlier one: ./isomo backup --list, then ./isomo restore --snapshot ID"),
                )
            (staging / name).replace(part / name)


def show_restored(settings: Settings, about: dict[str, Any], checked: Checked) -> None:
    """Say what is there again, and what to do next."""
    terminal_output.print_fact(_("Restored"), str(settings.state))
    terminal_output.print_fact(_("People"), str(about.get("people", "")))
    terminal_output.print_fact(_("Attempts"), plural_sentence(
        "{count}, with {files} file, read and compared",
        "{count}, with {files} files, all read and compared",
        checked.files,
    ).format(
        count=checked.attempts, files=checked.files
    ))  # fmt: skip
    terminal_output.print_fact(
        _("Receipts"), _("{good} of {count} verify").format(good=checked.receipts, count=checked.attempts)
    )
    for sentence in checked.problems:
        terminal_output.print_sentence(sentence)
    if checked.problems:
        terminal_output.print_sentence(
            _("Something is missing: restore an earlier backup into another folder and compare.")
        )
        return
    terminal_output.print_sentence(
        _("Nothing is missing. Check that state in isomo.toml names this folder, then run ./isomo up")
    )
