"""The statements of the worker's own upkeep: its heartbeat, and the removal of rows that are no longer needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.cases.models import idempotency, outbox, worker_heartbeats

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_row = worker_heartbeats.c
# The row of all workers that ended. It bears no worker's name: those hold a machine, a process and a number.
ENDED = "ended"
COUNTS = ("failed_rounds", "settled", "warned", "delivered", "failed", "removed_messages", "removed_answers")


def beat(tx: Connection, row: Mapping[str, Any]) -> None:
    """Write a worker's heartbeat over its last one."""
    if tx.execute(update(worker_heartbeats).where(_row.worker == row["worker"]).values(row)).rowcount == 0:
        tx.execute(insert(worker_heartbeats).values(row))


def forget_before(tx: Connection, seen_before: datetime) -> None:
    """Remove the heartbeats of workers that ended long ago, and add what they had counted to the row of all ended ones.

    Without that the sums over all workers would fall, and whoever collects them would take it for a new start.
    """
    counts = [_row[name] for name in COUNTS]
    old = (_row.seen_at < seen_before, _row.worker != ENDED)
    # Asked for what was removed: of two workers that forget at once only one is told.
    gone = tx.execute(delete(worker_heartbeats).where(*old).returning(_row.started_at, _row.seen_at, *counts))
    found = list(gone.mappings())
    if not found:
        return
    sums = {name: sum(row[name] for row in found) for name in COUNTS}
    started_at, seen_at = min(row["started_at"] for row in found), max(row["seen_at"] for row in found)
    zero = {**dict.fromkeys(COUNTS, 0), "failed_in_a_row": 0}
    put = (sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert)(worker_heartbeats)
    empty = put.values(worker=ENDED, started_at=started_at, seen_at=seen_at, **zero)
    tx.execute(empty.on_conflict_do_nothing(index_elements=("worker",)))
    added = {name: _row[name] + sums[name] for name in COUNTS}
    tx.execute(update(worker_heartbeats).where(_row.worker == ENDED).values(seen_at=seen_at, **added))


def forget_after(tx: Connection, seen_after: datetime) -> None:
    """Remove the heartbeats that bear a later time than this."""
    tx.execute(delete(worker_heartbeats).where(_row.seen_at > seen_after))


def time_of_server(tx: Connection) -> datetime | None:
    """What time it is for the database server; None for SQLite, which has no clock but that of this machine."""
    if tx.dialect.name == "sqlite":
        return None
    told: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return told


def latest_beat(tx: Connection) -> RowMapping | None:
    """The heartbeat of the worker that was seen last."""
    seen = select(worker_heartbeats).where(_row.worker != ENDED).order_by(_row.seen_at.desc()).limit(1)
    return tx.execute(seen).mappings().first()


def try_to_write(tx: Connection, at: datetime) -> None:
    """A write for a transaction that is rolled back: the heartbeat of a worker that there is not."""
    counts = {column.name: 0 for column in worker_heartbeats.columns}
    tx.execute(insert(worker_heartbeats).values({**counts, "worker": "probe", "started_at": at, "seen_at": at}))


def remove_delivered(tx: Connection, *, before: datetime, first_kept: str, limit: int) -> int:
    """Remove messages that were delivered before an instant, the oldest first; how many. Open ones always stay.

    `first_kept` is an id that bears the same instant: ids sort by time, so what is younger is not even looked at.
    """
    done = (
        select(outbox.c.id)
        .where(outbox.c.id < first_kept, outbox.c.done_at < before)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.execute(done).scalars())
    return tx.execute(delete(outbox).where(outbox.c.id.in_(ids))).rowcount if ids else 0


def remove_answers(tx: Connection, *, before: datetime, limit: int) -> int:
    """Remove answers that were kept before an instant, the oldest first; how many."""
    old = (
        select(idempotency.c.actor, idempotency.c.key)
        .where(idempotency.c.created_at < before)
        .order_by(idempotency.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    removed = 0
    for actor, key in tx.execute(old).all():
        removed += tx.execute(
            delete(idempotency).where(idempotency.c.actor == actor, idempotency.c.key == key)
        ).rowcount
    return removed
