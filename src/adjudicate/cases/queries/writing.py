"""The statements by which a case is locked and its events and caches are written, each compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.access.models import offices
from adjudicate.cases.models import (
    cases,
    deadlines,
    document_requests,
    event_particulars,
    events,
    hearings,
    holiday_notices,
    parties,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, RowMapping, Table

_notices = select(func.max(holiday_notices.c.place)).scalar_subquery().label("notices")
_case = select(cases, _notices).where(cases.c.id == bindparam("case"))
# NO KEY UPDATE in PostgreSQL: others may write rows that refer to the case meanwhile, so nobody deadlocks on it.
_case_for_update = _case.with_for_update(of=cases, key_share=True)
_insert_case = insert(cases)
_insert_events = insert(events)
_insert_particulars = insert(event_particulars)
_insert_requests = insert(document_requests)
_update_case = update(cases).where(cases.c.id == bindparam("case"), cases.c.version == bindparam("was"))
_delete_deadline = delete(deadlines).where(deadlines.c.case_id == bindparam("case"), deadlines.c.key == bindparam("k"))
_delete_party = delete(parties).where(parties.c.case_id == bindparam("case"), parties.c.party == bindparam("p"))
_delete_hearing = delete(hearings).where(hearings.c.case_id == bindparam("case"), hearings.c.thread == bindparam("t"))


def upsert(table: Table, dialect: str, *, keys: Sequence[str], keep: Sequence[str] = ()) -> Any:
    """An insert that overwrites the row with the same key, except the columns in `keep`."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    changed = {c.name: statement.excluded[c.name] for c in table.c if c.name not in {*keys, *keep}}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)


_UPSERTS: dict[tuple[str, str], Any] = {}


def _put(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, keys: Sequence[str]) -> None:
    where = (table.name, tx.dialect.name)
    if where not in _UPSERTS:
        _UPSERTS[where] = upsert(table, tx.dialect.name, keys=keys)
    tx.execute(_UPSERTS[where], [dict(row) for row in rows])


def case_row(
    tx: Connection, case_id: str, *, visible: ColumnElement[bool] | None, lock: bool = False
) -> RowMapping | None:
    """The row of a case, if visible, with `notices`, the place of the newest holiday notice; locked if asked."""
    statement = _case_for_update if lock else _case
    if visible is not None:
        statement = statement.where(visible)
    return tx.execute(statement, {"case": case_id}).mappings().first()


def newest_notice(tx: Connection) -> int | None:
    """The place of the newest holiday notice that was loaded."""
    return tx.execute(select(_notices)).scalar()


def office_row(tx: Connection, code: str) -> RowMapping | None:
    """One office, for opening a case or numbering it."""
    return tx.execute(select(offices).where(offices.c.code == code)).mappings().first()


def add_case(tx: Connection, row: Mapping[str, Any]) -> None:
    """Write a new case."""
    tx.execute(_insert_case, dict(row))


def update_case(tx: Connection, case_id: str, *, was: int, values: Mapping[str, Any]) -> None:
    """Overwrite the caches on a case; its version guards against writing over somebody else's."""
    done = tx.execute(_update_case, {"case": case_id, "was": was, **values})
    if done.rowcount != 1:
        raise RuntimeError(f"case {case_id} was changed under its own lock")


def add_events(tx: Connection, rows: Sequence[Mapping[str, Any]], particulars: Sequence[Mapping[str, Any]]) -> None:
    """Append events and the particulars beside them."""
    tx.execute(_insert_events, [dict(row) for row in rows])
    if particulars:
        tx.execute(_insert_particulars, [dict(row) for row in particulars])


def put_deadlines(tx: Connection, case_id: str, rows: Sequence[Mapping[str, Any]], gone: Sequence[str]) -> None:
    """Write the deadlines that changed and remove those that no longer exist."""
    if gone:
        tx.execute(_delete_deadline, [{"case": case_id, "k": key} for key in gone])
    if rows:
        _put(tx, deadlines, rows, keys=("case_id", "key"))


def put_parties(tx: Connection, case_id: str, rows: Sequence[Mapping[str, Any]], gone: Sequence[str]) -> None:
    """Write the parties that changed and remove those that no longer exist."""
    if gone:
        tx.execute(_delete_party, [{"case": case_id, "p": party} for party in gone])
    if rows:
        _put(tx, parties, rows, keys=("case_id", "party"))


def put_party_roles(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the parts that parties play, leaving their names as they are."""
    if not rows:
        return
    statement = upsert(parties, tx.dialect.name, keys=("case_id", "party"), keep=("name", "name_key", "particulars"))
    tx.execute(statement, [dict(row) for row in rows])


def put_hearings(tx: Connection, case_id: str, rows: Sequence[Mapping[str, Any]], gone: Sequence[str]) -> None:
    """Write the hearings that changed and remove those that no longer stand."""
    if gone:
        tx.execute(_delete_hearing, [{"case": case_id, "t": thread} for thread in gone])
    if rows:
        _put(tx, hearings, rows, keys=("case_id", "thread"))


def add_document_requests(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Ask for documents to be issued."""
    tx.execute(_insert_requests, [dict(row) for row in rows])


def next_unsettled(tx: Connection, *, before: date, skip: Sequence[str]) -> str | None:
    """Lock and return one case with a lapse due before a day that nobody else is announcing, the oldest first."""
    statement = (
        select(cases.c.id)
        .where(cases.c.next_due_on < before, cases.c.settled_on < before)
        .order_by(cases.c.next_due_on)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    if skip:
        statement = statement.where(cases.c.id.not_in(skip))
    return tx.execute(statement).scalar()


def open_cases(tx: Connection, *, after: str, limit: int) -> list[RowMapping]:
    """Open cases in the order of their ids, for working through all of them in batches."""
    columns = (cases.c.id, cases.c.region, cases.c.calendar_digest)
    statement = select(*columns).where(cases.c.closed.is_(False), cases.c.id > after).order_by(cases.c.id).limit(limit)
    return list(tx.execute(statement).mappings())


def latest_recorded_on(tx: Connection) -> date | None:
    """The latest legal day on which anything was recorded."""
    return tx.execute(select(func.max(events.c.recorded_on))).scalar()
