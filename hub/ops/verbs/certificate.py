"""Verb `certificate`: verify a code or a badge's file, list those of a course, revoke one."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub.campus.open_badge import read_badge
from hub.isomo_settings import Settings
from hub.ops import terminal_output
from hub.ops.installed_store import open_installation
from hub.ops.verbs.verb_words import _, refusal_error
from hub.store import Store
from hub.store.certificate_store import Certificate, Verified
from hub.store.refused_change import RefusedChange
from hub.store.signed_receipts import public_keys, utc_text
from hub.verb_errors import IsomoError
from hub.verb_options import Parser

WHO = "isomo certificate"
LONGEST_BADGE = 64 * 1024


def arguments() -> Parser:
    """Return the options of `certificate`."""
    parser = Parser("certificate", description=_("verify, list and revoke certificates"))
    parser.add_argument("what", choices=("verify", "list", "revoke"), help=_("what to do"))
    parser.add_argument("about", metavar="CODE|FILE|COURSE", help=_("a code, a badge's .jwt file, a course"))
    parser.add_argument(
        "--reason", metavar="TEXT", default="", help=_("why it is revoked; everybody reads it")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))
    return parser


def command(argv: list[str]) -> int:
    """`certificate verify CODE|FILE`, `certificate list COURSE`, `certificate revoke CODE --reason TEXT`."""
    options = arguments().parse_args(argv)
    settings, store = open_installation()
    if options.what == "list":
        return _list(store, options.about, as_json=options.json)
    if options.what == "revoke":
        return _revoke(store, options.about, options.reason)
    return _verify(settings, store, options.about, as_json=options.json)


def _verify(settings: Settings, store: Store, about: str, *, as_json: bool) -> int:
    found = verify_badge(settings, store, about)
    facts = found.facts
    if as_json:
        told = {"state": found.state, "code": found.code, "name": facts.get("name")}
        told |= {"course": facts.get("course_title"), "issued_at": facts.get("issued_at")}
        terminal_output.print_sentence(json.dumps(told, ensure_ascii=False))
        return 0 if found.state == "valid" else 1
    said = {
        "valid": _("Valid: {name}, {course}, issued on {day}."),
        "revoked": _("Revoked: {name}, {course}, issued on {day}. Reason: {reason}"),
        "altered": _("Not valid: what is kept of {code} no longer fits its signature."),
        "unknown": _("Unknown: no certificate {code} was issued here."),
    }[found.state]
    sentence = said.format(
        code=found.code,
        name=facts.get("name"),
        course=facts.get("course_title"),
        day=_day(settings, str(facts.get("issued_at", ""))),
        reason=found.certificate.reason if found.certificate else "",
    )
    if found.state != "valid":
        raise IsomoError(sentence, _("Compare it with the paper, then ask the office that gave it."))
    terminal_output.print_sentence(sentence)
    return 0


def _day(settings: Settings, issued_at: str) -> str:
    """Return the day on which a certificate was issued, as the office counts days; "" for one that is unknown."""
    zone = ZoneInfo(settings.timezone)
    return datetime.fromisoformat(issued_at).astimezone(zone).date().isoformat() if issued_at else ""


def verify_badge(settings: Settings, store: Store, about: str) -> Verified:
    """Verify a code, or the file of a badge: its signature first, then the certificate that it names."""
    keys, file = public_keys(settings), Path(about)
    if file.suffix != ".jwt":
        return store.certificates.verify(about, keys)
    badge = read_badge(_text(file), keys)
    if badge is None:
        return Verified("altered", file.name)
    return store.certificates.verify(str(badge["jti"]).rpartition("/")[2], keys)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(LONGEST_BADGE).decode("utf-8", "replace").strip()
    except OSError as error:
        raise IsomoError(
            _("{file} could not be read: {reason}.").format(file=file, reason=error.strerror),
            _("Give the .jwt file of the badge, or the code of the certificate."),
        ) from None


def _list(store: Store, course: str, *, as_json: bool) -> int:
    if store.courses.get(course) is None:
        raise IsomoError(_("There is no course {course}.").format(course=course))
    found = store.certificates.of_course(course)
    if as_json:
        terminal_output.print_sentence(json.dumps([_plain(each) for each in found], ensure_ascii=False))
        return 0
    for each in found:
        state = _("revoked") if each.revoked_at else _("valid")
        terminal_output.print_sentence(f"{each.code}  {state}  {each.learner}  {each.facts['name']}")
    if not found:
        terminal_output.print_sentence(_("No certificate was issued in {course} yet.").format(course=course))
    return 0


def _plain(each: Certificate) -> dict[str, Any]:
    return {
        "code": each.code,
        "learner": each.learner,
        "name": each.facts["name"],
        "issued_at": utc_text(each.issued_at),
        "revoked_at": utc_text(each.revoked_at) if each.revoked_at else None,
        "reason": each.reason,
    }


def _revoke(store: Store, code: str, reason: str) -> int:
    try:
        store.certificates.revoke(code, reason, WHO)
    except RefusedChange as error:
        raise refusal_error(error) from None
    store.audit.add(WHO, "revoked-certificate", code)
    terminal_output.print_sentence(
        _("{code} is revoked. Its public page says so, and why.").format(code=code)
    )
    return 0
