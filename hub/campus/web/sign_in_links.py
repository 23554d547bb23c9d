"""Sign-in links: one for a person, or slips with QR codes for a class; who may make which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import segno
from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup

from hub import sign_in_links
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.campus.web.page_rendering import pages_of
from hub.store.enrolment_store import Member
from hub.store.table_models import Person

LINK_LASTS = timedelta(days=3)
SLIPS_LAST = timedelta(days=14)
"""Slips are printed before a class and handed out in it."""


@dataclass(frozen=True)
class Slip:
    """One person's slip of paper."""

    person: Person
    address: str

    @property
    def code(self) -> Markup:
        """The address as a QR code, black on white in every theme."""
        return qr_code(self.address)


def qr_code(address: str) -> Markup:
    """Return `address` as a QR code in SVG, with 15 % of it to spare for a creased slip."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, border=2, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704 - drawn here, out of nothing but squares


def make_link(who: Visitor, name: str, kind: sign_in_links.Kind) -> tuple[str, datetime]:
    """Make a one-time link for somebody, which ends earlier ones; return its address and when it expires."""
    store, settings = who.campus.store, who.campus.settings
    expires = datetime.now(UTC) + LINK_LASTS
    return sign_in_links.link_address(
        settings, sign_in_links.create_link_token(store, name, kind, LINK_LASTS)
    ), expires


def show_link(request: Request, who: Visitor, name: str, kind: sign_in_links.Kind, back: str) -> Response:
    """Make a one-time link for somebody and show it, once."""
    address, expires = make_link(who, name, kind)
    return pages_of(request).show(
        who, "invited.html", name=name, address=address, code=qr_code(address), expires=expires, back=back
    )


def may_have_link(who: Visitor, member: Member, roles: list[str]) -> bool:
    """Return whether `who` may make a link for a learner of a course that they train in.

    A link signs in as its person. So a trainer makes none for people with other roles, and none for people whom
    a trainer enrolled: else anybody's account could be taken over by enrolling it first.
    """
    return who.administers or (set(roles) <= {"learner"} and member.added_by is None)


def learner_link(request: Request, who: Visitor, course: str, name: str, *, sure: bool) -> Response:
    """Make a link for a learner of a course and show it, once."""
    kind = allowed_link(who, course, name, sure=sure)
    return show_link(request, who, name, kind, f"/courses/{course}/people")


def allowed_link(who: Visitor, course: str, name: str, *, sure: bool) -> sign_in_links.Kind:
    """Return the kind of link that a learner of a course gets; `sure` says that the maker knows who asks.

    Raises Problem if this person may not make it. The link is in the audit log from then on.
    """
    who.must_manage(course)
    store = who.campus.store
    member = store.enrolments.member(course, name)
    if member is None:
        raise Problem("not-enrolled", {"name": name[:40], "course": course})
    if not may_have_link(who, member, store.people.roles(name)):
        who.count_refusal(f"link {name}")
        raise Problem("link-by-administrator", {"name": name})
    if not sure:
        raise Problem("identity", {"name": member.person.display_name})
    who.note("made-link", name)
    return "reset" if member.person.password_hash else "welcome"


def class_slips(who: Visitor, course: str, class_id: int, *, everybody: bool) -> tuple[list[Slip], datetime]:
    """Make new links for the learners of a class, those without a password or all; also when they expire."""
    who.must_manage(course)
    store, settings = who.campus.store, who.campus.settings
    store.classes.get_class(course, class_id)
    people = store.enrolments.learners_in(course, class_id, without_password=not everybody)
    roles = store.people.roles_of([each.username for each in people])
    members = store.enrolments.added_by(course)
    expires = datetime.now(UTC) + SLIPS_LAST
    tokens = {
        each.username: sign_in_links.new_token()
        for each in people
        if may_have_link(
            who, Member(each, "learner", None, None, members.get(each.username)), roles[each.username]
        )
    }
    if not tokens:
        raise Problem("nobody-needs-a-slip")
    shown = [each for each in people if each.username in tokens]
    store.invitations.add_many(
        {
            sign_in_links.token_digest(tokens[each.username]): (
                each.username,
                "reset" if each.password_hash else "welcome",
            )
            for each in shown
        },
        expires,
    )
    who.note("made-slips", f"{course} class {class_id}: {', '.join(each.username for each in shown)}")
    return [
        Slip(each, sign_in_links.link_address(settings, tokens[each.username])) for each in shown
    ], expires
