"""Projects of data teams: who builds, approves, reviews and uses an application, how it is used, its off switch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from hub.campus import project_folders
from hub.campus.context import Sender, Visitor, Who
from hub.campus.problems import Problem
from hub.campus.web.messages import done
from hub.campus.web.rendering import pages_of
from hub.names import APPLICATIONS, PROJECT_SERVER
from hub.project_places import application_folder
from hub.store.projects import PARTS, TEMPLATES, Project
from hub.words import N_

router = APIRouter(prefix="/projects")
LONGEST_WHY = 500
START_SECONDS = 25.0
"""How long a person waits for an application that is started for them; longer ones are asked to come back."""
PART_WORDS = {
    "team": N_("Team"),
    "approver": N_("Approver"),
    "reviewer": N_("Reviewers"),
    "user": N_("Users"),
}
TEMPLATE_WORDS = {
    "triage": N_("Which case needs a person first"),
    "routing": N_("Which desk a letter is for"),
    "dedup": N_("Whether two payments went to one person"),
    "forecast": N_("How many requests come next week"),
    "answers": N_("Which of the office's rules answers a question"),
}


@dataclass(frozen=True)
class Rights:
    """The rights of one person in a project."""

    builds: bool
    opens: bool
    switches: bool
    arranges: bool


@dataclass(frozen=True)
class Line:
    """One project in the list."""

    project: Project
    parts: frozenset[str]
    usage: dict[str, Any]


def _project(who: Visitor, name: str) -> tuple[Project, Rights]:
    """Return a project and a person's rights in it. Raises Problem if they have none."""
    store = who.campus.store
    project = store.projects.get(name) if who.campus.settings.prototypes else None
    parts = store.projects.parts(name, who.name) if project else frozenset()
    if project is None or not (parts or who.administers):
        who.count_refusal(f"project {name}")
        raise Problem("no-such-project", {"name": name[:40]})
    return project, Rights(
        builds="team" in parts,
        opens=bool(parts),
        switches="approver" in parts or who.administers,
        arranges="team" in parts or who.administers,
    )


def _tell(who: Visitor, name: str) -> None:
    store = who.campus.store
    project = store.projects.get(name)
    if project is not None:
        members = store.projects.members(name)
        project_folders.tell_application(who.campus.settings.state, project, members)


def _take_versions(who: Visitor, name: str) -> Problem | None:
    """Take in what the team shared; return why a version was left out."""
    taken = project_folders.take_versions(who.campus.settings.state, name)
    for number in taken.numbers:
        who.note("took-version", f"{name} version {number}")
    return taken.trouble


@router.get("")
def projects_page(request: Request, who: Who) -> Response:
    """Every project of a person; all of them for administrators."""
    if not who.sees_projects:
        who.refuse("projects")
    store, state = who.campus.store, who.campus.settings.state
    mine = store.projects.projects_for(who.name)
    known = {project.name for project, _parts in mine}
    others = [each for each in store.projects.all() if each.name not in known] if who.administers else []
    lines = [
        Line(project, parts, project_folders.usage(state, project.name))
        for project, parts in [*mine, *((each, frozenset[str]()) for each in others)]
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
def make(
    who: Sender,
    name: Annotated[str, Form()],
    title: Annotated[str, Form()],
    template: Annotated[str, Form()] = TEMPLATES[0],
) -> Response:
    """Make a project; its folder is filled from the template when its server is opened for the first time."""
    if not who.campus.settings.prototypes or "data-team" not in who.roles:
        raise Problem("not-allowed")
    short = name.strip().lower()
    who.campus.store.projects.add(short, " ".join(title.split()), template, who.name)
    _tell(who, short)
    who.note("made-project", f"{short} from {template}")
    return done(who, f"/projects/{short}", "made", name=title)


@router.get("/{name}")
def project_page(name: str, request: Request, who: Who) -> Response:
    """One project: what to do next, people, use, versions, off switch."""
    project, rights = _project(who, name)
    state, store = who.campus.settings.state, who.campus.store
    problem = _take_versions(who, name)
    trouble = who.say(problem.sentence, **problem.facts) if problem else None
    members = store.projects.members(name)
    people = {part: [each for each in members if each.part == part] for part in PARTS}
    return pages_of(request).show(
        who,
        "project.html",
        project=project,
        rights=rights,
        people=people,
        trouble=trouble,
        usage=project_folders.usage(state, name),
        versions=project_folders.version_numbers(application_folder(state, name)),
        part_words=PART_WORDS,
        decides=TEMPLATE_WORDS[project.template],
    )


@router.post("/{name}/people")
def add_member(
    name: str, who: Sender, username: Annotated[str, Form()], part: Annotated[str, Form()]
) -> Response:
    """Give a person a part."""
    _project_name, rights = _project(who, name)
    if not rights.arranges:
        raise Problem("not-allowed")
    person = username.strip().lower()
    who.campus.store.projects.join(name, person, part, who.name)
    _tell(who, name)
    who.note("joined-project", f"{person} in {name} as {part}")
    return done(who, f"/projects/{name}", "joined-project", name=person)


@router.post("/{name}/people/{username}/{part}/remove")
def remove_member(name: str, username: str, part: str, who: Sender) -> Response:
    """Take a part from a person; their server in the project stops with it."""
    _project_name, rights = _project(who, name)
    if not (rights.arranges or username == who.name):
        raise Problem("not-allowed")
    campus = who.campus
    campus.store.projects.leave(name, username, part)
    _tell(who, name)
    who.note("left-project", f"{username} in {name} as {part}")
    if part == "team":
        server = PROJECT_SERVER + name
        if not campus.hub.change_server(username, server, campus.secrets.campus_token, start=False):
            who.note("servers-not-stopped", username)
    back = "/projects" if username == who.name else f"/projects/{name}"
    return done(who, back, "left-project", name=username)


@router.post("/{name}/switch")
def switch(
    name: str, who: Sender, what: Annotated[str, Form()], why: Annotated[str, Form()] = ""
) -> Response:
    """Switch the application off, or on again; approver and administrator only."""
    _project_name, rights = _project(who, name)
    if not rights.switches:
        raise Problem("not-allowed")
    campus, reason = who.campus, " ".join(why.split())[:LONGEST_WHY]
    if what == "on":
        campus.store.projects.switch_on(name)
        _tell(who, name)
        who.note("switched-on", name)
        return done(who, f"/projects/{name}", "switched-on")
    if not reason:
        raise Problem("say-why")
    campus.store.projects.switch_off(name, who.name, reason)
    _tell(who, name)
    who.note("switched-off", f"{name}: {reason}")
    # The application reads the switch itself; stopping it frees its memory too.
    campus.hub.change_server(APPLICATIONS, name, campus.secrets.campus_token, start=False)
    return done(who, f"/projects/{name}", "switched-off")


@router.get("/{name}/work")
def open_folder(name: str, who: Who) -> Response:
    """Go to the project's folder in a server of one's own, which is started first if it does not run."""
    _project_name, rights = _project(who, name)
    if not rights.builds:
        raise Problem("not-allowed")
    settings, server = who.campus.settings, PROJECT_SERVER + name
    who.note("opened-project", name)
    path = f"/user/{quote(who.name)}/{quote(server)}/lab"
    user = who.campus.hub.user(who.token, fresh=True)
    if user is not None and server in user.ready:
        return RedirectResponse(f"{settings.learner_address}{path}", 303)
    begin = f"{settings.address}/hub/spawn/{quote(who.name)}/{quote(server)}"
    return RedirectResponse(f"{begin}?{urlencode({'next': path})}", 303)


@router.get("/{name}/open")
def open_application(name: str, who: Who, page: str = "") -> Response:
    """Go to the shared application, which is started first if it does not run."""
    project, rights = _project(who, name)
    campus = who.campus
    if not rights.opens:
        raise Problem("not-allowed")
    if project.off_at is not None:
        raise Problem("project-off", {"why": project.off_why})
    trouble = _take_versions(who, name)
    if not project_folders.version_numbers(application_folder(campus.settings.state, name)):
        raise trouble or Problem("no-version")
    _tell(who, name)
    token, until = campus.secrets.campus_token, time.monotonic() + START_SECONDS
    if not campus.hub.server_ready(APPLICATIONS, name, token):
        if not campus.hub.change_server(APPLICATIONS, name, token, start=True):
            raise Problem("hub-away")
        while not campus.hub.server_ready(APPLICATIONS, name, token):
            if time.monotonic() > until:
                raise Problem("application-starting")
            time.sleep(0.2)
    inner = page if page in ("batch", "queue", "month", "versions") else ""
    return RedirectResponse(f"{campus.settings.learner_address}/user/{APPLICATIONS}/{name}/{inner}", 303)
