"""The statements by which the whole record is gone through when it is verified; none of them changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, literal, select

from adjudicate.access.models import administration_head as administration_head_table
from adjudicate.access.models import offices
from adjudicate.cases.models import (
    calendars,
    cases,
    documents,
    events,
    holiday_notices,
    law_texts,
)
from adjudicate.db import metadata
from adjudicate.ledger import Head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, RowMapping

PAGE = 1000
_page = select(cases.c.id).where(cases.c.id > bindparam("after")).order_by(cases.c.id).limit(PAGE)
_place = offices.c.path.label("office_path")
_case = select(cases, _place).select_from(cases.outerjoin(offices, offices.c.code == cases.c.office))


def all_case_ids(tx: Connection) -> Iterator[str]:
    """Every case in the order of ids, read page by page. The rows are read one by one: one may be damaged."""
    after = ""
    while page := list(tx.execute(_page, {"after": after}).scalars()):
        yield from page
        after = page[-1]


def case(tx: Connection, case_id: str) -> RowMapping:
    """The row of a case, with `office_path`, the place of its office in the tree."""
    return tx.execute(_case.where(cases.c.id == case_id)).mappings().one()


def administration_head(tx: Connection) -> Head | None:
    """Where the administrative ledger ends, as stored."""
    rows = tx.execute(select(administration_head_table)).all()
    return Head(rows[0].place, rows[0].hash) if [row.id for row in rows] == [1] else None


def unused_law(tx: Connection) -> list[str]:
    """The digests of kept law that no event was recorded under."""
    used = select(events.c.law_digest).where(events.c.law_digest == law_texts.c.digest).exists()
    return list(tx.execute(select(law_texts.c.digest).where(~used).order_by(law_texts.c.digest)).scalars())


def unused_calendars(tx: Connection) -> list[tuple[str, str]]:
    """The kept calendars that no event was recorded under, as (digest, code of the region)."""
    used = select(events.c.calendar_digest).where(events.c.calendar_digest == calendars.c.digest).exists()
    statement = select(calendars.c.digest, calendars.c.code).where(~used).order_by(calendars.c.digest)
    return [(row.digest, row.code) for row in tx.execute(statement)]


def calendars_used(tx: Connection, code: str) -> list[str]:
    """The digests of the kept calendars of this code that events were recorded under, in the order of keeping."""
    used = select(events.c.calendar_digest).where(events.c.calendar_digest == calendars.c.digest).exists()
    statement = select(calendars.c.digest).where(calendars.c.code == code, used)
    return list(tx.execute(statement.order_by(calendars.c.kept_at, calendars.c.digest)).scalars())


def dangling(tx: Connection) -> list[tuple[str | None, str, str]]:
    """Rows that refer to a row which is not there, as (case or None, table, table referred to), one for each case.

    Databases hold references themselves; whoever writes behind the engine's back can switch that off. All references of
    all tables are followed, so that a new table needs nothing here.
    """
    found: list[tuple[str | None, str, str]] = []
    for table in metadata.sorted_tables:
        case_id = table.c.id if table is cases else table.c.get("case_id")
        shown = literal(None) if case_id is None else case_id
        for reference in sorted(table.foreign_key_constraints, key=lambda one: tuple(one.column_keys)):
            target = reference.referred_table.alias()
            pairs = [(one.parent, target.c[one.column.name]) for one in reference.elements]
            named = and_(*(column.is_not(None) for column, _ in pairs))
            there = select(target).where(*(column == other for column, other in pairs)).exists()
            owners = tx.execute(
                select(shown.label("owner")).distinct().where(named, ~there).order_by("owner")
            ).scalars()
            found += [(owner, table.name, reference.referred_table.name) for owner in owners]
    return found


def erased_documents(tx: Connection) -> list[tuple[str, str]]:
    """Each digest that was erased and is on no file, with a case from whose file it was."""
    erased = select(documents.c.digest, func.min(documents.c.case_id)).group_by(documents.c.digest)
    nowhere = erased.having(func.max(documents.c.name) == "").order_by(documents.c.digest)
    return [(digest, case_id) for digest, case_id in tx.execute(nowhere)]


def kept_laws(tx: Connection) -> list[RowMapping]:
    """The law kept, whole."""
    return list(tx.execute(select(law_texts).order_by(law_texts.c.digest)).mappings())


def kept_calendars(tx: Connection) -> list[RowMapping]:
    """The calendars kept, whole."""
    return list(tx.execute(select(calendars).order_by(calendars.c.digest)).mappings())


def kept_notices(tx: Connection) -> list[RowMapping]:
    """The holiday notices loaded, in the order of loading."""
    return list(tx.execute(select(holiday_notices).order_by(holiday_notices.c.place)).mappings())


def numbered_events(tx: Connection) -> list[RowMapping]:
    """The events that drew or voided a docket number."""
    columns = (events.c.case_id, events.c.sequence, events.c.docket_number, events.c.voids_docket_number)
    statement = select(*columns).where(events.c.docket_number.is_not(None) | events.c.voids_docket_number.is_not(None))
    return list(tx.execute(statement.order_by(events.c.case_id, events.c.sequence)).mappings())
