"""Actions of administrators and trainers on people and classes, the same from a page and from the API."""

from __future__ import annotations

from collections.abc import Collection

from hub.campus.application_shares import take_ended_shares
from hub.campus.late_recount import recount_learners
from hub.campus.person_erasure import Erased, erase_person
from hub.campus.problem_codes import Problem
from hub.campus.project_folders import tell_applications
from hub.campus.request_context import Visitor
from hub.shared_names import is_email, is_username
from hub.store.account_store import ROLES, check_coordinator
from hub.store.roster_file import clean_cell
from hub.store.roster_plan import LONGEST_NAME
from hub.store.table_models import Person

ONLY_LEARNER = {"learner"}


def known_person(who: Visitor, name: str) -> Person:
    """Return somebody, for an administrator. Raises Problem."""
    who.must_administer()
    person = who.campus.store.people.get(name)
    if person is None:
        raise Problem("no-such-person", {"name": name[:40]})
    return person


def add_person(
    who: Visitor,
    username: str,
    display_name: str,
    *,
    roles: Collection[str],
    institution: str,
    language: str,
    course: str = "",
    email: str = "",
) -> None:
    """Make an account, and enrol it in `course` if one is named. Raises Problem and changes nothing."""
    who.must_administer()
    store = who.campus.store
    if not is_username(username):
        raise Problem("bad-username", {"name": username[:60]})
    if store.people.get(username) is not None:
        raise Problem("name-taken", {"name": username})
    wanted = checked_roles(roles)
    check_coordinator(wanted, institution)
    _check_institution(who, institution)
    if course and store.courses.get(course) is None:
        raise Problem("no-such-course", {"name": course[:60]})
    name, address = checked_name(display_name), checked_email(email)
    store.people.add(username, name, roles=wanted, institution=institution or None, language=language)
    if address:
        store.people.change(
            username,
            display_name=name,
            roles=wanted,
            institution=institution or None,
            language=language,
            email=address,
        )
    who.note("invited", f"{username} as {', '.join(sorted(wanted))}")
    if course:
        part = "trainer" if "trainer" in wanted else "learner"
        store.enrolments.enrol(course, username, part)
        who.note("enrolled", f"{username} in {course} as {part}")


def change_person(
    who: Visitor,
    name: str,
    *,
    display_name: str,
    roles: Collection[str],
    institution: str,
    language: str,
    email: str,
) -> None:
    """Change everything about a person but the user name, and write down what changed."""
    person = known_person(who, name)
    people = who.campus.store.people
    wanted = checked_roles(roles)
    if name == who.name and "administrator" not in wanted:
        raise Problem("not-your-own-role")
    if language not in who.campus.settings.languages:
        raise Problem("bad-request", {"fields": "language"})
    before = (person.display_name, person.institution or "", person.language, person.email or "")
    had = people.roles(name)
    after = (checked_name(display_name), institution, language, checked_email(email))
    people.change(
        name,
        display_name=after[0],
        roles=wanted,
        institution=institution or None,
        language=language,
        email=after[3] or None,
    )
    columns = ("name", "institution", "language", "email")
    changed = [column for column, old, new in zip(columns, before, after, strict=True) if old != new]
    changed += [f"roles {', '.join(sorted(wanted))}"] if sorted(wanted) != sorted(had) else []
    if changed:
        who.note("changed-person", f"{name}: {'; '.join(changed)}")


def close_account(who: Visitor, name: str) -> None:
    """Close an account: its owner is signed out, tokens end, servers stop; nothing of theirs is removed."""
    known_person(who, name)
    if name == who.name:
        raise Problem("not-yourself")
    campus = who.campus
    campus.store.people.set_disabled(name, True)
    campus.store.sessions.end_all(name)
    tell_applications(campus.store, name)
    take_ended_shares(campus)
    who.note("disabled", name)
    if not campus.hub.stop_servers(name, campus.secrets.campus_token):
        who.note("servers-not-stopped", name)  # The keeper stops them within a minute of the hub's return.


def open_account(who: Visitor, name: str) -> None:
    """Open an account again."""
    known_person(who, name)
    who.campus.store.people.set_disabled(name, False)
    tell_applications(who.campus.store, name)
    who.note("enabled", name)


def enrol_person(
    who: Visitor, course: str, username: str, part: str = "learner", class_id: int | None = None
) -> None:
    """Enrol an existing account; a trainer enrols learners only, and is written down as who did."""
    who.must_manage(course)
    if part != "learner" and not who.administers:
        raise Problem("not-allowed")
    added_by = None if who.administers else who.name
    who.campus.store.enrolments.enrol(
        course, username.strip().lower(), part, class_id=class_id, added_by=added_by
    )
    recount_learners(who.campus.store, [username.strip().lower()], who.name)
    who.note("enrolled", f"{username} in {course} as {part}")


def put_in_class(who: Visitor, course: str, username: str, class_id: int | None) -> None:
    """Put a member of a course into one of its classes, or into none."""
    who.must_manage(course)
    if not who.campus.store.enrolments.put_in_class(course, [username], class_id):
        raise Problem("not-enrolled", {"name": username[:40], "course": course})
    recount_learners(who.campus.store, [username], who.name)
    who.note("put-in-class", f"{username} in {course}: class {class_id or '-'}")


def take_out(who: Visitor, course: str, username: str) -> None:
    """End somebody's part in a course; a trainer takes out learners only."""
    who.must_manage(course)
    enrolments = who.campus.store.enrolments
    if not who.administers and enrolments.member(course, username) is None:
        raise Problem("not-enrolled", {"name": username[:40], "course": course})
    if not who.administers and who.campus.store.courses.roles(course, username) != ONLY_LEARNER:
        raise Problem("not-allowed")
    if not enrolments.take_out(course, username):
        raise Problem("not-enrolled", {"name": username[:40], "course": course})
    who.note("took-out", f"{username} from {course}")


def move_person(who: Visitor, username: str, old: str, new: str, class_id: int | None = None) -> int:
    """Move a learner to another course with their work; return how many attempts moved along."""
    known_person(who, username)
    moved = who.campus.store.enrolments.move(username, old, new, class_id=class_id)
    recount_learners(who.campus.store, [username], who.name)
    who.note("moved", f"{username} from {old} to {new} with {moved} attempts")
    return moved


def checked_roles(roles: Collection[str]) -> set[str]:
    """Return roles that there are, at least one. Raises Problem."""
    found = set(roles)
    if not found:
        raise Problem("no-role")
    if found - set(ROLES):
        raise Problem("bad-request", {"fields": "role"})
    return found


def checked_name(text: str) -> str:
    """Return a person's name on one line, without invisible signs. Raises Problem."""
    plain = clean_cell(text)
    if not 0 < len(plain) <= LONGEST_NAME:
        raise Problem("bad-display-name", {"most": LONGEST_NAME})
    return plain


def checked_email(text: str) -> str:
    """Return an e-mail address in small letters, "" for none. Raises Problem."""
    plain = text.strip().lower()
    if plain and not is_email(plain):
        raise Problem("bad-email", {"value": plain[:60]})
    return plain


def _check_institution(who: Visitor, institution: str) -> None:
    if institution and who.campus.store.institutions.get(institution) is None:
        raise Problem("no-such-institution", {"name": institution[:60]})


def erase_known_person(who: Visitor, name: str, typed: str) -> Erased:
    """Erase a person for good; `typed` is their user name once more. Raises Problem."""
    known_person(who, name)
    if name == who.name:
        raise Problem("not-yourself")
    if "administrator" in who.campus.store.people.roles(name):
        raise Problem("erase-administrator", {"name": name})
    if typed.strip().lower() != name:
        raise Problem("name-not-typed", {"name": name})
    gone = erase_person(who.campus.store, who.campus.hub, name, who.name, who.address)
    # A coordinator's list of names is among the kept figures.
    who.campus.figures.forget()
    return gone
