"""Certificates: issued once for a learner and a course, signed, public by their code, revoked with a reason."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import ForeignKey, Index, String, Text, and_, case, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.store import table_models
from hub.store.counted_points import newest_marks
from hub.store.database_connections import Database
from hub.store.points_models import kept_work
from hub.store.refused_change import RefusedChange
from hub.store.signed_receipts import ALPHABET, canonical_bytes, signed_fields, utc_text
from hub.store.table_models import Base

NOT_REVOKED = text("revoked_at IS NULL")
LEAST_PERCENT, ALL_LABS = 60, True
"""What a course asks for until somebody chooses: share of the points, and whether each lab must be handed in."""
GROUPS, GROUP = 3, 4


class Certificate(Base):
    """One issued certificate; `facts` is what it attests, with the signature over exactly that."""

    __tablename__ = "certificate"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    learner: Mapped[str] = mapped_column(ForeignKey("person.username"), index=True)
    facts: Mapped[dict[str, Any]]
    issued_by: Mapped[str]
    issued_at: Mapped[datetime]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (
        Index(
            "uq_certificate_valid",
            "course",
            "learner",
            unique=True,
            sqlite_where=NOT_REVOKED,
            postgresql_where=NOT_REVOKED,
        ),
    )


class CertificateRule(Base):
    """The least that a course asks for: a share of its points in percent, and whether each lab must be handed in."""

    __tablename__ = "certificate_rule"
    course: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    percent: Mapped[int]
    all_labs: Mapped[bool]


@dataclass(frozen=True)
class Rule:
    """The same as plain data."""

    percent: int = LEAST_PERCENT
    all_labs: bool = ALL_LABS


@dataclass(frozen=True)
class Verified:
    """Outcome of a look at a code. `state` is valid, revoked, altered or unknown."""

    state: str
    code: str
    certificate: Certificate | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the certificate attests; nothing if it is unknown or was altered."""
        return self.certificate.facts if self.certificate and self.state in ("valid", "revoked") else {}


def new_code() -> str:
    """Return a code such as `C-8F3K-2MQ7-W9AB`: 59 bits, so that nobody finds one by guessing."""
    parts = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return f"C-{'-'.join(parts)}"


def read_code(typed: str) -> str:
    """Return a code as it is kept, however it was typed: small letters, blanks, without its hyphens or its C."""
    signs = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())[:40]
    signs = signs[1:] if len(signs) == GROUPS * GROUP + 1 and signs.startswith("C") else signs
    if len(signs) != GROUPS * GROUP:
        return ""
    return "C-" + "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))


def signature_holds(facts: Mapping[str, Any], keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Return whether one of our keys, the present one or an earlier one, signed exactly these facts."""
    key = keys.get(str(facts.get("key")))
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(str(facts.get("signature")), validate=True), canonical_bytes(facts))
    except (InvalidSignature, ValueError):
        return False
    return True


class Certificates:
    """Issues, finds and revokes certificates."""

    def __init__(self, database: Database, key: Ed25519PrivateKey) -> None:
        self._database = database
        self._key = key

    def rule(self, course: str) -> Rule:
        """Return what a course asks for."""
        with self._database.read() as session:
            row = session.get(CertificateRule, course)
            return Rule(row.percent, row.all_labs) if row else Rule()

    def set_rule(self, course: str, rule: Rule) -> None:
        """Choose what a course asks for; certificates that were issued stay."""
        if not 1 <= rule.percent <= 100:
            raise RefusedChange("bad-percent")
        with self._database.write() as session:
            session.merge(CertificateRule(course=course, percent=rule.percent, all_labs=rule.all_labs))

    def issue(self, course: str, learner: str, facts: Mapping[str, Any], who: str) -> Certificate | None:
        """Issue a certificate that attests `facts`; None if the learner has a valid one of this course."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            # Two at once wait for each other here; the unique index is the second lock.
            session.get_one(table_models.Course, course, with_for_update=True)
            if session.scalar(_valid().where(Certificate.course == course, Certificate.learner == learner)):
                return None
            row = self._signed(course, learner, facts, who, now)
            session.add(row)
        return row

    def replace(self, code: str, facts: Mapping[str, Any], reason: str, who: str) -> Certificate:
        """Revoke a certificate and issue one with other facts in its place, both or neither."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            old = session.get(Certificate, code, with_for_update=True)
            if old is None or old.revoked_at is not None:
                raise RefusedChange("no-such-certificate", name=code)
            row = self._signed(old.course, old.learner, facts, who, now)
            old.revoked_by, old.revoked_at, old.reason = who, now, checked_reason(reason)
            session.flush()
            session.add(row)
        return row

    def _signed(
        self, course: str, learner: str, facts: Mapping[str, Any], who: str, now: datetime
    ) -> Certificate:
        code = new_code()
        signed = signed_fields({**facts, "certificate": code, "issued_at": utc_text(now)}, self._key)
        return Certificate(
            code=code, course=course, learner=learner, facts=signed, issued_by=who, issued_at=now, reason=""
        )

    def revoke(self, code: str, reason: str, who: str) -> Certificate:
        """Take a certificate back; its public page says so, and why."""
        said = checked_reason(reason)
        with self._database.write() as session:
            row = session.get(Certificate, code, with_for_update=True)
            if row is None or row.revoked_at is not None:
                raise RefusedChange("no-such-certificate", name=code)
            row.revoked_by, row.revoked_at, row.reason = who, datetime.now(UTC), said
        return row

    def find(self, code: str) -> Certificate | None:
        """Return a certificate by its code."""
        with self._database.read() as session:
            return session.get(Certificate, code) if code else None

    def verify(self, typed: str, keys: Mapping[str, Ed25519PublicKey]) -> Verified:
        """Look at a code that somebody typed."""
        code = read_code(typed)
        row = self.find(code)
        if row is None:
            return Verified("unknown", code or typed.strip()[:40])
        if row.facts.get("certificate") != code or not signature_holds(row.facts, keys):
            return Verified("altered", code, row)
        return Verified("revoked" if row.revoked_at else "valid", code, row)

    def of_course(self, course: str) -> list[Certificate]:
        """Return the certificates of a course, the newest first."""
        with self._database.read() as session:
            query = select(Certificate).where(Certificate.course == course)
            return list(session.scalars(query.order_by(Certificate.issued_at.desc(), Certificate.code)))

    def of_learner(self, learner: str) -> list[Certificate]:
        """Return all certificates of a person, the newest first."""
        with self._database.read() as session:
            query = select(Certificate).where(Certificate.learner == learner)
            return list(session.scalars(query.order_by(Certificate.issued_at.desc(), Certificate.code)))

    def person_shares(self, course: str, labs: Collection[str]) -> dict[str, float]:
        """Return, by learner, the share of the points of their counting work that a person gave, 0 to 1."""
        work, given = kept_work(course), newest_marks(course)
        verdict, mark = table_models.Verdict, table_models.Mark
        by_person = case((mark.score.is_not(None), verdict.max_score), else_=0.0)
        query = (
            select(work.c.learner, func.sum(by_person), func.sum(verdict.max_score))
            .select_from(work)
            .join(verdict, verdict.grading == work.c.grading)
            .outerjoin(given, and_(given.c.attempt == work.c.attempt, given.c.grade_id == verdict.grade_id))
            .outerjoin(mark, mark.id == given.c.id)
            .where(work.c.lab.in_(labs))
            .group_by(work.c.learner)
        )
        with self._database.read() as session:
            rows = session.execute(query)
            return {name: float(read or 0) / float(most) for name, read, most in rows if most}


def _valid() -> Any:
    return select(Certificate).where(Certificate.revoked_at.is_(None))


def checked_reason(reason: str) -> str:
    """Return why a certificate is revoked, on one line. Raises RefusedChange if nothing is said."""
    said = " ".join(reason.split())
    if not 3 <= len(said) <= 300 or not said.isprintable():
        raise RefusedChange("no-certificate-reason")
    return said
