"""The OpenAPI document of one version, made from its contract."""

from __future__ import annotations

from typing import Any

from labs.prototype_kit.application.data_contract import Column
from labs.prototype_kit.application.frozen_versions import Version

TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "category": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "yes-no": {"type": "string", "enum": ["yes", "no"]},
}
DECISION = {
    "case": {"type": "integer"},
    "version": {"type": "integer"},
    "label": {"type": "string"},
    "confidence": {"type": "number"},
    "person": {"type": "string", "description": "Why a person must decide; empty if none must."},
    "reasons": {"type": "array", "items": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2}},
    "unknown": {"type": "array", "items": {"type": "string"}},
    "low": {"type": ["number", "null"]},
    "high": {"type": ["number", "null"]},
    "problems": {"type": "array", "items": {"type": "string"}},
}


def openapi_document(version: Version, prefix: str = "/") -> dict[str, Any]:
    """Return the document."""
    features = version.contract.features
    case = {
        "type": "object",
        "properties": {column.name: _property(column) for column in features},
        "required": [column.name for column in features if column.required],
    }
    body = {
        "type": "object",
        "required": ["cases"],
        "properties": {"cases": {"type": "array", "maxItems": 1000, "items": case}},
    }
    answers = {"type": "array", "items": {"type": "object", "properties": DECISION}}
    answer = {"type": "object", "properties": {"answers": answers}}
    problem = {
        "description": "A sentence that says what is wrong.",
        "content": {
            "application/json": {"schema": {"type": "object", "properties": {"problem": {"type": "string"}}}}
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": version.settings.titled("en"),
            "version": str(version.number),
            "description": version.settings.purpose["en"],
        },
        "paths": {
            f"{prefix}api/decide": {
                "post": {
                    "summary": "Answer cases, each alone.",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                    "responses": {
                        "200": {
                            "description": "One answer for each case.",
                            "content": {"application/json": {"schema": answer}},
                        },
                        **dict.fromkeys(("401", "403", "413", "422", "503"), problem),
                    },
                }
            },
            f"{prefix}health": {
                "get": {"summary": "Whether it runs.", "responses": {"200": {"description": "It runs."}}}
            },
        },
    }


def _property(column: Column) -> dict[str, Any]:
    found = dict(TYPES[column.type])
    if column.minimum is not None:
        found["minimum"] = column.minimum
    if column.maximum is not None:
        found["maximum"] = column.maximum
    if column.known:
        found["description"] = "Known: " + ", ".join(column.known[:60]) + ". Another value goes to a person."
    return found
