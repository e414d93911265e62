"""The statements by which a case is locked and its events and caches are written, each compiled once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, insert, literal_column, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.access.models import offices
from adjudicate.cases.models import (
    case_people,
    cases,
    document_requests,
    event_particulars,
    events,
    holiday_notices,
)
from adjudicate.postgres.prepared import PreparedStatement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, RowMapping, Table

    from adjudicate.postgres.prepared import PendingResult

_notices = select(func.max(holiday_notices.c.place)).scalar_subquery().label("notices")
_SPACE: Any = literal_column("' '")
# An actor's id holds no space. Known with the case, so that whoever took part already is not written again.
_took_part = (
    select(func.aggregate_strings(case_people.c.actor, _SPACE))
    .where(case_people.c.case_id == cases.c.id, case_people.c.acted)
    .scalar_subquery()
    .label("took_part")
)
_case = select(cases, _notices, _took_part).where(cases.c.id == bindparam("case"))
# NO KEY UPDATE in PostgreSQL: others may write rows that refer to the case meanwhile, so nobody deadlocks on it.
_case_for_update = _case.with_for_update(of=cases, key_share=True)
_insert_case = insert(cases)
_insert_events = PreparedStatement(insert(events))
_insert_particulars = PreparedStatement(insert(event_particulars))
_insert_requests = PreparedStatement(
    insert(document_requests), columns=("case_id", "sequence", "document", "party", "thread", "requested_at")
)
_updates: dict[tuple[str, ...], PreparedStatement] = {}


@lru_cache(maxsize=64)
def _removal(table: Table, key: str) -> PreparedStatement:
    return PreparedStatement(
        delete(table).where(table.c.case_id == bindparam("case"), table.c[key] == bindparam("row"))
    )


@lru_cache(maxsize=128)
def _upsert(table: Table, key: str, columns: tuple[str, ...], dialect: str) -> PreparedStatement:
    """An insert of these columns that overwrites them in the row with the same key; other columns keep their values."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    changed = {name: statement.excluded[name] for name in columns if name not in ("case_id", key)}
    overwriting = statement.on_conflict_do_update(index_elements=["case_id", key], set_=changed)
    return PreparedStatement(overwriting, columns=columns)


@lru_cache(maxsize=512)
def _case_query(visible: ColumnElement[bool] | None, *, lock: bool) -> PreparedStatement:
    statement = _case_for_update if lock else _case
    return PreparedStatement(statement if visible is None else statement.where(visible))


def case_row(
    tx: Connection, case_id: str, *, visible: ColumnElement[bool] | None, lock: bool = False
) -> Mapping[str, Any] | None:
    """The row of a case, if visible, with `notices`, the place of the newest holiday notice, and `took_part`, the ids
    of those who recorded an act, parted by spaces; locked on request."""
    return query_case_row(tx, case_id, visible=visible, lock=lock).first()


def query_case_row(tx: Connection, case_id: str, *, visible: ColumnElement[bool] | None, lock: bool) -> PendingResult:
    """The same, queued: other queries may share its round trip before the result is read."""
    return _case_query(visible, lock=lock).query(tx, {"case": case_id})


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
    """Overwrite the caches on a case; the database refuses to write over another version than the one that `was`."""
    names = tuple(values)
    if names not in _updates:
        changed: dict[str, Any] = {name: bindparam(name, type_=cases.c[name].type) for name in names}
        # The version is never null, so this fails; rows that are merely not found would have to be counted by us.
        changed["version"] = case((cases.c.version == bindparam("was"), changed["version"]), else_=null())
        _updates[names] = PreparedStatement(update(cases).where(cases.c.id == bindparam("case")).values(changed))
    _updates[names].write(tx, [{"case": case_id, "was": was, **values}])


def add_events(tx: Connection, rows: Sequence[Mapping[str, Any]], particulars: Sequence[Mapping[str, Any]]) -> None:
    """Append events and the particulars beside them."""
    _insert_events.write(tx, rows)
    _insert_particulars.write(tx, particulars)


def put_rows(
    tx: Connection, table: Table, *, key: str, case_id: str, rows: Sequence[Mapping[str, Any]], gone: Sequence[str]
) -> None:
    """Write the rows of a work list that changed and remove those that are gone; `key` names them within the case.

    Columns that a row leaves out keep what is stored.
    """
    if gone:
        _removal(table, key).write(tx, [{"case": case_id, "row": one} for one in gone])
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for columns, some in alike.items():
        _upsert(table, key, columns, tx.dialect.name).write(tx, some)


def clear_rows(tx: Connection, table: Table, case_id: str) -> None:
    """Remove every row that a work list has of a case, to be written anew."""
    tx.execute(delete(table).where(table.c.case_id == case_id))


def add_document_requests(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Ask for documents to be issued."""
    _insert_requests.write(tx, rows)


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


def case_ids(tx: Connection, *, after: str, limit: int) -> list[str]:
    """The ids of all cases in order, for working through them in batches."""
    statement = select(cases.c.id).where(cases.c.id > after).order_by(cases.c.id).limit(limit)
    return list(tx.execute(statement).scalars())


def latest_recorded_on(tx: Connection) -> date | None:
    """The latest legal day on which anything was recorded."""
    return tx.execute(select(func.max(events.c.recorded_on))).scalar()
