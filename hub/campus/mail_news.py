"""News that people are written to about: feedback that is there, a lab that closes tomorrow or was missed, a class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hub.store import Store, table_models
from hub.store.course_store import Lab
from hub.store.learner_times import learner_times
from hub.store.mail_queue import MailChoice
from hub.store.signed_receipts import utc_text

DAY = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """One piece of news for one person; `about` is the same each time it is found."""

    username: str
    kind: str
    about: str
    facts: dict[str, Any]


def queue_news(store: Store, now: datetime | None = None, *, calendar: bool = True) -> int:
    """Queue a mail for each piece of news of the last day that has none; return how many are new.

    Without `calendar` only returned feedback is looked for: deadlines and classes are read for every learner there is.
    """
    moment = now or datetime.now(UTC)
    dated = [*_deadlines(store, moment), *_classes(store, moment)] if calendar else []
    found = list(_wanted(store, [*_feedback(store, moment), *dated]))
    known = {
        kind: store.mails.known(kind, {each.about for each in found if each.kind == kind})
        for kind in {each.kind for each in found}
    }
    new = [each for each in found if (each.username, each.about) not in known[each.kind]]
    return sum(store.mails.add(each.username, each.kind, each.about, each.facts) for each in new)


def _wanted(store: Store, news: list[News]) -> Iterator[News]:
    """Yield the news of people with an address and an open account who want this kind."""
    person = table_models.Person
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
    attempt, grading, returned = table_models.Attempt, table_models.Grading, table_models.FeedbackReturn
    query = (
        select(attempt.learner, attempt.course, attempt.lab, returned.returned_at)
        .join(grading, grading.attempt == attempt.id)
        .join(returned, returned.grading == grading.id)
        .where(returned.returned_at > now - DAY, returned.returned_at <= now)
        .distinct()
    )
    zone = ZoneInfo(store.settings.timezone)
    told: set[tuple[str, str]] = set()
    with store.database.read() as session:
        for learner, course, lab, moment in session.execute(query):
            # The day of the return, not of this round: after midnight the same return is no news.
            about = f"{course}/{lab}/{moment.astimezone(zone):%Y-%m-%d}"
            if (learner, about) not in told:
                told.add((learner, about))
                yield News(learner, "feedback", about, {"course": course, "lab": lab})


def _deadlines(store: Store, now: datetime) -> Iterator[News]:
    """Yield labs that close within a day, or took their last work within one, for learners who handed nothing in.

    Each learner's own times count: those of the class, extra time, an extension, days for late work.
    """
    courses = [course.id for course in store.courses.all() if course.archived_at is None]
    labs = [
        lab for found in store.courses.labs_of(courses).values() for lab in found if lab.withdrawn_at is None
    ]
    times = learner_times(store.database, labs)
    for lab in labs:
        usual = _deadline(lab, now)
        own = {name: _deadline(each, now) for name, each in times[lab.course, lab.lab].items()}
        if usual is None and not any(own.values()):
            continue
        for learner in _missing(store, lab.course, lab.lab):
            if found := own.get(learner, usual):
                kind, moment = found
                facts = {"course": lab.course, "lab": lab.lab, "closes_at": utc_text(moment)}
                yield News(learner, kind, f"{lab.course}/{lab.lab}/{moment:%Y-%m-%d}", facts)


def _classes(store: Store, now: datetime) -> Iterator[News]:
    """Yield classes that meet within a day, for their learners: one mail for each meeting, also if its hour changes."""
    zone = ZoneInfo(store.settings.timezone)
    for known in store.class_times.meetings(now, DAY):
        start = known.starts_at
        with store.database.read() as session:
            group = session.get_one(table_models.ClassGroup, known.class_id)
        facts = {"course": group.course, "class": group.id, "starts_at": utc_text(start)}
        about = f"class/{group.id}/{start.astimezone(zone):%Y-%m-%d}"
        for person in store.enrolments.learners_in(group.course, group.id, without_password=False):
            yield News(person.username, "class", about, facts)


def _deadline(lab: Lab, now: datetime) -> tuple[str, datetime] | None:
    """Return the kind of mail that a lab's times ask for, and the time that it tells; None for no mail."""
    closes, last = lab.closes_at, lab.takes_until
    if closes is None or lab.closed_at is not None or lab.state(now) == "planned":
        return None
    if now < closes <= now + DAY:
        return "closing", closes
    return ("late", last) if last is not None and now - DAY < last <= now else None


def _missing(store: Store, course: str, lab: str) -> list[str]:
    """Return the learners of a course who handed nothing in for a lab."""
    member, attempt = table_models.CourseMember, table_models.Attempt
    handed_in = select(attempt.learner).where(attempt.course == course, attempt.lab == lab)
    query = select(member.username).where(
        member.course == course, member.role == "learner", member.username.not_in(handed_in)
    )
    with store.database.read() as session:
        return list(session.scalars(query))
