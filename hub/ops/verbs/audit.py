"""Verb `audit`: prove that no entry of the audit log was changed or removed, or export it."""

from __future__ import annotations

import json
import sys
from datetime import UTC

from hub.ops import terminal_output, this_installation
from hub.ops.verbs.verb_words import _, plural_words
from hub.store import Store
from hub.store.audit_log import AuditCheck, AuditFilter
from hub.store.roster_file import csv_text
from hub.verb_errors import IsomoError
from hub.verb_options import Parser

HEADING = ("time", "user", "action", "object", "address", "seal")


def arguments() -> Parser:
    """Return the options of `audit`."""
    parser = Parser("audit", description=_("check the audit log, or export it"))
    parser.add_argument("what", choices=("verify", "export"), help=_("what to do"))
    parser.add_argument(
        "--seal", metavar="SEAL", default="", help=_("a newest seal noted earlier, which must still be there")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))
    return parser


def command(argv: list[str]) -> int:
    """`audit verify [--seal SEAL] [--json]`, `audit export`."""
    options = arguments().parse_args(argv)
    store = Store.open(this_installation.current_settings())
    if options.what == "export":
        rows = (
            [each.at.astimezone(UTC).isoformat(), each.who, each.what, each.object, each.address, each.seal]
            for each in store.audit.every(AuditFilter())
        )
        for line in csv_text(rows, HEADING):
            sys.stdout.write(line.replace("\r\n", "\n"))
        return 0
    found = store.audit.check(options.seal.strip().lower())
    if options.json:
        terminal_output.print_sentence(json.dumps({"whole": found.whole, **vars(found)}))
        return 0 if found.whole else 1
    if not found.whole:
        raise audit_error(found)
    whole = plural_words(
        "The audit log is whole: {number} entry.",
        "The audit log is whole: {number} entries.",
        found.entries,
    )
    terminal_output.print_sentence(whole.format(number=f"{found.entries:,}"))
    if found.seal:
        terminal_output.print_sentence(_("Newest seal, to note elsewhere: {seal}").format(seal=found.seal))
    return 0


def audit_error(found: AuditCheck) -> IsomoError:
    """Return what to say about a log that is not whole."""
    advice = _("Stop and compare it with a backup; whoever can write to the database can have done it.")
    if found.wrong_at is not None:
        return IsomoError(
            _("Entry {number} of the audit log was changed, or an entry before it was removed.").format(
                number=found.wrong_at
            ),
            advice,
        )
    if found.missing:
        removed = plural_words(
            "The newest entry of the audit log was removed.",
            "The newest {number} entries of the audit log were removed.",
            found.missing,
        )
        return IsomoError(removed.format(number=found.missing), advice)
    return IsomoError(
        _("The seal that you noted is no longer in the audit log, so it was written again."), advice
    )
