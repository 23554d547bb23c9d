"""All that is kept of one person, as one zip: a page to read, JSON for programs, and the files themselves."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy import select

from hub.campus.certificate_pdf import certificate_pdf
from hub.campus.own_work import attempt_files
from hub.campus.web.audit_words import ACTIONS
from hub.campus.web.page_rendering import page_templates, template_translator
from hub.campus.web.project_pages import PART_WORDS
from hub.store import Store, table_models
from hub.store.audit_log import AuditFilter
from hub.store.graded_results import Result
from hub.store.mail_queue import KINDS
from hub.store.marking_models import LateWork
from hub.store.signed_receipts import utc_text
from hub.store.table_models import Attempt
from hub.store.verdict_messages import message_text

STYLE = """body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #999; vertical-align: top; }
td { overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { body { background: #141a17; color: #e9ece9; } a { color: #3fb68f; } }
"""
FORMAT = "isomo-own-data-1"


def write_own_data(store: Store, username: str, language: str, to: IO[bytes]) -> int:
    """Write a person's data; return how many attempts there are.

    What a learner may not see yet, feedback that was not returned, is left out here as on their pages.
    """
    attempts = all_attempts(store, username)
    said = own_record(store, username, attempts, language)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        page = (
            page_templates()
            .get_template("own_data.html")
            .render(
                {
                    "_": template_translator(language),
                    "language": language,
                    "timezone": store.settings.timezone,
                    "data": said,
                    "actions": ACTIONS,
                    "part_words": PART_WORDS,
                }
            )
        )
        archive.writestr("index.html", page)
        archive.writestr("style.css", STYLE)
        archive.writestr("data.json", json.dumps(said, ensure_ascii=False, indent=1))
        for attempt in attempts:
            for name, content in attempt_files(store, attempt).items():
                archive.writestr(f"{folder_of(attempt)}/{name}", content)
        for certificate in store.certificates.of_learner(username):
            pdf = certificate_pdf(store.settings, certificate, language)
            archive.writestr(f"certificates/{certificate.code}.pdf", pdf)
            archive.writestr(
                f"certificates/{certificate.code}.json", json.dumps(certificate.facts, ensure_ascii=False)
            )
    return len(attempts)


def folder_of(attempt: Attempt) -> str:
    """Return the folder of an attempt in the zip."""
    return f"{attempt.course}/{attempt.lab}/{attempt.number}"


def all_attempts(store: Store, username: str) -> list[Attempt]:
    """Return every attempt of a person, in archived courses and in those they left too."""
    query = select(Attempt).where(Attempt.learner == username).order_by(Attempt.id)
    with store.database.read() as session:
        return list(session.scalars(query))


def own_record(store: Store, username: str, attempts: list[Attempt], language: str) -> dict[str, Any]:
    """Return a person's data as plain values; messages of graded work are in `language`."""
    person = store.people.get(username)
    if person is None:
        raise LookupError(username)
    ids = [each.id for each in attempts]
    results = store.results.results_for(ids, returned_only=True)
    return {
        "format": FORMAT,
        "made_at": utc_text(datetime.now(UTC)),
        "person": {
            "username": username,
            "name": person.display_name,
            "email": person.email,
            "language": person.language,
            "institution": person.institution,
            "created_at": utc_text(person.created_at),
            "has_password": person.password_hash is not None,
            "roles": store.people.roles(username),
        },
        "courses": [
            {
                "course": each.course.id,
                "title": each.course.title,
                "parts": sorted(each.parts),
                "class": each.group,
            }
            for each in store.enrolments.of_person(username)
        ],
        "attempts": [_attempt(store, each, results.get(each.id), language) for each in attempts],
        "certificates": [
            {
                **each.facts,
                "revoked_at": utc_text(each.revoked_at) if each.revoked_at else None,
                "reason": each.reason,
            }
            for each in store.certificates.of_learner(username)
        ],
        "appeals": _appeals(store, attempts),
        **_rows_about(store, username),
    }


def _attempt(store: Store, attempt: Attempt, result: Result | None, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"receipt": store.attempts.receipt(attempt), "folder": folder_of(attempt)}
    if result is None:
        return found | {"result": None}
    version = result.grading.lab_version
    says = store.courses.task_sentences(attempt.course, attempt.lab, version, language)
    tasks = [
        {
            "task": each.grade_id,
            "outcome": result.shown_outcome(each),
            "score": _score(result, each),
            "max_score": each.max_score,
            "message": message_text(each.message, each.said, language, says),
            "comment": result.marks[each.grade_id].comment if each.grade_id in result.marks else "",
        }
        for each in result.verdicts
    ]
    points = {"score": result.score, "max_score": result.max_score, "points_off": result.points_off}
    return found | {"result": {**points, "late": _late(result.late), "tasks": tasks}}


def _late(late: LateWork | None) -> dict[str, Any] | None:
    """Return by how much work was late; 0 days mean that it counts as in time after all."""
    return {"due_at": utc_text(late.due_at), "days": late.days} if late else None


def _appeals(store: Store, attempts: list[Attempt]) -> list[dict[str, Any]]:
    """Return what a person appealed, with the answers."""
    receipts = {each.id: each.receipt for each in attempts}
    return [
        {
            "receipt": receipts[each.attempt],
            "task": each.grade_id,
            "reason": each.reason,
            "asked_at": utc_text(each.asked_at),
            "decision": each.decision,
            "answer": each.answer,
            "answered_at": utc_text(each.answered_at) if each.answered_at else None,
        }
        for found in store.appeals.about(list(receipts)).values()
        for each in found
    ]


def _score(result: Result, verdict: table_models.Verdict) -> float | None:
    mark = result.marks.get(verdict.grade_id)
    return float(mark.score) if mark and mark.score is not None else verdict.score


def _tokens(store: Store, username: str) -> list[dict[str, Any]]:
    """Return a person's tokens for programs, without the tokens themselves."""
    return [
        {
            "name": each.name,
            "scopes": each.scopes,
            "made_at": utc_text(each.made_at),
            "expires_at": utc_text(each.expires_at),
            "used_at": utc_text(each.used_at) if each.used_at else None,
        }
        for each in store.tokens.of_person(username)
    ]


def _rows_about(store: Store, username: str) -> dict[str, Any]:
    """Return times, notes, projects, sign-ins, mails and the log's entries of what the person did."""
    extension, session_row = table_models.Extension, table_models.WebSession
    with store.database.read() as session:
        extensions = list(session.scalars(select(extension).where(extension.learner == username)))
        sessions = list(session.scalars(select(session_row).where(session_row.username == username)))
        refusals = list(
            session.scalars(select(table_models.Refusal).where(table_models.Refusal.who == username))
        )
    refused = store.mails.refused_kinds(username)
    return {
        "extensions": [
            {"course": each.course, "lab": each.lab, "closes_at": utc_text(each.closes_at)}
            for each in extensions
        ],
        "extra_time_percent": store.schedules.extra_times([username]).get(username, 0),
        "notes": [
            {
                "course": each.course,
                "lab": each.lab,
                "text": each.text,
                "written_at": utc_text(each.written_at),
            }
            for each in store.notes.of_learner(username)
        ],
        "live_class": _live_class(store, username),
        "projects": [
            {"project": project.name, "title": project.title, "parts": sorted(parts)}
            for project, parts in store.projects.projects_for(username)
        ],
        "sign_in": {
            "sessions_until": [utc_text(each.expires_at) for each in sessions],
            "tokens": _tokens(store, username),
            "office_account": store.identities.has_any(username),
            "one_time_codes": store.second_factors.is_on(username),
        },
        "mails": {
            "wanted": [kind for kind in KINDS if kind not in refused],
            "queued": [
                {
                    "kind": each.kind,
                    "about": each.about,
                    "queued_at": utc_text(each.queued_at),
                    "sent_at": utc_text(each.sent_at) if each.sent_at else None,
                }
                for each in store.mails.of_person(username)
            ],
        },
        "refused_requests": [
            {"day": each.day, "address": each.address, "about": each.about, "times": each.times}
            for each in refusals
        ],
        "log": [
            {"at": utc_text(each.at), "action": each.what, "about": each.object, "address": each.address}
            for each in store.audit.every(AuditFilter(who=username))
        ],
    }


def _live_class(store: Store, username: str) -> dict[str, Any]:
    """Return what a person's labs reported during class, and whether they let them."""
    return {
        "wanted": store.live_reports.is_wanted(username),
        "reports": [
            {
                "course": each.course,
                "lab": each.lab,
                "task": each.task,
                "kind": each.kind,
                "outcome": each.outcome,
                "missing": each.key,
                "hint": each.rung,
                "at": utc_text(each.at),
            }
            for each in store.live_reports.of_learner(username)
        ],
    }
