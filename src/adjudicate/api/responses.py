"""Makes JSON responses: with or without an ETag, and those kept under an idempotency key; it knows no case."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from adjudicate.api.errors import NOT_MODIFIED, OK
from adjudicate.api.headers import entity_tag, is_known_to_caller
from adjudicate.compact_json import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

    from adjudicate.cases.idempotency import Answer

JSON = "application/json"
REPLAYED_HEADER = "Idempotency-Replayed"


def json_bytes(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8. Dates and instants must be strings already; anything else raises TypeError."""
    return compact(value).encode()


def case_etag(version: int, body: bytes) -> str:
    """The strong ETag of a response about a case, `"<version>-<digest>"`: If-Match compares the version alone."""
    return entity_tag(f"{version}-{hashlib.sha256(body).hexdigest()[:24]}")


def json_response(value: Any, *, status: int = OK, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response without an ETag."""
    return Response(json_bytes(value), status, dict(headers or {}), JSON)


def json_response_with_etag(request: Request, value: Any, *, version: int) -> Response:
    """A JSON response about a case at `version` with its ETag, or 304 if If-None-Match names that ETag."""
    body = json_bytes(value)
    tag = case_etag(version, body)
    if is_known_to_caller(request, tag):
        return Response(status_code=NOT_MODIFIED, headers={"ETag": tag})
    return Response(body, OK, {"ETag": tag}, JSON)


def stored_response(answer: Answer) -> Response:
    """The response that is kept under an idempotency key; a repetition is marked by a header."""
    replayed = {REPLAYED_HEADER: "true"} if answer.replayed else {}
    return Response(answer.body, answer.status, {**answer.headers, **replayed}, JSON)
