"""The statements that keep and find the law and the calendars that cases were judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.access.administration import begin, record
from adjudicate.cases.models import calendars, holiday_notices, law_texts
from adjudicate.ledger import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, RowMapping, Table


def _add_once(tx: Connection, table: Table, row: Mapping[str, Any]) -> None:
    statement = (sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert)(table)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["digest"]), dict(row))


def has_law(tx: Connection, digest: str) -> bool:
    """Whether the texts of this digest are kept."""
    return tx.execute(select(law_texts.c.digest).where(law_texts.c.digest == digest)).first() is not None


def has_calendar(tx: Connection, digest: str) -> bool:
    """Whether the calendar of this digest is kept."""
    return tx.execute(select(calendars.c.digest).where(calendars.c.digest == digest)).first() is not None


def kept_of(tx: Connection, workflow: str | None) -> list[tuple[str, str, str]]:
    """The law kept of a procedure, or of all, as (procedure, region, digest), the newest version first."""
    shown = (law_texts.c.workflow, law_texts.c.region, law_texts.c.digest)
    statement = select(*shown).order_by(law_texts.c.law_day.desc(), law_texts.c.digest)
    if workflow is not None:
        statement = statement.where(law_texts.c.workflow == workflow)
    return [(row.workflow, row.region, row.digest) for row in tx.execute(statement)]


def keep_law(tx: Connection, row: Mapping[str, Any]) -> None:
    """Keep texts under their digest."""
    _add_once(tx, law_texts, row)


def keep_calendar(tx: Connection, row: Mapping[str, Any]) -> None:
    """Keep a calendar under its digest."""
    _add_once(tx, calendars, row)


def law(tx: Connection, digest: str) -> RowMapping | None:
    """The texts kept under a digest."""
    return tx.execute(select(law_texts).where(law_texts.c.digest == digest)).mappings().first()


def calendar(tx: Connection, digest: str) -> RowMapping | None:
    """The calendar kept under a digest."""
    return tx.execute(select(calendars).where(calendars.c.digest == digest)).mappings().first()


def notices(tx: Connection) -> list[RowMapping]:
    """Every holiday notice that was loaded, in the order of loading."""
    return list(tx.execute(select(holiday_notices).order_by(holiday_notices.c.place)).mappings())


def add_notice(tx: Connection, row: Mapping[str, Any], *, by: str) -> bool:
    """Add a holiday notice behind the others; False if the very same text was loaded before."""
    at = begin(tx)
    if tx.execute(select(holiday_notices.c.digest).where(holiday_notices.c.digest == row["digest"])).first():
        return False
    place = (tx.execute(select(func.max(holiday_notices.c.place))).scalar() or 0) + 1
    rows = {"holiday_notices": [{**row, "place": place}]}
    record(tx, Change(kind="notice_loaded", actor=by, at=at, rows=rows))
    return True
