"""Describes operations for OpenAPI 3.1: bodies, headers, responses and every problem; it answers no request."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from adjudicate.api.errors import NOT_MODIFIED, OK
from adjudicate.api.problem_kinds import PROBLEM_KINDS
from adjudicate.api.responses import REPLAYED_HEADER
from adjudicate.api.shapes import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from pydantic import BaseModel

_REFERENCE = "#/components/schemas/{model}"
_BODIES: dict[str, type[BaseModel]] = {}

_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Chosen by the caller. A repeated request with the same key gets the first answer again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "example": "0d0f7c1e-8a59-4d39-a0b0-2f3a2b0d5f11",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the case as last read, or several, also weak: only the version is compared.",
    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}-[0-9a-f]{1,64}"$'},
    "example": '"7-0f3a"',
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag that the caller holds; 304 if it is still current.",
    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}-[0-9a-f]{1,64}"$'},
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "`zh-CN` (the default) or `en`, for the title and detail of problems.",
    "schema": {"type": "string", "enum": ["zh-CN", "en"]},
}
_ACTING_OFFICE = {
    "name": "Adjudicate-Office",
    "in": "header",
    "required": False,
    "description": "The office where who stands in wants to act; your own if left out.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9]{2,32}$"},
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "The version of the case and a digest of this answer."}}
_REPLAYED = {REPLAYED_HEADER: {"schema": {"type": "string"}, "description": "`true` on a repeated answer."}}

OF_CALLERS = ("unauthenticated", "not-permitted")
EVERYWHERE = ("unknown-parameter", "parameter-invalid", "internal-error", "unavailable")
WITH_BODY = ("json-malformed", "body-too-large", "unsupported-media-type", "body-invalid")
COMMAND = ("idempotency-key-missing", "header-invalid", "idempotency-key-reused", "answer-erased", "not-permitted")
ON_CASE = ("case-not-found",)
VERSIONED = ("precondition-required", "stale-case")
JUDGED = (
    "event-not-allowed",
    "guards-unmet",
    "irregular-not-accepted",
    "history-contradicted",
    "role-not-entitled",
    "facts-invalid",
    "unknown-event",
    "unknown-thread",
    "unknown-party",
    "day-not-possible",
)


def _example(code: str) -> dict[str, Any]:
    kind = PROBLEM_KINDS[code]
    value = {"type": f"/problems/{code}", "title": kind.zh, "status": kind.status, "code": code}
    return {"summary": kind.en, "value": {**value, "detail": kind.zh, "instance": "/v1/cases"}}


@cache
def examples() -> dict[str, Any]:
    """An example body for each operation that takes one."""
    text = resources.files("adjudicate.api").joinpath("examples.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def problems(codes: Sequence[str]) -> dict[int | str, dict[str, Any]]:
    """The problem responses by status, each with an example of every code with that status."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in sorted(set(codes)):
        kind = PROBLEM_KINDS[code]
        answer = found.setdefault(
            kind.status,
            {
                "description": "",
                "content": {
                    "application/problem+json": {"schema": {"$ref": _REFERENCE.format(model="Problem")}, "examples": {}}
                },
            },
        )
        answer["content"]["application/problem+json"]["examples"][code] = _example(code)
        answer["description"] = "; ".join(filter(None, [answer["description"], kind.en]))
    return found


_ANY_BYTES = {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}


def documented(
    name: str,
    *,
    model: type[BaseModel] | None,
    status: int = OK,
    codes: Sequence[str] = (),
    body: type[BaseModel] | None = None,
    command: bool = False,
    versioned: bool = False,
    conditional: bool = False,
    public: bool = False,
    binary_body: bool = False,
    extra: dict[int | str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The keyword arguments of a route: its operation id, its parameters and body, and every response it may give."""
    refusals = [*codes, *EVERYWHERE, *(() if public else OF_CALLERS)]
    parameters = [_LANGUAGE] if public else [_LANGUAGE, _ACTING_OFFICE]
    operation: dict[str, Any] = {"parameters": parameters}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": _body(name, body)}}
        refusals += WITH_BODY
    if binary_body:
        operation["requestBody"] = _ANY_BYTES
        parameters.append({**_IDEMPOTENCY, "required": False})
    if command:
        parameters.append(_IDEMPOTENCY)
        refusals += COMMAND
    if versioned:
        parameters.append(_IF_MATCH)
        refusals += VERSIONED
    responses = problems(refusals)
    if model is not None:
        responses[status] = {"model": model, "headers": _REPLAYED if command else {}}
    if conditional:
        parameters.append(_IF_NONE_MATCH)
        responses[status] = {**responses[status], "headers": _ETAG}
        responses[NOT_MODIFIED] = {"description": "Not modified"}
    if public:
        operation["security"] = []
    responses |= extra or {}
    return {"operation_id": name, "status_code": status, "responses": responses, "openapi_extra": operation}


def _body(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The content of a body, with the example of its operation if there is one."""
    _BODIES[model.__name__] = model
    content: dict[str, Any] = {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}
    if name in examples():
        content["example"] = examples()[name]
    return content


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            summary=app.summary,
            description=app.description,
            routes=app.routes,
        )
        components = document.setdefault("components", {})
        models = [(model, "validation") for model in (*_BODIES.values(), Problem)]
        _, schemas = models_json_schema(models, ref_template=_REFERENCE)  # type: ignore[arg-type]
        components.setdefault("schemas", {}).update(schemas.get("$defs", {}))
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        app.openapi_schema = document
    return app.openapi_schema
