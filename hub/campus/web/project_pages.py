"""Projects of data teams: who builds, approves, reviews and uses an application, how it is used, its off switch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from hub.campus import project_folders
from hub.campus.application_shares import give_share
from hub.campus.problem_codes import Problem
from hub.campus.project_actions import (
    give_part,
    make_project,
    project_for,
    projects_seen,
    switch_project,
    take_part,
    tell_application,
)
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.message_catalogues import N_
from hub.project_places import application_folder, team_folder
from hub.shared_names import APPLICATIONS, PROJECT_SERVER
from hub.store.project_store import PARTS, TEMPLATES, Project

router = APIRouter(prefix="/projects")
START_SECONDS = 25.0
"""How long a person waits for an application that is started for them; longer ones are asked to come back."""
PART_WORDS = {
    "team": N_("Team"),
    "approver": N_("Approver"),
    "reviewer": N_("Reviewers"),
    "user": N_("Users"),
}
PART_MISSING = {
    "approver": N_(
        "The application has no approver now: nobody can approve a version or go back to one. Add one below."
    ),
    "reviewer": N_(
        "The application has no reviewer now: nobody decides what the model hands on. Add one below."
    ),
}
REVIEW_DUE = N_(
    "The review was due on {day}. The team measures it again with later cases and shares a new version."
)
ROOM_WORDS = {
    team_folder: N_("The team's folder: {used} of {most} GB"),
    application_folder: N_("The application's folder: {used} of {most} GB"),
}
ROOM_SHORT = {
    team_folder: N_("The team's folder is almost full. Delete files that the team does not need."),
    application_folder: N_(
        "The application's folder is almost full. When it is, no case is answered any more. Ask the administrator for "
        "more room."
    ),
}
TEMPLATE_WORDS = {
    "triage": N_("Which case needs a person first"),
    "routing": N_("Which desk a letter is for"),
    "dedup": N_("Whether two payments went to one person"),
    "forecast": N_("How many requests come next week"),
    "answers": N_("Which of the office's rules answers a question"),
}


@dataclass(frozen=True)
class Line:
    """One project in the list."""

    project: Project
    parts: frozenset[str]
    usage: dict[str, Any]


def _take_versions(who: Visitor, name: str) -> Problem | None:
    """Take in what the team shared; return why a version was left out."""
    taken = project_folders.take_versions(who.campus.settings.state, name)
    for number in taken.numbers:
        who.note("took-version", f"{name} version {number}")
    return taken.trouble


@router.get("")
def projects_page(request: Request, who: Who) -> Response:
    """Every project of a person; all of them for administrators."""
    state = who.campus.settings.state
    lines = [
        Line(project, parts, project_folders.application_usage(state, project.name))
        for project, parts in projects_seen(who)
    ]
    return pages_of(request).show(
        who,
        "projects.html",
        lines=lines,
        part_words=PART_WORDS,
        templates=TEMPLATE_WORDS,
        may_make="data-team" in who.roles,
    )


@router.post("")
def add_project(
    who: Sender,
    name: Annotated[str, Form()],
    title: Annotated[str, Form()],
    template: Annotated[str, Form()] = TEMPLATES[0],
) -> Response:
    """Make a project; its folder is filled from the template when its server is opened for the first time."""
    short = make_project(who, name, title, template)
    return redirect_done(who, f"/projects/{short}", "made", name=title)


def _todo(who: Visitor, name: str) -> list[str]:
    """Return what keeps an application from going on well, as sentences."""
    state = who.campus.settings.state
    if not project_folders.version_numbers(application_folder(state, name)):
        return []
    parts = {each.part for each in who.campus.store.projects.present(name)}
    told = project_folders.application_usage(state, name)
    found = [who.say(PART_MISSING[part]) for part in PART_MISSING if part not in parts]
    if told["review_on"] and told["review_on"] < datetime.now(UTC).date().isoformat():
        found.append(who.say(REVIEW_DUE, day=told["review_on"]))
    return found


def _rooms(who: Visitor, name: str) -> tuple[list[str], list[str]]:
    """Return how full the project's folders are, as sentences, and what to do about those that are almost full."""
    settings, said, short = who.campus.settings, [], []
    for place, text in ROOM_WORDS.items():
        room = project_folders.folder_room(settings, place(settings.state, name))
        if room is not None:
            figures = {"used": f"{room.used / 10**9:.1f}", "most": f"{room.most / 10**9:.1f}"}
            said.append(who.say(text, **figures))
            if room.is_short:
                short.append(who.say(ROOM_SHORT[place]))
    return said, short


@router.get("/{name}")
def project_page(name: str, request: Request, who: Who) -> Response:
    """One project: what to do next, people, use, versions, off switch."""
    project, rights = project_for(who, name)
    state, store = who.campus.settings.state, who.campus.store
    problem = _take_versions(who, name)
    trouble = who.say(problem.sentence, **problem.facts) if problem else None
    members = store.projects.members(name)
    people = {part: [each for each in members if each.part == part] for part in PARTS}
    rooms, short = _rooms(who, name) if rights.arranges else ([], [])
    return pages_of(request).show(
        who,
        "project.html",
        project=project,
        rights=rights,
        people=people,
        trouble=trouble,
        usage=project_folders.application_usage(state, name),
        versions=project_folders.version_numbers(application_folder(state, name)),
        part_words=PART_WORDS,
        decides=TEMPLATE_WORDS[project.template],
        todo=[*_todo(who, name), *short],
        rooms=rooms,
        away={each.username for each in members} - {each.username for each in store.projects.present(name)},
    )


@router.post("/{name}/people")
def add_member(
    name: str, who: Sender, username: Annotated[str, Form()], part: Annotated[str, Form()]
) -> Response:
    """Give a person a part."""
    person = give_part(who, name, username, part)
    return redirect_done(who, f"/projects/{name}", "joined-project", name=person)


@router.post("/{name}/people/{username}/{part}/remove")
def remove_member(name: str, username: str, part: str, who: Sender) -> Response:
    """Take a part from a person; their server in the project stops with it."""
    take_part(who, name, username, part)
    back = "/projects" if username == who.name else f"/projects/{name}"
    return redirect_done(who, back, "left-project", name=username)


@router.post("/{name}/switch")
def switch_application(
    name: str, who: Sender, what: Annotated[str, Form()], why: Annotated[str, Form()] = ""
) -> Response:
    """Switch the application off, or on again; approver and administrator only."""
    switch_project(who, name, on=what == "on", why=why)
    return redirect_done(who, f"/projects/{name}", "switched-on" if what == "on" else "switched-off")


@router.get("/{name}/work")
def open_folder(name: str, who: Who) -> Response:
    """Go to the project's folder in a server of one's own, which is started first if it does not run."""
    _project_name, rights = project_for(who, name)
    if not rights.builds:
        raise Problem("not-allowed")
    settings, server = who.campus.settings, PROJECT_SERVER + name
    who.note("opened-project", name)
    path = f"/user/{quote(who.name)}/{quote(server)}/lab/tree/{name}"
    user = who.campus.hub.user(who.token, fresh=True)
    if user is not None and server in user.ready:
        return RedirectResponse(f"{settings.learner_address}{path}", 303)
    begin = f"{settings.address}/hub/spawn/{quote(who.name)}/{quote(server)}"
    return RedirectResponse(f"{begin}?{urlencode({'next': path})}", 303)


@router.get("/{name}/open")
def open_application(name: str, who: Who, page: str = "") -> Response:
    """Go to the shared application, which is started first if it does not run."""
    project, rights = project_for(who, name)
    campus = who.campus
    if not rights.opens:
        raise Problem("not-allowed")
    if project.off_at is not None:
        raise Problem("project-off", {"why": project.off_why})
    trouble = _take_versions(who, name)
    if not project_folders.version_numbers(application_folder(campus.settings.state, name)):
        raise trouble or Problem("no-version")
    tell_application(who, name)
    token, until = campus.secrets.campus_token, time.monotonic() + START_SECONDS
    if not campus.hub.server_ready(APPLICATIONS, name, token):
        if not campus.hub.change_server(APPLICATIONS, name, token, start=True):
            raise Problem("hub-away")
        while not campus.hub.server_ready(APPLICATIONS, name, token):
            if time.monotonic() > until:
                raise Problem("application-starting")
            time.sleep(0.2)
    if not give_share(campus, name, who.name):
        raise Problem("hub-away")
    inner = page if page in ("batch", "queue", "month", "versions") else ""
    return RedirectResponse(f"{campus.settings.learner_address}/user/{APPLICATIONS}/{name}/{inner}", 303)
