"""The exchange: how labs reach learners and work reaches graders. What passes between people passes here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response

from hub.campus import course_actions
from hub.campus.api.exchange_models import (
    AttemptLine,
    AttemptModel,
    HandedIn,
    LabLine,
    MeModel,
    ReceiptModel,
)
from hub.campus.api.typed_body import documented_files, file_answer
from hub.campus.built_labs import built_labs
from hub.campus.file_bundles import for_language, pack_files, pack_for_many
from hub.campus.lab_views import attempt_standings, draft_summary, lab_summary, learner_labs, unreleased_labs
from hub.campus.problem_codes import Problem
from hub.campus.request_bodies import WorkBody
from hub.campus.request_context import Who, warning_texts
from hub.store.signed_receipts import public_keys, public_text
from hub.store.verdict_messages import message_text

router = APIRouter(tags=["exchange"])
FEEDBACK_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@router.get("/me", response_model=MeModel)
def who_am_i(who: Who) -> dict[str, Any]:
    """Return who I am, my language, and the courses I have a part in."""
    courses = [{"course": course.id, "title": course.title, "role": role} for course, role in who.memberships]
    return {
        "name": who.name,
        "display_name": who.person.display_name,
        "language": who.person.language,
        "roles": sorted(who.roles),
        "courses": courses,
    }


@router.get("/courses/{course}/labs", response_model=list[LabLine])
def course_labs(course: str, who: Who) -> list[dict[str, Any]]:
    """Labs of a course: those released and, for its trainers, those that wait in the library."""
    who.must_see(course)
    mine = learner_labs(who.campus.store, course, who.name)
    there = {each.lab.lab: each.lab for each in mine}
    waiting = unreleased_labs(who, course) if who.trains(course) else []
    known = built_labs(who.campus.settings.state / "labs") if waiting else []
    titles = {each.slug: each.named(who.language) for each in known}
    released = [lab_summary(each, who.language, released=there) for each in mine]
    return [*released, *(draft_summary(each, who.language, titles) for each in waiting)]


@router.get(
    "/courses/{course}/labs/{lab}/bundle", response_class=Response, responses=file_answer("application/zip")
)
def lab_bundle(
    course: str,
    lab: str,
    who: Who,
    side: str = "release",
    *,
    lang: Annotated[
        str, Query(description="one of the installation's languages, else the reader's own")
    ] = "",
) -> Response:
    """The lab's files as a zip; its trainers may ask for `side=source`."""
    found, store = course_actions.released_lab(who, course, lab), who.campus.store
    if side == "source":
        who.must_train(course)
        return zip_answer(store.blobs.get_bundle(found.source_bundle))
    files = store.blobs.get_bundle(found.release_bundle)
    who.note("fetched", f"{course}/{lab}")
    own = for_language(files, lang or who.language, who.campus.settings.languages)
    return Response(pack_for_many(own), media_type="application/zip")


def zip_answer(files: dict[str, bytes]) -> Response:
    """Files as an answer."""
    return Response(pack_files(files), media_type="application/zip")


@router.post(
    "/courses/{course}/labs/{lab}/attempts",
    status_code=201,
    response_model=HandedIn,
    response_model_exclude_none=True,
    responses={200: {"description": "The same work was handed in before: its receipt.", "model": HandedIn}},
    openapi_extra=documented_files("application/zip"),
)
def submit_work(course: str, lab: str, who: Who, body: WorkBody) -> JSONResponse:
    """Hand in work: a zip with the lab's notebooks and what belongs to them. Answers with a signed receipt."""
    attempt, new = course_actions.hand_in(who, course, lab, body)
    receipt = who.campus.store.attempts.receipt(attempt)
    texts = warning_texts(attempt.warnings, who.language)
    return JSONResponse({**receipt, "warnings": texts}, 201 if new else 200)


@router.get("/courses/{course}/labs/{lab}/attempts", response_model=list[AttemptLine])
def lab_attempts(course: str, lab: str, who: Who, learner: str = "") -> list[dict[str, Any]]:
    """Attempts at a lab, the newest first: all for its trainers, one's own for everybody else."""
    who.must_see(course)
    if not who.trains(course):
        if learner not in ("", who.name):
            who.refuse(f"attempts of {learner} at {course}/{lab}")
        learner = who.name
    store = who.campus.store
    found = store.attempts.list(course, lab, learner or None)
    return [each.summary() for each in attempt_standings(store, found)]


@router.get("/attempts/{receipt}", response_model=AttemptModel, response_model_exclude_unset=True)
def one_attempt(receipt: str, who: Who) -> dict[str, Any]:
    """One attempt; its verdicts for trainers, and for the learner once feedback was returned."""
    found = course_actions.own_attempt(who, receipt)
    standing = attempt_standings(who.campus.store, [found])[0]
    trainer = who.trains(found.course)
    said, result = standing.summary(), standing.seen_by(trainer=trainer)
    if result:
        # Flags tell what a trainer should look at; to the person they are about they would be a recipe.
        names = ("grade_id", "outcome", "score", "max_score", "message", *(("flags",) if trainer else ()))
        version, language = result.grading.lab_version, who.language
        says = who.campus.store.courses.task_sentences(found.course, found.lab, version, language)
        said["verdicts"] = [
            {name: getattr(each, name) for name in names}
            | {"message": message_text(each.message, each.said, language, says)}
            for each in result.verdicts
        ]
        said["score"], said["max_score"] = result.score, result.max_score
        said["late_days"], said["points_off"] = result.late.days if result.late else 0, result.points_off
        problem = result.grading.problem
        said["problem"] = problem and message_text(problem, result.grading.said, who.language)
    return said


@router.get("/attempts/{receipt}/files", response_class=Response, responses=file_answer("application/zip"))
def attempt_files(receipt: str, who: Who) -> Response:
    """Return the files that were handed in, as a zip."""
    found = course_actions.own_attempt(who, receipt)
    who.note("collected", receipt)
    return zip_answer(who.campus.store.attempts.files(found))


@router.get("/attempts/{receipt}/feedback", response_class=HTMLResponse)
def attempt_feedback(receipt: str, who: Who) -> HTMLResponse:
    """The feedback as a page that can run nothing."""
    found = course_actions.own_attempt(who, receipt)
    page = who.campus.store.results.feedback(found.id, returned_only=not who.trains(found.course))
    if page is None:
        raise Problem("not-found")
    headers = {"Content-Security-Policy": FEEDBACK_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(page, headers=headers)


@router.get("/receipts/{receipt}", response_model=ReceiptModel, response_model_exclude_none=True)
def attempt_receipt(receipt: str, who: Who) -> dict[str, Any]:
    """The signed receipt of an attempt."""
    return who.campus.store.attempts.receipt(course_actions.own_attempt(who, receipt))


@router.get("/keys")
def receipt_keys(who: Who) -> dict[str, str]:
    """Public keys that receipts are checked with: name to base64 of 32 bytes (Ed25519)."""
    return {name: public_text(key) for name, key in public_keys(who.campus.settings).items()}
