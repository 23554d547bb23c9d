"""Results as statements of the Experience API (xAPI 1.0.3): who attempted, passed or has not passed which lab."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from hub.campus.request_context import PREFIX
from hub.isomo_settings import Settings
from hub.store import Store
from hub.store.course_store import Lab
from hub.store.graded_results import Result
from hub.store.marking_models import LateWork
from hub.store.signed_receipts import utc_text
from hub.store.table_models import Attempt

VERSION = "1.0.3"
VERBS = {
    "attempted": ("http://adlnet.gov/expapi/verbs/attempted", "attempted"),
    "scored": ("http://adlnet.gov/expapi/verbs/scored", "scored"),
}
ACTIVITY = "http://adlnet.gov/expapi/activities/assessment"
COURSE = "http://adlnet.gov/expapi/activities/course"
NAMES = uuid.UUID("5b0a4f2e-6a0b-5c64-9d2f-3d5a1c1f7e10")
"""Namespace of the statements' identifiers: the same statement has the same one each time it is asked for."""


def xapi_statements(
    store: Store, course: str, attempts: list[Attempt], languages: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield two statements for each attempt: that it was handed in, and its score once it is checked.

    A score that changes, by a person's mark, a regrade or other times for late work, is a new statement with a new
    identifier. `languages` are xAPI's names of ours, such as `en` for `en`.
    """
    labs = {lab.lab: lab for lab in store.courses.labs(course)}
    found = store.courses.get(course)
    title = found.title if found else course
    results = store.results.results_for([each.id for each in attempts])
    for attempt in attempts:
        lab = labs.get(attempt.lab)
        base = _base(store.settings, attempt, lab, title, languages)
        yield {
            **base,
            "id": _identifier(attempt, "attempted", ""),
            "verb": _verb("attempted"),
            "timestamp": utc_text(attempt.received_at),
        }
        result = results.get(attempt.id)
        if result is not None:
            yield _scored(base, attempt, result)


def _scored(base: dict[str, Any], attempt: Attempt, result: Result) -> dict[str, Any]:
    score: dict[str, float] = {"raw": result.score, "min": 0, "max": result.max_score}
    if result.max_score:
        score["scaled"] = round(min(result.score / result.max_score, 1.0), 4)
    late = _counted_later(result)
    given = [mark.given_at for mark in result.marks.values()] + [each.given_at for each in late]
    at = max([result.grading.recorded_at, *given])
    change = "".join(f"/late-{each.id}" for each in late)
    waits = "to-be-marked" in [result.shown_outcome(each) for each in result.verdicts]
    return {
        **base,
        "id": _identifier(attempt, "scored", f"{result.grading.id}/{result.last_mark}{change}"),
        "verb": _verb("scored"),
        "timestamp": utc_text(at),
        "result": {"score": score, "completion": not waits},
    }


def _counted_later(result: Result) -> list[LateWork]:
    """Return the note about late work if it came after the grading; one from before is part of its first score."""
    late = result.late
    return [late] if late and late.given_at > result.grading.recorded_at else []


def _base(
    settings: Settings, attempt: Attempt, lab: Lab | None, title: str, languages: Mapping[str, str]
) -> dict[str, Any]:
    home = f"{settings.address}{PREFIX}"
    names = {code: lab.named(language) if lab else attempt.lab for language, code in languages.items()}
    return {
        "version": VERSION,
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": settings.address, "name": attempt.learner},
        },
        "object": {
            "objectType": "Activity",
            "id": f"{home}/courses/{attempt.course}/labs/{attempt.lab}",
            "definition": {"type": ACTIVITY, "name": names},
        },
        "context": {
            "registration": str(uuid.uuid5(NAMES, f"{attempt.course}/{attempt.learner}")),
            "platform": "Isomo",
            "contextActivities": {
                "parent": [
                    {
                        "objectType": "Activity",
                        "id": f"{home}/courses/{attempt.course}",
                        "definition": {"type": COURSE, "name": dict.fromkeys(names, title)},
                    }
                ]
            },
            "extensions": {f"{home}/xapi/attempt": attempt.number, f"{home}/xapi/receipt": attempt.receipt},
        },
    }


def _verb(name: str) -> dict[str, Any]:
    address, word = VERBS[name]
    return {"id": address, "display": {"en": word}}


def _identifier(attempt: Attempt, verb: str, more: str) -> str:
    return str(uuid.uuid5(NAMES, f"{attempt.receipt}/{verb}/{more}"))
