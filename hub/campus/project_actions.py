"""What people do to projects of data teams, the same from a page and from the API."""

from __future__ import annotations

from dataclasses import dataclass

from hub.campus import project_folders
from hub.campus.application_shares import give_share, take_ended_shares
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.shared_names import APPLICATIONS, PROJECT_SERVER
from hub.store.disk_full import DiskFull
from hub.store.project_store import Project

LONGEST_WHY = 500


@dataclass(frozen=True)
class Rights:
    """What one person may do in a project."""

    builds: bool
    opens: bool
    switches: bool
    arranges: bool


def project_for(who: Visitor, name: str) -> tuple[Project, Rights]:
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


def projects_seen(who: Visitor) -> list[tuple[Project, frozenset[str]]]:
    """Return every project of a person with their parts; all of them for administrators. Raises Problem."""
    if not who.sees_projects:
        who.refuse("projects")
    store = who.campus.store
    mine = store.projects.projects_for(who.name)
    known = {project.name for project, _parts in mine}
    others = store.projects.all() if who.administers else []
    return [*mine, *((each, frozenset[str]()) for each in others if each.name not in known)]


def make_project(who: Visitor, name: str, title: str, template: str) -> str:
    """Make a project and return its name; its folder is filled when its server is opened for the first time."""
    if not who.campus.settings.prototypes or "data-team" not in who.roles:
        raise Problem("not-allowed")
    short = name.strip().lower()
    who.campus.store.projects.add(short, " ".join(title.split()), template, who.name)
    tell_application(who, short)
    who.note("made-project", f"{short} from {template}")
    return short


def give_part(who: Visitor, name: str, username: str, part: str) -> str:
    """Give a person a part in a project; return their user name."""
    _project, rights = project_for(who, name)
    if not rights.arranges:
        raise Problem("not-allowed")
    person = username.strip().lower()
    who.campus.store.projects.join(name, person, part, who.name)
    tell_application(who, name)
    who.note("joined-project", f"{person} in {name} as {part}")
    # Refused if the application never ran or the person never signed in: opening it gives the share then.
    give_share(who.campus, name, person)
    if part == "approver":
        take_ended_shares(who.campus)  # The one before may have no other part.
    return person


def take_part(who: Visitor, name: str, username: str, part: str) -> None:
    """Take a part from a person; their server in the project stops with it."""
    _project, rights = project_for(who, name)
    if not (rights.arranges or username == who.name):
        raise Problem("not-allowed")
    campus = who.campus
    campus.store.projects.leave(name, username, part)
    tell_application(who, name)
    who.note("left-project", f"{username} in {name} as {part}")
    if take_ended_shares(campus) is None:
        who.note(
            "share-not-taken", username
        )  # A round of the campus takes it within a minute of the hub's return.
    if part == "team":
        server = PROJECT_SERVER + name
        if not campus.hub.change_server(username, server, campus.secrets.campus_token, start=False):
            who.note("servers-not-stopped", username)


def switch_project(who: Visitor, name: str, *, on: bool, why: str) -> None:
    """Switch a project's application off, with a reason, or on again; approver and administrator only."""
    _project, rights = project_for(who, name)
    if not rights.switches:
        raise Problem("not-allowed")
    campus, reason = who.campus, " ".join(why.split())[:LONGEST_WHY]
    if on:
        campus.store.projects.switch_on(name)
        tell_application(who, name)
        who.note("switched-on", name)
        return
    if not reason:
        raise Problem("say-why")
    campus.store.projects.switch_off(name, who.name, reason)
    who.note("switched-off", f"{name}: {reason}")
    # Stopped first: it reads the switch itself, but not if its folder takes no more. Stopping it frees its memory too.
    campus.hub.change_server(APPLICATIONS, name, campus.secrets.campus_token, start=False)
    tell_application(who, name)


def tell_application(who: Visitor, name: str) -> None:
    """Write who takes part in a project, and its switch, where its application reads it. Raises Problem."""
    store = who.campus.store
    project = store.projects.get(name)
    if project is not None:
        members = store.projects.present(name)
        try:
            project_folders.tell_application(who.campus.settings.state, project, members)
        except DiskFull as error:
            raise Problem("application-full") from error
