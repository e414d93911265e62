"""What must be told to others, written in the transaction that brought it about and carried out afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.cases.ids import new_id
from adjudicate.cases.queries import outbox as queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.clock import Moment

RECORDED = "case.recorded"
WARNING = "deadline.warning"
# Carried out by the worker itself: bytes of an erased document are to be removed.
ERASED_BYTES = "document.erased"


def put_once(
    tx: Connection, topic: str, *, case_id: str, sequence: int | None, body: dict[str, Any], dedupe_key: str,
    moment: Moment,
) -> bool:  # fmt: skip
    """Put a message into the outbox unless one with its dedupe key is there already; whether it was put."""
    return queries.add_message_once(
        tx, _row(topic, case_id=case_id, sequence=sequence, body=body, dedupe_key=dedupe_key, moment=moment)
    )


def put(
    tx: Connection, topic: str, *, case_id: str, sequence: int, body: dict[str, Any], dedupe_key: str, moment: Moment
) -> None:
    """Put a message into the outbox whose dedupe key is new, because whoever holds the case's lock made it up."""
    queries.add_message(
        tx, _row(topic, case_id=case_id, sequence=sequence, body=body, dedupe_key=dedupe_key, moment=moment)
    )


def _row(
    topic: str, *, case_id: str, sequence: int | None, body: dict[str, Any], dedupe_key: str, moment: Moment
) -> dict[str, Any]:
    row = {"id": new_id(moment.at), "topic": topic, "case_id": case_id, "sequence": sequence, "body": body}
    state = {"claimed_until": None, "claimed_by": None, "attempts": 0, "last_error": None, "done_at": None}
    return {**row, **state, "dedupe_key": dedupe_key, "created_at": moment.at}
