"""Where every chain ends, and the hashes at places of one, for comparison with a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from adjudicate.access.models import administration_entries, administration_head
from adjudicate.cases.models import cases, docket_counters, events, file_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

PAGE = 1000
_page = (
    select(cases.c.id, cases.c.version, cases.c.head_hash, cases.c.file_place, cases.c.file_hash)
    .where(cases.c.id > bindparam("after"))
    .order_by(cases.c.id)
    .limit(PAGE)
)


def all_heads(tx: Connection) -> Iterator[tuple[str, str, int, str]]:
    """Every head, as (kind of chain, its name, place, hash)."""
    after = ""
    while page := list(tx.execute(_page, {"after": after})):
        for row in page:
            yield "case", row.id, row.version, row.head_hash
            if row.file_place:
                yield "file", row.id, row.file_place, row.file_hash
        after = page[-1].id
    for row in tx.execute(select(administration_head)):
        yield "administration", "", row.place, row.hash
    for row in tx.execute(select(docket_counters)):
        yield "series", _series(row.office, row.kind, row.year), row.last, ""


def _series(office: str, kind: str, year: int) -> str:
    return f"{office} {kind} {year}"


def event_hashes(tx: Connection, case_id: str, places: list[int]) -> dict[int, str]:
    """The stored hashes of events of a case."""
    where = (events.c.case_id == case_id, events.c.sequence.in_(places))
    return {row.sequence: row.hash for row in tx.execute(select(events.c.sequence, events.c.hash).where(*where))}


def file_hashes(tx: Connection, case_id: str, places: list[int]) -> dict[int, str]:
    """The stored hashes of entries of a case's file."""
    where = (file_entries.c.case_id == case_id, file_entries.c.place.in_(places))
    return {row.place: row.hash for row in tx.execute(select(file_entries.c.place, file_entries.c.hash).where(*where))}


def administration_hashes(tx: Connection, _name: str, places: list[int]) -> dict[int, str]:
    """The stored hashes of entries of the administrative ledger."""
    statement = select(administration_entries.c.place, administration_entries.c.hash)
    where = administration_entries.c.place.in_(places)
    return {row.place: row.hash for row in tx.execute(statement.where(where))}


def numbers_reached(tx: Connection, name: str, places: list[int]) -> dict[int, str]:
    """Those of the places that the counter of a docket series has reached."""
    for row in tx.execute(select(docket_counters)):
        if _series(row.office, row.kind, row.year) == name:
            return {place: "" for place in places if place <= row.last}
    return {}
