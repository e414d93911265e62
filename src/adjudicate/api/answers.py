"""Turns results into JSON answers with their ETag, and answers 304 where the caller already has them."""

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

JSON = "application/json"


def encoded(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8; days and instants must be texts already."""
    return compact(value).encode()


def etag(version: int, body: bytes) -> str:
    """The strong ETag of a case as shown by `body`: the version leads, so that a command can compare it alone."""
    return entity_tag(f"{version}-{hashlib.sha256(body).hexdigest()[:24]}")


def answer(value: Any, *, status: int = OK, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer without ETag."""
    return Response(encoded(value), status, dict(headers or {}), JSON)


def conditional(request: Request, value: Any, *, version: int) -> Response:
    """A JSON answer with a strong ETag, or 304 if the caller has it."""
    body = encoded(value)
    return conditional_bytes(request, body, tag=etag(version, body), media_type=JSON)


def conditional_bytes(request: Request, body: bytes, *, tag: str, media_type: str) -> Response:
    """An answer with a strong ETag, or 304 if If-None-Match names it."""
    if is_known_to_caller(request, tag):
        return Response(status_code=NOT_MODIFIED, headers={"ETag": tag})
    return Response(body, OK, {"ETag": tag}, media_type)
