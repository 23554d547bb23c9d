"""Read models for labs and attempts; a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.campus.built_labs import Built, built_labs
from hub.campus.request_context import Visitor
from hub.store import Store
from hub.store.course_store import Lab
from hub.store.graded_results import Result
from hub.store.signed_receipts import utc_text
from hub.store.table_models import Attempt


@dataclass(frozen=True)
class Standing:
    """The state of one attempt. `newest` is for trainers, `returned` for its learner too."""

    attempt: Attempt
    newest: Result | None
    returned: Result | None
    trouble: str | None
    page: str | None = None
    """The sha-256 of the feedback page that the learner sees; None before it was returned."""
    replaced: bool = False
    """Whether its learner handed in a newer attempt."""

    @property
    def state(self) -> str:
        """One of waiting, could-not-check, graded, returned."""
        if self.returned:
            return "returned"
        if self.newest:
            return "graded"
        return "could-not-check" if self.trouble else "waiting"

    @property
    def trainer_state(self) -> str:
        """The same for trainers; also `changed`, where the learner still sees an earlier result."""
        newest = self.newest
        if self.returned and newest and (newest.returned is None or newest.changed_since_return):
            return "changed"
        return self.state

    @property
    def learner_state(self) -> str:
        """The same for learners; also `replaced`, where a newer attempt counts and this one was not returned."""
        return "replaced" if self.replaced and self.state == "graded" else self.state

    def seen_by(self, *, trainer: bool) -> Result | None:
        """The result that this reader may see."""
        return self.newest if trainer else self.returned

    def summary(self) -> dict[str, Any]:
        """As the API tells it."""
        attempt = self.attempt
        return {
            "receipt": attempt.receipt,
            "learner": attempt.learner,
            "lab": attempt.lab,
            "number": attempt.number,
            "sha256": attempt.bundle,
            "received_at": utc_text(attempt.received_at),
            "state": self.state,
            "feedback": self.page,
        }


def attempt_standings(store: Store, attempts: Collection[Attempt]) -> list[Standing]:
    """Return the state of each of these attempts, in the same order."""
    ids = [each.id for each in attempts]
    newest, troubles = store.results.results_for(ids), store.results.troubles(ids)
    returned = store.results.results_for(ids, returned_only=True)
    pages = {attempt: store.results.page_name(result) for attempt, result in returned.items()}
    return [
        Standing(each, newest.get(each.id), returned.get(each.id), troubles.get(each.id), pages.get(each.id))
        for each in attempts
    ]


@dataclass(frozen=True)
class LearnerLab:
    """A lab and what one learner did with it, the newest attempt first."""

    lab: Lab
    standings: list[Standing]

    @property
    def shown(self) -> Standing | None:
        """The newest attempt whose feedback was returned."""
        return next((each for each in self.standings if each.returned), None)


def learner_labs(store: Store, course: str, learner: str) -> list[LearnerLab]:
    """The labs of a course as one learner sees them."""
    by_lab: dict[str, list[Standing]] = defaultdict(list)
    for standing in attempt_standings(store, store.attempts.list(course, learner=learner)):
        mine = by_lab[standing.attempt.lab]
        mine.append(replace(standing, replaced=bool(mine)))
    labs = store.schedules.own_labs(course, learner, store.courses.labs(course))
    # A withdrawn lab stays with those who handed it in, for their receipts and marks.
    return [LearnerLab(lab, by_lab[lab.lab]) for lab in labs if lab.withdrawn_at is None or by_lab[lab.lab]]


def lab_summary(
    mine: LearnerLab,
    language: str,
    now: datetime | None = None,
    *,
    released: Mapping[str, Lab] | None = None,
) -> dict[str, Any]:
    """One released lab as the API tells it to its reader; `released` has the course's labs by short name."""
    lab, shown = mine.lab, mine.shown.returned if mine.shown else None
    return {
        "lab": lab.lab,
        "title": lab.named(language),
        "minutes": lab.minutes,
        "number": lab.number,
        "track": lab.track,
        "builds_on": [{"lab": each.lab, "title": each.named(language, released)} for each in lab.builds_on],
        "state": lab.state(now),
        "version": lab.version,
        "bundle": lab.release_bundle,
        "opens_at": utc_text(lab.opens_at or lab.opened_at),
        "closes_at": utc_text(lab.closes_at) if lab.closes_at else None,
        "late": lab.is_late(now),
        "takes_until": utc_text(lab.takes_until) if lab.takes_until else None,
        "attempts": [each.summary() for each in mine.standings],
        "score": shown.score if shown else None,
        "max_score": shown.max_score if shown else None,
        "feedback": shown is not None,
    }


def unreleased_labs(who: Visitor, course: str) -> list[Built]:
    """Labs of the library that are not released in `course` yet."""
    there = {lab.lab for lab in who.campus.store.courses.labs(course)}
    return [built for built in built_labs(who.campus.settings.state / "labs") if built.slug not in there]


def draft_summary(built: Built, language: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """One lab of the library as the API tells it to trainers; `titles` has the library's by short name."""
    return {
        "lab": built.slug,
        "title": built.named(language),
        "minutes": built.minutes,
        "number": built.number,
        "track": built.track,
        "builds_on": [{"lab": slug, "title": titles.get(slug, slug)} for slug in built.builds_on],
        "state": "draft",
        "version": built.version,
        "bundle": None,
        "opens_at": None,
        "closes_at": None,
        "late": False,
        "takes_until": None,
        "attempts": [],
        "score": None,
        "max_score": None,
        "feedback": False,
    }
