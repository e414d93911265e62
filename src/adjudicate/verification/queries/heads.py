"""Where every chain ends, and the hashes at places of one, for comparison with a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from adjudicate.access.models import administration_entries, administration_head
from adjudicate.cases.models import cases, docket_counters, events, file_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

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
    for name, last in numbers_reached(tx).items():
        yield "series", name, last, ""


def _series(office: str, kind: str, year: int) -> str:
    return f"{office} {kind} {year}"


def event_hashes(tx: Connection, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The stored hashes of events, and perhaps of others; `wanted` are cases with the places in their chains."""
    return _hashes(tx, events.c.case_id, events.c.sequence, events.c.hash, wanted)


def file_hashes(tx: Connection, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The stored hashes of entries of case files, and perhaps of others."""
    return _hashes(tx, file_entries.c.case_id, file_entries.c.place, file_entries.c.hash, wanted)


def _hashes(
    tx: Connection,
    of: ColumnElement[str],
    place: ColumnElement[int],
    digest: ColumnElement[str],
    wanted: Sequence[tuple[str, int]],
) -> dict[tuple[str, int], str]:
    # Every case with every place: more rows than are wanted, by a condition that one index answers.
    where = (of.in_({name for name, _ in wanted}), place.in_({number for _, number in wanted}))
    return {(row[0], row[1]): row[2] for row in tx.execute(select(of, place, digest).where(*where))}


def administration_hashes(tx: Connection, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The stored hashes of entries of the administrative ledger, of which there is one."""
    statement = select(administration_entries.c.place, administration_entries.c.hash)
    where = administration_entries.c.place.in_({number for _, number in wanted})
    found = {row.place: row.hash for row in tx.execute(statement.where(where))}
    return {(name, number): found[number] for name, number in wanted if number in found}


def numbers_reached(tx: Connection) -> dict[str, int]:
    """How far the counter of each docket series has come."""
    return {_series(row.office, row.kind, row.year): row.last for row in tx.execute(select(docket_counters))}
