"""A country's campus for `bench campus`: institutions, courses, people, and three terms' work, inserted in bulk.

Everybody handed in every lab of their course once. Each result has three tasks; the last one is read by a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.campus_bulk import Rows

LABS, TASKS = 13, ("add_test", "read", "text")
COURSE_SIZE, CLASS_SIZE = 2000, 50
LIVE_CLASS_SIZE = 60
AUDIT_PER_LEARNER = 5
LIVE_EVENTS = 6
"""Checks and hints of each learner in the newest lab; older ones are folded into counts by then."""
ROOT_NAME = "country"


@dataclass(frozen=True)
class Town:
    """Size of a country, and the moment at which its data ends."""

    learners: int
    institutions: int
    now: datetime

    @property
    def courses(self) -> int:
        """Return how many courses there are."""
        return max(1, self.learners // COURSE_SIZE)

    @property
    def ministries(self) -> int:
        """Return how many institutions are directly below the country: one for each course, if so many fit."""
        return max(1, min(self.courses, self.institutions - 1))

    @property
    def results(self) -> int:
        """Return how many results there are."""
        return self.learners * LABS

    def course_of(self, place: int) -> int:
        """Return the course of a learner."""
        return min(place // COURSE_SIZE, self.courses - 1)

    def institution_of(self, place: int) -> int:
        """Return the institution of a learner: their ministry, or one of its agencies."""
        ministry = self.course_of(place) % self.ministries
        agencies = range(1 + self.ministries + ministry, self.institutions, self.ministries)
        choice = place % (1 + len(agencies))
        return 1 + ministry if choice == 0 else agencies[choice - 1]

    def class_of(self, place: int) -> int:
        """Return the number of a learner's class; the very first class is a little larger."""
        if place < LIVE_CLASS_SIZE:
            return 1
        return 1 + max(1, place // CLASS_SIZE)

    def names(self) -> list[str]:
        """Return the user names of the learners."""
        return [learner_name(place) for place in range(self.learners)]


def learner_name(place: int) -> str:
    """Return a learner's user name."""
    return f"learner{place:06}"


def course_name(number: int) -> str:
    """Return a course's short name."""
    return f"everyone-{number:02}"


def lab_name(number: int) -> str:
    """Return a lab's short name."""
    return f"lab{number:02}"


def institution_name(number: int) -> str:
    """Return an institution's short name; the first is the whole country."""
    return ROOT_NAME if number == 0 else f"institution-{number:03}"


def receipt_number(number: int) -> str:
    """Return the receipt number of an attempt."""
    return f"R-2026-{number:08}"


STAFF = (
    ("admin", "Administrator", "administrator", None),
    ("auditor", "Second Administrator", "administrator", None),
    ("coordinator.country", "Coordinator of the country", "coordinator", 0),
    ("coordinator.ministry", "Coordinator of a ministry", "coordinator", 1),
)


def trainer_name(course: int) -> str:
    """Return the trainer of a course."""
    return f"trainer{course:02}"


def institution_tables(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Yield the institutions, as a tree."""

    def parent(number: int) -> str | None:
        if number == 0:
            return None
        above = 0 if number <= town.ministries else 1 + (number - 1 - town.ministries) % town.ministries
        return institution_name(above)

    yield (
        "institution",
        ("id", "title", "parent", "archived_at"),
        (
            (institution_name(number), f"Institution {number:03}", parent(number), None)
            for number in range(town.institutions)
        ),
    )


def account_tables(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Yield everybody with an account, their roles and their spent links."""
    now, trainers = town.now, [(trainer_name(number), number) for number in range(town.courses)]
    given = (
        "Amina",
        "Bosco",
        "Claudine",
        "Désiré",
        "Espérance",
        "Fabrice",
        "Grâce",
        "Honoré",
        "Immaculée",
        "Jean",
    )
    staff = [(name, shown, institution) for name, shown, _role, institution in STAFF]
    staff += [(name, f"Trainer {number}", 1 + number % town.ministries) for name, number in trainers]
    columns = (
        "username",
        "display_name",
        "email",
        "language",
        "institution",
        "password_hash",
        "disabled_at",
        "created_at",
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for name, shown, institution in staff:
            home = None if institution is None else institution_name(institution)
            yield name, shown, f"{name}@example.org", "en", home, "$scrypt$", None, now
        for place in range(town.learners):
            shown = f"{given[place % 10]} {given[place // 10 % 10][:1]}. {place:06}"
            home = institution_name(town.institution_of(place))
            closed = now if place % 400 == 399 else None
            name = learner_name(place)
            yield (
                name,
                shown,
                f"{name}@example.org",
                "fr" if place % 3 else "en",
                home,
                "$scrypt$",
                closed,
                now,
            )

    yield "person", columns, rows()
    roles = [(name, role) for name, _shown, role, _home in STAFF] + [
        (name, "trainer") for name, _number in trainers
    ]
    yield "person_role", ("username", "role"), [*roles, *((name, "learner") for name in town.names())]
    yield (
        "invitation",
        ("token_sha256", "username", "kind", "expires_at", "used_at"),
        ((secret_digest(name), name, "welcome", now, now) for name in town.names()),
    )


def course_tables(town: Town, blobs: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Yield courses with their members, classes and labs."""
    yield from _memberships(town)
    yield from _classes(town)
    yield from _labs(town, blobs)


def _memberships(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    numbers = range(town.courses)
    yield (
        "course",
        ("id", "title", "institution", "track", "intake", "archived_at"),
        (
            (
                course_name(each),
                f"Everyone {each:02}",
                institution_name(1 + each % town.ministries),
                "everyone",
                "2026a",
                None,
            )
            for each in numbers
        ),
    )
    trainers = [(course_name(each), trainer_name(each), "trainer", None) for each in numbers]
    learners = (
        (course_name(town.course_of(place)), learner_name(place), "learner", None)
        for place in range(town.learners)
    )
    yield "course_member", ("course", "username", "role", "added_by"), [*trainers, *learners]


def _classes(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    now = town.now
    classes = {town.class_of(place): town.course_of(place) for place in range(town.learners)}
    yield (
        "class_group",
        ("id", "course", "title", "schedule", "archived_at"),
        (
            (number, course_name(course), f"Class {number:04}", "Tuesday 9:00", None)
            for number, course in classes.items()
        ),
    )
    yield (
        "class_member",
        ("class_id", "username"),
        ((town.class_of(place), learner_name(place)) for place in range(town.learners)),
    )
    yield (
        "class_time",
        ("class_id", "starts_at", "weekly", "place"),
        ((number, now + timedelta(days=3 + number % 5), True, "Room 2") for number in classes),
    )
    yield (
        "class_schedule",
        ("class_id", "lab", "opens_at", "closes_at"),
        (
            (number, lab_name(lab), None, lab_opening(town, lab + 2) + timedelta(days=1))
            for number in classes
            for lab in range(LABS)
        ),
    )
    yield (
        "extra_time",
        ("username", "percent", "given_by", "given_at"),
        ((learner_name(place), 25, "admin", now) for place in range(0, town.learners, 200)),
    )


def _labs(town: Town, blobs: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    now, numbers = town.now, range(town.courses)
    tasks = json.dumps([{"id": task, "points": 3} for task in TASKS])
    labs = [(course_name(course), lab) for course in numbers for lab in range(LABS)]
    yield (
        "lab_version",
        (
            "course",
            "lab",
            "version",
            "title",
            "minutes",
            "number",
            "tasks",
            "release_bundle",
            "source_bundle",
            "added_at",
        ),
        (
            (
                course,
                lab_name(lab),
                "1",
                json.dumps({"en": f"Lab {lab}: sums", "fr": f"Atelier {lab} : sommes"}),
                40,
                lab + 1,
                tasks,
                blobs["release"],
                blobs["source"],
                now,
            )
            for course, lab in labs
        ),
    )
    yield (
        "release",
        ("course", "lab", "version", "opened_at", "closes_at", "closed_at", "at_once", "opens_at"),
        (
            (
                course,
                lab_name(lab),
                "1",
                lab_opening(town, lab),
                lab_opening(town, lab + 2),
                None,
                False,
                None,
            )
            for course, lab in labs
        ),
    )


def lab_opening(town: Town, lab: int) -> datetime:
    """Return when a lab was opened: one each week, the last of them a week ago."""
    return town.now - timedelta(weeks=LABS - lab)


def secret_digest(text: str) -> str:
    """Return the hash that is kept of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()
