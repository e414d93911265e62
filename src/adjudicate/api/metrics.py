"""What the process counts for Prometheus, and how it is told; nothing about any case."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from adjudicate.api.processes import lives

if TYPE_CHECKING:
    from collections.abc import Iterable

METRICS = CollectorRegistry()
REQUESTS = Counter("adjudicate_requests", "Requests answered.", ("operation", "status"), registry=METRICS)
SECONDS = Histogram("adjudicate_request_seconds", "Time until the answer began.", ("operation",), registry=METRICS)
CUT_OFF = Counter(
    "adjudicate_connections_cut_off",
    "Connections that ended before their time: refused, too slow, or left by the client.",
    ("reason",),
    registry=METRICS,
)
OPEN = Gauge("adjudicate_connections_open", "Connections of clients.", registry=METRICS, multiprocess_mode="livesum")
POOL = Gauge(
    "adjudicate_database_connections",
    "Connections to the database: in use, kept in all, and opened beyond those kept.",
    ("pool", "state"),
    registry=METRICS,
    multiprocess_mode="livesum",
)

EXPOSITION_TYPE = CONTENT_TYPE_LATEST
# Read when prometheus-client reads it: at import. `adjudicate serve` sets it; see docs/operating.md.
_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that is read when metrics are asked for; it `counts` if it only grows."""

    name: str
    help: str
    value: float
    label: tuple[str, str] | None = None
    counts: bool = False


class _Figures(Collector):
    def __init__(self, figures: Iterable[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for figure in self._figures:
            labels = dict([figure.label]) if figure.label is not None else {}
            name = f"adjudicate_{figure.name}"
            if name not in families:
                families[name] = Metric(name, figure.help, "counter" if figure.counts else "gauge")
            families[name].add_sample(f"{name}_total" if figure.counts else name, labels, figure.value)
        return families.values()


def exposition(figures: Iterable[Figure]) -> bytes:
    """All counts in the Prometheus text format, and the figures read for this answer.

    Counts are those of all processes that share a folder, if this one does. The figures are told by the process that is
    asked and shared with none, so that they are not added up.
    """
    told = CollectorRegistry()
    told.register(_Figures(figures))
    if _FOLDER is None:
        return generate_latest(METRICS) + generate_latest(told)
    _forget_state_of_the_dead(Path(_FOLDER))
    MultiProcessCollector(told, path=_FOLDER)  # type: ignore[no-untyped-call]
    return generate_latest(told)


def _forget_state_of_the_dead(folder: Path) -> None:
    """Remove what ended processes held: what they counted stays true, their connections are gone."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not lives(int(pid)):
            path.unlink(missing_ok=True)


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


def set_open_connections(number: int) -> None:
    """Tell how many clients are connected to this process."""
    OPEN.set(number)


def set_connections(pool: str, *, used: int, size: int, overflow: int) -> None:
    """Tell how many connections of a pool this process uses, keeps, and has opened beyond those it keeps."""
    POOL.labels(pool, "in_use").set(used)
    POOL.labels(pool, "kept").set(size)
    POOL.labels(pool, "beyond").set(overflow)
