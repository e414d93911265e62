"""The figures that stand in the database, read when metrics are asked for; a database that is gone hides no others."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, move_on_after, sleep, to_thread
from sqlalchemy.exc import DBAPIError

from adjudicate import db
from adjudicate.api.metrics import Figure, set_connections
from adjudicate.cases.queries import figures as queries

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from adjudicate.cases.registry import Registry

# A scrape is answered within this; Prometheus itself gives up after ten seconds.
LONGEST_SECONDS = 3.0
_SECONDS_BETWEEN_SAMPLES = 5.0


@dataclass(slots=True)
class Figures:
    """Reads the figures, one scrape at a time: a database that does not answer ties up one thread and no more.

    A scrape that is given up gives its place in `_limiter` back while its thread still waits for the database. So the
    thread itself holds `_asking` for as long as it lives, and whoever finds it held knows what the answer is.
    """

    registry: Registry
    _limiter: CapacityLimiter | None = None
    _asking: Lock = field(default_factory=Lock)

    async def read(self) -> list[Figure]:
        """The figures of the database; without it, that it is not up."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(1)
        with move_on_after(LONGEST_SECONDS):
            return await to_thread.run_sync(self._read, limiter=self._limiter, abandon_on_cancel=True)
        return [database_up(up=False)]

    def _read(self) -> list[Figure]:
        if not self._asking.acquire(blocking=False):
            return [database_up(up=False)]
        try:
            return self._ask()
        finally:
            self._asking.release()

    def _ask(self) -> list[Figure]:
        try:
            with db.reading(self.registry.reads) as tx:
                found = [database_up(up=True), *_waiting(self.registry, tx)]
        except (DBAPIError, db.Unavailable):
            return [database_up(up=False)]
        try:
            with db.reading(self.registry.reads) as tx:
                return found + _of_workers(tx)
        except (DBAPIError, db.Unavailable):
            # Without the table of heartbeats the others stand all the same.
            return found

    async def sample_connections(self) -> None:
        """Tell from time to time how many connections to the database this process uses, until cancelled."""
        while True:
            for name, engine in self._engines().items():
                pool = engine.pool
                size, used = getattr(pool, "size", None), getattr(pool, "checkedout", None)
                if size is not None and used is not None:
                    beyond = max(pool.overflow(), 0)  # type: ignore[attr-defined]
                    set_connections(name, used=used(), size=size(), overflow=beyond)
            await sleep(_SECONDS_BETWEEN_SAMPLES)

    def _engines(self) -> dict[str, Engine]:
        """The pools by the work they are for; on SQLite one is for both."""
        if self.registry.reads is self.registry.engine:
            return {"all": self.registry.engine}
        return {"commands": self.registry.engine, "reads": self.registry.reads}


def database_up(*, up: bool) -> Figure:
    """Whether the database answered."""
    return Figure("database_up", "1 if the database answered this scrape.", float(up))


def _waiting(registry: Registry, tx: Connection) -> list[Figure]:
    moment = registry.moment(tx)
    oldest = queries.oldest_message(tx)
    age = 0.0 if oldest is None else max((moment.at - oldest).total_seconds(), 0.0)
    return [
        Figure("outbox_open", f"Messages not delivered yet, up to {queries.MOST}.", queries.open_messages(tx)),
        Figure("outbox_oldest_seconds", "Age of the oldest message not delivered yet.", age),
        Figure(
            "lapses_unannounced",
            f"Cases with a lapse that is due and not announced yet, up to {queries.MOST}.",
            queries.unsettled(tx, moment.today),
        ),
    ]


def _of_workers(tx: Connection) -> list[Figure]:
    seen_at, counted = queries.workers(tx)
    if seen_at is None:
        return []
    tables = {"outbox": counted["removed_messages"], "idempotency": counted["removed_answers"]}
    work = {name: counted[name] for name in ("settled", "warned", "delivered", "failed")}
    return [
        Figure("worker_seen_timestamp_seconds", "When a worker was last alive.", seen_at.timestamp()),
        Figure(
            "worker_failed_rounds", "Rounds of workers that ended in an error.", counted["failed_rounds"], counts=True
        ),
        *(
            Figure("worker_done", "What workers have done.", done, label=("what", what), counts=True)
            for what, done in work.items()
        ),
        *(
            Figure("rows_removed", "Rows removed because their time was over.", n, label=("table", name), counts=True)
            for name, n in tables.items()
        ),
    ]
