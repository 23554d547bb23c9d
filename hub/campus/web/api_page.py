"""The API's documentation as one plain page, made from its OpenAPI description; nothing comes from outside."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hub.campus.problem_codes import PROBLEMS
from hub.campus.request_context import Who
from hub.campus.token_scopes import SCOPE_LINE
from hub.campus.web.page_rendering import pages_of

router = APIRouter()


@router.get("/api/docs")
def api_documentation(request: Request, who: Who) -> Response:
    """Every call of the exchange API, with its parameters, and every code it can answer with."""
    calls = described_calls(request.app.openapi())
    return pages_of(request).show(who, "api.html", calls=calls, problems=PROBLEMS)


def described_calls(openapi: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an OpenAPI description, in its order."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "text": call.get("description", call.get("summary", "")).partition(SCOPE_LINE)[0],
            "scope": next((role for way in call["security"] for role in way.get("token", [])), ""),
            "parameters": [each for each in call.get("parameters", []) if each["in"] == "query"],
        }
        for path, calls in openapi["paths"].items()
        for method, call in calls.items()
    ]
