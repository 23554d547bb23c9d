"""Certificates: a course's page for its trainers, files for their owners, and public pages that verify a code."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from hub.campus import certificate_facts as facts
from hub.campus.certificate_pdf import certificate_pdf, competency_names, facts_sentence, lab_titles
from hub.campus.open_badge import issuer_profile, revocation_list, signed_badge
from hub.campus.problem_codes import Problem
from hub.campus.request_context import PREFIX, Sender, Who, campus_of, language_of
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.platform_key import public_jwk
from hub.store.certificate_store import Rule
from hub.store.signed_receipts import public_keys
from hub.store.signed_tokens import key_set

router = APIRouter()
NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow"}


@router.get("/courses/{course}/certificates")
def certificates_page(course: str, request: Request, who: Who) -> Response:
    """Show what a course asks for, who has earned a certificate, and those that were issued."""
    who.must_train(course)
    store = who.campus.store
    standing = facts.certificate_standing(store, course)
    learners = store.people.names([each.learner for each in standing.issued])
    return pages_of(request).show(
        who,
        "certificates.html",
        course=store.courses.get(course),
        standing=standing,
        names=learners,
    )


@router.post("/courses/{course}/certificates")
def issue_certificates(course: str, who: Sender) -> Response:
    """Issue certificates to all who have earned one and have none."""
    made = facts.issue_all(who, course)
    return redirect_done(who, _page(course), "certificates-issued", number=len(made))


@router.post("/courses/{course}/certificates/rule")
def set_rule(
    course: str, who: Sender, percent: Annotated[int, Form()], all_labs: Annotated[str, Form()] = ""
) -> Response:
    """Choose what a course asks for."""
    facts.set_rule(who, course, Rule(percent, bool(all_labs)))
    return redirect_done(who, _page(course), "saved")


@router.post("/certificates/{code}/revoke")
def revoke_certificate(code: str, who: Sender, reason: Annotated[str, Form()] = "") -> Response:
    """Revoke a certificate, with the reason that its public page shows."""
    revoked = facts.revoke_certificate(who, code, reason)
    return redirect_done(who, _page(revoked.course), "certificate-revoked", name=code)


@router.post("/certificates/{code}/replace")
def replace_certificate(code: str, who: Sender, reason: Annotated[str, Form()] = "") -> Response:
    """Revoke a certificate and issue one with the name of today."""
    made = facts.issue_again(who, code, reason)
    return redirect_done(who, _page(made.course), "certificate-replaced", name=made.code)


@router.get("/certificates/{code}.pdf")
def send_certificate_pdf(code: str, who: Who, lang: str = "") -> Response:
    """Send a certificate as PDF, in any language of the installation."""
    found = facts.own_certificate(who, code)
    settings = who.campus.settings
    language = lang if lang in settings.languages else who.language
    headers = {"Content-Disposition": f'inline; filename="{found.code}-{language}.pdf"'}
    return Response(certificate_pdf(settings, found, language), media_type="application/pdf", headers=headers)


@router.get("/certificates/{code}.jwt")
def badge_file(code: str, who: Who, lang: str = "") -> Response:
    """Send a certificate as a signed Open Badge."""
    found = facts.own_certificate(who, code)
    if found.revoked_at is not None:
        raise Problem("no-such-certificate", {"name": found.code})
    settings = who.campus.settings
    language = lang if lang in settings.languages else who.language
    headers = {"Content-Disposition": f'attachment; filename="{found.code}.jwt"'}
    signed = signed_badge(settings, who.campus.secrets.receipt, found, language)
    return Response(signed, media_type="application/vc+jwt", headers=headers)


@router.get("/verify")
def verify_form(request: Request, code: str = "", lang: str = "") -> Response:
    """Ask for a code; anybody may, without an account."""
    if code.strip():
        more = f"?lang={quote(lang)}" if lang else ""
        return RedirectResponse(f"{PREFIX}/verify/{quote(code.strip()[:60], safe='')}{more}", 303)
    return _shown(request, lang, found=None)


@router.get("/verify/issuer")
def badge_issuer(request: Request) -> Response:
    """Answer who issues badges here, for programs."""
    return JSONResponse(issuer_profile(campus_of(request).settings))


@router.get("/verify/keys.json")
def public_key_set(request: Request) -> Response:
    """Answer with the public keys, earlier ones too: with them receipts and certificates are verified offline."""
    return JSONResponse(key_set(public_keys(campus_of(request).settings)))


@router.get("/verify/platform-keys.json")
def platform_keys(request: Request) -> Response:
    """Answer with the key by which a learning platform knows this installation."""
    settings = campus_of(request).settings
    return JSONResponse({"keys": [public_jwk(settings)] if settings.lti else []})


@router.get("/verify/courses/{course}")
def course_achievement(course: str, request: Request) -> Response:
    """Answer the address by which badges name a course."""
    found = campus_of(request).store.courses.get(course)
    if found is None:
        raise Problem("not-found")
    return JSONResponse({"id": str(request.url), "type": ["Achievement"], "name": found.title})


@router.get("/verify/{code}/status")
def badge_status(code: str, request: Request) -> Response:
    """Answer whether a badge is revoked, for programs."""
    campus = campus_of(request)
    found = campus.store.certificates.find(code)
    if found is None:
        raise Problem("not-found")
    return JSONResponse(revocation_list(campus.settings, found))


@router.get("/verify/{code}")
def verify_certificate(code: str, request: Request, lang: str = "") -> Response:
    """Say whether a certificate is valid, revoked or unknown, and what it attests."""
    campus = campus_of(request)
    found = campus.store.certificates.verify(code, public_keys(campus.settings))
    return _shown(request, lang, found=found)


def _shown(request: Request, lang: str, *, found: Any) -> Response:
    campus = campus_of(request)
    language = lang if lang in campus.settings.languages else language_of(request)
    attested = found.facts if found else {}
    page = pages_of(request).show_stranger(
        language,
        "verify.html",
        status=404 if found and found.state == "unknown" else 200,
        found=found,
        facts=attested,
        about=facts_sentence(attested, language) if attested else "",
        labs=lab_titles(attested, language) if attested else [],
        competencies=list(zip(competency_names(attested, language), attested["competencies"], strict=True))
        if attested
        else [],
    )
    page.headers.update(NOT_INDEXED)
    return page


def _page(course: str) -> str:
    return f"/courses/{quote(course, safe='')}/certificates"
