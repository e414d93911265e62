"""What the process counts for Prometheus, and how it is told; nothing about any case."""

from __future__ import annotations

import os
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

METRICS = CollectorRegistry()
REQUESTS = Counter("adjudicate_requests", "Requests answered.", ("operation", "status"), registry=METRICS)
SECONDS = Histogram("adjudicate_request_seconds", "Time until the answer began.", ("operation",), registry=METRICS)
CUT_OFF = Counter(
    "adjudicate_connections_cut_off",
    "Connections that ended before their time: refused, too slow, or left by the client.",
    ("reason",),
    registry=METRICS,
)

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


@cache
def _children(operation: str, status: int) -> tuple[Counter, Histogram]:
    # Looking them up in the library takes as long as counting does. Operations and statuses are few.
    return REQUESTS.labels(operation, str(status)), SECONDS.labels(operation)


def count_request(operation: str, status: int, seconds: float) -> None:
    """Count an answer, and how long its caller waited until it began."""
    answered, took = _children(operation, status)
    answered.inc()
    took.observe(seconds)


def count_cut_off(reason: str) -> None:
    """Count a connection that ended before its time."""
    CUT_OFF.labels(reason).inc()
