"""The lists across cases: which table each is taken from, in which order, and what answers each filter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, ColumnElement, Text, func, literal, select
from sqlalchemy.dialects import postgresql

from adjudicate.cases.models import agenda, case_numbers, case_people, cases, deadlines, hearings, parties
from adjudicate.cases.parties import name_key
from adjudicate.cases.queries.page import Hits, Source, Span, among, page
from adjudicate.law.folding import fold_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import Connection, RowMapping, Table

    from adjudicate.access.queries import Sight
    from adjudicate.cases.queries.page import Keys

RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What every list may be narrowed to. Numbers and `party` are parts, as people write them.

    `mine` and `officer` are ids of actors: who took part in a case or is assigned to it, and who is in charge of it.
    """

    workflow: str | None = None
    stage: str | None = None
    office: str | None = None
    patent: str | None = None
    docket_number: str | None = None
    party: str | None = None
    mine: str | None = None
    officer: str | None = None
    closed: bool | None = None


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


def _between(column: ColumnElement[Any], first: date | None, before: date | None) -> list[ColumnElement[bool]]:
    found = [] if first is None else [column >= first]
    return found if before is None else [*found, column < before]


def _of_case(table: Table, filters: CaseFilter) -> list[ColumnElement[bool]]:
    """The conditions on a case where its columns stand in the list's own table."""
    given = {"workflow": filters.workflow, "stage": filters.stage, "closed": filters.closed}
    return [table.c[name] == value for name, value in given.items() if value is not None]


def _named(tx: Connection, table: Table, column: ColumnElement[str], part: str, *where: ColumnElement[bool]) -> Hits:
    """The cases of which a folded text holds a folded part."""
    if tx.dialect.name == "sqlite":
        return Hits(table=table, where=(*where, func.instr(column, part) > 0))
    length = min(len(part), 3)
    grams = sorted({part[place : place + length] for place in range(len(part) - length + 1)})
    indexed = func.adjudicate_grams(column, type_=postgresql.ARRAY(Text))
    looked_up = (indexed.contains(literal(grams, ARRAY(Text))),)
    return Hits(table=table, where=(*where, column.contains(part, autoescape=True)), looked_up=looked_up)


def _in_charge(actor: str) -> tuple[ColumnElement[bool], ...]:
    """Of the cases with which a person has to do, those that the person is in charge of."""
    case = cases.alias("in_charge")
    asked = select(literal(1)).where(case.c.id == case_people.c.case_id, case.c.officer == actor)
    return (case_people.c.actor == actor, asked.correlate(case_people).scalar_subquery().is_not(None))


def _hits(tx: Connection, filters: CaseFilter, due: Sequence[ColumnElement[bool]] = ()) -> list[Hits]:
    """The filters that tables of their own answer, beginning with the one that usually leaves the fewest cases."""
    found: list[Hits] = []
    for kind, written in (("docket", filters.docket_number), ("patent", filters.patent)):
        if written is not None:
            part = fold_number(written)
            found.append(_named(tx, case_numbers, case_numbers.c.number, part, case_numbers.c.kind == kind))
    if filters.mine is not None:
        found.append(Hits(table=case_people, where=(case_people.c.actor == filters.mine,), personal=True))
    if filters.officer is not None:
        found.append(Hits(table=case_people, where=_in_charge(filters.officer), personal=True))
    if filters.party is not None:
        found.append(_named(tx, parties, parties.c.name_key, name_key(filters.party)))
    if due:
        found.append(Hits(table=agenda, where=tuple(due), ordered=False))
    return found


def list_cases(
    tx: Connection,
    *,
    sight: Sight,
    filters: CaseFilter,
    due_after: date | None,
    due_before: date | None,
    order: str,
    descending: bool,
    after: Sequence[Any] | None,
    limit: int,
    also: Sequence[ColumnElement[bool]] = (),
) -> list[RowMapping]:
    """One page of the cases the caller may see, by `order` and id; a row beyond `limit` means that there are more.

    `also` are conditions more on columns of `cases`.
    """
    ranged = filters.stage is not None or filters.closed is not None
    source = Source(
        table=cases,
        case_id=cases.c.id,
        keys=(CASE_ORDERS[order], cases.c.id),
        where=(*_of_case(cases, filters), *also),
        flags=() if ranged else (cases.c.closed,),
    )
    span = Span(descending=descending, after=after, limit=limit + 1, office=filters.office)
    hits = _hits(tx, filters, _between(agenda.c.due_on, due_after, due_before))

    def rows_of(keys: Keys) -> list[RowMapping]:
        ids = [key[-1] for key in keys]
        found = {row["id"]: row for row in tx.execute(select(*_SHOWN).where(among(tx, cases.c.id, ids))).mappings()}
        return [found[one] for one in ids if one in found]

    return _filled(span, lambda span: page(tx, sight, source, span, hits), rows_of)


def _filled(
    span: Span, keys_of: Callable[[Span], Keys], rows_of: Callable[[Keys], list[RowMapping]]
) -> list[RowMapping]:
    """The rows of a span, where some keys may lead nowhere because somebody wrote behind the engine's back.

    Those are left out, and what follows takes their place: a page that is short of rows would be taken for the last.
    """
    found: list[RowMapping] = []
    while True:
        wanted = span.limit - len(found)
        keys = keys_of(replace(span, limit=wanted))
        found += rows_of(keys)
        if len(keys) < wanted or len(found) >= span.limit:
            return found
        span = replace(span, after=keys[-1])


def list_deadlines(
    tx: Connection,
    *,
    sight: Sight,
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
    table = agenda if status == RUNNING else deadlines
    where = [] if undated else _between(table.c.due_on, due_after, due_before)
    where.append(table.c.due_on.is_(None) if undated else table.c.due_on.is_not(None))
    where += [table.c[column] == value for column, value in (("kind", kind), ("name", name)) if value is not None]
    where += _of_case(agenda, filters) if table is agenda else _ended(status, filters)
    source = Source(
        table=table,
        case_id=table.c.case_id,
        keys=(table.c.started_on if undated else table.c.due_on, table.c.case_id, table.c.key),
        where=tuple(where),
        walked=table is agenda and not undated,
    )
    span = Span(descending=descending, after=after, limit=limit + 1, office=filters.office)
    hits = _hits(tx, filters)
    return _filled(
        span, lambda span: page(tx, sight, source, span, hits),
        lambda keys: _with_cases(tx, deadlines, deadlines.c.key, keys),
    )  # fmt: skip


def _ended(status: str, filters: CaseFilter) -> Iterator[ColumnElement[bool]]:
    """What holds for deadlines that have ended so; of their cases the table of deadlines says nothing."""
    yield deadlines.c.status == status
    conditions = _of_case(cases, filters)
    if conditions:
        asked = select(literal(1)).where(cases.c.id == deadlines.c.case_id, *conditions)
        yield asked.correlate(deadlines).scalar_subquery().is_not(None)


def list_hearings(
    tx: Connection,
    *,
    sight: Sight,
    filters: CaseFilter,
    first_on: date | None,
    before_on: date | None,
    room: str | None,
    after: Sequence[Any] | None,
    limit: int,
) -> list[RowMapping]:
    """One page of hearings by day."""
    where = [*_between(hearings.c.hearing_on, first_on, before_on), *_of_case(hearings, filters)]
    if room is not None:
        where.append(hearings.c.room == room)
    keys = (hearings.c.hearing_on, hearings.c.case_id, hearings.c.thread)
    source = Source(table=hearings, case_id=hearings.c.case_id, keys=keys, where=tuple(where))
    span = Span(descending=False, after=after, limit=limit + 1, office=filters.office)
    hits = _hits(tx, filters)
    return _filled(
        span, lambda span: page(tx, sight, source, span, hits),
        lambda keys: _with_cases(tx, hearings, hearings.c.thread, keys),
    )  # fmt: skip


def _with_cases(tx: Connection, table: Table, name: ColumnElement[str], keys: Keys) -> list[RowMapping]:
    """The rows of a table by case and `name`, with their cases, in the order of the keys; without what is not there."""
    places = [key[-2:] for key in keys]
    joined = table.join(cases, cases.c.id == table.c.case_id)
    statement = select(table, *(column.label(f"of_{column.name}") for column in _SHOWN)).select_from(joined)
    statement = statement.where(among(tx, table.c.case_id, sorted({case_id for case_id, _ in places})))
    found = {(row["case_id"], row[name.name]): row for row in tx.execute(statement).mappings()}
    return [found[place] for place in places if place in found]


def names_of_parties(tx: Connection, case_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The parties now in each of these cases, in the order in which they joined."""
    found: dict[str, list[dict[str, Any]]] = {case_id: [] for case_id in case_ids}
    shown = (parties.c.case_id, parties.c.party, parties.c.role, parties.c.name)
    statement = select(*shown).where(among(tx, parties.c.case_id, list(found)), parties.c.left_on.is_(None))
    for row in tx.execute(statement.order_by(parties.c.case_id, parties.c.joined_on, parties.c.party)).mappings():
        found[row["case_id"]].append({"id": row["party"], "role": row["role"], "name": row["name"]})
    return found


def next_due_days(tx: Connection, case_ids: Sequence[str]) -> dict[str, date]:
    """The earliest due day of a running deadline of each of these cases that has one."""
    where = (among(tx, agenda.c.case_id, list(dict.fromkeys(case_ids))), agenda.c.due_on.is_not(None))
    statement = select(agenda.c.case_id, func.min(agenda.c.due_on)).where(*where).group_by(agenda.c.case_id)
    return {row[0]: row[1] for row in tx.execute(statement)}
