"""The statements by which the whole record is gone through when it is verified; none of them changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from adjudicate.access.models import actors, offices
from adjudicate.cases.models import calendars, cases, docket_numbers, events, holiday_notices, law_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, RowMapping

PAGE = 200
_page = select(cases).where(cases.c.id > bindparam("after")).order_by(cases.c.id).limit(PAGE)


def all_cases(tx: Connection) -> Iterator[RowMapping]:
    """Every case in the order of ids, read page by page."""
    after = ""
    while page := list(tx.execute(_page, {"after": after}).mappings()):
        yield from page
        after = page[-1]["id"]


def orphans(tx: Connection) -> list[tuple[str, str]]:
    """What belongs to a case that is not there, as (case, what)."""
    found = []
    for what, column in (("events", events.c.case_id), ("docket number", docket_numbers.c.case_id)):
        statement = select(column).distinct().where(column.not_in(select(cases.c.id))).order_by(column)
        found += [(case_id, what) for case_id in tx.execute(statement).scalars()]
    return found


def strangers(tx: Connection) -> list[tuple[str, str]]:
    """Cases whose office or opening actor is not there, as (case, what)."""
    found = []
    for what, column, known in (("office", cases.c.office, offices.c.code), ("actor", cases.c.opened_by, actors.c.id)):
        statement = select(cases.c.id).where(column.not_in(select(known))).order_by(cases.c.id)
        found += [(case_id, what) for case_id in tx.execute(statement).scalars()]
    return found


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


def head_at(tx: Connection, case_id: str, sequence: int) -> str | None:
    """The stored hash of one event."""
    where = (events.c.case_id == case_id, events.c.sequence == sequence)
    return tx.execute(select(events.c.hash).where(*where)).scalar()


def heads(tx: Connection) -> Iterator[tuple[str, int, str]]:
    """Where every case's chain ends: (case, sequence, hash)."""
    for row in all_cases(tx):
        yield row["id"], row["version"], row["head_hash"]
