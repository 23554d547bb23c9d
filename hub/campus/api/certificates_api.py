"""Certificates for programs: issue, list and revoke those of a course; verify any code without an account."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StrictBool

from hub.campus import certificate_facts
from hub.campus.certificate_pdf import verify_address
from hub.campus.request_context import Who, campus_of
from hub.isomo_settings import Settings
from hub.store.certificate_store import Certificate, Rule
from hub.store.signed_receipts import public_keys, utc_text

router = APIRouter(tags=["certificates"])


class CertificateLine(BaseModel):
    """One certificate of a course."""

    code: str
    learner: str
    name: str
    issued_at: str
    address: str = Field(description="Public page on which anybody verifies it.")
    revoked_at: str | None
    reason: str


class RevokeWish(BaseModel):
    """The reason a certificate is revoked: its public page shows it."""

    reason: str = Field(min_length=3, max_length=300)


class RuleModel(BaseModel):
    """The least that a course asks for: a share of its points in percent, and whether each lab must be handed in."""

    percent: int = Field(ge=1, le=100)
    all_labs: StrictBool


class VerifiedCode(BaseModel):
    """The facts that anybody may know of a code."""

    code: str
    state: Literal["valid", "revoked", "altered", "unknown"]
    name: str | None
    course: str | None
    issued_at: str | None
    competencies: list[str]
    read_by_person: int | None = Field(description="Share of the points that a person gave, in percent.")
    reason: str | None


@router.get("/courses/{course}/certificates")
def list_certificates(course: str, who: Who) -> list[CertificateLine]:
    """Return the certificates of a course, revoked ones too."""
    who.must_train(course)
    settings = who.campus.settings
    return [_line(settings, each) for each in who.campus.store.certificates.of_course(course)]


@router.get("/courses/{course}/certificates/rule")
def read_rule(course: str, who: Who) -> RuleModel:
    """Return what a course asks for before it gives a certificate."""
    who.must_train(course)
    rule = who.campus.store.certificates.rule(course)
    return RuleModel(percent=rule.percent, all_labs=rule.all_labs)


@router.put("/courses/{course}/certificates/rule")
def put_rule(course: str, who: Who, rule: RuleModel) -> RuleModel:
    """Choose what a course asks for; certificates that were issued stay."""
    certificate_facts.set_rule(who, course, Rule(rule.percent, rule.all_labs))
    return rule


@router.post("/certificates/{code}/replacement")
def replace_certificate(code: str, who: Who, wish: RevokeWish) -> CertificateLine:
    """Revoke a certificate and issue one with the name of today; return the new one."""
    return _line(who.campus.settings, certificate_facts.issue_again(who, code, wish.reason))


@router.post("/courses/{course}/certificates")
def issue_certificates(course: str, who: Who) -> list[CertificateLine]:
    """Issue certificates to all who have earned one by the final marks and have none; return the new ones."""
    return [_line(who.campus.settings, each) for each in certificate_facts.issue_all(who, course)]


@router.delete("/certificates/{code}")
def revoke_certificate(code: str, who: Who, wish: RevokeWish) -> CertificateLine:
    """Revoke a certificate."""
    return _line(who.campus.settings, certificate_facts.revoke_certificate(who, code, wish.reason))


@router.get("/certificates/{code}")
def verify_certificate(code: str, request: Request) -> VerifiedCode:
    """Return whether a code is valid and what it attests; needs no token."""
    campus = campus_of(request)
    found = campus.store.certificates.verify(code, public_keys(campus.settings))
    facts, row = found.facts, found.certificate
    return VerifiedCode(
        code=found.code,
        state=found.state,  # type: ignore[arg-type]
        name=facts.get("name"),
        course=facts.get("course_title"),
        issued_at=facts.get("issued_at"),
        competencies=[each["name"] for each in facts.get("competencies", [])],
        read_by_person=facts.get("read_by_person"),
        reason=row.reason if row and row.revoked_at else None,
    )


def _line(settings: Settings, each: Certificate) -> CertificateLine:
    return CertificateLine(
        code=each.code,
        learner=each.learner,
        name=str(each.facts["name"]),
        issued_at=utc_text(each.issued_at),
        address=verify_address(settings, each.code),
        revoked_at=utc_text(each.revoked_at) if each.revoked_at else None,
        reason=each.reason,
    )
