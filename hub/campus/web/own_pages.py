"""A person's own page: what is kept of them, as a file; which mails they get; how long things are kept."""

from __future__ import annotations

import tempfile
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response, StreamingResponse
from starlette.background import BackgroundTask

from hub.campus.person_erasure import backups_until
from hub.campus.request_context import Sender, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.own_data import write_own_data
from hub.campus.web.page_rendering import pages_of
from hub.message_catalogues import N_
from hub.store import Store
from hub.store.mail_queue import KINDS

router = APIRouter(prefix="/me")
PART = 1 << 20
"""Bytes of a file that are sent at a time."""
MAILS = {
    "feedback": N_("Feedback on my work is there"),
    "closing": N_("A lab closes within a day, and I have not handed it in"),
    "late": N_("A lab closed without my work"),
    "class": N_("My class meets within a day"),
}


@router.get("")
def own_page(request: Request, who: Who) -> Response:
    """Show account, certificates, mails and what is kept for how long."""
    store, settings = who.campus.store, who.campus.settings
    institution = store.institutions.get(who.person.institution) if who.person.institution else None
    return pages_of(request).show(
        who,
        "me.html",
        institution=institution,
        certificates=store.certificates.of_learner(who.name),
        has_tokens=bool(who.possible_scopes),
        has_mail=settings.mail is not None,
        kinds=[(kind, MAILS[kind], kind not in store.mails.refused_kinds(who.name)) for kind in KINDS],
        retention=settings.retention,
        reported=store.live_reports.is_wanted(who.name),
        backups_until=backups_until(settings),
    )


@router.post("/mails")
def choose_mails(who: Sender, kind: Annotated[list[str] | None, Form()] = None) -> Response:
    """Keep which kinds of mail this person wants."""
    who.campus.store.mails.choose(who.name, kind or [])
    return redirect_done(who, "/me", "saved")


@router.get("/data.zip")
def own_data(who: Who) -> Response:
    """Send all that is kept of this person."""
    return data_file(who.campus.store, who.name, who.language)


def data_file(store: Store, username: str, language: str) -> Response:
    """Return the answer that sends a person's data; it may be larger than memory should be."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed after the answer was sent
    write_own_data(store, username, language, kept)
    kept.seek(0)
    name = quote(f"{username}-data.zip", safe="")
    parts = iter(lambda: kept.read(PART), b"")
    return StreamingResponse(
        parts,
        media_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        background=BackgroundTask(kept.close),
    )
