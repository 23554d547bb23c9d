"""Institutions, courses and classes for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus.late_recount import recount_learners
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Who
from hub.campus.web.class_number import ClassNumber
from hub.store.table_models import ClassGroup, Course, Institution

router = APIRouter(tags=["people and classes"])
Short = Annotated[str, Field(max_length=60)]
Title = Annotated[str, Field(max_length=400)]


class InstitutionModel(BaseModel):
    """An institution; `parent` is the short name of the one that it belongs to."""

    name: str
    title: str
    parent: str | None
    archived: bool


class InstitutionBody(BaseModel):
    """Changes to an institution; what is left out stays. `parent` "" puts it at the top."""

    title: Title | None = None
    parent: Title | None = None
    archived: bool | None = None


class CourseModel(BaseModel):
    """A course: one track for one intake."""

    name: str
    title: str
    institution: str | None
    track: str
    intake: str
    archived: bool


class CourseBody(BaseModel):
    """Changes to a course; what is left out stays."""

    title: Title | None = None
    institution: Title | None = None
    track: Short | None = None
    intake: Short | None = None
    archived: bool | None = None


class ClassModel(BaseModel):
    """A class of a course; `members` counts open accounts."""

    number: int
    title: str
    schedule: str
    archived: bool
    members: int


class ClassBody(BaseModel):
    """Changes to a class; what is left out stays."""

    title: Title | None = None
    schedule: Short | None = None
    archived: bool | None = None


@router.get("/institutions")
def list_institutions(who: Who) -> list[InstitutionModel]:
    """Every institution, each after its parent; for administrators."""
    who.must_administer()
    return [_institution(each.institution) for each in who.campus.store.institutions.tree(archived=True)]


@router.put("/institutions/{name}")
def put_institution(name: str, body: InstitutionBody, who: Who) -> InstitutionModel:
    """Make an institution, or change one; for administrators."""
    who.must_administer()
    store = who.campus.store.institutions
    if store.get(name) is None:
        store.add(name, body.title or name, body.parent or None)
        who.note("made-institution", name)
    else:
        store.change(name, title=body.title, parent=body.parent)
        who.note("changed-institution", name)
    if body.archived is not None:
        store.archive(name, archived=body.archived)
        who.note("archived" if body.archived else "brought-back", f"institution {name}")
    found = store.get(name)
    if found is None:
        raise Problem("no-such-institution", {"name": name})
    return _institution(found)


@router.get("/courses/all")
def list_courses(who: Who) -> list[CourseModel]:
    """Every course, also archived ones; for administrators."""
    who.must_administer()
    return [_course(each.course) for each in who.campus.store.classes.courses(archived=True)]


@router.put("/courses/{course}/settings")
def put_course(course: str, body: CourseBody, who: Who) -> CourseModel:
    """Make a course, or change one; for administrators. Trainers of a course change its title and intake."""
    if who.administers:
        who.must_administer()
    else:
        who.must_train(course)
        if (body.institution, body.track, body.archived) != (None, None, None):
            raise Problem("not-allowed")
    store = who.campus.store
    if store.courses.get(course) is None:
        store.classes.add_course(
            course,
            body.title or course,
            institution=body.institution,
            track=body.track or "",
            intake=body.intake or "",
        )
        who.note("made-course", course)
    else:
        store.classes.change_course(
            course, title=body.title, institution=body.institution, track=body.track, intake=body.intake
        )
        who.note("changed-course", course)
    if body.archived is not None:
        store.classes.archive_course(course, archived=body.archived)
        who.note("archived" if body.archived else "brought-back", f"course {course}")
    found = store.courses.get(course)
    if found is None:
        raise Problem("no-such-course", {"name": course})
    return _course(found)


@router.get("/courses/{course}/classes")
def list_classes(course: str, who: Who) -> list[ClassModel]:
    """Classes of a course; for its trainers and administrators."""
    who.must_manage(course)
    lines = who.campus.store.classes.classes(course, archived=True)
    return [_class(each.group, each.members) for each in lines]


@router.post("/courses/{course}/classes", status_code=201)
def add_class(course: str, body: ClassBody, who: Who) -> ClassModel:
    """Make a class; for trainers of the course and administrators."""
    who.must_manage(course)
    store = who.campus.store.classes
    number = store.add_class(course, body.title or "", body.schedule or "")
    who.note("made-class", f"{body.title} in {course}")
    return _class(store.get_class(course, number), 0)


@router.patch("/courses/{course}/classes/{number}")
def change_class(course: str, number: ClassNumber, body: ClassBody, who: Who) -> ClassModel:
    """Rename, reschedule or archive a class; for trainers of the course and administrators."""
    who.must_manage(course)
    store = who.campus.store.classes
    store.change_class(course, number, title=body.title, schedule=body.schedule)
    who.note("changed-class", f"class {number} in {course}")
    if body.archived is not None:
        store.archive_class(course, number, archived=body.archived)
        recount_learners(who.campus.store, who.campus.store.schedules.learners_of(number), who.name)
        who.note("archived" if body.archived else "brought-back", f"class {number} in {course}")
    members = {each.group.id: each.members for each in store.classes(course, archived=True)}
    return _class(store.get_class(course, number), members.get(number, 0))


def _institution(row: Institution) -> InstitutionModel:
    return InstitutionModel(
        name=row.id, title=row.title, parent=row.parent, archived=row.archived_at is not None
    )


def _course(row: Course) -> CourseModel:
    return CourseModel(
        name=row.id,
        title=row.title,
        institution=row.institution,
        track=row.track,
        intake=row.intake,
        archived=row.archived_at is not None,
    )


def _class(row: ClassGroup, members: int) -> ClassModel:
    return ClassModel(
        number=row.id,
        title=row.title,
        schedule=row.schedule,
        archived=row.archived_at is not None,
        members=members,
    )
