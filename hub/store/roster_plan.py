"""Changes that a roster would make: computed from its rows and the store, before anything is touched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.message_catalogues import N_
from hub.shared_names import is_email, is_username
from hub.store.account_store import ROLES
from hub.store.institution_tree import LONGEST_TITLE, short_name_from
from hub.store.roster_file import RosterRow
from hub.store.roster_known import Known

LONGEST_NAME = 200
ROLE_NAMES = {
    **{role: role for role in ROLES},
    **dict.fromkeys(("apprenant", "apprenante", "apprenant(e)", "participant", "participante"), "learner"),
    **dict.fromkeys(("formateur", "formatrice", "teacher"), "trainer"),
    **dict.fromkeys(("data team", "equipe de donnees", "equipe donnees"), "data-team"),
    **dict.fromkeys(("coordinateur", "coordinatrice", "coordonnateur", "coordonnatrice"), "coordinator"),
    **dict.fromkeys(("administrateur", "administratrice", "admin"), "administrator"),
}
LANGUAGE_NAMES = {
    **dict.fromkeys(("english", "anglais", "icyongereza"), "en"),
    **dict.fromkeys(("french", "francais", "igifaransa"), "fr"),
    **dict.fromkeys(("kinyarwanda", "ikinyarwanda"), "rw"),
}
REASONS = {
    "no-name": N_("has no name. Write the name as it is to be shown."),
    "long-name": N_("has a name of more than {most} letters. Shorten it."),
    "no-account": N_("has neither a user name nor an e-mail address. Write one of them."),
    "bad-username": N_(
        "has the user name {value}, which cannot be one. Use at most 32 small letters, digits, dots and hyphens."
    ),
    "bad-email": N_("has the e-mail address {value}, which cannot be one. Correct it or leave it empty."),
    "shared-email": N_(
        "has the e-mail address {value}, which several accounts have. Write the user name in this row."
    ),
    "unknown-language": N_("names the language {value}, which is not offered here. Offered are: {known}."),
    "unknown-institution": N_(
        "names the institution {value}, which is not here. Make it first, or let the import make what is missing."
    ),
    "unknown-course": N_(
        "names the course {value}, which is not here. Make it first, or let the import make what is missing."
    ),
    "unclear": N_("names {value}, and several have this title. Write the short name instead."),
    "unknown-role": N_("names the role {value}. Roles are: {known}."),
    "unknown-part": N_("names the part {value}. Parts in a course are: learner, trainer."),
    "class-without-course": N_("names a class and no course. Write the course too."),
    "long-title": N_("names something of more than {most} letters. Shorten it."),
    "coordinator": N_("makes a coordinator without an institution. Write the institution."),
    "administrator": N_("makes an administrator. Administrators are made one by one, on the page of people."),
    "closed": N_("names {value}, whose account is closed. Open the account first."),
    "conflict": N_("says something else of {value} than an earlier row ({column}). Correct one of the two."),
}
"""Sentences about a row; each follows `Row 7`."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used, and why: `reason` is a key of REASONS."""

    number: int
    name: str
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


class _Bad(Exception):  # noqa: N818 - ends one row
    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass
class Wanted:
    """Content of the rows about one person; None if they say nothing."""

    display_name: str
    email: str | None = None
    language: str | None = None
    institution: str | None = None
    roles: frozenset[str] | None = None


@dataclass
class RosterPlan:
    """Everything a roster would change. What is not named in it stays as it is; nobody is removed."""

    rows: int = 0
    new_people: dict[str, Wanted] = field(default_factory=dict)
    changed_people: dict[str, dict[str, tuple[str | None, str]]] = field(default_factory=dict)
    changed_roles: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    enrolled: set[tuple[str, str, str]] = field(default_factory=set)
    """Course, user name, part."""
    classes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Title of the class into which somebody (course, user name) comes."""
    moved: set[tuple[str, str]] = field(default_factory=set)
    """Those of `classes` who leave another class of the same course."""
    new_institutions: dict[str, str] = field(default_factory=dict)
    new_courses: dict[str, str] = field(default_factory=dict)
    new_classes: set[tuple[str, str]] = field(default_factory=set)
    bad: list[BadRow] = field(default_factory=list)
    unchanged: int = 0
    """Rows that say what is there already."""

    @property
    def changes(self) -> bool:
        """Return whether anything would change."""
        return bool(
            self.new_people
            or self.changed_people
            or self.changed_roles
            or self.enrolled
            or self.classes
            or self.new_institutions
            or self.new_courses
            or self.new_classes
        )

    def counts(self) -> dict[str, int]:
        """Return the numbers of the plan, by what they count."""
        return {
            "rows": self.rows,
            "new_people": len(self.new_people),
            "changed_people": len(set(self.changed_people) | set(self.changed_roles)),
            "enrolled": len(self.enrolled),
            "put_in_class": len(self.classes) - len(self.moved),
            "moved_to_another_class": len(self.moved),
            "new_institutions": len(self.new_institutions),
            "new_courses": len(self.new_courses),
            "new_classes": len(self.new_classes),
            "unchanged_rows": self.unchanged,
            "bad_rows": len(self.bad),
        }


class RosterPlanner:
    """Goes through the rows once. `known` is what is there; with `make_missing` courses and institutions are made."""

    def __init__(self, known: Known, languages: tuple[str, ...], *, make_missing: bool = False) -> None:
        self.known = known
        self.languages = languages
        self.make_missing = make_missing
        self.plan = RosterPlan()
        self.wanted: dict[str, Wanted] = {}
        self._emails: dict[str, str] = {}
        self._usernames = set(known.usernames)

    def planned(self, rows: Iterable[RosterRow]) -> RosterPlan:
        """Return what the rows would change."""
        for row in rows:
            self.plan.rows += 1
            try:
                self._row(row.cells)
            except _Bad as bad:
                name = row.cells["username"] or row.cells["name"] or row.cells["email"]
                self.plan.bad.append(BadRow(row.number, name[:60], bad.reason, bad.facts))
        return self.plan

    def _row(self, cells: Mapping[str, str]) -> None:
        """Check everything before anything is planned: a bad row changes nothing at all."""
        wanted = self._person(cells)
        username = self._username(cells)
        institution = self._place("institution", cells["institution"])
        course = self._place("course", cells["course"])
        if cells["class"] and not cells["course"]:
            raise _Bad("class-without-course")
        if len(cells["class"]) > LONGEST_TITLE:
            raise _Bad("long-title", most=LONGEST_TITLE)
        wanted.institution = institution[0] if institution else None
        wanted.roles = self._roles(username, cells["role"])
        self._check_person(username, wanted)
        enrolment = self._enrolment(course, username, wanted, cells) if course else None
        for place, new in ((institution, self.plan.new_institutions), (course, self.plan.new_courses)):
            if place and place[1]:
                new[place[0]] = place[1]
        changed = self._keep_person(username, wanted)
        changed |= self._keep_enrolment(enrolment) if enrolment else False
        self.plan.unchanged += not changed

    def _person(self, cells: Mapping[str, str]) -> Wanted:
        if not cells["name"]:
            raise _Bad("no-name")
        if len(cells["name"]) > LONGEST_NAME:
            raise _Bad("long-name", most=LONGEST_NAME)
        email = cells["email"].lower()
        if email and not is_email(email):
            raise _Bad("bad-email", value=email[:60])
        language = _plain(cells["language"])
        language = LANGUAGE_NAMES.get(language, language)
        if language and language not in self.languages:
            raise _Bad("unknown-language", value=cells["language"][:20], known=", ".join(self.languages))
        return Wanted(cells["name"], email or None, language or None)

    def _username(self, cells: Mapping[str, str]) -> str:
        """The account a row speaks of: by its user name, by its e-mail address, or a new one named after them."""
        name, email = cells["username"].lower(), cells["email"].lower()
        if name:
            if not is_username(name):
                raise _Bad("bad-username", value=cells["username"][:40])
            return name
        if not email:
            raise _Bad("no-account")
        there = self.known.by_email.get(email, ())
        if len(there) > 1:
            raise _Bad("shared-email", value=email)
        return there[0] if there else self._emails.get(email) or self._new_username(cells["name"], email)

    def _new_username(self, name: str, email: str) -> str:
        base = username_from(name) or username_from(email.partition("@")[0]) or "user"
        number, found = 1, base
        while found in self._usernames:
            number += 1
            found = f"{base[: 31 - len(str(number))]}{number}"
        return found

    def _place(self, kind: str, text: str) -> tuple[str, str] | None:
        """Return the id of an institution or course, and its title if it is new."""
        if not text:
            return None
        places = self.known.institutions if kind == "institution" else self.known.courses
        new = self.plan.new_institutions if kind == "institution" else self.plan.new_courses
        found = places.find(text)
        if len(found) > 1:
            raise _Bad("unclear", value=text[:60])
        if found:
            return found[0], ""
        name = short_name_from(text)
        if self.make_missing and places.find(name):
            return places.find(name)[0], ""
        if not self.make_missing or not name:
            raise _Bad(f"unknown-{kind}", value=text[:60])
        if len(text) > LONGEST_TITLE:
            raise _Bad("long-title", most=LONGEST_TITLE)
        return name, "" if name in new else text

    def _roles(self, username: str, text: str) -> frozenset[str] | None:
        if not text:
            return None
        found = set()
        for word in re.split(r"[,;/|+]", text):
            role = ROLE_NAMES.get(_plain(word))
            if role is None:
                raise _Bad("unknown-role", value=word.strip()[:40], known=", ".join(ROLES))
            found.add(role)
        have = self.known.roles.get(username, frozenset())
        if "administrator" in found - have:
            raise _Bad("administrator")
        return frozenset(found | (have & {"administrator"}))

    def _check_person(self, username: str, wanted: Wanted) -> None:
        there, earlier = self.known.people.get(username), self.wanted.get(username)
        if there is not None and there.closed:
            raise _Bad("closed", value=username)
        for column in ("display_name", "email", "language", "institution", "roles"):
            mine, before = getattr(wanted, column), getattr(earlier, column) if earlier else None
            if mine is not None and before is not None and mine != before:
                raise _Bad("conflict", value=username, column={"display_name": "name"}.get(column, column))
        have = there.institution if there else None
        institution = wanted.institution or (earlier.institution if earlier else None) or have
        if "coordinator" in (wanted.roles or ()) and not institution:
            raise _Bad("coordinator")

    def _enrolment(
        self, course: tuple[str, str], username: str, wanted: Wanted, cells: Mapping[str, str]
    ) -> tuple[str, str, str, str]:
        part = ROLE_NAMES.get(_plain(cells["part"]), cells["part"])
        if part not in ("", "learner", "trainer"):
            raise _Bad("unknown-part", value=cells["part"][:40])
        roles = wanted.roles or self.known.roles.get(username, frozenset())
        part = part or ("trainer" if "trainer" in roles else "learner")
        title = self.known.class_title(course[0], cells["class"])
        planned = self.plan.classes.get((course[0], username))
        if title and planned and planned != title:
            raise _Bad("conflict", value=username, column="class")
        return course[0], username, part, title

    def _keep_person(self, username: str, wanted: Wanted) -> bool:
        self._usernames.add(username)
        if wanted.email:
            self._emails.setdefault(wanted.email, username)
        earlier = self.wanted.setdefault(username, wanted)
        for column in ("email", "language", "institution", "roles"):
            setattr(earlier, column, getattr(earlier, column) or getattr(wanted, column))
        there = self.known.people.get(username)
        if there is None:
            is_new = username not in self.plan.new_people
            self.plan.new_people[username] = earlier
            return is_new
        changes: dict[str, tuple[str | None, str]] = {}
        for column in ("display_name", "email", "language", "institution"):
            new, old = getattr(earlier, column), getattr(there, column)
            if new and new != old:
                changes[column] = (old, new)
        if changes:
            self.plan.changed_people[username] = changes
        have = self.known.roles.get(username, frozenset())
        if earlier.roles is not None and earlier.roles != have:
            self.plan.changed_roles[username] = (have, earlier.roles)
        return bool(changes) or username in self.plan.changed_roles

    def _keep_enrolment(self, enrolment: tuple[str, str, str, str]) -> bool:
        course, username, part, title = enrolment
        changed = False
        if (course, username, part) not in self.known.members:
            changed = (course, username, part) not in self.plan.enrolled
            self.plan.enrolled.add((course, username, part))
        before = self.known.class_of.get((course, username))
        if title and title != before:
            changed = True
            self.plan.classes[course, username] = title
            if before:
                self.plan.moved.add((course, username))
            if not self.known.has_class(course, title):
                self.plan.new_classes.add((course, title))
                self.known.add_class(course, title)
        return changed


def _plain(text: str) -> str:
    """Return a word as it is compared: small letters, without accents and outer blanks."""
    return unicodedata.normalize("NFKD", text.strip().casefold()).encode("ascii", "ignore").decode()


def username_from(name: str) -> str:
    """Return a user name made of a person's name: `Amina Keza` becomes `amina.k`; "" if nothing is left."""
    spelled = name.casefold().replace("œ", "oe").replace("æ", "ae")
    words = [
        word for part in re.split(r"[\W_]+", spelled) if (word := re.sub(r"[^a-z0-9]", "", _plain(part)))
    ]
    if not words:
        return ""
    return f"{words[0]}.{words[-1][0]}"[:32] if len(words) > 1 else words[0][:32]
