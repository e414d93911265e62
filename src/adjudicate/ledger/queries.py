"""The statements that append to a ledger, read it, and write the rows of the tables that it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate import chaining
from adjudicate.ledger.entries import Entry, Head, hash_of, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from adjudicate.ledger.entries import Change, Ledger


def append(tx: Connection, ledger: Ledger, scope: str, head: Head, change: Change) -> Head:
    """Write the rows of a change into their tables and an entry about them; returns the new head, for the caller to
    store. The caller holds the lock of the head. Raises ContentNotRecordable.
    """
    write_rows(tx, ledger, change.rows)
    return append_entry(tx, ledger, scope, head, change)


def append_entry(tx: Connection, ledger: Ledger, scope: str, head: Head, change: Change) -> Head:
    """Write an entry about rows that are in their tables already."""
    place = {"place": head.place + 1, **({ledger.scope: scope} if ledger.scope else {})}
    rows, particulars = split(ledger, change.rows)
    # Clocks of two machines may differ a little; times in a ledger never run backward.
    recorded_at = max(change.at, _recorded_at(tx, ledger, scope, head.place) or change.at)
    entry = {
        **place,
        "kind": change.kind,
        "actor": change.actor,
        "recorded_at": recorded_at,
        "reason": change.reason,
        "rows": rows,
        "algorithm": chaining.ALGORITHM,
        "previous_hash": head.hash,
    }
    sealed = hash_of(entry, ledger, scope)
    tx.execute(insert(ledger.entries), {**entry, "hash": sealed})
    if particulars:
        tx.execute(insert(ledger.private), [{**place, **one} for one in particulars])
    return Head(head.place + 1, sealed)


def _recorded_at(tx: Connection, ledger: Ledger, scope: str, place: int) -> datetime | None:
    if not place:
        return None
    where = [ledger.entries.c.place == place]
    if ledger.scope is not None:
        where.append(ledger.entries.c[ledger.scope] == scope)
    return tx.execute(select(ledger.entries.c.recorded_at).where(*where)).scalar()


def write_rows(tx: Connection, ledger: Ledger, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write whole rows over those with the same key."""
    for name, some in rows.items():
        kept = ledger.tables.get(name)
        for row in some if kept is not None else ():
            assert kept is not None  # noqa: S101 - for the type checker
            statement = (sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert)(kept.table)
            changed = {column: statement.excluded[column] for column in row if column not in kept.key}
            tx.execute(statement.on_conflict_do_update(index_elements=list(kept.key), set_=changed), dict(row))


def entries_of(tx: Connection, ledger: Ledger, scope: str | None = None) -> list[Entry]:
    """The entries of a ledger in order."""
    statements = [select(ledger.entries).order_by(ledger.entries.c.place), select(ledger.private)]
    if ledger.scope is not None:
        tables = (ledger.entries, ledger.private)
        statements = [one.where(table.c[ledger.scope] == scope) for one, table in zip(statements, tables, strict=True)]
    beside: dict[int, dict[tuple[str, str], Mapping[Any, Any]]] = {}
    for row in tx.execute(statements[1]).mappings():
        beside.setdefault(row["place"], {})[row["table_name"], row["row_key"]] = row
    return [Entry(row, beside.pop(row["place"], {})) for row in tx.execute(statements[0]).mappings()]


def newest_of(tx: Connection, ledger: Ledger, kind: str) -> Any:
    """The rows of the newest entry of a kind in a ledger of which there is one alone; None without one."""
    entries = ledger.entries
    statement = select(entries.c.rows).where(entries.c.kind == kind).order_by(entries.c.place.desc()).limit(1)
    return tx.execute(statement).scalar()


def erase(tx: Connection, ledger: Ledger, scope: str | None, name: str, row: str) -> None:
    """Remove the particulars of one row from every entry; their digests stay, and the chain with them."""
    where: list[ColumnElement[bool]] = [ledger.private.c.table_name == name, ledger.private.c.row_key == row]
    if ledger.scope is not None:
        where.append(ledger.private.c[ledger.scope] == scope)
    tx.execute(update(ledger.private).where(*where).values(body=None, salt=None))


def kept_rows(tx: Connection, ledger: Ledger, name: str, scope: str | None = None) -> list[RowMapping]:
    """What a kept table holds, all of it or of one scope."""
    table = ledger.tables[name].table
    statement = select(table) if ledger.scope is None else select(table).where(table.c[ledger.scope] == scope)
    return list(tx.execute(statement).mappings())
