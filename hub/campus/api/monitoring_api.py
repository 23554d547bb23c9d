"""For monitoring systems: is the campus well, and its figures."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from hub.campus.campus_metrics import metrics_text
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Campus, campus_of
from hub.ops.startup_checks import STATE_BYTES, free_bytes

router = APIRouter()


@router.get("/health")
def campus_health(request: Request) -> JSONResponse:
    """Answer 200 if the campus can take what is handed in, else 503; says nothing of people or work."""
    campus = campus_of(request)
    checks: dict[str, Any] = {
        "database": _database(campus),
        "disk": free_bytes(campus.settings.state) > STATE_BYTES,
    }
    well = all(checks.values())
    return JSONResponse({"status": "ok" if well else "failing", **checks}, 200 if well else 503)


def _database(campus: Campus) -> bool:
    try:
        return campus.store.database.revision() is not None
    except SQLAlchemyError:
        return False


@router.get("/metrics")
def campus_metrics(request: Request) -> Response:
    """Answer a holder of the monitoring token with all figures."""
    campus = campus_of(request)
    kind, _space, given = request.headers.get("authorization", "").partition(" ")
    wanted = campus.secrets.monitor_token
    if kind.lower() not in ("bearer", "token") or not hmac.compare_digest(
        given.strip().encode(), wanted.encode()
    ):
        raise Problem("not-found")
    found = metrics_text(campus.settings, campus.store, request.app.state.request_metrics)
    return Response(found, media_type=CONTENT_TYPE_LATEST)
