"""The learners of a course who have earned its certificate, and what it attests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.isomo_settings import Settings
from hub.message_catalogues import N_
from hub.store import Store
from hub.store.certificate_store import Certificate, Rule
from hub.store.course_store import Lab
from hub.store.marks_table import MarkedLearner, MarksTable, Signoff

COMPETENCIES = {
    "digital planning and design": N_("Digital planning and design"),
    "data use and governance": N_("Data use and governance"),
    "digital management and execution": N_("Digital management and execution"),
}
"""The competency domains of UNESCO and the Broadband Commission (2022) that labs name; docs/traceability.md."""


@dataclass(frozen=True)
class Candidate:
    """One learner of a course whose marks are final. `missing` names labs that were not handed in."""

    learner: MarkedLearner
    score: float
    most: float
    missing: tuple[Lab, ...]
    certificate: Certificate | None
    rule: Rule

    @property
    def percent(self) -> int:
        """Share of the points, rounded down: 59.9 % is not 60 %."""
        return int(100 * self.score / self.most + 1e-9) if self.most else 0

    @property
    def has_earned(self) -> bool:
        """Return whether the final marks reach what the course asks for."""
        enough = bool(self.most) and self.percent >= self.rule.percent
        return enough and not (self.rule.all_labs and self.missing)

    @property
    def state(self) -> str:
        """One of issued, no-longer-earned, earned, labs-missing, too-few-points."""
        if self.certificate:
            return "issued" if self.has_earned else "no-longer-earned"
        if self.has_earned:
            return "earned"
        return "labs-missing" if self.rule.all_labs and self.missing else "too-few-points"


@dataclass(frozen=True)
class Standing:
    """Certificates of a course: what it asks for, whether its marks are final, and each learner."""

    rule: Rule
    signed: Signoff | None
    labs: tuple[Lab, ...]
    candidates: tuple[Candidate, ...]
    issued: tuple[Certificate, ...]

    @property
    def earned(self) -> list[Candidate]:
        """Learners who would get one now."""
        return [each for each in self.candidates if each.state == "earned"]


def certificate_standing(store: Store, course: str) -> Standing:
    """Return who has earned a certificate by the marks that were signed off; labs opened later do not count."""
    rule, signed = store.certificates.rule(course), store.marks.signoff(course)
    issued = tuple(store.certificates.of_course(course))
    if signed is None:
        return Standing(rule, None, (), (), issued)
    table = store.marks.table(course)
    labs = tuple(lab for lab in table.labs if (lab.opens_at or lab.opened_at) <= signed.signed_at)
    valid = {each.learner: each for each in issued if each.revoked_at is None}
    return Standing(rule, signed, labs, tuple(_candidates(table, labs, signed, valid, rule)), issued)


def _candidates(
    table: MarksTable,
    labs: Sequence[Lab],
    signed: Signoff,
    valid: Mapping[str, Certificate],
    rule: Rule,
) -> list[Candidate]:
    found = []
    for row in table.rows:
        points = signed.table.get(row.learner.username, {})
        # A withdrawn lab counts only for those who handed it in.
        counted = [lab for lab in labs if lab.withdrawn_at is None or lab.lab in points]
        score = sum(points.get(lab.lab, 0.0) for lab in counted)
        # A task that could not be checked is our fault: its points count on neither side.
        mine = {lab: each.most for lab, each in row.points.items() if each.score is not None}
        most = sum(mine.get(lab.lab, table.most[lab.lab]) for lab in counted)
        missing = tuple(lab for lab in counted if lab.lab not in points)
        name = row.learner.username
        found.append(Candidate(row.learner, score, most, missing, valid.get(name), rule))
    return found


def set_rule(who: Visitor, course: str, rule: Rule) -> None:
    """Choose what a course asks for; certificates that were issued stay."""
    who.must_train(course)
    who.campus.store.certificates.set_rule(course, rule)
    who.note("changed-certificate-rule", f"{course}: {rule.percent} %, all labs: {rule.all_labs}")


def issue_all(who: Visitor, course: str) -> list[Certificate]:
    """Issue a certificate to each learner who has earned one and has none. Raises Problem before a sign-off."""
    who.must_train(course)
    store = who.campus.store
    standing = certificate_standing(store, course)
    if standing.signed is None:
        raise Problem("marks-not-final")
    made = []
    shares = store.certificates.person_shares(course, [lab.lab for lab in standing.labs])
    for each in standing.earned:
        facts = facts_for(store, course, each.learner, standing, shares)
        if certificate := store.certificates.issue(course, each.learner.username, facts, who.name):
            made.append(certificate)
    if made:
        who.note("issued-certificates", f"{course}: {len(made)}")
    return made


def issue_again(who: Visitor, code: str, reason: str) -> Certificate:
    """Replace a certificate by one with today's name and facts, for example after a name was corrected."""
    store = who.campus.store
    old = course_certificate(who, code)
    standing = certificate_standing(store, old.course)
    candidate = next((each for each in standing.candidates if each.learner.username == old.learner), None)
    if standing.signed is None or candidate is None or not candidate.has_earned:
        raise Problem("not-earned", {"name": old.learner})
    shares = store.certificates.person_shares(old.course, [lab.lab for lab in standing.labs])
    facts = facts_for(store, old.course, candidate.learner, standing, shares)
    made = store.certificates.replace(code, facts, reason, who.name)
    who.note("replaced-certificate", f"{code} by {made.code}")
    return made


def revoke_certificate(who: Visitor, code: str, reason: str) -> Certificate:
    """Revoke a certificate of a course that this person trains."""
    course_certificate(who, code)
    revoked = who.campus.store.certificates.revoke(code, reason, who.name)
    who.note("revoked-certificate", code)
    return revoked


def course_certificate(who: Visitor, code: str) -> Certificate:
    """Return a certificate of a course that this person trains or administers. Raises Problem."""
    found = who.campus.store.certificates.find(code)
    if found is None or not (who.trains(found.course) or who.administers):
        who.refuse(f"certificate {code[:20]}")
    return found


def own_certificate(who: Visitor, code: str) -> Certificate:
    """Return a certificate that is the visitor's own, or of a course that they train or administer."""
    found = who.campus.store.certificates.find(code)
    if found is None or not (found.learner == who.name or who.trains(found.course) or who.administers):
        who.refuse(f"certificate {code[:20]}")
    return found


def facts_for(
    store: Store, course: str, learner: MarkedLearner, standing: Standing, shares: Mapping[str, float]
) -> dict[str, Any]:
    """Return what a certificate attests: no points, nothing of anybody's answers, nothing in one language only."""
    found = store.courses.get(course)
    institution = store.institutions.get(found.institution) if found and found.institution else None
    titles = [{"lab": lab.lab, "title": lab.title, "number": lab.number} for lab in standing.labs]
    return {
        "name": learner.display_name or learner.username,
        "course": course,
        "course_title": found.title if found else course,
        "institution": institution.title if institution else "",
        "final_at": _day(store, standing.signed.signed_at) if standing.signed else "",
        "minutes": sum(lab.minutes for lab in standing.labs),
        "labs": titles,
        "competencies": competencies_of(store.settings, standing.labs),
        "read_by_person": round(100 * shares.get(learner.username, 0.0)),
    }


def _day(store: Store, moment: datetime) -> str:
    """Return the day of a moment as the office counts days."""
    return moment.astimezone(ZoneInfo(store.settings.timezone)).date().isoformat()


def competencies_of(settings: Settings, labs: Sequence[Lab]) -> list[dict[str, Any]]:
    """Return the competencies that these labs show, each with its objectives, as the labs' authors wrote them."""
    found: dict[str, list[str]] = {}
    for lab in labs:
        for objective in _objectives(settings.state / "labs" / lab.lab, lab.version):
            name, said = str(objective.get("competency", "")), str(objective.get("text", ""))
            if name in COMPETENCIES and said:
                found.setdefault(name, []).append(said)
    return [{"name": name, "objectives": found[name]} for name in COMPETENCIES if name in found]


def _objectives(folder: Path, version: str) -> list[dict[str, Any]]:
    """Return the objectives of a lab's version; nothing for a lab that was not built here."""
    try:
        said = json.loads((folder / version / "lab.json").read_text("utf-8")).get("objectives", [])
    except (OSError, ValueError, AttributeError):
        return []
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
