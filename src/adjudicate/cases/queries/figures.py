"""The statements behind the figures of operation: what waits, and when a worker was last alive; each is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import column, func, select, table

from adjudicate.cases.models import cases, outbox
from adjudicate.cases.queries.workers import COUNTS
from adjudicate.db import Instant

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection, FromClause

# Counting further would take longer than a scrape may, and says nothing more.
MOST = 100_000

# Described here, not in models.py: a database that an earlier release has migrated may be without it.
_heartbeats = table("worker_heartbeats", column("seen_at", Instant), *(column(name) for name in COUNTS))


def open_messages(tx: Connection) -> int:
    """How many messages of the outbox are not delivered, up to MOST."""
    some = select(outbox.c.id).where(outbox.c.done_at.is_(None)).limit(MOST).subquery()
    return _count(tx, some)


def oldest_message(tx: Connection) -> datetime | None:
    """When the oldest message that is not delivered was put into the outbox; ids sort by time."""
    oldest = select(outbox.c.created_at).where(outbox.c.done_at.is_(None)).order_by(outbox.c.id).limit(1)
    found: datetime | None = tx.execute(oldest).scalar_one_or_none()
    return found


def unsettled(tx: Connection, today: date) -> int:
    """How many cases have a lapse that is due and not yet announced, up to MOST."""
    some = select(cases.c.id).where(cases.c.next_due_on < today, cases.c.settled_on < today).limit(MOST).subquery()
    return _count(tx, some)


def _count(tx: Connection, some: FromClause) -> int:
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def workers(tx: Connection) -> tuple[datetime | None, dict[str, int]]:
    """When a worker was last alive, and what all there ever were have counted."""
    sums = [func.sum(_heartbeats.c[name]).label(name) for name in COUNTS]
    row = tx.execute(select(func.max(_heartbeats.c.seen_at).label("seen_at"), *sums)).mappings().one()
    return row["seen_at"], {name: int(row[name] or 0) for name in COUNTS}
