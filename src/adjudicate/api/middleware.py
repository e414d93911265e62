"""What every request has in common: an id, headers, a count and a line in the log, and an answer if it fails."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request

from adjudicate import logs, tracing
from adjudicate.api.errors import HUNG_UP, PRIVATE, internal_error, operation_of, route_of
from adjudicate.api.metrics import count_request

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = b"x-request-id"
TRACE_PARENT = b"traceparent"
# What monitoring asks every few seconds; its lines would hide the others.
PROBES = {"probe_alive", "probe_ready", "read_metrics"}

_SANE_ID = re.compile(rb"[A-Za-z0-9_.:=@+/-]{1,100}")
_TRACE_PARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-[!-~]*)?")
_EXTRA_HEADERS = {
    **{name.lower().encode(): value.encode() for name, value in PRIVATE.items()},
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


def request_id(stated: bytes | None) -> str:
    """The caller's own id of its request, if it is one that may stand in a log; else a new one."""
    return stated.decode() if stated is not None and _SANE_ID.fullmatch(stated) else secrets.token_hex(8)


def trace_id(stated: bytes | None) -> str | None:
    """The trace id of a valid `traceparent` header (W3C Trace Context), in hex."""
    match = _TRACE_PARENT.fullmatch(stated) if stated is not None else None
    return match[1].decode() if match is not None else None


class EachRequest:
    """Middleware around all routes. With `log_requests`, each request that ends is one line of the log."""

    def __init__(self, app: ASGIApp, *, log_requests: bool) -> None:
        self._app = app
        self._log_requests = log_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated_id = stated_trace = None
        for name, value in scope["headers"]:
            if name == REQUEST_ID:
                stated_id = value
            elif name == TRACE_PARENT:
                stated_trace = value
        own_id, trace = request_id(stated_id), trace_id(stated_trace)
        carried = {} if trace is None or stated_trace is None else {"traceparent": stated_trace.decode()}
        with tracing.request(scope["method"], own_id, carried) as span:
            trace = trace if span is None else span.trace_id
            logs.bind(request_id=own_id, trace_id=trace)
            status = await self._served(scope, receive, send, own_id, trace)
            if span is not None:
                span.ended(scope["method"], route_of(scope), status)

    async def _served(self, scope: Scope, receive: Receive, send: Send, own_id: str, trace: str | None) -> int:
        """Answer a request, count it and log its end; the status that was sent."""
        began, status = perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, own_id)
                count_request(operation_of(scope), status, perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            if not status:
                status = HUNG_UP
                count_request(operation_of(scope), status, perf_counter() - began)
        except Exception as error:
            answer = internal_error(Request(scope), error)
            if status:
                # Half an answer is out: only a connection that breaks off tells the caller so.
                raise
            # Answered here, the error goes no further, and the server leaves the connection open.
            await answer(scope, receive, sending)
        finally:
            if self._log_requests:
                _log(scope, status, perf_counter() - began, own_id, trace)
        return status


def _add_headers(message: Message, own_id: str) -> None:
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
    present = {name.lower() for name, _ in headers}
    headers += [(name, value) for name, value in _EXTRA_HEADERS.items() if name not in present]
    headers.append((REQUEST_ID, own_id.encode()))
    message["headers"] = headers


def _log(scope: Scope, status: int, seconds: float, own_id: str, trace: str | None) -> None:
    operation = operation_of(scope)
    kind = (("method", scope["method"]), ("route", route_of(scope)), ("operation", operation))
    told: dict[str, str | float] = {"status": status, "milliseconds": round(seconds * 1000, 1), "request_id": own_id}
    if trace is not None:
        told["trace_id"] = trace
    actor = scope.get("state", {}).get("actor")
    if actor is not None:
        told["actor"] = actor
    logs.request_ended(logging.DEBUG if operation in PROBES else logging.INFO, kind, told)
