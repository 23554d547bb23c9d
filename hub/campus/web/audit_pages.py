"""The audit log in words: filters by person, action and date, export, refused requests as counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from hub.campus.course_actions import YEARS
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor, Who, campus_sentence
from hub.campus.web.audit_words import ACTIONS
from hub.campus.web.page_rendering import PageNumber, pages_of
from hub.store.audit_log import AuditFilter
from hub.store.roster_file import csv_text

router = APIRouter(prefix="/audit")
PAGE = 50
HEADING = ("time", "user", "action", "object", "address", "seal")


@router.get("")
def audit_page(
    request: Request,
    who: Who,
    person: str = "",
    page: PageNumber = 1,
    *,
    action: str = "",
    since: str = "",
    until: str = "",
) -> Response:
    """Show who did what, the newest first."""
    who.must_administer()
    store = who.campus.store
    only = audit_filter(who, person, action, since, until)
    found = store.audit.newest(page=page - 1, size=PAGE + 1, only=only)
    entries, seal = store.audit.head()
    return pages_of(request).show(
        who,
        "audit.html",
        entries=found[:PAGE],
        more=len(found) > PAGE,
        page=page,
        person=person,
        action=action,
        since=since,
        until=until,
        actions=sorted(
            ((code, campus_sentence(who.language, text)) for code, text in ACTIONS.items()), key=_by_text
        ),
        words={code: campus_sentence(who.language, text) for code, text in ACTIONS.items()},
        refusals=store.refusals.newest(person),
        number=entries,
        seal=seal,
    )


@router.get("/export")
def export_audit(who: Who, person: str = "", action: str = "", since: str = "", until: str = "") -> Response:
    """The same entries as a CSV file, the oldest first, with times in UTC and each entry's seal."""
    who.must_administer()
    only = audit_filter(who, person, action, since, until)
    who.note("exported-audit", " ".join(filter(None, (person, action, since, until))) or "all")
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_lines(who, only), media_type="text/csv", headers=headers)


def audit_filter(who: Visitor, person: str, action: str, since: str, until: str) -> AuditFilter:
    """Return the filter that a form describes; days are the office's own, and `until` is the last one."""
    zone = ZoneInfo(who.campus.settings.timezone)
    first, last = _day(since), _day(until)
    after = last + timedelta(days=1) if last else None
    return AuditFilter(
        who=person.strip().replace("\x00", ""),
        what=action.replace("\x00", ""),
        since=datetime.combine(first, time(), zone) if first else None,
        before=datetime.combine(after, time(), zone) if after else None,
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Problem("bad-date", {"value": text[:40]}) from error
    if found.year not in YEARS:
        raise Problem("bad-date", {"value": text[:40]})
    return found


def _by_text(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _lines(who: Visitor, only: AuditFilter) -> Iterator[str]:
    rows = (
        [each.at.astimezone(UTC).isoformat(), each.who, each.what, each.object, each.address, each.seal]
        for each in who.campus.store.audit.every(only)
    )
    yield from csv_text(rows, HEADING)
