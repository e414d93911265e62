"""The statements by which one case is read: its events, parties, deadlines and papers; lists are not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from adjudicate.cases.models import (
    deadlines,
    document_requests,
    event_particulars,
    events,
    parties,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping, Select, Table

_entries = select(events).where(events.c.case_id == bindparam("case")).order_by(events.c.sequence)
_joined = events.outerjoin(
    event_particulars,
    (event_particulars.c.case_id == events.c.case_id) & (event_particulars.c.sequence == events.c.sequence),
)
_with_particulars = (
    select(events, event_particulars.c.body.label("particulars"), event_particulars.c.salt.label("particulars_salt"))
    .select_from(_joined)
    .where(events.c.case_id == bindparam("case"))
    .order_by(events.c.sequence)
)


def entry_rows(tx: Connection, case_id: str, *, recorded_by_then: datetime | None = None) -> list[RowMapping]:
    """The events of a case in order, without particulars; only those recorded by an instant, if one is given."""
    statement = _entries
    if recorded_by_then is not None:
        statement = statement.where(events.c.recorded_at <= recorded_by_then)
    return list(tx.execute(statement, {"case": case_id}).mappings())


def event_rows(
    tx: Connection, case_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
) -> list[RowMapping]:
    """The events of a case after a sequence, and until one, in order.

    With `particulars` and `particulars_salt`, null where there are none or they were erased.
    """
    statement = _with_particulars.where(events.c.sequence > after)
    if until is not None:
        statement = statement.where(events.c.sequence <= until)
    if limit is not None:
        statement = statement.limit(limit)
    return list(tx.execute(statement, {"case": case_id}).mappings())


def _of_case(table: Table, *order: Any) -> Select[Any]:
    return select(table).where(table.c.case_id == bindparam("case")).order_by(*order)


_parties = _of_case(parties, parties.c.party)
_deadlines = _of_case(deadlines, deadlines.c.due_on, deadlines.c.key)
_requests = _of_case(document_requests, document_requests.c.sequence, document_requests.c.document)


def party_rows(tx: Connection, case_id: str) -> list[RowMapping]:
    """The parties of a case."""
    return list(tx.execute(_parties, {"case": case_id}).mappings())


def deadline_rows(tx: Connection, case_id: str) -> list[RowMapping]:
    """The stored deadlines of a case."""
    return list(tx.execute(_deadlines, {"case": case_id}).mappings())


def projected_rows(tx: Connection, table: Table, case_id: str) -> list[RowMapping]:
    """What a work list holds of a case."""
    return list(tx.execute(_of_case(table), {"case": case_id}).mappings())


def document_request_rows(tx: Connection, case_id: str) -> list[RowMapping]:
    """The documents that steps of a case obliged the office to issue."""
    return list(tx.execute(_requests, {"case": case_id}).mappings())


def act_rows(tx: Connection, case_id: str, sequences: Collection[int]) -> list[RowMapping]:
    """The event, the day and the law of these acts of a case; no statement is run for none."""
    if not sequences:
        return []
    columns = (events.c.sequence, events.c.event, events.c.effective_on, events.c.law_digest)
    statement = select(*columns).where(events.c.case_id == case_id, events.c.sequence.in_(sequences))
    return list(tx.execute(statement).mappings())
