"""The administrator's page: is all well, whose servers run, backups, the announcement, settings with their source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from hub.campus import announcement_actions
from hub.campus.hub_client import RunningServer
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Campus, Sender, Visitor, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.message_catalogues import N_
from hub.ops.backup_run import LATE, last_report
from hub.ops.process_supervisor import machine_supervisor
from hub.ops.startup_checks import STATE_BYTES, free_bytes
from hub.settings_sources import shown_settings
from hub.store.monitoring_counts import read_figures

router = APIRouter(prefix="/system")
GIB = 1 << 30
LONG_WAIT = 600
"""Seconds after which work that waits to be graded is a bad sign."""


@dataclass(frozen=True)
class Sign:
    """One line of health: what, whether it is well (None for not known), and a sentence with its facts."""

    name: str
    well: bool | None
    text: str
    facts: dict[str, object]


@router.get("")
def system_page(request: Request, who: Who) -> Response:
    """Show health, servers, backups, announcement and settings."""
    who.must_administer()
    campus = who.campus
    servers, hub_away = _servers(who)
    return pages_of(request).show(
        who,
        "system.html",
        signs=list(_signs(campus, hub_away=hub_away)),
        servers=servers,
        hub_away=hub_away,
        backup=last_report(campus.settings),
        has_backups=campus.settings.backup.repository is not None,
        backup_hour=campus.settings.backup.hour,
        backup_late=LATE,
        announced={code: campus.store.announcements.current(code) for code in campus.settings.languages},
        settings=shown_settings(campus.settings),
    )


@router.post("/servers/stop")
def stop_server(who: Sender, name: Annotated[str, Form()]) -> Response:
    """Stop the servers of a person; what they typed is kept in their folder."""
    who.must_administer()
    if not who.campus.hub.stop_servers(name, who.campus.secrets.campus_token):
        raise Problem("hub-away")
    who.note("stopped-server", name)
    return redirect_done(who, "/system", "server-stopped", name=name)


@router.post("/announcement")
async def save_announcement(request: Request, who: Sender, hours: Annotated[int, Form()] = 24) -> Response:
    """Show an announcement to everybody; without any text the one of now goes."""
    form = await request.form()
    texts = {code: str(form.get(f"text_{code}", "")) for code in who.campus.settings.languages}
    return redirect_done(
        who,
        "/system",
        "announced" if announcement_actions.make_announcement(who, texts, hours) else "announcement-cleared",
    )


def _servers(who: Visitor) -> tuple[list[RunningServer], bool]:
    try:
        return who.campus.hub.servers(who.campus.secrets.campus_token), False
    except Problem:
        return [], True


def _signs(campus: Campus, *, hub_away: bool) -> Iterator[Sign]:
    settings = campus.settings
    try:
        figures = read_figures(campus.store.database)
    except SQLAlchemyError:
        yield Sign(N_("Database"), False, N_("The database does not answer."), {})
        return
    yield Sign(
        N_("Database"), True, N_("%(people)s open accounts, %(sessions)s signed in."),
        {"people": figures.people, "sessions": figures.sessions},
    )  # fmt: skip
    left = free_bytes(settings.state)
    yield Sign(N_("Disk"), left > STATE_BYTES, N_("%(size)s free."), {"size": f"{left / GIB:.0f} GiB"})
    hub_text = N_("The hub does not answer.") if hub_away else N_("The hub answers.")
    yield Sign(N_("Hub"), not hub_away, hub_text, {})
    states = machine_supervisor(settings).states()
    down = [state.name for state in states if not state.running]
    if not states:
        yield Sign(N_("Processes"), None, N_("Nothing supervises this campus."), {})
    elif down:
        yield Sign(N_("Processes"), False, N_("Not running: %(names)s."), {"names": ", ".join(down)})
    else:
        yield Sign(N_("Processes"), True, N_("All %(number)s run."), {"number": len(states)})
    waits = N_(
        "Waiting: %(waiting)s, the oldest for %(seconds)s s. Tasks that could not be checked: %(unchecked)s."
    )
    yield Sign(
        N_("Grading"), figures.oldest_wait < LONG_WAIT,
        waits if figures.waiting else N_("Nothing waits. Tasks that could not be checked: %(unchecked)s."),
        {
            "waiting": figures.waiting, "seconds": round(figures.oldest_wait),
            "unchecked": figures.could_not_check,
        },
    )  # fmt: skip
    if settings.mail is None:
        yield Sign(N_("Mails"), None, N_("No mail server is set."), {})
        return
    waiting, problem = campus.store.mails.waiting()
    text = N_("%(number)s wait: %(problem)s.") if problem else N_("%(number)s wait.")
    yield Sign(N_("Mails"), not problem, text, {"number": waiting, "problem": problem})
