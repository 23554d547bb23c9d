"""Attempts that learners hand in: each is kept, under the server's time, and gets a signed receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from hub.store import table_models
from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.late_work import BY_ITSELF, Lateness, late_row
from hub.store.signed_receipts import new_number, sign_receipt, utc_text


def receipt_fields(attempt: Any) -> dict[str, Any]:
    """Return what the receipt of an attempt says, not signed yet; a row of the table will do."""
    return {
        "receipt": attempt.receipt,
        "learner": attempt.learner,
        "course": attempt.course,
        "lab": attempt.lab,
        "attempt": attempt.number,
        "sha256": attempt.bundle,
        "received_at": utc_text(attempt.received_at),
    }


class Attempts:
    """Handing in, and finding again."""

    def __init__(self, database: Database, blobs: Blobs, key: Ed25519PrivateKey, zone: str) -> None:
        self._database = database
        self._blobs = blobs
        self._key = key
        self._zone = zone

    def submit(
        self,
        course: str,
        lab: str,
        learner: str,
        files: Mapping[str, bytes],
        warnings: list[str] | None = None,
        *,
        late: Callable[[datetime], Lateness | None] = lambda _received: None,
    ) -> tuple[table_models.Attempt, bool]:
        """Keep `files` as the learner's next attempt, and ask for it to be graded.

        The same files twice in a row are the same attempt: the second answer is whether it is a new one. When this
        returns, the work is on disk and the row is committed: only then may a receipt be shown. `late` tells by how
        much work is late that arrives at a moment; that is noted with it.
        """
        bundle = self._blobs.put_bundle(files)
        now = datetime.now(UTC)
        with self._database.write() as session:
            self._one_at_a_time(session, course, lab, learner)
            last = session.scalar(
                _of(course, lab, learner).order_by(table_models.Attempt.number.desc()).limit(1)
            )
            if last is not None and last.bundle == bundle:
                return last, False
            attempt = table_models.Attempt(
                receipt=self._unused(session, now),
                course=course,
                lab=lab,
                learner=learner,
                bundle=bundle,
                number=last.number + 1 if last else 1,
                received_at=now,
                warnings=warnings or [],
            )
            session.add(attempt)
            session.flush()
            session.add(
                table_models.GradingRequest(attempt=attempt.id, run=1, asked_by=learner, asked_at=now)
            )
            if noted := late(now):
                session.add(late_row(attempt.id, noted, BY_ITSELF, now))
            return attempt, True

    def _one_at_a_time(self, session: Any, course: str, lab: str, learner: str) -> None:
        """Two clicks at once become two numbers; SQLite's write lock does that by itself."""
        if not self._database.is_sqlite:
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{course}/{lab}/{learner}"))))

    def _unused(self, session: Any, now: datetime) -> str:
        while True:
            number = new_number(now, self._zone)
            if session.scalar(select(table_models.Attempt.id).filter_by(receipt=number)) is None:
                return number

    def receipt(self, attempt: table_models.Attempt) -> dict[str, Any]:
        """Return the signed receipt of an attempt; the same every time."""
        return sign_receipt(receipt_fields(attempt), self._key)

    def get(self, receipt: str) -> table_models.Attempt | None:
        """Return the attempt with this receipt."""
        with self._database.read() as session:
            return session.scalar(select(table_models.Attempt).filter_by(receipt=receipt))

    def by_id(self, number: int) -> table_models.Attempt | None:
        """Return the attempt with this number."""
        with self._database.read() as session:
            return session.get(table_models.Attempt, number)

    def by_ids(self, numbers: Iterable[int]) -> Sequence[table_models.Attempt]:
        """Return the attempts with these numbers."""
        with self._database.read() as session:
            return session.scalars(
                select(table_models.Attempt).where(table_models.Attempt.id.in_([*numbers]))
            ).all()

    def files(self, attempt: table_models.Attempt) -> dict[str, bytes]:
        """Return the files that were handed in."""
        return self._blobs.get_bundle(attempt.bundle)

    def list(
        self, course: str, lab: str | None = None, learner: str | None = None
    ) -> list[table_models.Attempt]:
        """Return the attempts of a course, the newest first; of one lab or one learner if named."""
        query = select(table_models.Attempt).filter_by(course=course)
        query = query.filter_by(lab=lab) if lab else query
        query = query.filter_by(learner=learner) if learner else query
        with self._database.read() as session:
            return list(session.scalars(query.order_by(table_models.Attempt.id.desc())))


def _of(course: str, lab: str, learner: str) -> Any:
    return select(table_models.Attempt).filter_by(course=course, lab=lab, learner=learner)
