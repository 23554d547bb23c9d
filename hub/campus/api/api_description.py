"""OpenAPI description of the API: FastAPI's own, with ways to sign in, scopes of tokens and problem details."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hub.campus.api.problem_answers import MEDIA_TYPE, ProblemModel
from hub.campus.request_context import API, COOKIE
from hub.campus.token_scopes import SCOPE_LINE, scope_for

ABOUT = (
    "Results, people and classes for an office's own programs. Send `Authorization: Bearer` with a token from the page "
    "Tokens for programs; it may do what its scopes name, and never more than its person."
)
SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from the page Tokens for programs, or that of a notebook server.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A signed-in browser; changes must come from our own pages.",
    },
    "grader": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`token` and the secret of graders on other machines.",
    },
}
OPEN = {f"GET {API}/certificates/{{code}}"}
"""Routes that need no account."""
PROBLEM = {
    "description": "Refused, with the reason.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemModel"}}},
}
FASTAPI_OWN = ("HTTPValidationError", "ValidationError")
"""Schemas of answers that we give as problem details."""


def describe_api(app: FastAPI) -> dict[str, Any]:
    """Return the description; made once, because it is the same for everybody."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=ABOUT,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        for path, calls in made["paths"].items():
            for method, call in calls.items():
                _complete(path, method.upper(), call)
        parts = made.setdefault("components", {})
        schemas = parts.setdefault("schemas", {})
        for name in FASTAPI_OWN:
            schemas.pop(name, None)
        schemas["ProblemModel"] = ProblemModel.model_json_schema()
        parts["securitySchemes"] = SCHEMES
        app.openapi_schema = made
    return app.openapi_schema


def _complete(path: str, method: str, call: dict[str, Any]) -> None:
    """Add to one call who may make it, and how it refuses."""
    call["responses"].pop("422", None)
    call["responses"] |= {"4XX": PROBLEM, "5XX": PROBLEM}
    call["security"] = _security(path, method)
    scope = scope_for(method, path.removeprefix(API))
    if scope:
        call["description"] = f"{call.get('description', '')}{SCOPE_LINE}`{scope}`."


def _security(path: str, method: str) -> list[dict[str, list[str]]]:
    if f"{method} {path}" in OPEN:
        return []
    if path.startswith(f"{API}/grading/"):
        return [{"grader": []}]
    scope = scope_for(method, path.removeprefix(API))
    return [{"token": [scope] if scope else []}, {"session": []}]
