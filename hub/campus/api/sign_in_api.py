"""Sign-in links, slips of a class, and erasure of people, for programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor, Who
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.people_actions import erase_known_person, known_person
from hub.campus.web.sign_in_links import allowed_link, class_slips, make_link
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["people and classes"])


class LinkModel(BaseModel):
    """A link that signs in as its person, once; it ended their earlier links."""

    username: str
    address: str = Field(description="Secret: whoever opens it signs in as this person.")
    expires_at: str


class SlipWish(BaseModel):
    """Whether those who have a password already get a link too."""

    everybody: StrictBool = False


class LearnerLinkWish(BaseModel):
    """That whoever asks for the link knows who the learner is."""

    identity_checked: StrictBool


class ErasureWish(BaseModel):
    """The user name once more, so that nobody is erased by mistake."""

    username: Annotated[str, Field(max_length=60)]


class ErasedModel(BaseModel):
    """Outcome of an erasure; `number` names it in the audit log, without the person."""

    number: str
    attempts: int
    files: int
    files_later: int = Field(description="Files that the next night removes.")
    hub_knows: bool = Field(description="Whether the hub did not answer, and still has the account's name.")
    backups_until: date | None


@router.post("/people/{name}/link")
def link_for_anybody(name: str, who: Who) -> LinkModel:
    """Make a link with which a person chooses a new password; for administrators."""
    _must_be_trusted(who)
    person = known_person(who, name)
    if "administrator" in who.campus.store.people.roles(name):
        raise Problem("link-by-page", {"name": name})
    who.note("made-link", name)
    address, expires = make_link(who, name, "reset" if person.password_hash else "welcome")
    return LinkModel(username=name, address=address, expires_at=utc_text(expires))


@router.post("/courses/{course}/people/{name}/link")
def link_for_learner(course: str, name: str, who: Who, wish: LearnerLinkWish) -> LinkModel:
    """Make a sign-in link for a learner of a course; for its trainers and administrators."""
    _must_be_trusted(who)
    kind = allowed_link(who, course, name, sure=wish.identity_checked)
    address, expires = make_link(who, name, kind)
    return LinkModel(username=name, address=address, expires_at=utc_text(expires))


@router.post("/courses/{course}/classes/{number}/slips")
def make_class_slips(course: str, number: ClassNumber, who: Who, wish: SlipWish) -> list[LinkModel]:
    """Make links for the learners of a class, those without a password or all, to print and hand out."""
    _must_be_trusted(who)
    made, expires = class_slips(who, course, number, everybody=wish.everybody)
    return [
        LinkModel(username=each.person.username, address=each.address, expires_at=utc_text(expires))
        for each in made
    ]


@router.post("/people/{name}/erasure")
def erase_person(name: str, who: Who, wish: ErasureWish) -> ErasedModel:
    """Erase a person for good, with their work; for administrators."""
    gone = erase_known_person(who, name, wish.username)
    return ErasedModel(
        number=gone.number,
        attempts=gone.attempts,
        files=gone.files,
        files_later=gone.files_later,
        hub_knows=gone.hub_knows,
        backups_until=gone.backups_until,
    )


def _must_be_trusted(who: Visitor) -> None:
    """Raise Problem for a notebook server: what runs in a trainer's server must not sign in as their learners."""
    if who.session is None and who.scopes is None:
        raise Problem("token-scope", {"scope": "links:write"})
