"""The routes of the shared application."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from labs.prototype_kit.application import frozen_versions
from labs.prototype_kit.application.application_service import Service
from labs.prototype_kit.application.bench_sentences import LANGUAGES, N_, PrototypeError, bench_sentence
from labs.prototype_kit.application.disk_room import DISK_FULL, is_disk_full
from labs.prototype_kit.application.hub_identity import HubIdentity
from labs.prototype_kit.application.one_request import LARGEST_FORM, Asked, Refused
from labs.prototype_kit.application.openapi_document import openapi_document
from labs.prototype_kit.application.own_page_routes import own_page_routes
from labs.prototype_kit.application.page_rendering import render_page
from labs.prototype_kit.application.person_identity import rights_of
from labs.prototype_kit.application.request_guard import (
    LANGUAGE_COOKIE,
    add_headers,
    language_of,
    number_in,
    stated_length,
)
from labs.prototype_kit.application.slice_figures import LONGEST_VALUE, month_by_slice

STATIC = Path(__file__).parent / "static"
LONGEST_NOTE = 2000
LARGEST_BATCH = 100 * 1024 * 1024
MOST_API_ROWS = 1000
MOST_REVIEW_SECONDS = 3600.0


async def show_form(request: Request) -> Response:
    """Show the form of one case."""
    asked = Asked(request)
    closed = asked.service.closed_reason(asked.version)
    if not closed:
        await run_in_threadpool(asked.service.scorer(asked.version).warm_up)
    return asked.page("form.html", closed=closed, values={}, wrong={})


async def answer_form(request: Request) -> Response:
    """Answer one case from the form."""
    asked = Asked(request)
    form = await asked.form()
    version = asked.must_answer()
    row = {column.name: str(form.get(column.name, "")) for column in version.contract.features}
    counted = {
        column.name: str(form.get(column.name, ""))[:LONGEST_VALUE] for column in version.contract.slices
    }
    row |= {name: value for name, value in counted.items() if value.strip()}
    _values, faults = version.contract.checked(row)
    if faults:
        wrong = {str(fault.facts["column"]): fault.worded(asked.language) for fault in faults}
        return asked.page("form.html", 422, closed="", values=row, wrong=wrong)
    answer = (await run_in_threadpool(asked.service.ask, version, [row]))[0]
    number = asked.service.store.add_cases(
        asked.person.name, version.number, "form", [(row, answer["decision"])]
    )[0]
    return asked.back(f"cases/{number}")


async def show_case(request: Request) -> Response:
    """Show a case's answer, with its reasons and how to contest it."""
    asked = Asked(request)
    case = asked.case()
    return asked.page(
        "case.html",
        case=case,
        version_of=asked.service.version(case["version"]),
        thanks=request.query_params.get("thanks"),
    )


async def contest_case(request: Request) -> Response:
    """Put a case into the reviewers' queue."""
    asked = Asked(request)
    case, form = asked.case(), await asked.form()
    asked.service.store.contest(case["id"], asked.person.name, str(form.get("note", ""))[:LONGEST_NOTE])
    return asked.back(f"cases/{case['id']}?thanks=contest")


async def tell_useful(request: Request) -> Response:
    """Keep whether the answer was useful."""
    asked = Asked(request)
    case, form = asked.case(), await asked.form()
    asked.service.store.add_feedback(case["id"], asked.person.name, form.get("useful") == "yes")
    return asked.back(f"cases/{case['id']}?thanks=feedback")


async def show_batch(request: Request) -> Response:
    """Show how to bring a file."""
    asked = Asked(request)
    return asked.page("batch.html", closed=asked.service.closed_reason(asked.version))


async def answer_file(request: Request) -> Response:
    """Answer each row of a file and send it back."""
    asked = Asked(request)
    asked.must_be_own()
    if stated_length(request) > LARGEST_BATCH:
        raise Refused(413, N_("A file may have at most 100 MB. Cut it in two."))
    version = asked.must_answer()
    async with request.form(max_files=1) as form:
        asked.must_have_key(form)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refused(422, N_("Choose a file first."))
        with tempfile.TemporaryDirectory(prefix="batch-") as folder:
            source = Path(folder) / ("batch" + Path(file.filename).suffix.lower()[:6])
            with source.open("wb") as out:
                while block := await file.read(1024 * 1024):
                    out.write(block)
            return await run_in_threadpool(_batch, asked, version, source, Path(file.filename).stem)


def _batch(asked: Asked, version: frozen_versions.Version, source: Path, name: str) -> Response:
    handle, made = tempfile.mkstemp(suffix=".csv")
    os.close(handle)
    path, store, who = Path(made), asked.service.store, asked.person.name
    try:
        counts = asked.service.scorer(version).answer_file(
            source, path, asked.language, lambda chunk: store.add_chunk(who, version.number, chunk)
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    headers = {
        "X-Rows-Answered": str(counts["good"]),
        "X-Rows-Returned": str(counts["bad"]),
        "X-Rows-To-Person": str(counts["to_person"]),
        "X-Formulas-Disarmed": str(counts["formulas"]),
    }
    safe = "".join(sign for sign in name if sign.isalnum() or sign in " -_")[:60] or "batch"
    return DeletedAfterwards(
        path, media_type="text/csv; charset=utf-8", filename=f"{safe}-answered.csv", headers=headers
    )


class DeletedAfterwards(FileResponse):
    """A file that is gone once it was sent."""

    # Each block goes through a thread and two queues, so a few large ones cost less than many of 64 KiB.
    chunk_size = 1024 * 1024

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send the file, then delete it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            Path(self.path).unlink(missing_ok=True)


async def show_queue(request: Request) -> Response:
    """Show reviewers what waits for a person."""
    asked = Asked(request)
    if not asked.rights.review:
        raise Refused(403, N_("Only reviewers see this page."))
    store = asked.service.store
    cases = store.queue(1)
    labels = _labels(asked.version)
    return asked.page(
        "queue.html",
        case=cases[0] if cases else None,
        waiting=store.waiting(),
        labels=labels,
        now=dt.datetime.now(dt.UTC).timestamp(),
    )


def _labels(version: frozen_versions.Version) -> list[str]:
    kind = version.facts["kind"]
    if kind == "yes-no":
        return ["yes", "no"]
    return list(version.facts.get("classes", ())) if kind == "choice" else []


async def decide_case(request: Request) -> Response:
    """Keep a reviewer's decision with the time it took."""
    asked = Asked(request)
    if not asked.rights.review:
        raise Refused(403, N_("Only reviewers see this page."))
    case, form = asked.case(), await asked.form()
    label = str(form.get("label", "")).strip()[:200]
    if not label:
        raise Refused(422, N_("Choose a decision first."))
    try:
        seconds = dt.datetime.now(dt.UTC).timestamp() - float(str(form.get("shown", "")))
    except ValueError:
        seconds = 0.0
    # The order matters: max(0.0, NaN) is 0.0, and the store holds no NaN.
    seconds = min(max(0.0, seconds), MOST_REVIEW_SECONDS)
    note = str(form.get("note", ""))[:LONGEST_NOTE]
    if not asked.service.store.review(case["id"], asked.person.name, label, note, seconds):
        raise Refused(409, N_("Another reviewer has decided this case already. Your decision was not kept."))
    return asked.back("queue")


async def show_versions(request: Request) -> Response:
    """Show versions, their cards, and what the approver may do."""
    asked = Asked(request)
    numbers = frozen_versions.version_numbers(asked.service.state)
    return asked.page(
        "versions.html",
        versions=[(number, asked.service.readable(number)) for number in reversed(numbers)],
        live=frozen_versions.live_number(asked.service.store),
        off=frozen_versions.is_off(asked.service.store),
        events=list(reversed(asked.service.store.events()))[:50],
        closed=asked.service.closed_reason(asked.version),
    )


async def change_version(request: Request) -> Response:
    """Approve, roll back, switch off or on."""
    asked = Asked(request)
    form = await asked.form()
    what, why = str(form.get("what", "")), str(form.get("why", "")).strip()[:LONGEST_NOTE]
    store, number = asked.service.store, number_in(form.get("version") or 0)
    if number is None:
        raise Refused(422, N_("The version must be a number. Open the page “Versions” again."))
    if what in (frozen_versions.APPROVED, frozen_versions.ROLLED_BACK):
        # Whom the version itself names counts: a new version cannot be approved by the person it takes out.
        if number not in frozen_versions.version_numbers(asked.service.state):
            raise Refused(404, N_("There is no such version."))
        if not rights_of(asked.person, asked.service.version(number).settings).approve:
            raise Refused(
                403, N_("Only the approver that this version names may do this, and nobody who built it.")
            )
    elif what in (frozen_versions.SWITCHED_OFF, frozen_versions.SWITCHED_ON):
        if not asked.rights.switch:
            raise Refused(403, N_("Only the approver and administrators may switch it off or on."))
    else:
        raise Refused(422, N_("Choose what to do first."))
    if not why:
        raise Refused(422, N_("Say why in a few words; everybody who uses it can read them."))
    store.event(asked.person.name, what, number, why)
    await run_in_threadpool(asked.service.try_step, asked.service.tell_campus)
    return asked.back("versions")


async def show_month(request: Request) -> Response:
    """Show the month: volume, what people overturned, drift, what it saved."""
    asked = Asked(request)
    month = request.query_params.get("month", "")
    # Whole months only: parts of one would tell small groups apart.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", month):
        month = dt.datetime.now(dt.UTC).strftime("%Y-%m")
    figures = asked.service.month(asked.version, month)
    drift = await run_in_threadpool(asked.service.drift_of, asked.version)
    contract = asked.version.contract
    slices = await run_in_threadpool(month_by_slice, asked.service.store, contract, month)
    groups = await run_in_threadpool(asked.service.slice_drift_of, asked.version)
    return asked.page("month.html", month=month, figures=figures, drift=drift, slices=slices, groups=groups)


async def answer_api(request: Request) -> Response:
    """Answer cases for a program: {"cases": [{column: value}, …]}."""
    asked = Asked(request, by_program=True)
    asked.must_be_own()
    version = asked.must_answer()
    if stated_length(request) > LARGEST_FORM * 4:
        raise Refused(413, N_("That is too long. Shorten it."))
    try:
        rows = json.loads(await request.body())["cases"]
        raw = [{str(key): value for key, value in row.items()} for row in rows]
        json.dumps(
            raw, ensure_ascii=False
        ).encode()  # JSON can name half of a character, which no store keeps.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused(422, N_("Send a JSON object with a list “cases”, as /openapi.json shows.")) from None
    if len(raw) > MOST_API_ROWS:
        raise Refused(413, N_("At most {most} cases at once."), most=MOST_API_ROWS)
    answers = await run_in_threadpool(asked.service.ask, version, raw)
    good = [
        (row, answer["decision"]) for row, answer in zip(raw, answers, strict=True) if "decision" in answer
    ]
    numbers = iter(asked.service.store.add_cases(asked.person.name, version.number, "api", good))
    told = [
        {"case": next(numbers), "version": version.number, **answer["decision"]}
        if "decision" in answer
        else {"problems": [bench_sentence(text, asked.language, **facts) for text, facts in answer["wrong"]]}
        for answer in answers
    ]
    return JSONResponse({"answers": told})


async def show_openapi(request: Request) -> Response:
    """Describe the programs' way in."""
    asked = Asked(request)
    return JSONResponse(openapi_document(asked.version, asked.prefix))


async def export_reviews(request: Request) -> Response:
    """Give the team what people decided, with its origin, as the next version's data."""
    asked = Asked(request)
    asked.must_be_shown()
    if not asked.rights.team:
        raise Refused(403, N_("Only the team sees this page."))
    return JSONResponse({"origin": "reviews", "cases": asked.service.store.reviewed_cases()})


async def choose_language(request: Request) -> Response:
    """Remember the language and go back."""
    wanted = request.path_params["language"]
    answer = RedirectResponse(request.app.state.prefix, 303)
    if wanted in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, wanted, 365 * 86400, path=request.app.state.prefix, httponly=True, samesite="lax"
        )
    return answer


async def health_answer(request: Request) -> Response:
    """Say that the process runs and its file can be read."""
    request.app.state.service.store.waiting()
    return PlainTextResponse("ok\n")


async def oauth_callback(request: Request) -> Response:
    """Finish a sign-in at the hub."""
    identity = request.app.state.service.identity
    if not isinstance(identity, HubIdentity):
        raise Refused(404, N_("There is no such page."))
    answer = await run_in_threadpool(identity.finish, request)
    if answer is None:
        raise Refused(
            400, N_("The sign-in took too long or began in another browser. Open the application again.")
        )
    return answer


async def refusal_answer(request: Request, error: Exception) -> Response:
    """Word a refusal, as a page or for a program; without a session, begin a sign-in."""
    if isinstance(error, Refused):
        status, text, facts = error.status, error.text, error.facts
    elif is_disk_full(error, request.app.state.service.state):
        status, text, facts = 507, DISK_FULL, {}
    elif isinstance(error, OSError | sqlite3.Error):
        raise error
    elif isinstance(error, PrototypeError):
        status, text, facts = 422, error.text, error.facts
    else:
        status, text, facts = 404, N_("There is no such page."), {}
    for_program = "/api/" in request.url.path or "text/html" not in request.headers.get("accept", "")
    if status == 401 and not for_program and request.method == "GET":
        answer = request.app.state.service.identity.sign_in(request)
        if answer is not None:
            return answer
    sentence = bench_sentence(text, language_of(request), **facts)
    if for_program:
        return JSONResponse({"problem": sentence}, status)
    return render_page(request, "problem.html", status, {"sentence": sentence})


def all_routes(prefix: str) -> list[BaseRoute]:
    """Return all routes below `prefix`, which begins and ends with a slash."""
    table: list[tuple[str, Callable[..., Any], str]] = [
        ("", show_form, "GET"),
        ("", answer_form, "POST"),
        ("cases/{number}", show_case, "GET"),
        ("cases/{number}/contest", contest_case, "POST"),
        ("cases/{number}/useful", tell_useful, "POST"),
        ("cases/{number}/review", decide_case, "POST"),
        ("batch", show_batch, "GET"),
        ("batch", answer_file, "POST"),
        ("queue", show_queue, "GET"),
        ("versions", show_versions, "GET"),
        ("versions", change_version, "POST"),
        ("month", show_month, "GET"),
        ("api/decide", answer_api, "POST"),
        ("api/reviews", export_reviews, "GET"),
        ("openapi.json", show_openapi, "GET"),
        ("language/{language}", choose_language, "GET"),
        ("oauth_callback", oauth_callback, "GET"),
        ("health", health_answer, "GET"),
    ]
    made: list[BaseRoute] = [
        Route(prefix + path, function, methods=[method]) for path, function, method in table
    ]
    static = Mount(prefix + "static", StaticFiles(directory=STATIC))
    return [*made, *own_page_routes(prefix), static]


def make_application(service: Service, prefix: str = "/") -> Starlette:
    """Return the application below `prefix`."""

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    app = Starlette(
        routes=all_routes(prefix),
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=add_headers)],
        exception_handlers=dict.fromkeys(
            (Refused, PrototypeError, OSError, sqlite3.OperationalError, 404, 405), refusal_answer
        ),
        lifespan=running,
    )
    app.state.service, app.state.prefix = service, prefix
    return app
