"""Pages that `bench campus` asks for: each one's name, who reads it, and its address."""

from __future__ import annotations

from dataclasses import dataclass

from bench.campus_town import (
    LABS,
    TASKS,
    Town,
    course_name,
    institution_name,
    lab_name,
    learner_name,
    receipt_number,
    trainer_name,
)


@dataclass(frozen=True)
class Page:
    """A page, its reader, and its address below the campus."""

    name: str
    reader: str
    path: str


def campus_pages(town: Town) -> list[Page]:
    """Return every page of the campus that reads from the store."""
    return [*_of_learners(town), *_of_trainers(town), *_of_offices(town)]


def _of_learners(town: Town) -> list[Page]:
    learner, other = learner_name(7), learner_name(town.learners // 2)
    return [
        Page("home", learner, "/"),
        Page("home-2", other, "/"),
        Page("attempt", learner, f"/attempts/{receipt_number(8)}"),
        Page("receipt", learner, f"/receipts/{receipt_number(8)}"),
        Page("me", learner, "/me"),
        Page("verify", learner, "/verify"),
        Page("api-labs", learner, f"/api/v1/courses/{course_name(0)}/labs"),
    ]


def _of_trainers(town: Town) -> list[Page]:
    number = town.courses // 2
    trainer, course, newest = trainer_name(number), f"/courses/{course_name(number)}", lab_name(LABS - 1)
    lab, place = f"{course}/labs/{newest}", number * (town.learners // town.courses)
    desk = f"lab={newest}&task={TASKS[2]}"
    return [
        Page("today", trainer, "/"),
        Page("course", trainer, course),
        Page("lab", trainer, lab),
        Page("lab-state", trainer, f"{lab}?state=to-be-marked&page=3"),
        Page("lab-search", trainer, f"{lab}?q=amina"),
        Page("lab-part", trainer, f"{lab}?part=submissions"),
        Page("marks", trainer, f"{course}/marks"),
        Page("marks-page", trainer, f"{course}/marks?page=20&sort=-total"),
        Page("marks-search", trainer, f"{course}/marks?q=amina&lab={newest}"),
        Page("course-people", trainer, f"{course}/people"),
        Page("course-people-search", trainer, f"{course}/people?q=amina"),
        Page("course-settings", "admin", f"{course}/settings"),
        Page("class", trainer, f"{course}/classes/{town.class_of(place + 100)}"),
        Page("schedule", trainer, f"{lab}/schedule"),
        Page("regrade", trainer, f"{lab}/regrade"),
        Page("desk", trainer, f"{course}/desk?{desk}"),
        Page("desk-flags", trainer, f"{course}/desk?flags=yes"),
        Page("second", trainer, f"{course}/desk/second?{desk}"),
        Page("alike", trainer, f"{course}/desk/alike?{desk}"),
        Page("appeals", trainer, f"{course}/appeals"),
        Page("certificates", trainer, f"{course}/certificates"),
        Page(
            "attempt-trainer", trainer, f"/attempts/{receipt_number((LABS - 1) * town.learners + place + 8)}"
        ),
        Page("live", trainer_name(0), f"/courses/{course_name(0)}/classes/1/live"),
        Page("tokens", trainer, "/me/tokens"),
        Page("api-marks", trainer, f"/api/v1{course}/marks"),
        Page("api-people", trainer, f"/api/v1{course}/people"),
    ]


def _of_offices(town: Town) -> list[Page]:
    person, course = learner_name(town.learners // 2), course_name(town.courses // 2)
    admin, country, ministry = "admin", "coordinator.country", "coordinator.ministry"
    return [
        Page("people", admin, "/people"),
        Page("people-search", admin, "/people?q=amina&part=list"),
        Page("people-name", admin, f"/people?q={person}"),
        Page("people-last", admin, f"/people?page={town.learners // 50}"),
        Page("people-role", admin, "/people?role=trainer"),
        Page("people-no-class", admin, "/people?role=no-class"),
        Page("people-institution", admin, f"/people?institution={institution_name(1)}"),
        Page("person", admin, f"/people/{person}"),
        Page("institutions", admin, "/institutions"),
        Page("institution", admin, f"/institutions/{institution_name(0)}"),
        Page("courses", admin, "/courses"),
        Page("admin-course-people", admin, f"/courses/{course}/people"),
        Page("audit", admin, "/audit"),
        Page("audit-person", admin, f"/audit?person={trainer_name(0)}"),
        Page("audit-rare", admin, "/audit?person=nobody"),
        Page("audit-action", admin, "/audit?action=erased"),
        Page("audit-deep", admin, f"/audit?page={town.learners // 20}"),
        Page("audit-days", admin, f"/audit?since={town.now:%Y-%m-%d}&until={town.now:%Y-%m-%d}"),
        Page("system", admin, "/system"),
        Page("roster", admin, "/roster"),
        Page("overview-country", country, "/overview"),
        Page("overview-ministry", ministry, "/overview"),
        Page("overview-file", ministry, f"/overview/file.csv?course={course_name(0)}"),
        Page("api-people-all", admin, "/api/v1/people"),
    ]
