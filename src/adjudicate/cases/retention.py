"""Removes what is kept for a time only: delivered messages and the answers kept for a repetition; never history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.cases.ids import new_id
from adjudicate.cases.queries import workers as queries

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

# Rows in one transaction, and transactions in one round: a first removal of millions delays no lapse for long.
BATCH = 500
BATCHES = 20
MOST = BATCH * BATCHES


def remove(registry: Registry, goes_on: Callable[[], bool] = lambda: True) -> tuple[tuple[int, int], bool]:
    """Remove what is older than the settings say, in small transactions, at most MOST of each kind.

    Returns how many messages and answers were removed, and whether all were. `goes_on` is asked between transactions.
    Raises Unavailable.
    """

    def messages(tx: Connection) -> int:
        before = _before(registry, tx, settings.outbox_days)
        return queries.remove_delivered(tx, before=before, first_kept=new_id(before), limit=BATCH)

    def answers(tx: Connection) -> int:
        return queries.remove_answers(tx, before=_before(registry, tx, settings.idempotency_days), limit=BATCH)

    settings = registry.settings
    of_messages, no_more_messages = _in_batches(registry, messages, goes_on) if settings.outbox_days else (0, True)
    of_answers, no_more_answers = _in_batches(registry, answers, goes_on) if settings.idempotency_days else (0, True)
    return (of_messages, of_answers), no_more_messages and no_more_answers


def _before(registry: Registry, tx: Connection, days: int) -> datetime:
    return registry.moment(tx).at - timedelta(days=days)


def _in_batches(registry: Registry, some: Callable[[Connection], int], goes_on: Callable[[], bool]) -> tuple[int, bool]:
    removed = 0
    for _ in range(BATCHES):
        count = db.run(registry.engine, some)
        removed += count
        if count < BATCH:
            return removed, True
        if not goes_on():
            break
    return removed, False
