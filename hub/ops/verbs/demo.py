"""Verb `demo`: a demonstration class, so that a visitor can try every role within a minute."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from hub import sign_in_links
from hub.campus.built_labs import built_labs, facts_for_lists
from hub.isomo_settings import Settings
from hub.ops import process_supervisor, state_preparation, terminal_output, this_installation
from hub.ops.verb_sentences import _
from hub.ops.verbs import up
from hub.store import Store
from hub.verb_options import parse_options

INSTITUTION = ("minict", "Ministry of ICT")
COURSE = ("everyone-2026a-minict", "AI for everyone, 2026 A")
CLASS = "Class A"
LAB = "where-to-set-the-bar"
HOURS = 12


@dataclass(frozen=True)
class Visitor:
    """One person of the demonstration; `roles` are hub groups, `part` is theirs in the course."""

    username: str
    name: str
    roles: tuple[str, ...]
    part: str | None


PEOPLE = (
    Visitor("admin", "Administrator", ("administrator",), None),
    Visitor("felix.c", "Félix Cyusa", ("coordinator",), None),
    Visitor("claudine.u", "Claudine Uwase", ("trainer",), "trainer"),
    Visitor("amina.k", "Amina Keza", ("learner",), "learner"),
    Visitor("bosco.n", "Bosco Ndahiro", ("learner",), "learner"),
    Visitor("chantal.m", "Chantal Mutesi", ("learner",), "learner"),
    Visitor("david.h", "David Habimana", ("learner",), "learner"),
    Visitor("esther.i", "Esther Ineza", ("learner",), "learner"),
)


def command(argv: list[str]) -> int:
    """`demo [--json]`; starts Isomo first if it does not run."""
    options = parse_options("demo", argv)
    settings = this_installation.current_settings()
    if not process_supervisor.machine_supervisor(settings).states():
        up.command(["--evaluate"] if settings.evaluate else [])
    store = Store.open(settings)
    make_class(settings, store)
    released = release_first_lab(settings, store)
    links = [(each, one_time_link(settings, store, each)) for each in PEOPLE]
    if options.json:
        people = [{"username": each.username, "roles": each.roles, "link": url} for each, url in links]
        said = {"address": settings.address, "course": COURSE[0], "released": released, "people": people}
        terminal_output.print_sentence(json.dumps(said))
        return 0
    show_class(settings, released, links)
    return 0


def make_class(settings: Settings, store: Store) -> None:
    """Make the institution, the course, the class and its people; those that are there stay as they are."""
    store.courses.add_institution(*INSTITUTION)
    store.courses.add(*COURSE, institution=INSTITUTION[0])
    for each in PEOPLE:
        if store.people.get(each.username) is None:
            store.people.add(
                each.username,
                each.name,
                roles=each.roles,
                institution=None if "administrator" in each.roles else INSTITUTION[0],
                language=settings.languages[0],
            )
        if each.part:
            store.courses.add_member(COURSE[0], each.username, each.part)
    store.courses.add_class(
        COURSE[0], CLASS, tuple(each.username for each in PEOPLE if each.part == "learner")
    )


def release_first_lab(settings: Settings, store: Store) -> bool:
    """Release the first lab, in the version that was built last. Returns whether there is one."""
    known = built_labs(settings.state / "labs")
    built = [lab for lab in known if lab.slug == LAB]
    if not built:
        return False
    lab = built[0]
    there = store.courses.lab(COURSE[0], LAB)
    if there is None or there.version != lab.version:
        store.courses.release(
            COURSE[0],
            LAB,
            version=lab.version,
            title=lab.title,
            minutes=lab.minutes,
            tasks=lab.tasks,
            release=lab.release_files(),
            source=lab.source_files(),
            **facts_for_lists(lab, known),
        )
        store.audit.add("isomo demo", "released", f"{COURSE[0]}/{LAB} version {lab.version}")
    return True


def one_time_link(settings: Settings, store: Store, person: Visitor) -> str:
    """Return a one-time link that signs `person` in, without a password to choose for a look."""
    kind: sign_in_links.Kind = "welcome" if person.username == state_preparation.ADMINISTRATOR else "sign-in"
    if kind == "welcome" and store.people.password_hash(person.username):
        kind = "sign-in"
    return sign_in_links.link_address(
        settings, sign_in_links.create_link_token(store, person.username, kind, timedelta(hours=HOURS))
    )


def show_class(settings: Settings, released: bool, links: list[tuple[Visitor, str]]) -> None:
    """The class and its links, for people."""
    terminal_output.print_sentence(_("A demonstration class at {address}").format(address=settings.address))
    terminal_output.print_fact(_("Institution"), INSTITUTION[1])
    terminal_output.print_fact(_("Course"), f"{COURSE[1]} · {CLASS}")
    terminal_output.print_fact(_("Lab"), LAB if released else _("none is built yet"))
    terminal_output.print_sentence(
        _("Each link signs in once, within {hours} hours. Open two in two private windows:").format(
            hours=HOURS
        )
    )
    for person, url in links:
        terminal_output.print_fact(f"{person.name.split()[0]} ({person.part or person.roles[0]})", "")
        terminal_output.print_sentence(f"  {url}")


__all__ = ["command"]
