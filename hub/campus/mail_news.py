"""News that people are written to about: feedback that is there, a lab that closes tomorrow, a lab that was missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from hub.store import Store, models
from hub.store.mail_queue import MailChoice
from hub.store.receipts import utc_text

DAY = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """One piece of news for one person; `about` is the same each time it is found."""

    username: str
    kind: str
    about: str
    facts: dict[str, Any]


def queue_news(store: Store, now: datetime | None = None) -> int:
    """Queue a mail for each piece of news of the last day that has none; return how many are new."""
    moment = now or datetime.now(UTC)
    found = list(_wanted(store, [*_feedback(store, moment), *_deadlines(store, moment)]))
    known = {
        kind: store.mails.known(kind, {each.about for each in found if each.kind == kind})
        for kind in {each.kind for each in found}
    }
    new = [each for each in found if (each.username, each.about) not in known[each.kind]]
    return sum(store.mails.add(each.username, each.kind, each.about, each.facts) for each in new)


def _wanted(store: Store, news: list[News]) -> Iterator[News]:
    """Yield the news of people with an address and an open account who want this kind."""
    person = models.Person
    names = sorted({each.username for each in news})
    with store.database.read() as session:
        reachable: set[str] = set()
        refused: set[tuple[str, str]] = set()
        for start in range(0, len(names), 500):
            part = names[start : start + 500]
            reachable |= set(
                session.scalars(
                    select(person.username).where(
                        person.username.in_(part), person.email.is_not(None), person.disabled_at.is_(None)
                    )
                )
            )
            rows = session.execute(
                select(MailChoice.username, MailChoice.kind).where(MailChoice.username.in_(part))
            )
            refused |= {(name, kind) for name, kind in rows}
    for each in news:
        if each.username in reachable and (each.username, each.kind) not in refused:
            yield each


def _feedback(store: Store, now: datetime) -> Iterator[News]:
    """Yield feedback that was returned within a day: one mail for a lab and a day, however many attempts."""
    attempt, grading, returned = models.Attempt, models.Grading, models.FeedbackReturn
    query = (
        select(attempt.learner, attempt.course, attempt.lab)
        .join(grading, grading.attempt == attempt.id)
        .join(returned, returned.grading == grading.id)
        .where(returned.returned_at > now - DAY, returned.returned_at <= now)
        .distinct()
    )
    with store.database.read() as session:
        for learner, course, lab in session.execute(query):
            yield News(learner, "feedback", f"{course}/{lab}/{now:%Y-%m-%d}", {"course": course, "lab": lab})


def _deadlines(store: Store, now: datetime) -> Iterator[News]:
    """Yield labs that close within a day or closed within one, for each learner who handed nothing in."""
    release, course = models.Release, models.Course
    with store.database.read() as session:
        rows = session.execute(
            select(release.course, release.lab, release.closes_at)
            .join(course, course.id == release.course)
            .where(
                course.archived_at.is_(None),
                release.closed_at.is_(None),
                release.closes_at > now - DAY,
                release.closes_at <= now + DAY,
            )
        ).all()
    for name, lab, closes_at in rows:
        if closes_at is None:
            continue
        kind = "closing" if closes_at > now else "late"
        about = f"{name}/{lab}/{closes_at:%Y-%m-%d}"
        facts = {"course": name, "lab": lab, "closes_at": utc_text(closes_at)}
        for learner in _missing(store, name, lab, closes_at):
            yield News(learner, kind, about, facts)


def _missing(store: Store, course: str, lab: str, closes_at: datetime) -> list[str]:
    """Return the learners who handed nothing in; those with more time are left alone."""
    member, attempt = models.CourseMember, models.Attempt
    more = store.extensions.lab(course, lab)
    handed_in = select(attempt.learner).where(attempt.course == course, attempt.lab == lab)
    query = select(member.username).where(
        member.course == course, member.role == "learner", member.username.not_in(handed_in)
    )
    with store.database.read() as session:
        return [name for name in session.scalars(query) if more.get(name, closes_at) <= closes_at]
