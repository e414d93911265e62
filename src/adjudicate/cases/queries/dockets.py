"""The statements that draw and void docket numbers; the counter's row is the last lock a command takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.access.models import offices
from adjudicate.cases.models import docket_counters, docket_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, RowMapping


def next_number(tx: Connection, *, office: str, kind: str, year: int) -> tuple[int, str]:
    """Draw the next number of a series, with what the office's numbers begin with now.

    It is given back if the transaction does not commit.
    """
    name = select(offices.c.docket_name).where(offices.c.code == office).scalar_subquery()
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = (
        make(docket_counters)
        .values(office=office, kind=kind, year=year, last=1)
        .on_conflict_do_update(index_elements=["office", "kind", "year"], set_={"last": docket_counters.c.last + 1})
        .returning(docket_counters.c.last, name.label("docket_name"))
    )
    row = tx.execute(statement).one()
    return int(row.last), str(row.docket_name)


def add_number(tx: Connection, row: Mapping[str, Any]) -> None:
    """Write down a drawn number."""
    tx.execute(docket_numbers.insert(), dict(row))


def number_in_force(tx: Connection, *, case_id: str, kind: str) -> RowMapping | None:
    """The latest number of a series that the case bears and that is not void."""
    statement = (
        select(docket_numbers)
        .where(docket_numbers.c.case_id == case_id, docket_numbers.c.kind == kind, docket_numbers.c.voided_by.is_(None))
        .order_by(docket_numbers.c.sequence.desc())
        .limit(1)
    )
    return tx.execute(statement).mappings().first()


def void_number(tx: Connection, row: Mapping[Any, Any], *, by: int) -> None:
    """Mark a number void by the event at a sequence."""
    names = ("office", "kind", "year", "number")
    where = [docket_numbers.c[name] == row[name] for name in names]
    tx.execute(update(docket_numbers).where(*where).values(voided_by=by))


def numbers_of(tx: Connection, case_id: str) -> list[RowMapping]:
    """Every number of a case, void ones included, in the order in which they were drawn."""
    statement = select(docket_numbers).where(docket_numbers.c.case_id == case_id).order_by(docket_numbers.c.sequence)
    return list(tx.execute(statement).mappings())


def all_numbers(tx: Connection) -> list[RowMapping]:
    """Every number of every series, in order."""
    columns = docket_numbers.c
    statement = select(docket_numbers).order_by(columns.office, columns.kind, columns.year, columns.number)
    return list(tx.execute(statement).mappings())


def all_counters(tx: Connection) -> list[RowMapping]:
    """Where every series stands."""
    return list(tx.execute(select(docket_counters)).mappings())
