"""Projects of data teams for programs: who takes part, and the off switch."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool

from hub.campus import project_actions
from hub.campus.request_context import Visitor, Who
from hub.store.project_store import LONGEST_TITLE, Part, Project
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["projects"])


class ProjectMemberModel(BaseModel):
    """One person's part in a project."""

    username: str
    part: str


class ProjectModel(BaseModel):
    """A project; `off_why` is the reason if its application is switched off, else null."""

    name: str
    title: str
    template: str
    made_by: str
    made_at: str
    off_why: str | None


class OneProjectModel(ProjectModel):
    """A project and everybody who takes part in it."""

    people: list[ProjectMemberModel]


class ProjectBody(BaseModel):
    """Name and title of a new project, and the template that it begins from."""

    name: Annotated[str, Field(max_length=40)]
    title: Annotated[str, Field(max_length=LONGEST_TITLE)]
    template: Annotated[str, Field(max_length=20)] = "triage"


class SwitchBody(BaseModel):
    """A project's switch; to switch its application off needs a reason, which its users read."""

    on: StrictBool
    why: Annotated[str, Field(max_length=project_actions.LONGEST_WHY)] = ""


@router.get("/projects")
def list_projects(who: Who) -> list[ProjectModel]:
    """Every project of this person; all of them for administrators."""
    return [ProjectModel(**_facts(project)) for project, _parts in project_actions.projects_seen(who)]


@router.post("/projects", status_code=201)
def add_project(who: Who, body: ProjectBody) -> OneProjectModel:
    """Make a project; for people of data teams."""
    return _project(who, project_actions.make_project(who, body.name, body.title, body.template))


@router.get("/projects/{name}")
def read_project(name: str, who: Who) -> OneProjectModel:
    """One project and everybody who takes part in it."""
    return _project(who, name)


@router.put("/projects/{name}/people/{username}/{part}")
def give_part(name: str, username: str, part: Part, who: Who) -> OneProjectModel:
    """Give a person a part; a new approver takes the place of the old one."""
    project_actions.give_part(who, name, username, part)
    return _project(who, name)


@router.delete("/projects/{name}/people/{username}/{part}", status_code=204)
def take_part(name: str, username: str, part: Part, who: Who) -> None:
    """Take a part from a person; their server in the project stops with it."""
    project_actions.take_part(who, name, username, part)


@router.put("/projects/{name}/switch")
def switch_application(name: str, who: Who, body: SwitchBody) -> OneProjectModel:
    """Switch a project's application off, or on again; for its approver and administrators."""
    project_actions.switch_project(who, name, on=body.on, why=body.why)
    return _project(who, name)


def _project(who: Visitor, name: str) -> OneProjectModel:
    found, _rights = project_actions.project_for(who, name)
    members = who.campus.store.projects.members(name)
    people = [ProjectMemberModel(username=each.username, part=each.part) for each in members]
    return OneProjectModel(**_facts(found), people=people)


def _facts(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "title": project.title,
        "template": project.template,
        "made_by": project.made_by,
        "made_at": utc_text(project.made_at),
        "off_why": project.off_why if project.off_at is not None else None,
    }
