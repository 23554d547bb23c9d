"""A certificate as a PDF of one page: tagged for screen readers, in any language, made without the network."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno
import typst
from babel.dates import format_date

from hub.campus.certificate_facts import COMPETENCIES
from hub.campus.request_context import PREFIX, campus_sentence
from hub.isomo_settings import Settings
from hub.message_catalogues import N_
from hub.store.certificate_store import Certificate

PAGE = Path(__file__).parent / "certificate.typ"
HEADING = N_("Certificate")
GIVEN = N_("This is to say that")
FOR_COURSE = N_("has completed the course")
SHOWS = N_("What it shows")
LABS = N_("Labs")
CHECK = N_("Anybody can check this certificate, without an account:")
QR_ALT = N_("Square code that leads to the page on which this certificate is checked")
FACTS = N_("Marks final on {day} · about {hours} h of practice · {share} % of the points read by a person")
BY = N_("Isomo, lessons in artificial intelligence for public servants")


def verify_address(settings: Settings, code: str) -> str:
    """Return the public address on which a certificate is checked."""
    return f"{settings.address}{PREFIX}/verify/{code}"


def certificate_pdf(settings: Settings, certificate: Certificate, language: str) -> bytes:
    """Return the PDF of a certificate in `language`. Raises typst.TypstError if it cannot be set."""
    inputs = {"data": json.dumps(_data(settings, certificate, language), ensure_ascii=False)}
    source = PAGE.read_bytes()
    try:
        return bytes(typst.compile(source, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"]))
    except typst.TypstError:
        # A name in a script that no font here has breaks the standard's promise; it is still a tagged page.
        return bytes(typst.compile(source, format="pdf", sys_inputs=inputs))


def _data(settings: Settings, certificate: Certificate, language: str) -> dict[str, Any]:
    facts = certificate.facts
    issued = certificate.issued_at.astimezone(ZoneInfo(settings.timezone))
    address = verify_address(settings, certificate.code)
    return {
        "lang": language,
        "issuer": facts["institution"] or campus_sentence(language, BY),
        "heading": campus_sentence(language, HEADING),
        "given": campus_sentence(language, GIVEN),
        "name": facts["name"],
        "for_course": campus_sentence(language, FOR_COURSE),
        "course": facts["course_title"],
        "facts": facts_sentence(facts, language),
        "shows": campus_sentence(language, SHOWS),
        "competencies": competency_names(facts, language),
        "labs_heading": campus_sentence(language, LABS),
        "labs": " · ".join(lab_titles(facts, language)),
        "code": certificate.code,
        "check": campus_sentence(language, CHECK),
        "address": address,
        "qr": _code_picture(address),
        "qr_alt": campus_sentence(language, QR_ALT),
        "year": issued.year,
        "month": issued.month,
        "day": issued.day,
    }


def facts_sentence(facts: dict[str, Any], language: str) -> str:
    """Return date, hours and share of points read by a person, in one line."""
    day = format_date(date.fromisoformat(facts["final_at"]), "d MMMM y", locale=language)
    hours = max(1, round(facts["minutes"] / 60))
    return campus_sentence(language, FACTS, {"day": day, "hours": hours, "share": facts["read_by_person"]})


def competency_names(facts: dict[str, Any], language: str) -> list[str]:
    """Return the competencies that a certificate names, in words."""
    return [campus_sentence(language, COMPETENCIES[each["name"]]) for each in facts["competencies"]]


def lab_titles(facts: dict[str, Any], language: str) -> list[str]:
    """Return the titles of a certificate's labs, in `language` if they have one in it."""
    return [
        str(each["title"].get(language) or each["title"].get("en") or each["lab"]) for each in facts["labs"]
    ]


@lru_cache(maxsize=64)
def _code_picture(address: str) -> str:
    """Return the QR code of an address, as SVG."""
    kept = io.BytesIO()
    segno.make(address, error="m", micro=False).save(kept, kind="svg", xmldecl=False, border=2)
    return kept.getvalue().decode()
