"""Verb `roster`: import people, courses and classes from CSV or Excel, or export them in the same shape."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from hub.campus.late_recount import recount_learners
from hub.isomo_settings import Settings
from hub.ops import terminal_output
from hub.ops.installed_store import open_installation
from hub.ops.verbs.verb_words import _, store_sentence
from hub.store import Store
from hub.store.roster_file import (
    LARGEST_FILE,
    RosterFile,
    UnreadableRoster,
    csv_text,
    excel_bytes,
    read_roster,
)
from hub.store.roster_file import REASONS as FILE_REASONS
from hub.store.roster_plan import REASONS, RosterPlan
from hub.verb_errors import IsomoError
from hub.verb_options import Parser

WHO = "isomo roster"
MOST_SHOWN = 50


def arguments() -> Parser:
    """Return the options of `roster`."""
    parser = Parser("roster", description=_("import or export people with their courses and classes"))
    parser.add_argument("what", choices=("import", "export"), help=_("what to do"))
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help=_("CSV or .xlsx; for export it may be left out: standard output"),
    )
    parser.add_argument(
        "--yes", action="store_true", help=_("import it; without this, only say what would change")
    )
    parser.add_argument(
        "--make-missing", action="store_true", help=_("make institutions and courses that are missing")
    )
    parser.add_argument("--course", metavar="COURSE", default="", help=_("export this course only"))
    parser.add_argument(
        "--institution",
        metavar="INSTITUTION",
        default="",
        help=_("export the people of this institution and of all below it"),
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))
    return parser


def command(argv: list[str]) -> int:
    """`roster import FILE [--yes] [--make-missing] [--json]`, `roster export [FILE] [--course C]`."""
    options = arguments().parse_args(argv)
    settings, store = open_installation()
    if options.what == "export":
        return export_rows(store, options.file, options.course, options.institution)
    if not options.file:
        raise IsomoError(_("There is no file to import."), _("Type ./isomo roster import FILE."))
    file = read_file(Path(options.file))
    plan = planned_roster(settings, store, file, make_missing=options.make_missing, yes=options.yes)
    if options.json:
        terminal_output.print_sentence(json.dumps(as_json(plan, imported=options.yes)))
    else:
        show_plan(plan, file, imported=options.yes)
    return 1 if plan.bad else 0


def read_file(path: Path) -> RosterFile:
    """Read a roster. Raises IsomoError."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableRoster("too-large", most=LARGEST_FILE)
        return read_roster(path.read_bytes())
    except OSError as error:
        raise IsomoError(
            _("{file} cannot be read: {reason}.").format(file=path, reason=error.strerror or error),
            _("Check its name, then type the command again."),
        ) from error
    except UnreadableRoster as error:
        raise IsomoError(store_sentence(FILE_REASONS[error.reason], **error.facts)) from error


def planned_roster(
    settings: Settings, store: Store, file: RosterFile, *, make_missing: bool, yes: bool
) -> RosterPlan:
    """Return what the roster changes, carried out with `yes`. Raises IsomoError."""
    if not yes:
        return store.rosters.plan(file.rows, settings.languages, make_missing=make_missing)
    try:
        plan = store.rosters.carry_out(file.rows, settings.languages, make_missing=make_missing)
    except IntegrityError as error:
        raise IsomoError(
            _("Somebody else changed the same people at the same moment, so nothing was imported."),
            _("Type the command again."),
        ) from error
    recount_learners(store, {name for _course, name in plan.classes}, WHO)
    counts = plan.counts().items()
    store.audit.add(
        WHO, "imported-roster", ", ".join(f"{name}: {number}" for name, number in counts if number)
    )
    return plan


def show_plan(plan: RosterPlan, file: RosterFile, *, imported: bool) -> None:
    """Print a plan for people."""
    counts = plan.counts()
    for label, number in (
        (_("Rows"), counts["rows"]),
        (_("New people"), counts["new_people"]),
        (_("Changed people"), counts["changed_people"]),
        (_("Enrolments"), counts["enrolled"]),
        (_("Put into a class"), counts["put_in_class"]),
        (_("Moved to a class"), counts["moved_to_another_class"]),
        (_("New institutions"), counts["new_institutions"]),
        (_("New courses"), counts["new_courses"]),
        (_("New classes"), counts["new_classes"]),
        (_("Unchanged rows"), counts["unchanged_rows"]),
        (_("Bad rows"), counts["bad_rows"]),
    ):
        terminal_output.print_fact(label, f"{number:,}")
    if file.ignored:
        terminal_output.print_sentence(
            _("These columns mean nothing here: {names}").format(names=", ".join(file.ignored))
        )
    for bad in plan.bad[:MOST_SHOWN]:
        sentence = store_sentence(REASONS[bad.reason], **bad.facts)
        terminal_output.print_sentence(
            _("Row {number} ({name}) {sentence}").format(number=bad.number, name=bad.name, sentence=sentence)
        )
    if len(plan.bad) > MOST_SHOWN:
        terminal_output.print_sentence(_("And {number} more.").format(number=len(plan.bad) - MOST_SHOWN))
    if imported:
        terminal_output.print_sentence(_("Imported."))
    elif plan.changes:
        terminal_output.print_sentence(_("Nothing was changed. Add --yes to import it."))
    else:
        terminal_output.print_sentence(_("This roster changes nothing."))


def as_json(plan: RosterPlan, *, imported: bool) -> dict[str, object]:
    """Return a plan for programs."""
    bad = [
        {
            "row": each.number,
            "name": each.name,
            "reason": each.reason,
            "message": store_sentence(REASONS[each.reason], **each.facts),
        }
        for each in plan.bad
    ]
    return {"imported": imported, "counts": plan.counts(), "bad_rows": bad}


def export_rows(store: Store, file: str | None, course: str, institution: str) -> int:
    """Write the roster to a file, or to standard output."""
    rows = store.rosters.exported(course=course, institution=institution)
    if file is None:
        for line in csv_text(rows):
            sys.stdout.write(line.replace("\r\n", "\n"))
    elif file.lower().endswith(".xlsx"):
        _written(Path(file), excel_bytes(rows))
    else:
        _written(Path(file), "".join(csv_text(rows)).encode())
    store.audit.add(WHO, "exported-roster", course or institution or "all")
    if file is not None:
        terminal_output.print_sentence(
            _("Written to {file}. It names people: keep it where only you can read it.").format(file=file)
        )
    return 0


def _written(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
        path.chmod(0o600)
    except OSError as error:
        raise IsomoError(
            _("{file} cannot be written: {reason}.").format(file=path, reason=error.strerror or error)
        ) from error
