"""Typed JSON bodies of clients that send them without a content type, as `urllib` does; read up to a limit."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hub.campus.problem_codes import Problem

Model = TypeVar("Model", bound=BaseModel)


def read_json(model: type[Model], body: bytes) -> Model:
    """Return a body as its model; an empty body is an empty object. Raises Problem with the fields that are wrong."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        wrong = {str(each["loc"][0]) if each["loc"] else "JSON" for each in error.errors(include_input=False)}
        raise Problem("bad-request", {"fields": ", ".join(sorted(wrong))}) from error


def documented_body(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """Return what the API's description says about a body that `read_json` reads."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


def documented_files(
    *media_types: str, json: type[BaseModel] | None = None, required: bool = True
) -> dict[str, Any]:
    """Return what the description says about a body that is a file of one of `media_types`, or JSON."""
    content: dict[str, Any] = {
        each: {"schema": {"type": "string", "format": "binary"}} for each in media_types
    }
    if json is not None:
        content["application/json"] = {"schema": json.model_json_schema()}
    return {"requestBody": {"required": required, "content": content}}


def file_answer(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return what the description says about an answer that is a file."""
    return {200: {"description": "The file.", "content": {each: {} for each in media_types}}}
