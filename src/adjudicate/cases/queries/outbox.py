"""The statements of the outbox, of warnings and of the idempotency record."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.cases.models import deadlines, idempotency, outbox
from adjudicate.postgres.prepared import PreparedStatement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, RowMapping

    from adjudicate.postgres.prepared import PendingResult


# What stands in place of an answer that told particulars which were erased.
ERASED_ANSWER = '{"erased":true}'
ANSWERED_ONCE = f"pk_{idempotency.name}"


@lru_cache(maxsize=2)
def _message_once(dialect: str) -> PreparedStatement:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(outbox)
    # Asked for what was written, because the driver's count of rows is not dependable for such an insert.
    return PreparedStatement(statement.on_conflict_do_nothing(index_elements=("dedupe_key",)).returning(outbox.c.id))


_message = PreparedStatement(insert(outbox))
_keep = PreparedStatement(insert(idempotency))
_answered = PreparedStatement(
    select(idempotency).where(
        idempotency.c.actor == bindparam("actor"), idempotency.c.key == bindparam("idempotency_key")
    )
)


def add_message(tx: Connection, row: Mapping[str, Any]) -> None:
    """Put a message into the outbox."""
    _message.write(tx, [row])


def add_message_once(tx: Connection, row: Mapping[str, Any]) -> bool:
    """Put a message into the outbox; False if one with its dedupe key is there already."""
    return bool(_message_once(tx.dialect.name).rows(tx, row))


def claim(tx: Connection, *, worker: str, at: datetime, until: datetime, limit: int) -> list[RowMapping]:
    """Lease open messages to a worker: those never claimed and those whose lease ran out, the oldest first."""
    free = (
        select(outbox.c.id)
        .where(outbox.c.done_at.is_(None), or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < at))
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.execute(free).scalars())
    if not ids:
        return []
    taken = {"claimed_until": until, "claimed_by": worker, "attempts": outbox.c.attempts + 1}
    tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(taken))
    return list(tx.execute(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)).mappings())


def mark_done(tx: Connection, message: str, *, worker: str, at: datetime) -> bool:
    """Mark a message as carried out, if this worker still holds the lease."""
    where = (outbox.c.id == message, outbox.c.claimed_by == worker, outbox.c.done_at.is_(None))
    return tx.execute(update(outbox).where(*where).values(done_at=at)).rowcount == 1


def mark_failed(tx: Connection, message: str, *, worker: str, again_at: datetime, error: str) -> None:
    """Leave a message to be tried again at an instant, with what went wrong."""
    where = (outbox.c.id == message, outbox.c.claimed_by == worker, outbox.c.done_at.is_(None))
    tx.execute(update(outbox).where(*where).values(claimed_until=again_at, last_error=error))


def give_back(tx: Connection, messages: Sequence[str], *, worker: str) -> None:
    """End the lease on messages that were claimed and not tried, as if they had never been claimed."""
    where = (outbox.c.id.in_(messages), outbox.c.claimed_by == worker, outbox.c.done_at.is_(None))
    untried = {"claimed_until": None, "claimed_by": None, "attempts": outbox.c.attempts - 1}
    tx.execute(update(outbox).where(*where).values(untried))


def next_warning(tx: Connection, *, today: date, skip: Sequence[str] = ()) -> RowMapping | None:
    """Lock and return one running deadline of which a warning is due, in none of the cases to `skip`."""
    statement = (
        select(deadlines)
        .where(deadlines.c.warn_on <= today)
        .order_by(deadlines.c.warn_on)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if skip:
        statement = statement.where(deadlines.c.case_id.not_in(skip))
    return tx.execute(statement).mappings().first()


def warned(tx: Connection, *, case_id: str, key: str) -> None:
    """Note that the warning of a deadline was given."""
    where = (deadlines.c.case_id == case_id, deadlines.c.key == key)
    tx.execute(update(deadlines).where(*where).values(warn_on=None))


def query_answer(tx: Connection, *, actor: str, key: str) -> PendingResult:
    """What this actor was answered under this idempotency key."""
    return _answered.query(tx, {"actor": actor, "idempotency_key": key})


def keep_answer(tx: Connection, row: Mapping[str, Any]) -> None:
    """Keep an answer. Breaks ANSWERED_ONCE if another transaction kept one under the same key first."""
    _keep.write(tx, [row])
