"""People, enrolments, rosters and the audit log for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, StrictBool

from hub.campus.api.registry_api import Title
from hub.campus.api.typed_body import documented_files, file_answer
from hub.campus.problem_codes import Problem
from hub.campus.request_bodies import read_body
from hub.campus.request_context import Visitor, Who
from hub.campus.web import audit_pages, people_actions, roster_pages
from hub.campus.web.class_number import MOST
from hub.campus.web.page_rendering import PageNumber
from hub.campus.web.roster_pages import EXCEL
from hub.store.enrolment_store import Member
from hub.store.roster_file import LARGEST_FILE, UnreadableRoster, read_roster
from hub.store.roster_plan import RosterPlan
from hub.store.table_models import Person

router = APIRouter(tags=["people and classes"])
PAGE = 200
ClassChoice = Annotated[int | None, Field(ge=1, le=MOST)]


class PersonModel(BaseModel):
    """Somebody with an account."""

    username: str
    name: str
    email: str | None
    language: str
    institution: str | None
    roles: list[str]
    closed: bool


class PeopleModel(BaseModel):
    """One page of people, and how many there are in all."""

    total: int
    people: list[PersonModel]


class PersonBody(BaseModel):
    """Changes to a person; what is left out stays. `institution` and `email` "" empty them."""

    name: Title | None = None
    email: Title | None = None
    language: Annotated[str, Field(max_length=8)] | None = None
    institution: Title | None = None
    roles: Annotated[list[str], Field(max_length=10)] | None = None


class ClosedBody(BaseModel):
    """The wish to close an account or to open it again."""

    closed: StrictBool


class EnrolmentBody(BaseModel):
    """A part in a course, and a class of it (null for none; left out, it stays)."""

    part: str = "learner"
    class_number: ClassChoice = None


class MemberModel(BaseModel):
    """Somebody in a course."""

    username: str
    name: str
    part: str
    class_number: int | None
    class_title: str | None


class MembersModel(BaseModel):
    """One page of members, and how many there are in all."""

    total: int
    members: list[MemberModel]


class MoveBody(BaseModel):
    """The course to which a learner moves, and a class of it."""

    to: Title
    class_number: ClassChoice = None


class MovedModel(BaseModel):
    """Number of attempts that moved along."""

    attempts: int


class BadRowModel(BaseModel):
    """A row of a roster that cannot be used, and why."""

    row: int
    name: str
    reason: str
    message: str


class RosterModel(BaseModel):
    """The changes that a roster makes, or would make."""

    imported: bool
    counts: dict[str, int]
    bad_rows: list[BadRowModel]


@router.get("/people")
def list_people(
    who: Who, q: str = "", page: PageNumber = 1, *, institution: str = "", role: str = ""
) -> PeopleModel:
    """People by pages of 200, whose name holds `q`, of an institution and all below it; for administrators."""
    who.must_administer()
    store = who.campus.store.people
    found, total = store.search(q, page=page - 1, size=PAGE, institution=institution, role=role)
    roles = store.roles_of([each.username for each in found])
    return PeopleModel(total=total, people=[_person(each, roles[each.username]) for each in found])


@router.get("/people/{name}")
def one_person(name: str, who: Who) -> PersonModel:
    """One person; for administrators."""
    found = people_actions.known_person(who, name)
    return _person(found, who.campus.store.people.roles(name))


@router.put("/people/{name}")
def put_person(name: str, body: PersonBody, who: Who) -> PersonModel:
    """Make an account, or change a person; for administrators."""
    who.must_administer()
    store = who.campus.store.people
    there = store.get(name)
    if there is None:
        people_actions.add_person(
            who,
            name,
            body.name or "",
            roles=body.roles if body.roles is not None else ("learner",),
            institution=body.institution or "",
            language=body.language or who.campus.settings.languages[0],
            email=body.email or "",
        )
    else:
        people_actions.change_person(
            who,
            name,
            display_name=body.name if body.name is not None else there.display_name,
            roles=body.roles if body.roles is not None else store.roles(name),
            institution=body.institution if body.institution is not None else there.institution or "",
            language=body.language if body.language is not None else there.language,
            email=body.email if body.email is not None else there.email or "",
        )
    return one_person(name, who)


@router.put("/people/{name}/closed")
def put_closed(name: str, body: ClosedBody, who: Who) -> PersonModel:
    """Close an account, which ends its sessions, servers and tokens, or open it again; for administrators."""
    people_actions.close_account(who, name) if body.closed else people_actions.open_account(who, name)
    return one_person(name, who)


@router.get("/courses/{course}/people")
def course_members(course: str, who: Who, q: str = "", page: PageNumber = 1) -> MembersModel:
    """People of a course by pages of 200; for its trainers and administrators."""
    who.must_manage(course)
    found, total = who.campus.store.enrolments.members(course, q, page=page - 1, size=PAGE)
    return MembersModel(total=total, members=[_member(each) for each in found])


@router.put("/courses/{course}/people/{name}", status_code=204)
def enrol_person(course: str, name: str, body: EnrolmentBody, who: Who) -> None:
    """Enrol somebody, or change their class; for trainers of the course and administrators."""
    people_actions.enrol_person(who, course, name, body.part, body.class_number)
    if body.class_number is None and "class_number" in body.model_fields_set:
        people_actions.put_in_class(who, course, name, None)


@router.delete("/courses/{course}/people/{name}", status_code=204)
def take_out(course: str, name: str, who: Who) -> None:
    """End somebody's part in a course; what they handed in is kept."""
    people_actions.take_out(who, course, name)


@router.post("/courses/{course}/people/{name}/move")
def move_learner(course: str, name: str, body: MoveBody, who: Who) -> MovedModel:
    """Move a learner to another course with their work; for administrators."""
    return MovedModel(attempts=people_actions.move_person(who, name, course, body.to, body.class_number))


async def roster_body(request: Request, who: Who) -> bytes:
    """Return a roster in the body of a request. Raises Problem."""
    who.must_administer()
    facts: dict[str, object] = {"limit": LARGEST_FILE}
    return await read_body(request, LARGEST_FILE, Problem("too-large", facts))


@router.post("/roster", openapi_extra=documented_files("text/csv", EXCEL))
def import_roster(
    who: Who,
    body: Annotated[bytes, Depends(roster_body)],
    dry_run: Annotated[bool, Query(description="true (default): only say what would change")] = True,
    make_missing: Annotated[
        bool, Query(description="make institutions and courses that are missing")
    ] = False,
) -> RosterModel:
    """Import a roster, CSV or Excel, from the body: a dry run unless `dry_run=false`; for administrators."""
    try:
        file = read_roster(body)
    except UnreadableRoster as error:
        raise roster_pages.unreadable_roster(who, error) from error
    if not dry_run:
        plan = roster_pages.import_roster(who, file, make_missing=make_missing)
    else:
        languages = who.campus.settings.languages
        plan = who.campus.store.rosters.plan(file.rows, languages, make_missing=make_missing)
    return RosterModel(imported=not dry_run, counts=plan.counts(), bad_rows=_bad_rows(who, plan))


@router.get("/roster", response_class=Response, responses=file_answer("text/csv", EXCEL))
def roster_export(who: Who, form: str = "csv", course: str = "", institution: str = "") -> Response:
    """Export people in the shape that the import takes: CSV, or Excel with `form=xlsx`; for administrators."""
    who.must_administer()
    return roster_pages.roster_answer(who, form, course, institution)


@router.get("/audit", response_class=Response, responses=file_answer("text/csv"))
def export_audit(who: Who, person: str = "", action: str = "", since: str = "", until: str = "") -> Response:
    """The audit log as CSV, the oldest entry first; days as 2026-11-27; for administrators."""
    return audit_pages.export_audit(who, person, action, since, until)


def _bad_rows(who: Visitor, plan: RosterPlan) -> list[BadRowModel]:
    shown: Any = roster_pages.bad_sentences(who, plan)
    return [
        BadRowModel(row=bad.number, name=bad.name, reason=bad.reason, message=sentence)
        for bad, sentence in zip(plan.bad, shown, strict=False)
    ]


def _person(row: Person, roles: list[str]) -> PersonModel:
    return PersonModel(
        username=row.username,
        name=row.display_name,
        email=row.email,
        language=row.language,
        institution=row.institution,
        roles=roles,
        closed=row.disabled_at is not None,
    )


def _member(each: Member) -> MemberModel:
    return MemberModel(
        username=each.person.username,
        name=each.person.display_name,
        part=each.part,
        class_number=each.group_id,
        class_title=each.group,
    )
