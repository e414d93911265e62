"""The SQL statements of the lists across cases, each within the caller's visibility; none locks or writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, exists, func, literal, or_, select, tuple_

from adjudicate.cases.models import cases, deadlines, events, hearings, parties

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection, RowMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What every list may be narrowed to. `party` is part of a name, folded; `mine` an actor's id."""

    workflow: str | None = None
    stage: str | None = None
    office: str | None = None
    patent: str | None = None
    docket_number: str | None = None
    party: str | None = None
    mine: str | None = None
    closed: bool | None = None


def _conditions(filters: CaseFilter) -> list[ColumnElement[bool]]:
    exact = {"workflow": cases.c.workflow, "stage": cases.c.stage, "office": cases.c.office}
    exact |= {"patent": cases.c.patent, "docket_number": cases.c.docket_number, "closed": cases.c.closed}
    found: list[ColumnElement[bool]] = []
    for name, column in exact.items():
        value = getattr(filters, name)
        if value is not None:
            found.append(column == value)
    if filters.party is not None:
        named = parties.c.name_key.contains(filters.party, autoescape=True)
        found.append(exists(select(parties.c.party).where(parties.c.case_id == cases.c.id, named)))
    if filters.mine is not None:
        recorded = exists(
            select(events.c.sequence).where(events.c.case_id == cases.c.id, events.c.recorded_by == filters.mine)
        )
        found.append(or_(cases.c.opened_by == filters.mine, recorded))
    return found


_SHOWN = (
    cases.c.id,
    cases.c.workflow,
    cases.c.law_day,
    cases.c.law_digest,
    cases.c.office,
    cases.c.region,
    cases.c.docket_number,
    cases.c.patent,
    cases.c.stage,
    cases.c.closed,
    cases.c.irregularities,
    cases.c.opened_on,
    cases.c.changed_at,
    cases.c.version,
)

CASE_ORDERS = {"opened_on": cases.c.opened_on, "changed_at": cases.c.changed_at}


def list_cases(
    tx: Connection,
    *,
    visible: ColumnElement[bool],
    filters: CaseFilter,
    due_after: date | None,
    due_before: date | None,
    order: str,
    descending: bool,
    after: Sequence[Any] | None,
    limit: int,
) -> list[RowMapping]:
    """One page of the cases the caller may see, by `order` and id; a row beyond `limit` means that there are more."""
    key = CASE_ORDERS[order]
    statement = select(*_SHOWN).where(visible, *_conditions(filters))
    if due_after is not None or due_before is not None:
        running = [deadlines.c.case_id == cases.c.id, deadlines.c.status == "running", *_between(due_after, due_before)]
        statement = statement.where(exists(select(deadlines.c.key).where(*running)))
    if after is not None:
        place = tuple_(key, cases.c.id)
        start = tuple_(*(_bound(value, column) for value, column in zip(after, (key, cases.c.id), strict=True)))
        statement = statement.where(place < start if descending else place > start)
    ordered = (key.desc(), cases.c.id.desc()) if descending else (key, cases.c.id)
    return list(tx.execute(statement.order_by(*ordered).limit(limit + 1)).mappings())


def _bound(value: Any, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal(value, column.type)


def _between(due_after: date | None, due_before: date | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if due_after is not None:
        found.append(deadlines.c.due_on >= due_after)
    if due_before is not None:
        found.append(deadlines.c.due_on < due_before)
    return found


def list_deadlines(
    tx: Connection,
    *,
    visible: ColumnElement[bool],
    filters: CaseFilter,
    status: str,
    kind: str | None,
    name: str | None,
    due_after: date | None,
    due_before: date | None,
    undated: bool,
    descending: bool,
    after: Sequence[Any] | None,
    limit: int,
) -> list[RowMapping]:
    """One page of deadlines by due day; with `undated` those that an open interval leaves without one."""
    joined = deadlines.join(cases, cases.c.id == deadlines.c.case_id)
    statement = select(deadlines, *(column.label(f"of_{column.name}") for column in _SHOWN)).select_from(joined)
    statement = statement.where(visible, deadlines.c.status == status, *_conditions(filters))
    statement = statement.where(deadlines.c.due_on.is_(None) if undated else deadlines.c.due_on.is_not(None))
    if kind is not None:
        statement = statement.where(deadlines.c.kind == kind)
    if name is not None:
        statement = statement.where(deadlines.c.name == name)
    statement = statement.where(*_between(due_after, due_before))
    key = deadlines.c.started_on if undated else deadlines.c.due_on
    columns = (key, deadlines.c.case_id, deadlines.c.key)
    if after is not None:
        start = tuple_(*(_bound(value, column) for value, column in zip(after, columns, strict=True)))
        statement = statement.where(tuple_(*columns) < start if descending else tuple_(*columns) > start)
    ordered = [column.desc() if descending else column for column in columns]
    return list(tx.execute(statement.order_by(*ordered).limit(limit + 1)).mappings())


def list_hearings(
    tx: Connection,
    *,
    visible: ColumnElement[bool],
    filters: CaseFilter,
    first_on: date | None,
    before_on: date | None,
    room: str | None,
    after: Sequence[Any] | None,
    limit: int,
) -> list[RowMapping]:
    """One page of hearings by day."""
    joined = hearings.join(cases, cases.c.id == hearings.c.case_id)
    statement = select(hearings, *(column.label(f"of_{column.name}") for column in _SHOWN)).select_from(joined)
    statement = statement.where(visible, *_conditions(filters))
    if first_on is not None:
        statement = statement.where(hearings.c.hearing_on >= first_on)
    if before_on is not None:
        statement = statement.where(hearings.c.hearing_on < before_on)
    if room is not None:
        statement = statement.where(hearings.c.room == room)
    columns = (hearings.c.hearing_on, hearings.c.case_id, hearings.c.thread)
    if after is not None:
        start = tuple_(*(_bound(value, column) for value, column in zip(after, columns, strict=True)))
        statement = statement.where(tuple_(*columns) > start)
    return list(tx.execute(statement.order_by(*columns).limit(limit + 1)).mappings())


def names_of_parties(tx: Connection, case_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The parties now in each of these cases, in the order in which they joined."""
    shown = (parties.c.case_id, parties.c.party, parties.c.role, parties.c.name)
    statement = select(*shown).where(parties.c.case_id.in_(case_ids), parties.c.left_on.is_(None))
    found: dict[str, list[dict[str, Any]]] = {case_id: [] for case_id in case_ids}
    for row in tx.execute(statement.order_by(parties.c.case_id, parties.c.joined_on, parties.c.party)).mappings():
        found[row["case_id"]].append({"id": row["party"], "role": row["role"], "name": row["name"]})
    return found


def next_due_days(tx: Connection, case_ids: Sequence[str]) -> dict[str, date]:
    """The earliest due day of a running deadline of each of these cases that has one."""
    where = (deadlines.c.case_id.in_(case_ids), deadlines.c.status == "running", deadlines.c.due_on.is_not(None))
    statement = select(deadlines.c.case_id, func.min(deadlines.c.due_on)).where(*where).group_by(deadlines.c.case_id)
    return {row[0]: row[1] for row in tx.execute(statement)}
