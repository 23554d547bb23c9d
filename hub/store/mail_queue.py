"""Mails that wait to be sent, and which kinds each person wants: kept here, so that a provider's failure loses none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.database_connections import Database
from hub.store.table_models import Base

KINDS = ("feedback", "closing", "late", "class")
"""Feedback is there; a lab closes tomorrow; a lab closed without one's work; one's class meets tomorrow."""
HOLD = timedelta(minutes=5)
LAST_TRY = timedelta(days=3)
"""How long a mail is tried: news of last week is no help."""
LONGEST_PAUSE = timedelta(hours=2)


class MailChoice(Base):
    """That a person does not want one kind of mail; without a row they get it."""

    __tablename__ = "mail_choice"
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)


class Mail(Base):
    """One mail: to whom, of which kind, about what. The text is made when it is sent, in their language of then."""

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[str]
    facts: Mapped[dict[str, Any]]
    queued_at: Mapped[datetime]
    next_try: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (UniqueConstraint("username", "kind", "about"),)


class MailQueue:
    """Queues a mail once, hands it out to one sender at a time, and tries again later."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refused_kinds(self, username: str) -> set[str]:
        """Return the kinds of mail that a person does not want."""
        with self._database.read() as session:
            return set(session.scalars(select(MailChoice.kind).where(MailChoice.username == username)))

    def choose(self, username: str, wanted: Collection[str]) -> None:
        """Keep which kinds a person wants; what waits of the others is not sent."""
        refused = [kind for kind in KINDS if kind not in wanted]
        with self._database.write() as session:
            session.execute(delete(MailChoice).where(MailChoice.username == username))
            session.add_all(MailChoice(username=username, kind=kind) for kind in refused)
            session.execute(
                update(Mail)
                .where(Mail.username == username, Mail.kind.in_(refused), Mail.next_try.is_not(None))
                .values(next_try=None, problem="not wanted")
            )

    def add(self, username: str, kind: str, about: str, facts: dict[str, Any]) -> bool:
        """Queue a mail; False if there was one of this kind about the same thing before."""
        now = datetime.now(UTC)
        row = Mail(
            username=username,
            kind=kind,
            about=about[:255],
            facts=facts,
            queued_at=now,
            next_try=now,
            problem="",
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            return False
        return True

    def known(self, kind: str, abouts: Collection[str]) -> set[tuple[str, str]]:
        """Return who had a mail of this kind about which of these things."""
        query = select(Mail.username, Mail.about).where(Mail.kind == kind, Mail.about.in_(abouts))
        with self._database.read() as session:
            return {(name, about) for name, about in session.execute(query)}

    def claim(self, now: datetime | None = None) -> Mail | None:
        """Return the mail that waits longest, held for some minutes; a sender that dies lets it come again."""
        moment = now or datetime.now(UTC)
        with self._database.write() as session:
            query = select(Mail).where(Mail.next_try <= moment).order_by(Mail.next_try, Mail.id).limit(1)
            row = session.scalar(query.with_for_update(skip_locked=True))
            if row is not None:
                row.next_try, row.tries = moment + HOLD, row.tries + 1
        return row

    def sent(self, mail: int) -> None:
        """Note that a mail was taken by the provider."""
        self._note(mail, next_try=None, sent_at=datetime.now(UTC), problem="")

    def drop(self, mail: int, problem: str) -> None:
        """Note that a mail cannot be sent at all."""
        self._note(mail, next_try=None, problem=problem[:500])

    def put_off(self, mail: Mail, problem: str, now: datetime | None = None) -> None:
        """Try a mail again later: after 1, 2, 4 … minutes, two hours at most; given up after three days."""
        moment = now or datetime.now(UTC)
        pause = min(timedelta(minutes=2 ** min(mail.tries - 1, 10)), LONGEST_PAUSE)
        over = moment - mail.queued_at > LAST_TRY
        self._note(mail.id, next_try=None if over else moment + pause, problem=problem[:500])

    def _note(self, mail: int, **values: Any) -> None:
        with self._database.write() as session:
            session.execute(update(Mail).where(Mail.id == mail).values(**values))

    def waiting(self) -> tuple[int, str]:
        """Return how many mails wait, and the newest problem of one of them."""
        with self._database.read() as session:
            number = session.scalar(select(func.count()).where(Mail.next_try.is_not(None))) or 0
            problem = session.scalar(
                select(Mail.problem)
                .where(Mail.next_try.is_not(None), Mail.problem != "")
                .order_by(Mail.id.desc())
                .limit(1)
            )
        return number, problem or ""

    def forget(self, before: datetime) -> int:
        """Remove mails that were sent, dropped or given up and are older than `before`; return how many."""
        query = delete(Mail).where(Mail.next_try.is_(None), Mail.queued_at < before)
        with self._database.write() as session:
            return int(getattr(session.execute(query), "rowcount", 0))

    def of_person(self, username: str) -> list[Mail]:
        """Return the mails of a person, the oldest first."""
        with self._database.read() as session:
            query = select(Mail).where(Mail.username == username).order_by(Mail.id)
            return list(session.scalars(query))
