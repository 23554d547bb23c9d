"""The campus as one ASGI application."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DatabaseError, DataError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import isomo_settings as settings_file
from hub.campus.api import (
    announcement_api,
    appeal_api,
    certificates_api,
    class_time_api,
    draft_checks_api,
    formgrader_api,
    grading_agents,
    lab_draft_api,
    live_api,
    mail_choice_api,
    marks_api,
    monitoring_api,
    nbgrader_exchange,
    package_mirror,
    people_api,
    project_api,
    records_api,
    registry_api,
    regrade_api,
    report_api,
    schedule_api,
    second_mark_api,
    sign_in_api,
    teaching_api,
    token_api,
)
from hub.campus.api.api_description import describe_api
from hub.campus.api.problem_answers import problem_answer
from hub.campus.campus_metrics import Measured, RequestMetrics
from hub.campus.grading_progress import Live
from hub.campus.hub_client import HubClient
from hub.campus.nightly_rounds import Housekeeping
from hub.campus.problem_codes import Problem
from hub.campus.request_context import API, PREFIX, Campus, campus_of
from hub.campus.start_ahead import AheadStarts
from hub.campus.web import (
    admin_pages,
    api_page,
    appeal_pages,
    attempt_pages,
    audit_pages,
    certificate_pages,
    class_pages,
    coordinator_pages,
    course_pages,
    first_page,
    hub_sign_in,
    institution_pages,
    lab_draft_pages,
    lab_name_pages,
    learner_desk,
    live_pages,
    manual_pages,
    marking_desk_pages,
    marks_pages,
    own_pages,
    person_pages,
    project_pages,
    receipt_check_page,
    regrade_pages,
    roster_pages,
    schedule_pages,
    second_marking_pages,
    system_pages,
    token_pages,
    trainer_pages,
)
from hub.campus.web.page_assets import read_assets
from hub.campus.web.page_rendering import Pages
from hub.isomo_settings import Settings
from hub.secret_keys import Secrets
from hub.store import Store
from hub.store.damaged_database import is_damaged
from hub.store.disk_full import DiskFull
from hub.store.refused_change import RefusedChange

log = logging.getLogger("campus")
APIS = (
    # First the routes that every open lab asks for twice a minute: each one before it is looked at for each request.
    *(live_api, nbgrader_exchange, teaching_api, formgrader_api, marks_api, schedule_api, appeal_api),
    *(people_api, registry_api, grading_agents, draft_checks_api, certificates_api, records_api, token_api),
    *(report_api, regrade_api, announcement_api, package_mirror, lab_draft_api),
    *(sign_in_api, second_mark_api, project_api, class_time_api, mail_choice_api),
)
COURSE_PAGES = (
    *(appeal_pages, marks_pages, second_marking_pages, marking_desk_pages, regrade_pages),
    *(lab_draft_pages, lab_name_pages),
    # The check of receipts before certificates, whose `/verify/{code}` takes any word.
    *(schedule_pages, receipt_check_page, certificate_pages, trainer_pages),
)
PEOPLE_PAGES = (
    *(roster_pages, admin_pages, person_pages, institution_pages, course_pages, class_pages),
    *(audit_pages, coordinator_pages, own_pages, token_pages, system_pages, project_pages),
)
COMPRESSION = 5
"""Level of gzip for pages; above it some more processor time saves only a few bytes."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class ProgramRouter(APIRouter):
    """The routes of the API. A page is looked for among the pages alone: a hundred routes take a millisecond."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how a request fits; not at all unless its path is the API's."""
        if not scope["path"].startswith(f"{API}/"):
            return Match.NONE, {}
        return super().matches(scope)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The campus of an installation; uvicorn calls this without arguments."""
    settings = settings or settings_file.load_settings()
    app = app_with_routes()
    furnish_app(app, settings, Store.open(settings), HubClient(settings.hub_api_url))
    return app


def take_short_turns() -> None:
    """Let threads take turns of half a millisecond, for a process in which short requests run next to long ones.

    A page asks the store ten to thirty times. After each answer it waits for its turn with Python's lock, which by
    itself another page holds for five milliseconds.
    """
    sys.setswitchinterval(0.0005)


def spare_loaded_code() -> None:
    """Leave all objects so far out of Python's garbage collections, for a process that serves until it ends.

    There are 360,000 of them, modules for the most part. To look at them all stops every request for a quarter of a
    second. Without them a page that makes many objects is a large part of the rest and would have it looked at each
    time, so collections come more rarely: after ten thousand new objects, not seven hundred.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def furnish_app(app: FastAPI, settings: Settings, store: Store, hub: HubClient) -> None:
    """Give the routes what they work with."""
    secrets = Secrets.load(settings)
    ahead = AheadStarts(settings, hub.start_server, lambda: hub.count_running(secrets.campus_token))
    app.state.campus = Campus(settings, store, secrets, hub, Live(store), ahead)
    app.state.pages = Pages(settings, app.state.static.versions, store.announcements.current)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep house while the campus runs; write the refusals that are still counted in memory when it ends."""
    housekeeping = Housekeeping(app.state.campus)
    housekeeping.start()
    yield
    housekeeping.stop()
    app.state.campus.store.refusals.close()


def app_with_routes() -> FastAPI:
    """Every address of the campus, of no installation yet."""
    app = FastAPI(
        title="Isomo",
        version="1",
        openapi_url=f"{PREFIX}/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.openapi = lambda: describe_api(app)  # type: ignore[method-assign]
    programs = ProgramRouter()
    for api in APIS:
        programs.include_router(api.router)
    app.include_router(programs, prefix=API)
    app.include_router(formgrader_api.page, prefix=PREFIX, include_in_schema=False)
    for page in (
        *(live_pages, first_page, learner_desk, monitoring_api, api_page, hub_sign_in, attempt_pages),
        *COURSE_PAGES,
        *PEOPLE_PAGES,
    ):
        app.include_router(page.router, prefix=PREFIX, include_in_schema=False)
    app.state.static = read_assets()
    app.mount(f"{PREFIX}/static", app.state.static.app)
    app.mount(f"{PREFIX}/manual", manual_pages.manual_app())
    app.add_middleware(WithHeaders)
    app.add_middleware(GZipMiddleware, compresslevel=COMPRESSION)
    app.state.request_metrics = RequestMetrics()
    app.add_middleware(Measured, metrics=app.state.request_metrics)
    _answer_mistakes(app)
    return app


def headers_for(app: FastAPI) -> dict[str, str]:
    """Return our headers; the policy also names the learners' origin.

    My labs fetches the desk's files from there and signs in there in a hidden frame, and signing out passes through
    it to forget what a browser keeps.
    """
    campus = getattr(app.state, "campus", None)
    if campus is None:
        return HEADERS
    policy, origin = HEADERS["Content-Security-Policy"], campus.settings.learner_address
    for directive in ("connect-src 'self'", "frame-src 'self'", "form-action 'self'"):
        policy = policy.replace(directive, f"{directive} {origin}")
    return {**HEADERS, "Content-Security-Policy": policy}


class WithHeaders:
    """Adds our headers to answers that do not set their own; streams pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in headers_for(scope["app"]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _answer_mistakes(app: FastAPI) -> None:
    """Whatever goes wrong becomes one sentence: in JSON for programs, on a page for people."""

    async def problem(request: Request, error: Exception) -> Response:
        return await _refusal(request, error if isinstance(error, Problem) else Problem("server-fault"))

    async def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, RefusedChange):
            return await _refusal(request, Problem("server-fault"))
        return await _refusal(request, Problem(error.code, error.facts))

    async def full(request: Request, _error: Exception) -> Response:
        log.error("disk-full path=%s", request.url.path)
        return await _refusal(request, Problem("disk-full"))

    async def damaged(request: Request, error: Exception) -> Response:
        if not isinstance(error, DatabaseError) or not is_damaged(error):
            raise error
        log.error("database-damaged path=%s reason=%s", request.url.path, error.orig)
        return await _refusal(request, Problem("database-damaged"))

    async def unfit(request: Request, error: Exception) -> Response:
        log.warning("unfit-data path=%s reason=%s", request.url.path, type(error).__name__)
        return await _refusal(request, Problem("bad-request", {"fields": ""}))

    async def invalid(request: Request, error: Exception) -> Response:
        wrong = error.errors() if isinstance(error, RequestValidationError) else []
        fields = ", ".join(sorted({str(each["loc"][-1]) for each in wrong}))
        return await _refusal(request, Problem("bad-request", {"fields": fields}))

    async def standard(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        if status == 405 and request.url.path.startswith(f"{API}/"):
            allowed = dict(getattr(error, "headers", None) or {})
            return await _refusal(request, Problem("no-such-method", {"method": request.method}), allowed)
        return await _refusal(
            request, Problem("not-found" if status in (404, 405) else "bad-request", {"fields": ""})
        )

    async def fault(request: Request, error: Exception) -> Response:
        log.error("fault path=%s", request.url.path, exc_info=error)
        answer = await _refusal(request, Problem("server-fault"))
        answer.headers.update(HEADERS)  # This one is sent from outside of WithHeaders.
        return answer

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(RefusedChange, refused)
    app.add_exception_handler(DiskFull, full)
    app.add_exception_handler(DatabaseError, damaged)
    app.add_exception_handler(DataError, unfit)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, standard)
    app.add_exception_handler(Exception, fault)


async def _refusal(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    log.info("refused code=%s method=%s path=%s", problem.code, request.method, request.url.path)
    path = request.url.path
    if path.startswith(f"{API}/"):
        return problem_answer(request, problem, headers)
    if problem.code == "sign-in" and request.method == "GET" and not path.endswith("/oauth_callback"):
        if request.headers.get("hx-request"):
            # A page that refreshes itself cannot sign in; the reader's browser, loading it again, can.
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        return hub_sign_in.begin_sign_in(campus_of(request).settings, quote(request.scope["path"]))
    pages: Pages = request.app.state.pages
    return pages.refusal(request, problem)
