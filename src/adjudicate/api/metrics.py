"""Counts requests for Prometheus and completes response headers, as ASGI middleware; it reads no body."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from adjudicate.api.errors import PRIVATE, operation_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METRICS = CollectorRegistry()
REQUESTS = Counter("adjudicate_requests", "Requests answered.", ("operation", "status"), registry=METRICS)
SECONDS = Histogram("adjudicate_request_seconds", "Time until the answer began.", ("operation",), registry=METRICS)

EXPOSITION_TYPE = CONTENT_TYPE_LATEST
# Read when prometheus-client reads it: at import. `adjudicate serve` sets it; see docs/operating.md.
_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")


def exposition() -> bytes:
    """All counts in the Prometheus text format; of all processes that share a folder, if this one does."""
    if _FOLDER is None:
        return generate_latest(METRICS)
    together = CollectorRegistry()
    MultiProcessCollector(together, path=_FOLDER)  # type: ignore[no-untyped-call]
    return generate_latest(together)


_EXTRA_HEADERS = {
    **{name.lower().encode(): value.encode() for name, value in PRIVATE.items()},
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


class MetricsAndHeaders:
    """Middleware that counts responses and adds the headers that every response must have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message)
                operation = operation_of(scope)
                REQUESTS.labels(operation, str(message["status"])).inc()
                SECONDS.labels(operation).observe(perf_counter() - began)
            await send(message)

        await self._app(scope, receive, sending)


def _add_headers(message: Message) -> None:
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
    present = {name.lower() for name, _ in headers}
    headers += [(name, value) for name, value in _EXTRA_HEADERS.items() if name not in present]
    message["headers"] = headers
